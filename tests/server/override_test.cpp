// SAF-21 over HTTP: what an admin must give to move somebody else's money, and what nobody asks of a poster.
#include <gtest/gtest.h>

#include <string>

#include "tests/server/stage.h"

namespace server_tests {
namespace {

constexpr int kMuch = 50'001;

// What a backend that stopped half way leaves behind: only by hand does this money move.
Task ended(Stage& stage, const std::string& poster, int price) {
  const Task task = stage.funded(poster, price);
  stage.sql("UPDATE tasks SET state = 'CANCELLED' WHERE id = '" + task.id + "'");
  return task;
}

Json with_reason(const Task& task, const std::string& key) {
  return {{"escrow_id", task.escrow}, {"reason", "Both of them asked."}, {"idempotency_key", key}};
}

std::string told_of(Stage& stage, const Task& task) {
  return stage.sql(
      "SELECT count(*) FILTER (WHERE result = 'success') || ' done, ' || count(*) FILTER (WHERE result = "
      "'refused') || ' refused' FROM admin_actions WHERE action_type = 'escrow_refund' AND "
      "(target_escrow_id = '" +
      task.escrow + "' OR action_details->>'escrow_id' = '" + task.escrow + "')");
}

TEST(Overrides, ReasonAndKeyAreAskedOfAnAdminAlone) {
  Stage& stage = shared_stage();
  const std::string poster = stage.person("poster");
  const std::string admin = stage.person("admin");
  const Task task = ended(stage, poster, 5000);
  const Reply bare = stage.call("escrow.refund", {{"escrow_id", task.escrow}}, admin);
  EXPECT_EQ(bare.hx() + " " + bare.field(), "VALIDATION_ERROR reason");
  Json input = with_reason(task, "a key");
  input.erase("idempotency_key");
  EXPECT_EQ(stage.call("escrow.refund", input, admin).field(), "idempotency_key");
  const Json first = stage.call("escrow.refund", with_reason(task, "refund once"), admin).data();
  EXPECT_EQ(first["state"], "REFUNDED");
  EXPECT_EQ(stage.call("escrow.refund", with_reason(task, "refund once"), admin).data(), first);
  EXPECT_EQ(stage.call("escrow.refund", with_reason(task, "refund twice"), admin).hx(), "HX002");
  EXPECT_EQ(told_of(stage, task), "1 done, 0 refused");
  const Task other = ended(stage, poster, kMuch);
  EXPECT_EQ(stage.call("escrow.refund", with_reason(other, "refund once"), admin).hx(), "CONFLICT");
  EXPECT_EQ(stage.call("escrow.refund", {{"escrow_id", other.escrow}}, poster).status, 200);
}

TEST(Overrides, MoreThanTheLimitWantsAnotherAdmin) {
  Stage& stage = shared_stage();
  const std::string admin = stage.person("admin");
  const std::string second = stage.person("admin");
  const Task task = ended(stage, stage.person("poster"), kMuch);
  const auto agree = [&](const std::string& who, const std::string& act) {
    Json input = with_reason(task, "yes to " + act);
    input["override"] = act;
    return stage.call("admin.approveOverride", input, who).status;
  };
  const auto refund = [&] { return stage.call("escrow.refund", with_reason(task, "key"), admin).hx(); };
  EXPECT_EQ(refund(), "CONFLICT");
  EXPECT_EQ(agree(admin, "refund"), 200);
  EXPECT_EQ(refund(), "CONFLICT") << "he agreed to himself";
  EXPECT_EQ(agree(second, "release"), 200);
  EXPECT_EQ(refund(), "CONFLICT") << "the other one agreed to something else";
  EXPECT_EQ(told_of(stage, task), "0 done, 3 refused");
  EXPECT_EQ(agree(second, "refund"), 200);
  EXPECT_EQ(refund(), "");
}

// api.md §1.1: cancelling asks for no reason, whoever cancels.
TEST(Overrides, CancellingIsNone) {
  Stage& stage = shared_stage();
  const Task task = stage.funded(stage.person("poster"), kMuch);
  EXPECT_EQ(stage.call("task.cancel", {{"task_id", task.id}}, stage.person("admin")).status, 200);
}

}  // namespace
}  // namespace server_tests
