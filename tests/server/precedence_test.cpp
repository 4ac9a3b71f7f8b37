// error-codes.md §4: the order in which the faults of one request are told, and the result matrices of
// state-machines.md §1 and §2 for the right actor.
#include <gtest/gtest.h>

#include "tests/server/stage.h"

namespace server_tests {
namespace {

const std::string kNobody = "00000000-0000-4000-8000-000000000000";

TEST(Precedence, CredentialBeforeInput) {
  Stage& stage = shared_stage();
  EXPECT_EQ(stage.call("task.accept", {{"task_id", 1}}, "").hx(), "HX501");
  net::Request request = stage.request_of("task.accept", {{"task_id", 1}}, "");
  request.headers.add("authorization", "Bearer " + stage.token("someone", "expired"));
  EXPECT_EQ(stage.send(request).hx(), "HX502");
}

TEST(Precedence, InputBeforeUnknownIdBeforeStandingBeforeActor) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  const auto paused = stage.person("paused");
  const Task task = stage.funded(poster);
  stage.sql("UPDATE users SET account_status = 'PAUSED' WHERE firebase_uid = '" + paused + "'");
  const Reply bad = stage.call("task.cancel", {{"task_id", "x"}}, paused);
  EXPECT_EQ(bad.hx(), "VALIDATION_ERROR");
  EXPECT_EQ(bad.field(), "task_id");
  EXPECT_EQ(stage.call("task.cancel", {{"task_id", kNobody}}, paused).hx(), "NOT_FOUND");
  EXPECT_EQ(stage.call("task.cancel", {{"task_id", task.id}}, paused).hx(), "HX602");
  EXPECT_EQ(stage.call("task.getById", {{"task_id", task.id}}, paused).status, 200) << "reads stay open";
  stage.sql("UPDATE users SET account_status = 'SUSPENDED' WHERE firebase_uid = '" + paused + "'");
  EXPECT_EQ(stage.call("task.accept", {{"task_id", task.id}}, paused).hx(), "HX602");
  stage.sql("UPDATE users SET account_status = 'ACTIVE' WHERE firebase_uid = '" + paused + "'");
  EXPECT_EQ(stage.call("task.cancel", {{"task_id", task.id}}, paused).hx(), "HX503");
}

TEST(Precedence, ActorBeforeTerminalBeforeChainBeforeState) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  const auto worker = stage.person("worker");
  const Task submitted = stage.submitted(poster, worker);
  EXPECT_EQ(stage.call("task.complete", {{"task_id", submitted.id}}, worker).hx(), "HX503");
  EXPECT_EQ(stage.call("task.complete", {{"task_id", submitted.id}}, poster).hx(), "HX301");
  EXPECT_EQ(stage.call("task.cancel", {{"task_id", submitted.id}}, poster).hx(), "CONFLICT");
  EXPECT_EQ(stage.call("escrow.release", {{"escrow_id", submitted.escrow}}, poster).hx(), "HX201");
  EXPECT_EQ(stage.call("escrow.release", {{"escrow_id", submitted.escrow}}, worker).hx(), "HX503");
  EXPECT_EQ(stage.call("escrow.refund", {{"escrow_id", submitted.escrow}}, poster).hx(), "CONFLICT");
  const Task done = stage.completed(poster, worker);
  EXPECT_EQ(stage.call("task.complete", {{"task_id", done.id}}, worker).hx(), "HX503");
  for (const char* procedure : {"task.complete", "task.cancel", "escrow.createIntent"}) {
    EXPECT_EQ(stage.call(procedure, {{"task_id", done.id}}, poster).hx(), "HX001") << procedure;
  }
  EXPECT_EQ(stage.call("proof.accept", {{"proof_id", done.proof}}, poster).hx(), "HX001");
  EXPECT_EQ(stage.call("escrow.release", {{"escrow_id", done.escrow}}, poster).hx(), "HX002");
  EXPECT_EQ(stage.call("escrow.refund", {{"escrow_id", done.escrow}}, poster).hx(), "HX002");
}

TEST(Precedence, AcceptanceInEveryState) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  const auto worker = stage.person("worker");
  const auto other = stage.person("worker");
  const auto accept = [&](const Task& task, const std::string& who) {
    return stage.call("task.accept", {{"task_id", task.id}}, who).hx();
  };
  const Task open = stage.open(poster);
  EXPECT_EQ(accept(open, poster), "HX503");
  EXPECT_EQ(accept(open, worker), "CONFLICT") << "not funded";
  EXPECT_EQ(accept(stage.accepted(poster, worker), other), "CONFLICT");
  EXPECT_EQ(accept(stage.completed(poster, worker), other), "HX001");
  const Task live = stage.funded(poster, 1500, {{"mode", "LIVE"}});
  EXPECT_EQ(accept(live, worker), "HX903");
  stage.sql("UPDATE users SET live_mode_state = 'ACTIVE' WHERE firebase_uid = '" + worker + "'");
  EXPECT_EQ(accept(live, worker), "");
  EXPECT_EQ(accept(stage.funded(poster, 900, {{"category", "plumbing"}}), worker), "HX609") << "needs tier 2";
}

TEST(Precedence, InputFaultsNameTheFirstBadField) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  const Json good{{"title", "T"},         {"description", "D"}, {"location", "L"},
                  {"category", "moving"}, {"price", 500},       {"deadline", iso_in(std::chrono::hours(1))}};
  const auto with = [&](const char* name, const Json& value) {
    Json input = good;
    input[name] = value;
    const Reply reply = stage.call("task.create", input, poster);
    return reply.hx() + " " + reply.field();
  };
  EXPECT_EQ(with("title", std::string(256, 'x')), "VALIDATION_ERROR title");
  EXPECT_EQ(with("title", std::string("a\0b", 3)), "VALIDATION_ERROR title");
  EXPECT_EQ(with("price", 499), "VALIDATION_ERROR price");
  EXPECT_EQ(with("price", 500.5), "VALIDATION_ERROR price");
  EXPECT_EQ(with("price", nullptr), "VALIDATION_ERROR price");
  EXPECT_EQ(with("deadline", "2020-01-01T00:00:00Z"), "VALIDATION_ERROR deadline");
  EXPECT_EQ(with("deadline", "2030-02-30T00:00:00Z"), "VALIDATION_ERROR deadline");
  EXPECT_EQ(with("mode", "LIVE"), "HX902 price");
  EXPECT_EQ(with("scope", 1), "VALIDATION_ERROR scope");
  std::string wide;
  for (int i = 0; i < 255; ++i) wide += "\u00e9";
  EXPECT_EQ(with("title", wide), " ") << "255 code points, 510 bytes";
  const auto admin = stage.person("admin");
  const Json verdict{{"dispute_id", kNobody}, {"resolution", "SPLIT"}, {"notes", "n"}};
  EXPECT_EQ(stage.call("dispute.resolve", verdict, admin).field(), "split_percent");
  EXPECT_EQ(stage.call("user.updateProfile", Json::object(), poster).hx(), "VALIDATION_ERROR");
}

TEST(Precedence, StrangersLearnNothingOfPrivateObjects) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  const auto stranger = stage.person("stranger");
  const auto admin = stage.person("admin");
  const Task task = stage.open(poster);
  for (const char* procedure : {"escrow.getByTaskId", "proof.getByTaskId", "dispute.getByTaskId"}) {
    EXPECT_EQ(stage.call(procedure, {{"task_id", task.id}}, stranger).hx(), "NOT_FOUND") << procedure;
    EXPECT_EQ(stage.call(procedure, {{"task_id", task.id}}, admin).status, 200) << procedure;
  }
  EXPECT_TRUE(stage.call("task.getById", {{"task_id", task.id}}, stranger).data()["location"].is_null());
  EXPECT_EQ(stage.call("task.getById", {{"task_id", task.id}}, poster).data()["location"], "Pike Street 1");
  EXPECT_EQ(stage.call("user.getBadges", {{"user_id", kNobody}}, poster).hx(), "HX504");
}

TEST(Precedence, ThirdRejectionEndsTheAttempts) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  const auto worker = stage.person("worker");
  Task task = stage.accepted(poster, worker);
  Json input;
  for (int attempt = 0; attempt < 3; ++attempt) {
    input = stage.submission(task, worker);
    task.proof = stage.call("proof.submit", input, worker).data()["proof"].value("id", "");
    EXPECT_EQ(stage.call("proof.reject", {{"proof_id", task.proof}, {"reason", "No"}}, poster).status, 200);
  }
  EXPECT_EQ(stage.call("proof.submit", input, worker).hx(), "CONFLICT");  // decision 9
  EXPECT_FALSE(stage.disputed(task, worker).empty());
}

}  // namespace
}  // namespace server_tests
