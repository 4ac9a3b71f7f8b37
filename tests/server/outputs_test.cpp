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

  // Each calls its procedures with people of its own and leaves switches, flags and rules as they were.
  void onboarding(const std::string& uid);  // whose account is not there yet
  void eligibility(const std::string& poster, const std::string& admin);
  void moderation(const std::string& poster, const std::string& admin);
  void standing_and_roles(const std::string& admin);
  void switches(const std::string& admin);

  std::map<std::string, int> seen_;
};

std::string id_of(const std::string& uid) {
  return shared_stage().sql("SELECT id FROM users WHERE firebase_uid = '" + uid + "'");
}

// An admin with every right.
std::string powerful_admin() {
  const std::string uid = shared_stage().person("admin");
  shared_stage().sql(
      "UPDATE admin_roles SET can_modify_trust = true, can_ban_users = true, "
      "can_access_financials = true WHERE user_id = '" +
      id_of(uid) + "'");
  return uid;
}

void Outputs::onboarding(const std::string& uid) {
  const Json member = check(
      "beta.join",
      {{"role", "hustler"}, {"latitude", 47.61}, {"longitude", -122.33}, {"device_id", "phone of " + uid}},
      uid);
  EXPECT_EQ(member["user_id"], id_of(uid));
  EXPECT_EQ(check("onboarding.getProgress", nullptr, uid)["phase"], "NOT_STARTED");
  check("onboarding.setRole", {{"role", "worker"}, {"confidence", "STRONG"}}, uid);
  check("onboarding.completeStep", {{"step_id", "profile"}, {"data", "A photo."}}, uid);
  const Json license{{"trade", "plumber"}, {"state", "WA"}, {"license_number", "PL-1"}};
  const Json willing{{"in_home_work", true}, {"high_risk_tasks", false}, {"urgent_jobs", true}};
  check("onboarding.submitCapabilities",
        {{"claimed_trades", {"plumber"}},
         {"license_claims", Json::array({license})},
         {"insurance_claimed", true},
         {"work_state", "WA"},
         {"work_region", "Seattle"},
         {"risk_preferences", willing}},
        uid);
  check("onboarding.getProgress", nullptr, uid);
  check("onboarding.completeStep", {{"step_id", "tutorial"}}, uid);
  check("onboarding.complete", nullptr, uid);
  EXPECT_EQ(check("onboarding.getProgress", nullptr, uid)["phase"], "COMPLETED");
}

void Outputs::eligibility(const std::string& poster, const std::string& admin) {
  Stage& stage = shared_stage();
  const auto worker = stage.person("worker");
  check("verification.getStatus", nullptr, worker);
  const auto decide = [&](const std::string& type, const Json& record, bool verified) {
    Json input{{"type", type}, {"verification_id", record}, {"decision", verified ? "verified" : "failed"}};
    input.update(verified ? Json{{"expires_at", iso_in(std::chrono::hours(1000))}}
                          : Json{{"reason", "It is not readable."}});
    check("verification.resolve", input, admin);
  };
  const auto license = [&](const std::string& trade) {
    return check("verification.submitLicense",
                 {{"trade", trade}, {"state", "WA"}, {"license_number", "N-1"}, {"document_urls", {"l.jpg"}}},
                 worker);
  };
  decide("license", license("plumber")["verification_id"], true);
  decide("license", license("electrician")["verification_id"], false);
  const Json certificate{
      {"trade", "plumber"}, {"coverage_amount", 100'000'000}, {"document_urls", {"i.jpg"}}};
  decide("insurance", check("verification.submitInsurance", certificate, worker)["verification_id"], true);
  const Json consent{{"consent_given", true}, {"consent_timestamp", iso_in(std::chrono::seconds(0))}};
  decide("background_check", check("verification.initiateBackgroundCheck", consent, worker)["check_id"],
         true);
  check("verification.getStatus", nullptr, worker);
  check("verification.getStatus", {{"type", "insurance"}}, worker);
  EXPECT_EQ(check("eligibility.getProfile", nullptr, worker)["verified_trades"].size(), 1U);

  const Json place{{"location_lat", 47.61}, {"location_lng", -122.33}};
  const Task task = stage.funded(poster, 5000, place);
  stage.funded(poster, 5000, place);
  EXPECT_EQ(check("eligibility.check", {{"task_id", task.id}}, worker)["eligible"], true);
  EXPECT_EQ(check("eligibility.check", {{"task_id", task.id}}, poster)["eligible"], false);
  const Json page = check("feed.get", {{"limit", 1}}, worker);
  check("feed.get", {{"limit", 1}, {"pagination_cursor", page["pagination"]["next_cursor"]}}, worker);
  check("feed.get", {{"feed_mode", "urgent"}}, worker);
  const Json here{{"latitude", 47.61}, {"longitude", -122.33}};
  const Json near = check("feed.get", {{"feed_mode", "nearby"}, {"location", here}, {"radius", 2.5}}, worker);
  EXPECT_GE(near["tasks"].size(), 2U);
  check("feed.get", nullptr, worker);
}

void Outputs::moderation(const std::string& poster, const std::string& admin) {
  Stage& stage = shared_stage();
  const Task task = stage.open(poster);
  check("moderation.reportContent",
        {{"content_type", "task"}, {"content_id", task.id}, {"reason", "It is a lie."}},
        stage.person("worker"));
  check("admin.getModerationQueue", {{"limit", 1}}, admin);
  const Json queue = check("admin.getModerationQueue", {{"limit", 100}}, admin);
  std::string item;
  for (const Json& one : queue["items"]) {
    if (one["content_id"] == task.id) item = one["id"];
  }
  ASSERT_NE(item, "") << queue.dump();
  for (const char* decision : {"escalate", "no_action"}) {
    check("admin.reviewContent",
          {{"item_id", item}, {"decision", decision}, {"notes", "Nothing is wrong with it."}}, admin);
  }
  for (const char* decision : {"upheld", "overturned"}) {
    const std::string author = stage.person("author");
    stage.call("user.updateProfile", {{"full_name", "Find me on WhatsApp"}}, author);
    const std::string bad =
        stage.sql("SELECT id FROM content_moderation_queue WHERE user_id = '" + id_of(author) + "'");
    check("admin.reviewContent",
          {{"item_id", bad}, {"decision", "reject"}, {"notes", "It asks to meet outside."}}, admin);
    const std::string other = powerful_admin();
    const Json appeal =
        check("moderation.appeal", {{"item_id", bad}, {"reason", "That is my nickname."}}, other);
    const Json verdict{{"appeal_id", appeal["id"]}, {"decision", decision}, {"notes", "Looked at again."}};
    EXPECT_EQ(stage.call("admin.decideAppeal", verdict, admin).hx(), "HX954");
    EXPECT_EQ(check("admin.decideAppeal", verdict, other)["account_status"],
              decision == std::string("upheld") ? "SUSPENDED" : "ACTIVE");
  }
}

void Outputs::standing_and_roles(const std::string& admin) {
  Stage& stage = shared_stage();
  const auto poster = stage.person("poster");
  const Task task = stage.funded(poster);
  const Json user{{"user_id", id_of(poster)}};
  const auto with = [&](Json more) {
    more.update(user);
    return more;
  };
  const Json strike = with({{"severity", 1},
                            {"source_event", "outputs"},
                            {"reason", "He was not polite."},
                            {"related_task_id", task.id}});
  EXPECT_EQ(check("admin.addStrike", strike, admin)["duplicate"], false);
  const Json again = check("admin.addStrike", strike, admin);
  EXPECT_EQ(again["duplicate"], true);
  check("admin.removeStrike", {{"strike_id", again["strike_id"]}, {"reason", "It was a mistake."}}, admin);
  const Json risk = check("admin.assessRisk", with({{"reason", "A routine look."}}), admin);
  for (const char* decision : {"reviewed", "dismissed"})
    check("admin.reviewRisk",
          {{"score_id", risk["score_id"]}, {"decision", decision}, {"notes", "Nothing is wrong."}}, admin);
  check("admin.grantRole", with({{"role", "moderator"}, {"can_ban_users", true}}), admin);
  check("admin.revokeRole", with({{"reason", "No longer with us."}}), admin);
  const Json suspended = check("admin.updateUserStatus",
                               with({{"status", "SUSPENDED"},
                                     {"reason", "He was not polite."},
                                     {"suspended_until", iso_in(std::chrono::hours(48))}}),
                               admin);
  EXPECT_EQ(suspended["tasks_cancelled"], 1);
  for (const char* status : {"PAUSED", "ACTIVE"}) {
    check("admin.updateUserStatus", with({{"status", status}, {"reason", "He asked for it."}}), admin);
  }
  EXPECT_EQ(stage.drain_outbox()["pending"], 0);
  EXPECT_EQ(stage.books(task)["refunded"], 5000);
}

void Outputs::switches(const std::string& admin) {
  Stage& stage = shared_stage();
  for (const char* which : {"MARKETPLACE", "REFUNDS"}) {
    for (const bool active : {true, false}) {
      const Json input{
          {"switch", which}, {"active", active}, {"reason", "TEST_SIMULATION"}, {"note", "It was a drill."}};
      EXPECT_EQ(check("admin.setFreeze", input, admin)["changed"], true);
      EXPECT_EQ(check("admin.getFreeze", nullptr,
                      admin)[which == std::string("REFUNDS") ? "refunds" : "marketplace"],
                active);
    }
  }
  for (const bool enabled : {true, false}) {
    check("admin.setFlag", {{"key", "abuse_guards"}, {"enabled", enabled}, {"reason", "It was a drill."}},
          admin);
  }
  const int before =
      std::stoi(stage.sql("SELECT value FROM marketplace_rules WHERE city = '' AND key = 'beta_max_tasks'"));
  for (const int value : {before + 1, before}) {
    check("admin.setRule", {{"key", "beta_max_tasks"}, {"value", value}, {"reason", "It was a drill."}},
          admin);
  }
  const std::string code = "OUT-" + id_of(admin).substr(0, 8);
  check("admin.createInvite", {{"code", code}, {"role", "both"}, {"max_uses", 2}}, admin);
  check("admin.createInvite",
        {{"code", code + "-2"},
         {"role", "hustler"},
         {"max_uses", 1},
         {"expires_at", iso_in(std::chrono::hours(1))}},
        admin);
}

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
  check("proof.requestUpload",
        {{"task_id", task.id},
         {"files", Json::array({{{"photo_type", "result"},
                                 {"content_type", "image/jpeg"},
                                 {"size_bytes", 1000},
                                 {"checksum_sha256", std::string(64, 'a')}}})}},
        worker);
  const std::string first = check("task.submitProof", stage.submission(task, worker), worker)["proof"]["id"];
  check("proof.reject", {{"proof_id", first}, {"reason", "R"}}, poster);
  const std::string second = check("proof.submit", stage.submission(task, worker), worker)["proof"]["id"];
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
  const auto powerful = powerful_admin();
  onboarding("newcomer beside " + powerful);
  eligibility(poster, admin);
  moderation(poster, powerful);
  standing_and_roles(powerful);
  switches(powerful);
  // escrow.release and escrow.refund only succeed in states that no other call leaves behind.
  for (const model::Procedure& procedure : model::all_procedures()) {
    const std::string name(procedure.name);
    if (name == "escrow.release" || name == "escrow.refund" || name == "admin.approveOverride") continue;
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
  const Json why{{"escrow_id", held.escrow},
                 {"override", "release"},
                 {"reason", "Both of them asked for it."},
                 {"idempotency_key", "release " + held.escrow}};
  EXPECT_EQ(check("admin.approveOverride", why, admin)["duplicate"], false);
  EXPECT_EQ(check("admin.approveOverride", why, admin)["duplicate"], true);
  Json release = why;
  release.erase("override");
  const Json released = check("escrow.release", release, admin);
  EXPECT_EQ(check("escrow.release", release, admin), released) << "SAF-21: the same key, the same answer";
  const Task kept = stage.funded(poster);
  stage.sql("UPDATE tasks SET state = 'CANCELLED' WHERE id = '" + kept.id + "'");
  check("escrow.refund", {{"escrow_id", kept.escrow}}, poster);
  EXPECT_EQ(stage.drain_outbox()["pending"], 0);
  EXPECT_EQ(stage.books(held)["transferred"], 4250);
  EXPECT_EQ(stage.books(kept)["refunded"], 5000);
}

}  // namespace
}  // namespace server_tests
