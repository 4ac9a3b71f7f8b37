// Every answer of every procedure has exactly the fields of the contract table.
#include <gtest/gtest.h>

#include <map>

#include "model/vocabulary/contract.h"
#include "reference_server/validate.h"
#include "tests/server/stage.h"

namespace server_tests {
namespace {

class Outputs : public testing::Test {
 protected:
  Json check(const std::string& procedure, const Json& input, const std::string& uid) {
    const Reply reply = shared_stage().call(procedure, input, uid);
    EXPECT_EQ(reply.status, 200) << procedure << " " << reply.body.dump();
    const Json data = reply.data();
    const auto fault = server::output_fault(*model::find_procedure(procedure), data.dump());
    EXPECT_FALSE(fault) << procedure << ": " << fault.value_or("") << " in " << data.dump();
    ++seen_[procedure];
    return data;
  }
  std::map<std::string, int> seen_;
};

TEST_F(Outputs, OfEveryProcedureFollowTheContract) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  const auto worker = stage.person("worker");
  const auto admin = stage.person("admin");
  const Json create{{"title", "T"},          {"description", "D"},
                    {"location", "L"},       {"category", "moving"},
                    {"price", 500},          {"deadline", iso_in(std::chrono::hours(2))},
                    {"location_lat", 47.61}, {"location_lng", -122.33}};
  const std::string open = check("task.create", create, poster)["id"];
  check("escrow.createIntent", {{"task_id", open}}, poster);
  for (const char* read :
       {"task.getById", "escrow.getByTaskId", "proof.getByTaskId", "dispute.getByTaskId"}) {
    check(read, {{"task_id", open}}, poster);
  }
  check("task.cancel", {{"task_id", open}}, poster);
  const Task task = stage.funded(poster);
  check("task.accept", {{"task_id", task.id}}, worker);
  const Json proof{{"task_id", task.id}, {"description", "D"}, {"photo_urls", {"a.jpg", "b.jpg"}}};
  const std::string first = check("task.submitProof", proof, worker)["proof"]["id"];
  check("proof.reject", {{"proof_id", first}, {"reason", "R"}}, poster);
  const std::string second = check("proof.submit", proof, worker)["proof"]["id"];
  check("proof.accept", {{"proof_id", second}}, poster);
  check("task.complete", {{"task_id", task.id}}, poster);
  stage.drain_outbox();
  for (const char* read : {"task.getById", "escrow.getByTaskId", "proof.getByTaskId"}) {
    check(read, {{"task_id", task.id}}, worker);
  }
  check("task.list", nullptr, poster);
  check("task.list",
        {{"filter", {{"state", {"COMPLETED", "OPEN"}}, {"min_price", 1}, {"category", "moving"}}},
         {"sort", {{"field", "price"}, {"direction", "asc"}}},
         {"pagination", {{"limit", 5}, {"offset", 1}}}},
        poster);
  for (const char* read : {"user.getProfile", "user.getXP", "user.getBadges", "user.getTrustTier"}) {
    check(read, nullptr, worker);
  }
  check("user.updateProfile", {{"full_name", "Ann"}, {"default_mode", "poster"}}, worker);
  Task disputed = stage.submitted(poster, worker);
  const Json complaint{
      {"task_id", disputed.id}, {"reason", "OTHER"}, {"description", "D"}, {"evidence_urls", {"e.jpg"}}};
  const std::string dispute = check("dispute.create", complaint, worker)["dispute"]["id"];
  check("dispute.getByTaskId", {{"task_id", disputed.id}}, poster);
  check("dispute.resolve",
        {{"dispute_id", dispute}, {"resolution", "SPLIT"}, {"split_percent", 41}, {"notes", "n"}}, admin);
  check("dispute.getByTaskId", {{"task_id", disputed.id}}, worker);
  // escrow.release and escrow.refund only succeed in states that no other call leaves behind.
  for (const model::Procedure& procedure : model::all_procedures()) {
    const std::string name(procedure.name);
    if (name == "escrow.release" || name == "escrow.refund") continue;
    EXPECT_GT(seen_[name], 0) << name << " was never called";
  }
}

TEST_F(Outputs, OfReleaseAndRefundByHand) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  const auto worker = stage.person("worker");
  const auto admin = stage.person("admin");
  const Task held = stage.reviewed(poster, worker);
  // A backend that stopped between completion and release would leave this behind.
  stage.sql("UPDATE tasks SET state = 'COMPLETED' WHERE id = '" + held.id + "'");
  EXPECT_EQ(stage.call("escrow.release", {{"escrow_id", held.escrow}}, worker).hx(), "HX503");
  check("escrow.release", {{"escrow_id", held.escrow}}, admin);
  const Task kept = stage.funded(poster);
  stage.sql("UPDATE tasks SET state = 'CANCELLED' WHERE id = '" + kept.id + "'");
  check("escrow.refund", {{"escrow_id", kept.escrow}}, poster);
  EXPECT_EQ(stage.drain_outbox()["pending"], 0);
  EXPECT_EQ(stage.books(held)["transferred"], 4250);
  EXPECT_EQ(stage.books(kept)["refunded"], 5000);
}

}  // namespace
}  // namespace server_tests
