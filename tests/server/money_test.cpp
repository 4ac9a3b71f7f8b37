// Money moves once: repeated and parallel calls, a killed server, a processor that fails, a worker without
// account.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/server/stage.h"

namespace server_tests {
namespace {

std::pair<std::string, std::string> at(std::chrono::hours from_now) {
  return {"x-hustle-now", std::to_string(now_ms() + std::chrono::milliseconds(from_now).count())};
}

Reply run_job(Stage& stage, const std::string& name, const std::string& task,
              const std::pair<std::string, std::string>& when) {
  net::Request request{.method = "POST",
                       .target = "/test/jobs/" + name,
                       .headers = {},
                       .body = Json{{"task_ids", {task}}}.dump()};
  request.headers.add(when.first, when.second);
  return stage.send(request);
}

TEST(Intent, RepeatsAndParallelCallsAnswerTheSameIntent) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  const Task task = stage.open(poster);
  const net::Request request = stage.request_of("escrow.createIntent", {{"task_id", task.id}}, poster);
  std::vector<std::string> seen(8);
  std::vector<std::thread> threads;
  for (auto& intent : seen) {
    threads.emplace_back([&] { intent = stage.send(request).data().value("payment_intent_id", ""); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& intent : seen) EXPECT_EQ(intent, seen.front());
  EXPECT_TRUE(seen.front().starts_with("pi_"));
  EXPECT_EQ(stage.books(task)["intents"], 1);
}

TEST(Intent, CancellationMeanwhileCallsTheIntentOff) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  const Task task = stage.open(poster);
  stage.control("PUT", "faults",
                {{"operation", "payment_intents.create"}, {"kind", "slow_ms:400"}, {"times", 1}});
  Reply created;
  std::thread slow([&] { created = stage.call("escrow.createIntent", {{"task_id", task.id}}, poster); });
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  EXPECT_EQ(stage.call("task.cancel", {{"task_id", task.id}}, poster).status, 200);
  slow.join();
  EXPECT_EQ(created.hx(), "HX001");
  EXPECT_EQ(stage.sql("SELECT count(*) FROM outbox_events WHERE idempotency_key = 'ci:" + task.escrow + "'"),
            "1");
  EXPECT_EQ(stage.drain_outbox()["pending"], 0);
}

TEST(Payout, HundredParallelCompletionsPayOnce) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  const auto worker = stage.person("worker");
  const Task task = stage.reviewed(poster, worker, 12345);
  const net::Request request = stage.request_of("task.complete", {{"task_id", task.id}}, poster);
  std::atomic<int> done = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 100; ++i) {
    threads.emplace_back([&] {
      const Reply reply = stage.send(request);
      done += reply.status == 200 ? 1 : 0;
      refused += reply.hx() == "HX001" ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(refused, 99);
  EXPECT_EQ(stage.drain_outbox()["pending"], 0);
  const Json books = stage.books(task);
  EXPECT_EQ(books["transfers"], 1);
  EXPECT_EQ(books["transferred"], 10493);  // money.md §3
  EXPECT_EQ(stage.sql("SELECT count(*) FROM xp_ledger WHERE escrow_id = '" + task.escrow + "'"), "1");
}

TEST(Payout, KilledBetweenCommitAndCallPaysOnce) {
  Stage stage;
  const auto poster = stage.person("poster");
  const auto worker = stage.person("worker");
  std::vector<Task> tasks;
  for (int i = 0; i < 4; ++i) tasks.push_back(stage.reviewed(poster, worker));
  stage.control("PUT", "faults", {{"operation", "transfers.create"}, {"kind", "slow_ms:1500"}, {"times", 2}});
  for (const Task& task : tasks)
    EXPECT_EQ(stage.call("task.complete", {{"task_id", task.id}}, poster).status, 200);
  stage.environment().kill_server();  // two calls are under way, the answers never arrive
  stage.environment().restart_server();
  EXPECT_EQ(stage.drain_outbox()["pending"], 0);
  for (const Task& task : tasks) {
    EXPECT_EQ(stage.sql("SELECT state FROM escrows WHERE id = '" + task.escrow + "'"), "RELEASED");
    EXPECT_EQ(stage.books(task)["transfers"], 1);
    EXPECT_TRUE(stage.sql("SELECT stripe_transfer_id FROM escrows WHERE id = '" + task.escrow + "'")
                    .starts_with("tr_"));
  }
}

TEST(Payout, LostAnswerIsRepeatedUnderTheSameKey) {
  Stage& stage = shared_stage();
  stage.control("PUT", "faults", {{"operation", "transfers.create"}, {"kind", "lost_answer"}, {"times", 1}});
  const Task task = stage.completed(stage.person("poster"), stage.person("worker"));
  EXPECT_EQ(stage.drain_outbox()["pending"], 0);
  EXPECT_EQ(stage.books(task)["transfers"], 1);
  EXPECT_EQ(stage.books(task)["transferred"], 4250);
}

TEST(Payout, WaitsForThePayoutAccount) {
  Stage& stage = shared_stage();
  const auto worker = stage.person("worker");
  const auto account = stage.sql("SELECT stripe_connect_id FROM users WHERE firebase_uid = '" + worker + "'");
  stage.sql("UPDATE users SET stripe_connect_id = NULL WHERE firebase_uid = '" + worker + "'");
  const Task task = stage.completed(stage.person("poster"), worker);
  const auto queue = [&] {
    return stage.sql("SELECT status || ' ' || attempt_count FROM transfer_retry_queue WHERE escrow_id = '" +
                     task.escrow + "'");
  };
  EXPECT_EQ(queue(), "PENDING 0");  // decision 5
  EXPECT_EQ(run_job(stage, "transfer_retry", task.id, at(std::chrono::hours(1))).body["changed"], 0);
  EXPECT_EQ(queue(), "PENDING 0") << "waiting uses no attempt";
  stage.sql("UPDATE users SET stripe_connect_id = '" + account + "' WHERE firebase_uid = '" + worker + "'");
  EXPECT_EQ(run_job(stage, "transfer_retry", task.id, at(std::chrono::hours(2))).body["changed"], 1);
  EXPECT_EQ(stage.drain_outbox()["pending"], 0);
  EXPECT_EQ(queue(), "SUCCEEDED 0");
  EXPECT_EQ(stage.books(task)["transferred"], 4250);
}

std::string queue_of(Stage& stage, const Task& task) {
  return stage.sql("SELECT status || ' ' || attempt_count FROM transfer_retry_queue WHERE escrow_id = '" +
                   task.escrow + "'");
}

void use_account(Stage& stage, const std::string& worker, const std::string& account) {
  stage.sql("UPDATE users SET stripe_connect_id = '" + account + "' WHERE firebase_uid = '" + worker + "'");
}

TEST(Payout, RefusedTransferTakesFiveAttempts) {
  Stage& stage = shared_stage();
  const auto worker = stage.person("worker");
  use_account(stage, worker, "acct_of_nobody");
  const Task task = stage.completed(stage.person("poster"), worker);
  stage.drain_outbox();
  EXPECT_EQ(queue_of(stage, task), "PENDING 1");
  EXPECT_EQ(run_job(stage, "transfer_retry", task.id, at(std::chrono::hours(0))).body["changed"], 0)
      << "5 min later";
  for (int attempt = 2; attempt <= 5; ++attempt) {
    EXPECT_EQ(run_job(stage, "transfer_retry", task.id, at(std::chrono::hours(30 * attempt))).body["changed"],
              1);
    stage.drain_outbox();
    EXPECT_EQ(queue_of(stage, task),
              (attempt < 5 ? "PENDING " : "FAILED_PERMANENT ") + std::to_string(attempt));
  }
  EXPECT_EQ(stage.books(task)["transfers"], 0);
}

TEST(Payout, AnotherAccountAfterARefusalIsPaidOnce) {
  Stage& stage = shared_stage();
  const auto worker = stage.person("worker");
  const auto account = stage.sql("SELECT stripe_connect_id FROM users WHERE firebase_uid = '" + worker + "'");
  use_account(stage, worker, "acct_of_nobody");
  const Task task = stage.completed(stage.person("poster"), worker);
  stage.drain_outbox();
  use_account(stage, worker, account);
  EXPECT_EQ(run_job(stage, "transfer_retry", task.id, at(std::chrono::hours(1))).body["changed"], 1);
  EXPECT_EQ(stage.drain_outbox()["pending"], 0);
  EXPECT_EQ(queue_of(stage, task), "SUCCEEDED 1");
  EXPECT_EQ(stage.books(task)["transfers"], 1);
  EXPECT_EQ(stage.books(task)["transferred"], 4250);
}

TEST(Payout, StoredFailuresDoNotKeepTheMoney) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  for (const char* operation : {"transfers.create", "refunds.create", "payment_intents.create"}) {
    stage.control("PUT", "faults", {{"operation", operation}, {"kind", "error_500_stored"}, {"times", 2}});
  }
  const Task paid = stage.completed(poster, stage.person("worker"));
  const Task returned = stage.funded(poster);
  EXPECT_EQ(stage.call("task.cancel", {{"task_id", returned.id}}, poster).status, 200);
  EXPECT_EQ(stage.drain_outbox()["pending"], 0);
  EXPECT_EQ(stage.books(paid)["transfers"], 1);
  EXPECT_EQ(stage.books(returned)["refunds"], 1);
  EXPECT_EQ(stage.books(returned)["refunded"], 5000);
}

TEST(Clock, ExpiryRefundsAndTimeoutPays) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  const auto worker = stage.person("worker");
  const Task open = stage.funded(poster, 900);
  EXPECT_EQ(run_job(stage, "task_expiry", open.id, at(std::chrono::hours(1))).body["changed"], 0);
  EXPECT_EQ(run_job(stage, "task_expiry", open.id, at(std::chrono::hours(25))).body["changed"], 1);
  const Task waiting = stage.submitted(poster, worker);
  EXPECT_EQ(run_job(stage, "task_expiry", waiting.id, at(std::chrono::hours(99))).body["changed"], 0) << "C6";
  EXPECT_EQ(run_job(stage, "review_timeout", waiting.id, at(std::chrono::hours(47))).body["changed"], 0);
  EXPECT_EQ(run_job(stage, "review_timeout", waiting.id, at(std::chrono::hours(49))).body["changed"], 1);
  const Task reviewed = stage.reviewed(poster, worker);
  EXPECT_EQ(run_job(stage, "review_timeout", reviewed.id, at(std::chrono::hours(49))).body["changed"],
            1);  // decision 4
  EXPECT_EQ(stage.drain_outbox()["pending"], 0);
  EXPECT_EQ(stage.books(open)["refunded"], 900);
  EXPECT_EQ(stage.books(waiting)["transferred"], 4250);
  EXPECT_EQ(stage.books(reviewed)["transferred"], 4250);
  EXPECT_EQ(stage.sql("SELECT reviewed_by IS NULL AND reviewed_at IS NOT NULL FROM proofs WHERE id = '" +
                      waiting.proof + "'"),
            "t");
}

TEST(Experience, StreakLevelTierAndBadgesFollowTheClock) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  const auto worker = stage.person("worker");
  stage.sql("UPDATE users SET is_verified = true WHERE firebase_uid = '" + worker + "'");
  const int amounts[] = {5000, 12000, 8000, 15000, 7000};
  const int effective[] = {50, 117, 82, 150, 67};  // money.md §5; the fifth: 70 x 1.10 x 0.8727
  int total = 0;
  for (int day = 0; day < 5; ++day) {
    const Task task = stage.reviewed(poster, worker, amounts[day]);
    const Json award =
        stage.call("task.complete", {{"task_id", task.id}}, poster, {at(std::chrono::hours(24 * day))})
            .data()["xp_awarded"];
    EXPECT_EQ(award["effective_xp"], effective[day]) << "award " << day + 1;
    total += effective[day];
  }
  const Json xp = stage.call("user.getXP", nullptr, worker).data();
  EXPECT_EQ(xp["total_xp"], total);
  EXPECT_EQ(xp["current_streak"], 5);
  EXPECT_EQ(xp["current_level"], 3);
  const Json tier = stage.call("user.getTrustTier", nullptr, worker).data();
  EXPECT_EQ(tier["tier_name"], "VERIFIED");
  EXPECT_EQ(
      stage.sql("SELECT count(*) || ' ' || min(reason) FROM trust_ledger l JOIN users u ON u.id = l.user_id "
                "WHERE u.firebase_uid = '" +
                worker + "'"),
      "1 PROMOTION");  // decision 12
  std::string badges;
  const Json earned = stage.call("user.getBadges", nullptr, worker).data()["earned_badges"];
  for (const Json& badge : earned) badges += badge["badge_type"].get<std::string>() + " ";
  for (const char* wanted : {"first-task", "streak-3", "level-3", "trust-tier-2"}) {
    EXPECT_NE(badges.find(wanted), std::string::npos) << wanted << " in " << badges;
  }
}

TEST(Audit, PrivilegedEffectsLeaveRows) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  const auto worker = stage.person("worker");
  const auto admin = stage.person("admin");
  const auto actions = [&](const Task& task) {
    return stage.sql(
        "SELECT string_agg(action_type || ' ' || admin_role, ',') FROM admin_actions WHERE target_task_id = "
        "'" +
        task.id + "'");
  };
  const Task cancelled = stage.funded(poster);
  EXPECT_EQ(stage.call("task.cancel", {{"task_id", cancelled.id}}, admin).hx(), "VALIDATION_ERROR");
  const Json why{{"task_id", cancelled.id},
                 {"reason", "Nobody is there."},
                 {"idempotency_key", "cancel " + cancelled.id}};
  EXPECT_EQ(stage.call("task.cancel", why, admin).status, 200);
  EXPECT_EQ(stage.call("task.cancel", why, admin).status, 200) << "SAF-21: the same key, the same answer";
  EXPECT_EQ(actions(cancelled), "task_cancel admin");
  Task task = stage.submitted(poster, worker);
  const std::string dispute = stage.disputed(task, worker);
  const Json verdict{{"dispute_id", dispute}, {"resolution", "CLIENT_WINS"}, {"notes", "n"}};
  EXPECT_EQ(stage.call("dispute.resolve", verdict, admin).status, 200);
  EXPECT_EQ(actions(task), "dispute_resolve admin");
  EXPECT_EQ(stage.call("dispute.resolve", verdict, admin).hx(), "CONFLICT");
  EXPECT_EQ(actions(task), "dispute_resolve admin");
}

// One transaction closes what a dispatcher has carried out; a row that it does not name stays open.
TEST(OutboxRows, AreClosedTogether) {
  Stage& stage = shared_stage();
  const auto status = [&] {
    return stage.sql(
        "SELECT string_agg(status, ' ' ORDER BY idempotency_key) FROM outbox_events WHERE "
        "aggregate_type = 'closing-test'");
  };
  stage.sql(
      "INSERT INTO outbox_events (aggregate_type, aggregate_id, event_name, idempotency_key, payload, "
      "status, "
      "available_at) SELECT 'closing-test', gen_random_uuid(), 'cancel_intent', 'closing:' || i, '{}', "
      "'enqueued', "
      "now() + interval '1 hour' FROM generate_series(1, 3) i RETURNING id");
  EXPECT_EQ(status(), "enqueued enqueued enqueued");
  stage.sql(
      "SELECT api.outbox_done_all(jsonb_agg(jsonb_build_object('id', id, 'object_id', 'pi_1'))) FROM "
      "outbox_events WHERE idempotency_key IN ('closing:1', 'closing:3')");
  EXPECT_EQ(status(), "processed enqueued processed");
  stage.sql(
      "SELECT api.outbox_done_all(jsonb_agg(jsonb_build_object('id', id, 'object_id', 'pi_1'))) FROM "
      "outbox_events WHERE idempotency_key = 'closing:2'");
  EXPECT_EQ(status(), "processed processed processed");
}

}  // namespace
}  // namespace server_tests
