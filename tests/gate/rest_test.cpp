// The quiet end of a run: orders that never end are told, payouts that had to wait are made once they can be.
#include "loadgen/rest.h"

#include <gtest/gtest.h>

#include <chrono>
#include <pqxx/pqxx>

#include "loadgen/books.h"
#include "loadgen/campaign/case_judge.h"
#include "loadgen/campaign/drill_builder.h"
#include "loadgen/environment/environment.h"

namespace loadgen {
namespace {

using model::Action;

model::Instant wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

class RestTest : public testing::Test {
 protected:
  RestTest() : environment_(boot({.harness = HUSTLE_BINARY, .server = HUSTLE_SERVER_BINARY})) {}
  Endpoints endpoints() const {
    return {environment_.target(), environment_.database(), environment_.providers(), true};
  }
  Rest rest(int seconds) { return come_to_rest(environment_.target(), environment_.providers(), seconds); }
  void sql(const std::string& statement) {
    pqxx::connection connection(environment_.database());
    pqxx::nontransaction(connection).exec(statement);
  }
  Environment environment_;
};

TEST_F(RestTest, OrdersThatNeverEndAreTold) {
  Database database(environment_.database());
  EXPECT_TRUE(rest(20).quiet);
  EXPECT_TRUE(stuck_orders(database, {.quiet = true}).empty());
  sql("INSERT INTO outbox_events (aggregate_type, aggregate_id, event_name, idempotency_key, status, "
      "attempts,"
      " available_at, created_at) VALUES ('escrow', gen_random_uuid(), 'payout', 'x', 'enqueued', 7,"
      " now() + interval '1 day', now() - interval '1 hour')");
  const Rest stuck = rest(7);
  EXPECT_FALSE(stuck.quiet);
  EXPECT_EQ(stuck.waiting, 1);
  const auto findings = stuck_orders(database, stuck);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule, "OUTBOX-REST");
  EXPECT_EQ(stuck_orders(database, {.quiet = true}).size(), 1U) << "whatever the target says";
  EXPECT_TRUE(stuck_orders(database, {.quiet = false, .waiting = 0}).size() == 0);
}

// Decision 5: RELEASED without an account waits; with the account and the job it is paid, once.
TEST_F(RestTest, PayoutsThatWaitAreMadeLate) {
  Executor executor({.endpoints = endpoints(), .workers = 1});
  drill::Builder b("late payout", "", wall_clock());
  b.with(drill::kWorker, &model::User::has_payout_account, false);
  b.reviewed().then(Action::task_complete, drill::kPoster);
  const CaseRecord record = executor.run_one(b.done().plan);
  ASSERT_TRUE(record.complete) << record.cut_short;
  ASSERT_TRUE(rest(20).quiet);
  Database database(environment_.database());
  EXPECT_TRUE(audit_books(database, environment_.providers()).findings.empty());
  EXPECT_EQ(pay_late(endpoints(), {record.ids.tasks.at(0)}, 20), 1U);
  EXPECT_TRUE(audit_books(database, environment_.providers()).findings.empty());
  EXPECT_EQ(database.query("SELECT status FROM transfer_retry_queue")[0][0], "SUCCEEDED");
  EXPECT_EQ(pay_late(endpoints(), {}, 20), 0U);
}

// A target may take a hundred of them at a time.
TEST_F(RestTest, AllPayoutsThatWaitAreMadeLateHoweverMany) {
  constexpr int kMany = 120;
  Executor executor({.endpoints = endpoints(), .workers = 1});
  for (int i = 0; i < kMany; ++i) {
    drill::Builder b("late payout", "", wall_clock());
    b.with(drill::kWorker, &model::User::has_payout_account, false);
    b.reviewed().then(Action::task_complete, drill::kPoster);
    ASSERT_TRUE(executor.run_one(b.done().plan).complete);
  }
  ASSERT_TRUE(rest(20).quiet);
  EXPECT_EQ(pay_late(endpoints(), {}, 30), static_cast<std::size_t>(kMany) / 2)
      << "every other one gets an account";
  Database database(environment_.database());
  EXPECT_TRUE(audit_books(database, environment_.providers()).findings.empty());
  EXPECT_EQ(database.query("SELECT count(*) FROM transfer_retry_queue WHERE status = 'SUCCEEDED'")[0][0],
            std::to_string(kMany / 2));
}

// The places of its photos are asked for before the race, when nobody is the task's worker yet.
TEST_F(RestTest, ASubmissionThatRacesWithItsAcceptanceIsNoFinding) {
  Executor executor({.endpoints = endpoints(), .workers = 1});
  for (int i = 0; i < 20; ++i) {
    drill::Builder b("race", "", wall_clock());
    b.funded();
    b.together(
        {b.command(Action::task_accept, drill::kWorker), b.command(Action::proof_submit, drill::kWorker)});
    const CaseRecord record = executor.run_one(b.read().done().plan);
    ASSERT_TRUE(record.complete) << record.cut_short;
    const CaseVerdict verdict = judge_case(record);
    ASSERT_TRUE(verdict.findings.empty()) << verdict.findings[0].headline;
  }
}

// money.md §2: "the id is stored afterwards".
TEST_F(RestTest, ProcessorsIdsAreMissed) {
  Executor executor({.endpoints = endpoints(), .workers = 1});
  drill::Builder b("payout", "", wall_clock());
  const CaseRecord record =
      executor.run_one(b.reviewed().then(Action::task_complete, drill::kPoster).done().plan);
  ASSERT_TRUE(record.complete) << record.cut_short;
  ASSERT_TRUE(rest(20).quiet);
  sql("UPDATE escrows SET stripe_transfer_id = NULL");
  Database database(environment_.database());
  const BookAudit audit = audit_books(database, environment_.providers());
  ASSERT_EQ(audit.findings.size(), 1U);
  EXPECT_EQ(audit.findings[0].rule, "MONEY-ID");
}

}  // namespace
}  // namespace loadgen
