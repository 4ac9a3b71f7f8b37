// POST /webhooks/stripe: signatures, content checks, once-only effects (money.md §4, protocols.md §3.5).
#include "reference_server/webhooks.h"

#include <gtest/gtest.h>

#include <thread>

#include "net/sign.h"
#include "tests/server/stage.h"

namespace server_tests {
namespace {

std::string state_of(Stage& stage, const Task& task) {
  return stage.sql("SELECT state FROM escrows WHERE id = '" + task.escrow + "'");
}

TEST(WebhookSignature, VectorOfTheSpec) {
  const std::string body = R"({"id":"evt_1","object":"event","type":"payment_intent.succeeded"})";
  const std::string header =
      "t=1700000000,v1=b5d16909735dfcdc338e1f1e170cbb5d2ea57494fe5f638399aebcce132ec538";
  EXPECT_TRUE(server::check_signature(&header, body, "whsec_test", 1700000000));
  EXPECT_TRUE(server::check_signature(&header, body, "whsec_test", 1700000300));
  EXPECT_TRUE(server::check_signature(&header, body, "whsec_test", 1699999700));
  EXPECT_FALSE(server::check_signature(&header, body, "whsec_test", 1700000301)) << "stale";
  EXPECT_FALSE(server::check_signature(&header, body, "whsec_test", 1699999699)) << "future";
  EXPECT_FALSE(server::check_signature(&header, body, "whsec_tesT", 1700000000));
  EXPECT_FALSE(server::check_signature(&header, body + " ", "whsec_test", 1700000000));
  EXPECT_FALSE(server::check_signature(nullptr, body, "whsec_test", 1700000000));
}

TEST(WebhookSignature, HeaderForms) {
  const std::string body = "{}";
  const std::string good = net::hex(net::hmac_sha256("s", "100." + body));
  const auto check = [&](const std::string& header) {
    return server::check_signature(&header, body, "s", 100).has_value();
  };
  EXPECT_TRUE(check("t=100,v1=" + good));
  EXPECT_TRUE(check("t=100,v1=" + std::string(64, '0') + ",v1=" + good)) << "secret rotation";
  EXPECT_TRUE(check("t=100,v0=x,v1=" + good)) << "other schemes are passed over";
  for (const std::string& bad :
       {"t=100, v1=" + good, "v1=" + good, "t=,v1=" + good, "t=1e2,v1=" + good, std::string("t=100"),
        "t=100,v0=" + good, std::string("nonsense"), std::string()}) {
    EXPECT_FALSE(check(bad)) << bad;
  }
}

TEST(Webhook, RefusedDeliveriesHaveNoEffect) {
  Stage& stage = shared_stage();
  const Task task = stage.paid_intent(stage.person("poster"));
  for (const char* flavour : {"forged_signature", "no_signature", "stale", "future", "tampered_body"}) {
    EXPECT_EQ(stage.deliver(task, "payment_intent.succeeded", flavour), 400) << flavour;
    EXPECT_EQ(state_of(stage, task), "PENDING") << flavour;
  }
}

TEST(Webhook, WrongContentIsAcknowledgedWithoutEffect) {
  Stage& stage = shared_stage();
  const Task task = stage.paid_intent(stage.person("poster"));
  for (const char* flavour : {"wrong_amount", "wrong_currency", "foreign_intent"}) {
    EXPECT_EQ(stage.deliver(task, "payment_intent.succeeded", flavour), 200) << flavour;
    EXPECT_EQ(state_of(stage, task), "PENDING") << flavour;
  }
  EXPECT_EQ(stage.deliver(task, "payment_intent.succeeded"), 200);
  EXPECT_EQ(state_of(stage, task), "FUNDED");
}

TEST(Webhook, SameEventInParallelTakesEffectOnce) {
  Stage& stage = shared_stage();
  const Task task = stage.paid_intent(stage.person("poster"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(stage.deliver(task, "payment_intent.succeeded"), 200); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(state_of(stage, task), "FUNDED");
}

TEST(Webhook, UnknownTypeIsRememberedAndIgnored) {
  Stage& stage = shared_stage();
  const std::string id = stage.control("POST", "events/synthetic", {{"type", "customer.updated"}})["id"];
  const Json envelope = stage.control("POST", "events/" + id + "/envelope", {{"flavour", "genuine"}});
  net::Request request{
      .method = "POST", .target = "/webhooks/stripe", .headers = {}, .body = envelope["body"]};
  request.headers.add("stripe-signature", envelope["signature"]);
  const Reply reply = stage.send(request);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, Json({{"received", true}}));
  EXPECT_EQ(stage.sql("SELECT result FROM processed_stripe_events WHERE event_id = '" + id + "'"), "ignored");
}

TEST(Webhook, LateCaptureIsRefundedAndStatesStay) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  const Task task = stage.paid_intent(poster);
  EXPECT_EQ(stage.call("task.cancel", {{"task_id", task.id}}, poster).data()["escrow"]["state"], "REFUNDED");
  EXPECT_EQ(stage.deliver(task, "payment_intent.succeeded"), 200);
  EXPECT_EQ(stage.drain_outbox()["pending"], 0);
  EXPECT_EQ(state_of(stage, task), "REFUNDED");
  const Json books = stage.books(task);
  EXPECT_EQ(books["captured"], 5000);
  EXPECT_EQ(books["refunded"], 5000);
  EXPECT_EQ(books["refunds"], 1);
}

TEST(Webhook, TransferCreatedMayComeFirstOrAgain) {
  Stage& stage = shared_stage();
  const Task task = stage.completed(stage.person("poster"), stage.person("worker"));
  EXPECT_EQ(stage.drain_outbox()["pending"], 0);
  const auto id = stage.sql("SELECT stripe_transfer_id FROM escrows WHERE id = '" + task.escrow + "'");
  EXPECT_TRUE(id.starts_with("tr_")) << id;
  EXPECT_EQ(stage.deliver(task, "transfer.created"), 200);
  EXPECT_EQ(stage.deliver(task, "transfer.created"), 200);
  EXPECT_EQ(stage.sql("SELECT stripe_transfer_id FROM escrows WHERE id = '" + task.escrow + "'"), id);
}

// money.md §4: transfer.failed puts the payout back into the retry queue; the next attempt is a new transfer.
TEST(Webhook, FailedTransferIsPaidAgainOnce) {
  Stage& stage = shared_stage();
  const Task task = stage.completed(stage.person("poster"), stage.person("worker"));
  const auto transfer = [&] {
    return stage.sql("SELECT stripe_transfer_id FROM escrows WHERE id = '" + task.escrow + "'");
  };
  const auto queue = [&] {
    return stage.sql("SELECT status || ' ' || attempt_count FROM transfer_retry_queue WHERE escrow_id = '" +
                     task.escrow + "'");
  };
  const auto retry = [&](std::int64_t hours) {
    net::Request request{.method = "POST", .target = "/test/jobs/transfer_retry", .headers = {}, .body = {}};
    request.headers.add("content-type", "application/json");
    request.headers.add("x-hustle-now", std::to_string(now_ms() + hours * 3'600'000));
    request.body = Json{{"task_ids", {task.id}}}.dump();
    const auto changed = stage.send(request).body["changed"];
    EXPECT_EQ(stage.drain_outbox()["pending"], 0);
    return changed;
  };
  EXPECT_EQ(stage.drain_outbox()["pending"], 0);
  const std::string first = transfer();
  EXPECT_TRUE(stage.control("POST", "transfers/fail", {{"escrow", task.escrow}})["event"].is_string());
  EXPECT_EQ(stage.books(task)["transferred"], 0);
  EXPECT_EQ(stage.deliver(task, "transfer.failed"), 200);
  EXPECT_EQ(stage.deliver(task, "transfer.failed"), 200);
  EXPECT_EQ(queue(), "PENDING 1");
  EXPECT_EQ(state_of(stage, task), "RELEASED");
  EXPECT_EQ(stage.deliver(task, "transfer.created"), 200) << "late news about the transfer that failed";
  EXPECT_EQ(transfer(), "");
  EXPECT_EQ(retry(0), 0) << "5 min later";
  EXPECT_EQ(retry(1), 1);
  EXPECT_EQ(queue(), "SUCCEEDED 1");
  EXPECT_NE(transfer(), first);
  EXPECT_EQ(stage.books(task)["transfers"], 1);
  EXPECT_EQ(stage.books(task)["transferred"], 4250);
  EXPECT_EQ(retry(100), 0);
}

// money.md §4: a declined card is news, not the end: another card may pay.
TEST(Webhook, DeclinedCardChangesNothing) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  Task task = stage.open(poster);
  task.intent = stage.call("escrow.createIntent", {{"task_id", task.id}}, poster).data()["payment_intent_id"];
  EXPECT_EQ(stage.confirm(task, "pm_card_chargeDeclined"), 402);
  EXPECT_EQ(stage.deliver(task, "payment_intent.payment_failed"), 200);
  EXPECT_EQ(state_of(stage, task), "PENDING");
  EXPECT_EQ(stage.confirm(task, "pm_card_visa"), 200);
  EXPECT_EQ(stage.deliver(task, "payment_intent.succeeded"), 200);
  EXPECT_EQ(state_of(stage, task), "FUNDED");
}

}  // namespace
}  // namespace server_tests
