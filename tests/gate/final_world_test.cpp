// What a case must have left behind, in the database and at the processor: silent on a clean pair, and each
// rule fires on a planted mismatch.
#include <gtest/gtest.h>

#include <set>

#include <fmt/format.h>

#include "loadgen/books.h"
#include "loadgen/campaign/case_judge.h"
#include "loadgen/campaign/final_world.h"
#include "loadgen/campaign/row_instants.h"
#include "tests/gate/audit_database.h"
#include "tests/judge/build.h"
#include "tests/providers/harness.h"

namespace {

using namespace gate_test;
using build::command;
using loadgen::FinalWorld;
using model::Action;

// The split of the planted story, and the worker whom its other task gave 50 XP.
FinalWorld planted_world() {
  FinalWorld world;
  world.tasks.push_back({task(0), model::TaskState::completed, model::EscrowState::released, 5000, 0, 0});
  world.tasks.push_back(
      {task(1), model::TaskState::cancelled, model::EscrowState::refund_partial, 5000, 3000, 2000});
  world.workers.push_back({user(1), 50, 1, 0, 2});
  return world;
}

std::vector<std::string> rules(const std::vector<model::Finding>& findings) {
  std::vector<std::string> found;
  for (const model::Finding& finding : findings) found.push_back(finding.rule);
  return found;
}

std::vector<model::Finding> audited(const AuditDatabase& rows, const FinalWorld& world, bool clock = true) {
  loadgen::Database database(rows.url());
  return loadgen::audit_final_worlds(database, {&world, 1}, clock);
}

TEST(FinalWorld, CleanRowsAreSilent) {
  const AuditDatabase clean;
  EXPECT_EQ(rules(audited(clean, planted_world())), std::vector<std::string>{});
}

TEST(FinalWorld, EveryRuleFiresOnItsPlantedMismatch) {
  struct Plant {
    std::string rule, sql, observed;
  };
  const std::string split = " WHERE id = '" + escrow(1) + "'";
  const std::string worker = " WHERE id = '" + user(1) + "'";
  const std::vector<Plant> plants{
      {"money.md §3", "UPDATE escrows SET release_amount = 3001, refund_amount = 1999" + split,
       "release 3001 cents, refund 1999 cents"},
      {"money.md §3", "UPDATE escrows SET release_amount = 2000, refund_amount = 3000" + split,
       "release 2000 cents, refund 3000 cents"},
      {"money.md §3", "UPDATE escrows SET amount = 4999" + split, "4999 cents"},
      {"final state", "UPDATE escrows SET state = 'RELEASED'" + split, "task CANCELLED, escrow RELEASED"},
      {"final state", "UPDATE tasks SET state = 'EXPIRED' WHERE id = '" + task(1) + "'",
       "task EXPIRED, escrow REFUND_PARTIAL"},
      {"final state", "DELETE FROM tasks WHERE id = '" + task(1) + "'", "none"},
      {"money.md §5", "UPDATE users SET xp_total = 51" + worker, "xp 51, level 1, streak 0"},
      {"money.md §5", "UPDATE users SET current_level = 2" + worker, "xp 50, level 2, streak 0"},
      {"money.md §5", "UPDATE users SET current_streak = 1" + worker, "xp 50, level 1, streak 1"},
      {"INV-TRUST", "UPDATE users SET trust_tier = 3" + worker, "tier 3"}};
  for (const Plant& plant : plants) {
    const AuditDatabase planted;
    planted.plant(plant.sql);
    const auto findings = audited(planted, planted_world());
    ASSERT_EQ(rules(findings), std::vector<std::string>{plant.rule}) << plant.sql;
    EXPECT_EQ(findings[0].observed, plant.observed);
    EXPECT_EQ(findings[0].judge, "model state");
    EXPECT_FALSE(loadgen::items_of(findings[0], nullptr).empty()) << plant.rule;
  }
}

// schema.md §1: in every table that knows the case, also through a user alone.
TEST(RowInstants, OnlyInstantsOfCallsAreSilent) {
  constexpr std::int64_t kFirst = 4'000'000'000'000, kLast = kFirst + 5000;  // far ahead of the real clock
  FinalWorld world = planted_world();
  world.ids = {task(0), task(1), escrow(0), escrow(1), proof(0), user(0), user(1)};
  world.calls = {{kFirst}, {kLast}};
  struct Plant {
    std::string column, sql;
  };
  const std::vector<Plant> plants{
      {"tasks.accepted_at", "UPDATE tasks SET accepted_at = {} WHERE id = '" + task(0) + "'"},
      {"escrows.released_at", "UPDATE escrows SET released_at = {} WHERE id = '" + escrow(1) + "'"},
      {"proofs.reviewed_at", "UPDATE proofs SET reviewed_at = {} WHERE id = '" + proof(0) + "'"},
      {"xp_ledger.awarded_at", "UPDATE xp_ledger SET awarded_at = {} WHERE escrow_id = '" + escrow(0) + "'"},
      {"admin_actions.performed_at",
       "INSERT INTO admin_actions (admin_user_id, admin_role, action_type, action_details, result, "
       "performed_at)"
       " VALUES ('" +
           user(1) + "', 'admin', 'escrow_refund', '{{}}', 'refused', {})"}};
  for (const Plant& plant : plants) {
    for (const std::int64_t at : {kFirst, kFirst + 1, kLast, kLast + 86'400'000}) {
      const AuditDatabase planted;
      planted.plant(fmt::format(fmt::runtime(plant.sql), fmt::format("to_timestamp({} / 1000.0)", at)));
      loadgen::Database database(planted.url());
      const auto findings = loadgen::audit_row_instants(database, {&world, 1});
      const bool called = at == kFirst || at == kLast;
      ASSERT_EQ(findings.size(), called ? 0U : 1U) << plant.column << " " << at;
      if (called) continue;
      EXPECT_TRUE(findings[0].headline.starts_with(plant.column + " ")) << findings[0].headline;
      EXPECT_FALSE(loadgen::items_of(findings[0], nullptr).empty());
    }
  }
}

// A slow machine lets the real clock overtake the calls' own: defaults of that clock are no later instants.
TEST(RowInstants, OnlyWhatIsAheadOfBothClocksIsCounted) {
  const AuditDatabase rows;
  loadgen::Database database(rows.url());
  const auto of_the_story = loadgen::count_row_instants_after(database, {1000});  // its clock runs ahead
  rows.plant("UPDATE tasks SET cancelled_at = now() WHERE id = '" + task(0) + "'");
  EXPECT_EQ(loadgen::count_row_instants_after(database, {1000}), of_the_story);
  rows.plant("UPDATE tasks SET accepted_at = to_timestamp(4000000000) WHERE id = '" + task(0) + "'");
  EXPECT_EQ(loadgen::count_row_instants_after(database, {1000}), of_the_story + 1);
  EXPECT_EQ(loadgen::count_row_instants_after(database, {4'000'000'000'000}), 0);
}

TEST(FinalWorld, WithoutATestClockOnlyTerminalCasesAreCompared) {
  const AuditDatabase rows;
  FinalWorld world;
  world.tasks.push_back({task(2), model::TaskState::expired, model::EscrowState::funded, 5000, 0, 0});
  EXPECT_EQ(audited(rows, world, true).size(), 1U);
  EXPECT_EQ(audited(rows, world, false).size(), 0U);
}

// 4,999 cents at 33 %: 1,649.67 cents, of which the worker's side gets 1,649 (money.md §3).
loadgen::CaseRecord odd_split() {
  build::Story story;
  const auto quietly = [&](Action action, int actor) {
    model::Command c = command(action, actor);
    c.price = 4999;
    c.split_percent = 33;
    c.resolution = model::Resolution::split;
    EXPECT_EQ(story.quietly(c).kind, model::Outcome::Kind::accepted) << name(action);
  };
  quietly(Action::task_create, 0);
  quietly(Action::escrow_create_intent, 0);
  quietly(Action::processor_pay, -1);
  quietly(Action::webhook_deliver, -1);
  quietly(Action::task_accept, 1);
  quietly(Action::proof_submit, 1);
  quietly(Action::dispute_create, 0);
  quietly(Action::dispute_resolve, 3);
  loadgen::CaseRecord record;
  record.plan.start = story.start;
  record.history = story.history;
  record.ids.tasks = {task(7), ""};
  record.ids.users = {user(0), user(1), user(2), user(3)};
  return record;
}

TEST(FinalWorld, IsTheRulesWorldAfterTheCalls) {
  const loadgen::CaseRecord record = odd_split();
  const auto verdict = loadgen::judge_case(record);
  const auto world = loadgen::final_world_of(record, verdict.linearization);
  ASSERT_TRUE(world);
  ASSERT_EQ(world->tasks.size(), 1U);
  EXPECT_EQ(world->tasks[0].id, task(7));
  EXPECT_EQ(world->tasks[0].escrow, model::EscrowState::refund_partial);
  EXPECT_EQ(world->tasks[0].amount, 4999);
  EXPECT_EQ(world->tasks[0].release_amount, 1649);
  EXPECT_EQ(world->tasks[0].refund_amount, 3350);
  ASSERT_EQ(world->workers.size(), 1U);
  EXPECT_EQ(world->workers[0].id, user(1));
}

TEST(FinalWorld, AnUncertainEndIsNotCompared) {
  loadgen::CaseRecord lost = odd_split();
  lost.history.operations.back().outcome = model::Outcome{};
  lost.history.operations.back().returned_us = INT64_MAX;
  EXPECT_FALSE(loadgen::final_world_of(lost, loadgen::judge_case(lost).linearization));
  loadgen::CaseRecord cut = odd_split();
  cut.complete = false;
  EXPECT_FALSE(loadgen::final_world_of(cut, loadgen::judge_case(cut).linearization));
  loadgen::CaseRecord wrong = odd_split();
  wrong.history.operations.back().outcome = model::Outcome::refused(model::Code::hx001);
  EXPECT_FALSE(loadgen::final_world_of(wrong, loadgen::judge_case(wrong).linearization));
}

// The planted story with its money at the processor: paid out, split, held, unpaid with an intent, held,
// held.
class BooksOfTheStory : public testing::Test {
 protected:
  BooksOfTheStory() : mine_(fakes_.account()), foreign_(fakes_.account()) {
    rows_.plant(fmt::format("UPDATE users SET stripe_connect_id = '{}' WHERE id = '{}'", mine_, user(1)));
    for (const int n : {0, 2, 4, 5}) fakes_.fund(escrow(n), 5000);
    const std::string split = fakes_.fund(escrow(1), 5000);
    transfer(1, 2550, mine_);
    fakes_.call("POST", "/v1/refunds", "payment_intent=" + split + "&amount=2000");
    rows_.plant(fmt::format("UPDATE escrows SET stripe_refund_id = 're_1' WHERE id = '{}'", escrow(1)));
  }
  void transfer(int n, int amount, const std::string& destination) {
    const auto made = fakes_.call("POST", "/v1/transfers",
                                  fmt::format("amount={}&currency=usd&destination={}&metadata[escrow_id]={}",
                                              amount, destination, escrow(n)));
    EXPECT_EQ(made.status, 200) << made.body;
    rows_.plant(fmt::format("UPDATE escrows SET stripe_transfer_id = 'tr_{}' WHERE id = '{}'", n, escrow(n)));
  }
  std::vector<model::Finding> audited() {
    loadgen::Database database(rows_.url());
    return loadgen::audit_books(database, fakes_.url()).findings;
  }

  AuditDatabase rows_;
  providers_test::Fakes fakes_;
  std::string mine_, foreign_;
};

TEST_F(BooksOfTheStory, CleanBooksAreSilent) {
  transfer(0, 4250, mine_);
  EXPECT_EQ(rules(audited()), std::vector<std::string>{});
}

TEST_F(BooksOfTheStory, APayoutToAnotherAccountIsFound) {
  transfer(0, 4250, foreign_);
  const auto findings = audited();
  ASSERT_EQ(rules(findings), std::vector<std::string>{"MONEY-PAYOUT"});
  EXPECT_EQ(findings[0].expected, "a transfer to " + mine_);
  EXPECT_EQ(findings[0].observed, "a transfer to " + foreign_);
}

TEST_F(BooksOfTheStory, AnUnpaidIntentIsGivenUpOnceTheEscrowEnded) {
  transfer(0, 4250, mine_);
  const auto intent =
      fakes_.call("POST", "/v1/payment_intents", "amount=5000&currency=usd&metadata[escrow_id]=" + escrow(3));
  const std::string id = intent.body["id"];
  rows_.plant(
      fmt::format("UPDATE escrows SET stripe_payment_intent_id = '{}' WHERE id = '{}'", id, escrow(3)));
  EXPECT_EQ(rules(audited()), std::vector<std::string>{}) << "PENDING may still be paid";
  rows_.plant(fmt::format("UPDATE escrows SET state = 'REFUNDED' WHERE id = '{}'", escrow(3)));
  EXPECT_EQ(rules(audited()), std::vector<std::string>{"E2"});
  fakes_.call("POST", "/v1/payment_intents/" + id + "/cancel");
  EXPECT_EQ(rules(audited()), std::vector<std::string>{});
}

TEST_F(BooksOfTheStory, APayoutWithoutAnAccountWaits) {
  rows_.plant(
      fmt::format("UPDATE tasks SET worker_id = '{0}' WHERE id = '{1}';"
                  "UPDATE users SET stripe_connect_id = NULL WHERE id = '{0}'",
                  user(2), task(0)));
  EXPECT_EQ(rules(audited()), std::vector<std::string>{"PAYOUT"});
  rows_.plant(
      fmt::format("INSERT INTO transfer_retry_queue (escrow_id, task_id, worker_id, amount)"
                  " VALUES ('{}', '{}', '{}', 4250)",
                  escrow(0), task(0), user(2)));
  EXPECT_EQ(rules(audited()), std::vector<std::string>{});
  rows_.plant("DROP TABLE transfer_retry_queue; DROP TABLE outbox_events");
  EXPECT_EQ(rules(audited()), std::vector<std::string>{}) << "a schema that has no place to look";
}

// C-M10: only the fifth failure ends it, as the history tells it and whatever the counter says.
TEST_F(BooksOfTheStory, APayoutIsGivenUpAfterFiveFailures) {
  const auto row = [&](int attempts, int failures) {
    rows_.plant(fmt::format(
        "DELETE FROM transfer_retry_queue; UPDATE escrows SET stripe_transfer_id = NULL WHERE id = '{0}';"
        "INSERT INTO transfer_retry_queue (escrow_id, task_id, worker_id, amount, status, attempt_count,"
        " error_history) SELECT '{0}', '{1}', '{2}', 4250, 'FAILED_PERMANENT', {3},"
        " jsonb_agg(jsonb_build_object('transfer', n)) FROM generate_series(1, {4}) n",
        escrow(0), task(0), user(1), attempts, failures));
  };
  row(5, 5);
  EXPECT_EQ(rules(audited()), std::vector<std::string>{});
  row(4, 4);
  EXPECT_FALSE(audited().empty());
  row(5, 4);
  EXPECT_FALSE(audited().empty()) << "a counter that began at two";
}

// money.md §2: an id of the processor's stands with the escrow that it belongs to, and nowhere else.
TEST_F(BooksOfTheStory, AnIdOfAnotherEscrowIsFound) {
  transfer(0, 4250, mine_);
  for (const std::string column : {"stripe_refund_id", "stripe_transfer_id"}) {
    rows_.plant(fmt::format("UPDATE escrows SET {} = 'x_1' WHERE id = '{}'", column, escrow(3)));
    EXPECT_EQ(rules(audited()), std::vector<std::string>{"MONEY-ID"}) << column;
    rows_.plant(fmt::format("UPDATE escrows SET {} = NULL WHERE id = '{}'", column, escrow(3)));
  }
}

// On a stage whose clock is ahead, what stands at another instant than a call's is told, wherever it stands.
TEST(RowInstants, EveryTableOfASideStageIsLookedAt) {
  const auto told = [](const AuditDatabase& rows, const std::vector<model::Millis>& calls) {
    loadgen::Database database(rows.url());
    std::set<std::string> columns;
    for (const model::Finding& finding : loadgen::audit_all_instants(database, calls, {4'000'000'000'000}))
      columns.insert(finding.headline.substr(0, finding.headline.find(' ')));
    return columns;
  };
  const AuditDatabase rows;
  const std::set<std::string> before = told(rows, {});
  EXPECT_TRUE(before.contains("tasks.created_at")) << "only the server writes tasks, and nobody called";
  EXPECT_FALSE(before.contains("users.verified_at"));
  rows.plant(
      fmt::format("UPDATE users SET verified_at = '2100-01-01T00:00:00.123Z' WHERE id = '{}'", user(1)));
  std::set<std::string> expected = before;
  expected.insert("users.verified_at");
  EXPECT_EQ(told(rows, {}), expected);
  EXPECT_EQ(told(rows, {4102444800123}), before) << "an instant at which somebody called";
}

}  // namespace
