// What a client remembers and what a read may show (api.md §1): each slip of a read is noticed, a right
// answer is not.
#include "loadgen/readback.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "loadgen/encode.h"
#include "loadgen/readback_lists.h"

namespace loadgen {
namespace {

using model::Action;
using model::Command;
using nlohmann::json;

constexpr model::Instant kNow{1'767'225'600'000};

class ReadbackTest : public testing::Test {
 protected:
  ReadbackTest() {
    ids_.users = {"poster", "worker", "stranger", "admin"};
    ids_.tasks = {"task"};
    memory_.admins = {"admin"};
    const Command create = by(0, Action::task_create);
    will_send(memory_, create, ids_, kNow, json::object());
    remember(memory_, create, ids_,
             {{"title", "Wash"},
              {"description", "Two cars"},
              {"location", "5th Ave"},
              {"location_lat", 47.6},
              {"location_lng", -122.3},
              {"category", "cleaning"},
              {"price", 1500},
              {"mode", "LIVE"},
              {"deadline", "2026-01-02T00:00:00.000Z"},
              {"requires_proof", true}},
             {{"id", "task"}, {"created_at", iso_text(kNow)}});
    will_send(memory_, by(1, Action::task_accept), ids_, kNow + model::kSecond, {});
  }

  static Command by(std::uint16_t actor, Action action) {
    return {.action = action, .actor = model::UserId{actor}, .task = model::TaskId{0}};
  }
  static json task() {
    return {{"id", "task"},
            {"poster_id", "poster"},
            {"worker_id", "worker"},
            {"poster", {{"id", "poster"}}},
            {"worker", {{"id", "worker"}}},
            {"title", "Wash"},
            {"description", "Two cars"},
            {"location", "5th Ave"},
            {"location_lat", 47.6},
            {"location_lng", -122.3},
            {"category", "cleaning"},
            {"price", 1500},
            {"mode", "LIVE"},
            {"state", "ACCEPTED"},
            {"deadline", "2026-01-02T00:00:00.000Z"},
            {"requires_proof", true},
            {"accepted_at", iso_text(kNow + model::kSecond)},
            {"completed_at", nullptr},
            {"cancelled_at", nullptr},
            {"created_at", iso_text(kNow)}};
  }
  std::optional<std::string> read(const json& data, std::uint16_t actor = 0) const {
    return readback_breach(memory_, by(actor, Action::task_get_by_id), ids_, {}, true, data);
  }

  Readback memory_;
  Bindings ids_;
};

TEST_F(ReadbackTest, TaskIsReadAsItWasCreated) {
  EXPECT_EQ(read(task()), std::nullopt);
  for (const auto& [member, wrong] :
       std::vector<std::pair<const char*, json>>{{"title", "Two cars"},
                                                 {"price", 1501},
                                                 {"deadline", "2026-01-03T00:00:00.000Z"},
                                                 {"requires_proof", false},
                                                 {"mode", "STANDARD"},
                                                 {"location_lat", -122.3},
                                                 {"location", nullptr},
                                                 {"poster_id", "worker"},
                                                 {"worker_id", "stranger"},
                                                 {"accepted_at", iso_text(kNow)},
                                                 {"completed_at", iso_text(kNow)}}) {
    json data = task();
    data[member] = wrong;
    EXPECT_NE(read(data), std::nullopt) << member;
  }
}

TEST_F(ReadbackTest, ExactPlaceIsForParticipantsAndAdmins) {
  for (const std::uint16_t actor : {0, 1, 3}) EXPECT_EQ(read(task(), actor), std::nullopt) << actor;
  EXPECT_NE(read(task(), 2), std::nullopt);
  json hidden = task();
  hidden["location"] = hidden["location_lat"] = hidden["location_lng"] = nullptr;
  EXPECT_EQ(read(hidden, 2), std::nullopt);
  json coarse = task();
  coarse["location"] = "Downtown";
  coarse["location_lat"] = 47.61;
  coarse["location_lng"] = -122.32;
  EXPECT_EQ(read(coarse, 2), std::nullopt) << "a part of the city";
  for (const auto& [member, exact] : std::vector<std::pair<const char*, json>>{
           {"location", "5th Ave, Seattle"}, {"location_lat", 47.6001}, {"location_lng", -122.3001}}) {
    json told = coarse;
    told[member] = exact;
    EXPECT_NE(read(told, 2), std::nullopt) << member;
  }
}

TEST_F(ReadbackTest, PhotosHaveNumbersAndTheirListNoOrder) {
  const Command submit = by(1, Action::proof_submit);
  remember(memory_, submit, ids_, {{"photo_urls", {"a", "b"}}}, {{"proof", {{"id", "proof"}}}});
  const auto photo = [](const char* key, int number) {
    return json{{"proof_id", "proof"}, {"storage_key", key}, {"sequence_number", number}};
  };
  const auto breach = [&](const json& photos) {
    return readback_breach(memory_, by(0, Action::proof_get_by_task_id), ids_, {}, true,
                           {{"id", "proof"}, {"photos", photos}});
  };
  EXPECT_EQ(breach({photo("a", 1), photo("b", 2)}), std::nullopt);
  EXPECT_EQ(breach({photo("b", 2), photo("a", 1)}), std::nullopt);
  EXPECT_NE(breach({photo("b", 1), photo("a", 2)}), std::nullopt) << "each other's numbers";
  EXPECT_NE(breach({photo("a", 1), photo("b", 1)}), std::nullopt) << "one number twice";
  EXPECT_NE(breach({photo("a", 2), photo("b", 3)}), std::nullopt) << "none is the first";
  EXPECT_NE(breach(json::array({photo("a", 1)})), std::nullopt) << "one is missing";
}

json listed(int price) {
  return {{"id", "other"},
          {"title", "T"},
          {"category", "cleaning"},
          {"price", price},
          {"state", "OPEN"},
          {"mode", "LIVE"},
          {"location", nullptr},
          {"deadline", nullptr},
          {"poster", {{"id", "poster"}}},
          {"created_at", iso_text(kNow)}};
}

TEST_F(ReadbackTest, ListsKeepToFilterOrderAndPage) {
  json first = listed(1500);
  first["id"] = "task";
  first["title"] = "Wash";
  first["deadline"] = "2026-01-02T00:00:00.000Z";
  const json filter{{"filter", {{"poster_id", "poster"}, {"min_price", 1500}}}};
  const auto breach = [&](const json& input, const json& tasks, int total, bool more) {
    return list_breach(memory_, "stranger", input, {{"tasks", tasks}, {"total", total}, {"has_more", more}});
  };
  EXPECT_EQ(breach(filter, json::array({first}), 1, false), std::nullopt);
  EXPECT_NE(breach(filter, json::array(), 0, false), std::nullopt) << "the task is missing";
  EXPECT_NE(breach(filter, json::array({first}), 1, true), std::nullopt) << "has_more";
  EXPECT_NE(breach(filter, json::array({listed(1400)}), 1, false), std::nullopt) << "too cheap";
  json page{{"filter", {{"state", "OPEN"}}}, {"pagination", {{"limit", 1}, {"offset", 1}}}};
  EXPECT_EQ(breach(page, json::array({listed(900)}), 3, true), std::nullopt);
  EXPECT_NE(breach(page, json::array({listed(900), listed(800)}), 3, false), std::nullopt) << "one too many";
  page["sort"] = {{"field", "price"}, {"direction", "asc"}};
  page["pagination"] = {{"limit", 2}};
  EXPECT_EQ(breach(page, json::array({listed(800), listed(900)}), 2, false), std::nullopt);
  EXPECT_NE(breach(page, json::array({listed(900), listed(800)}), 2, false), std::nullopt) << "wrong order";
  const auto of_worker = [&](const char* worker) {
    const json workers{{"filter", {{"poster_id", "poster"}, {"worker_id", worker}}}};
    return breach(workers, json::array({first}), 1, false);
  };
  EXPECT_EQ(of_worker("worker"), std::nullopt);
  EXPECT_NE(of_worker("stranger"), std::nullopt) << "never asked for the task";
  first["location"] = "5th Ave";
  EXPECT_NE(breach(filter, json::array({first}), 1, false), std::nullopt) << "a stranger sees the place";
}

TEST_F(ReadbackTest, ProfilesShowOneOfTheWrittenNames) {
  const auto profile = [&](const char* name) {
    return readback_breach(memory_, by(2, Action::user_get_profile), ids_, {}, true,
                           {{"id", "stranger"}, {"full_name", name}});
  };
  const json ann{{"full_name", "Ann"}}, eve{{"full_name", "Eve"}};
  will_send(memory_, by(2, Action::user_update_profile), ids_, kNow, ann);
  EXPECT_EQ(profile("Initial"), std::nullopt) << "not answered yet";
  remember(memory_, by(2, Action::user_update_profile), ids_, ann, {{"id", "stranger"}});
  EXPECT_NE(profile("Initial"), std::nullopt);
  EXPECT_EQ(profile("Ann"), std::nullopt);
  will_send(memory_, by(2, Action::user_update_profile), ids_, kNow, eve);
  EXPECT_EQ(profile("Eve"), std::nullopt) << "on its way";
}

// What is left out means its standard (api.md §1.1), and reads show that.
TEST_F(ReadbackTest, WhatWasLeftOutIsReadAsItsStandard) {
  ids_.tasks = {"plain"};
  const auto read_mode = [&](const char* mode, bool proof) {
    return readback_breach(memory_, by(0, Action::task_get_by_id), ids_, {}, true,
                           {{"id", "plain"}, {"mode", mode}, {"requires_proof", proof}});
  };
  EXPECT_EQ(read_mode("LIVE", false), std::nullopt) << "nothing is known of it";
  remember(memory_, by(0, Action::task_create), ids_, json::object(), {{"id", "plain"}});
  memory_.poster_of.erase("plain");
  EXPECT_EQ(read_mode("STANDARD", true), std::nullopt);
  EXPECT_NE(read_mode("LIVE", true), std::nullopt);
  EXPECT_NE(read_mode("STANDARD", false), std::nullopt);
}

TEST_F(ReadbackTest, WritesAnswerWithTheirOwnWords) {
  const auto answered = [&](Action write, const json& input, const json& data) {
    return readback_breach(memory_, by(0, write), ids_, input, true, data);
  };
  const json claims{{"claimed_trades", {"plumber"}}};
  EXPECT_EQ(answered(Action::onboarding_submit_capabilities, claims,
                     {{"trades_requiring_verification", {"plumber"}}}),
            std::nullopt);
  EXPECT_NE(answered(Action::onboarding_submit_capabilities, claims,
                     {{"trades_requiring_verification", json::array()}}),
            std::nullopt);
  EXPECT_EQ(answered(Action::onboarding_set_role, {{"role", "worker"}}, {{"role", "worker"}}), std::nullopt);
  EXPECT_NE(answered(Action::onboarding_set_role, {{"role", "worker"}}, {{"role", "poster"}}), std::nullopt);
  const json proof{{"description", "Done"}};
  EXPECT_EQ(answered(Action::proof_submit, proof, {{"proof", {{"description", "Done"}}}}), std::nullopt);
  EXPECT_NE(answered(Action::proof_submit, proof, {{"proof", {{"description", "Do"}}}}), std::nullopt);
}

// Instants and actors of a write's answer are those of the call (api.md §1.1-§1.5).
TEST_F(ReadbackTest, WritesAnswerWithTheirOwnInstantActorAndTask) {
  const auto answered = [&](Action write, const json& data, bool clock = true) {
    return readback_breach(memory_, by(1, write), ids_, json::object(), clock, data);
  };
  const std::string at = iso_text(kNow + model::kSecond), other = iso_text(kNow + 2 * model::kSecond);
  const json right{{"id", "task"}, {"worker_id", "worker"}, {"accepted_at", at}};
  EXPECT_EQ(answered(Action::task_accept, right), std::nullopt);
  for (const auto& [member, value] : {std::pair{"id", "another"}, std::pair{"worker_id", "poster"},
                                      std::pair{"accepted_at", other.c_str()}}) {
    json wrong = right;
    wrong[member] = value;
    EXPECT_NE(answered(Action::task_accept, wrong), std::nullopt) << member;
  }
  json late = right;
  late["accepted_at"] = other;
  EXPECT_EQ(answered(Action::task_accept, late, false), std::nullopt) << "the target has a clock of its own";

  will_send(memory_, by(1, Action::dispute_create), ids_, kNow + model::kSecond, json::object());
  const auto opened = [&](const std::string& by_whom, const std::string& when) {
    return answered(Action::dispute_create, {{"dispute", {{"opened_by", by_whom}, {"created_at", when}}}});
  };
  EXPECT_EQ(opened("worker", at), std::nullopt);
  EXPECT_NE(opened("poster", at), std::nullopt);
  EXPECT_NE(opened("worker", other), std::nullopt);
  EXPECT_NE(answered(Action::task_create, {{"poster_id", "worker"}, {"created_at", other}}), std::nullopt);
}

TEST_F(ReadbackTest, ADisputeShowsTheEvidenceThatWasHandedIn) {
  const json with{{"evidence_urls", {"b.jpg", "a.jpg"}}};
  remember(memory_, by(1, Action::dispute_create), ids_, with, {{"dispute", {{"id", "with"}}}});
  remember(memory_, by(1, Action::dispute_create), ids_, json::object(), {{"dispute", {{"id", "without"}}}});
  const auto read = [&](const char* id, const std::vector<std::string>& keys) {
    json data{{"id", id}, {"task_id", "task"}, {"evidence", json::array()}};
    for (const std::string& key : keys) data["evidence"].push_back({{"storage_key", key}});
    return readback_breach(memory_, by(1, Action::dispute_get_by_task_id), ids_, json::object(), true, data);
  };
  EXPECT_EQ(read("with", {"a.jpg", "b.jpg"}), std::nullopt);
  EXPECT_NE(read("with", {"a.jpg"}), std::nullopt);
  EXPECT_EQ(read("without", {}), std::nullopt);
  EXPECT_NE(read("without", {"a.jpg"}), std::nullopt);
}

TEST_F(ReadbackTest, OnboardingFollowsFromItsCompletedSteps) {
  const json right{{"phase", "CAPABILITY_CLAIMS"},
                   {"completed_steps", {"role", "profile"}},
                   {"next_step", "capabilities"},
                   {"role", "worker"},
                   {"profile_percent_complete", 50}};
  EXPECT_EQ(steps_breach(right), std::nullopt);
  const std::vector<std::pair<const char*, json>> slips{{"phase", "TUTORIAL"},
                                                        {"phase", "NOT_STARTED"},
                                                        {"completed_steps", {"profile", "role"}},
                                                        {"completed_steps", {"role"}},
                                                        {"next_step", "tutorial"},
                                                        {"next_step", nullptr},
                                                        {"role", nullptr},
                                                        {"profile_percent_complete", 51}};
  for (const auto& [member, value] : slips) {
    json wrong = right;
    wrong[member] = value;
    EXPECT_NE(steps_breach(wrong), std::nullopt) << member << " " << value;
  }
  EXPECT_EQ(steps_breach({{"phase", "NOT_STARTED"},
                          {"completed_steps", json::array()},
                          {"next_step", "role"},
                          {"role", nullptr},
                          {"profile_percent_complete", 0}}),
            std::nullopt);
  EXPECT_EQ(steps_breach({{"phase", "COMPLETED"},
                          {"completed_steps", {"role", "profile", "capabilities", "tutorial"}},
                          {"next_step", nullptr}}),
            std::nullopt);
}

// The echo of a field of the same name needs no table.
TEST_F(ReadbackTest, AnyFieldThatComesBackIsTheOneThatWasSent) {
  const json input{{"type", "license"}, {"status", "verified"}};
  const auto answered = [&](const char* status) {
    return readback_breach(memory_, by(3, Action::verification_resolve), ids_, input, true,
                           {{"status", status}});
  };
  EXPECT_EQ(answered("verified"), std::nullopt);
  EXPECT_NE(answered("failed"), std::nullopt);
}

TEST_F(ReadbackTest, ProfilesKeepWhatNobodyWrote) {
  const auto read = [&](const char* mode) {
    return readback_breach(memory_, by(2, Action::user_get_profile), ids_, {}, true,
                           {{"default_mode", mode}});
  };
  EXPECT_EQ(read("worker"), std::nullopt);
  remember(memory_, by(2, Action::user_get_profile), ids_, {}, {{"default_mode", "worker"}});
  EXPECT_EQ(read("worker"), std::nullopt);
  EXPECT_NE(read("poster"), std::nullopt);
  will_send(memory_, by(2, Action::user_update_profile), ids_, kNow, {{"default_mode", "poster"}});
  EXPECT_EQ(read("poster"), std::nullopt);
}

TEST(Numbers, OfXpBadgesAndTiersAgree) {
  json xp{
      {"total_xp", 150},
      {"current_level", 2},
      {"current_streak", 1},
      {"level_progress", {{"current_threshold", 100}, {"next_threshold", 300}, {"progress_percent", 25.0}}},
      {"recent_entries", json::array({{{"balance_after", 150}}, {{"balance_after", 50}}})}};
  EXPECT_EQ(xp_breach(json::object(), xp), std::nullopt);
  EXPECT_NE(xp_breach({{"limit", 1}}, xp), std::nullopt) << "two entries";
  std::swap(xp["recent_entries"][0], xp["recent_entries"][1]);
  EXPECT_NE(xp_breach(json::object(), xp), std::nullopt) << "oldest first";
  xp["recent_entries"] = json::array();
  xp["level_progress"]["next_threshold"] = 400;
  EXPECT_NE(xp_breach(json::object(), xp), std::nullopt) << "threshold";

  json badges{{"earned_badges", json::array({{{"badge_type", "first-task"}, {"badge_tier", 1}}})},
              {"available_badges", json::array()},
              {"total_earned", 1},
              {"total_available", 0}};
  EXPECT_EQ(badges_breach(badges), std::nullopt);
  badges["earned_badges"][0]["badge_tier"] = 2;
  EXPECT_NE(badges_breach(badges), std::nullopt);

  json tier{{"current_tier", 1},
            {"tier_name", "ROOKIE"},
            {"next_tier", 2},
            {"requirements_for_next", {{"tasks_completed", {{"required", 5}, {"current", 0}}}}}};
  EXPECT_EQ(tier_breach(tier), std::nullopt);
  tier["tier_name"] = "VERIFIED";
  EXPECT_NE(tier_breach(tier), std::nullopt);
}

// api.md §1.4: a user's address is his own.
TEST(Privacy, AddressesAndAccountsOfOthersAreNoticed) {
  EXPECT_EQ(private_text(R"({"email":"h1@example.invalid"})", "h1@example.invalid"), std::nullopt);
  EXPECT_NE(private_text(R"({"email":"h2@example.invalid"})", "h1@example.invalid"), std::nullopt);
  EXPECT_NE(private_text(R"({"x":"acct_1"})", "h1@example.invalid"), std::nullopt);
}

}  // namespace
}  // namespace loadgen
