// Who may see and who may take a task, over HTTP (eligibility.md §11): what the feed shows, the check says
// and acceptance decides about one person, whatever happened between two calls.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "loadgen/control.h"
#include "tests/server/stage.h"

namespace server_tests {
namespace {

constexpr std::chrono::hours kTerm{1000};
constexpr std::int64_t kHourMs = 3'600'000;

using Headers = std::vector<std::pair<std::string, std::string>>;

class Eligibility : public testing::Test {
 protected:
  // Somebody new who says at his onboarding what he is willing to do, and claims everything else.
  std::string worker(bool willing, int tier = 1) {
    static int number = 0;
    const std::string uid = "claimant-" + std::to_string(++number);
    stage_.call("onboarding.submitCapabilities",
                {{"claimed_trades", {"plumber", "electrician"}},
                 {"license_claims", Json::array()},
                 {"insurance_claimed", true},
                 {"work_state", "WA"},
                 {"risk_preferences",
                  {{"in_home_work", willing}, {"high_risk_tasks", willing}, {"urgent_jobs", willing}}}},
                uid);
    EXPECT_EQ(stage_.call("onboarding.complete", {{"skip_tutorial", true}}, uid).status, 200);
    for (int step = 2; step <= tier; ++step) set_tier(uid, step);
    return uid;
  }
  std::string id_of(const std::string& uid) {
    return stage_.sql("SELECT id FROM users WHERE firebase_uid = '" + uid + "'");
  }
  void set_tier(const std::string& uid, int tier) {
    stage_.sql("UPDATE users SET trust_tier = " + std::to_string(tier) + " WHERE firebase_uid = '" + uid +
               "'");
  }

  std::string submit_license(const std::string& uid, const std::string& trade, const std::string& state) {
    return stage_
        .call("verification.submitLicense", {{"trade", trade}, {"state", state}, {"license_number", "N-1"}},
              uid)
        .data()
        .value("verification_id", "");
  }
  Reply approve(const std::string& type, const std::string& record, std::chrono::seconds term = kTerm) {
    return stage_.call(
        "verification.resolve",
        {{"type", type}, {"verification_id", record}, {"decision", "verified"}, {"expires_at", iso_in(term)}},
        admin_);
  }
  void licensed(const std::string& uid, const std::string& trade, const std::string& state = "WA",
                std::chrono::seconds term = kTerm) {
    EXPECT_EQ(approve("license", submit_license(uid, trade, state), term).status, 200);
  }
  void insured(const std::string& uid, const std::string& trade, std::chrono::seconds term = kTerm) {
    const Json certificate{{"trade", trade}, {"coverage_amount", 100'000}, {"document_urls", {"i.jpg"}}};
    const Json record = stage_.call("verification.submitInsurance", certificate, uid).data();
    EXPECT_EQ(approve("insurance", record.value("verification_id", ""), term).status, 200);
  }
  void checked(const std::string& uid) {
    const Json consent{{"consent_given", true}, {"consent_timestamp", iso_in(std::chrono::seconds(0))}};
    const Json record = stage_.call("verification.initiateBackgroundCheck", consent, uid).data();
    EXPECT_EQ(approve("background_check", record.value("check_id", "")).status, 200);
  }

  Task job(const std::string& category, Json more = Json::object()) {
    more["category"] = category;
    return stage_.funded(poster_, 5000, more);
  }
  bool sees(const std::string& uid, const Task& task, const Headers& headers = {}) {
    const Json shown = stage_.call("feed.get", {{"limit", 100}}, uid, headers).data()["tasks"];
    return std::ranges::any_of(shown, [&](const Json& each) { return each["id"] == task.id; });
  }
  bool eligible(const std::string& uid, const Task& task, const Headers& headers = {}) {
    return stage_.call("eligibility.check", {{"task_id", task.id}}, uid, headers).data()["eligible"];
  }
  std::string accept(const std::string& uid, const Task& task, const Headers& headers = {}) {
    const Reply reply = stage_.call("task.accept", {{"task_id", task.id}}, uid, headers);
    return reply.status == 200 ? "200" : std::to_string(reply.status) + " " + reply.hx();
  }
  void expect_closed(const std::string& uid, const Task& task, const Headers& headers = {}) {
    EXPECT_FALSE(sees(uid, task, headers));
    EXPECT_FALSE(eligible(uid, task, headers));
    EXPECT_EQ(accept(uid, task, headers), "403 HX609");
  }
  std::string profile(const std::string& uid) {  // without its stamps
    return stage_.sql(
        "SELECT to_jsonb(c) - 'derived_at' - 'updated_at' FROM capability_profiles c WHERE "
        "user_id = '" +
        id_of(uid) + "'");
  }
  std::string taken_by(const Task& task) {
    return stage_.sql("SELECT state || ' ' || coalesce(worker_id::text, '-') FROM tasks WHERE id = '" +
                      task.id + "'");
  }

  Stage& stage_ = shared_stage();
  const std::string admin_ = stage_.person("admin");
  const std::string poster_ = stage_.person("poster");
};

// T-ELG-02: a license of another state opens nothing here, nor does the insurance that rests on it.
TEST_F(Eligibility, ALicenseOfAnotherStateIsNone) {
  const std::string uid = worker(true, 2);
  const Task task = job("plumbing");
  licensed(uid, "plumber", "OR");
  insured(uid, "plumber");
  expect_closed(uid, task);
  licensed(uid, "plumber", "WA");
  EXPECT_TRUE(sees(uid, task) && eligible(uid, task));
  EXPECT_EQ(accept(uid, task), "200");
}

// T-ELG-03, T-ELG-04: the clock passes an end and no job has run; what was shown before is refused after it.
TEST_F(Eligibility, TheClockAloneEndsACredential) {
  const std::string uid = worker(true, 2);
  const Task task = job("plumbing");
  licensed(uid, "plumber", "WA", std::chrono::hours(5));
  insured(uid, "plumber", std::chrono::hours(3));
  const auto in_hours = [](int hours) {
    return Headers{{"x-hustle-now", std::to_string(now_ms() + hours * kHourMs)}};
  };
  EXPECT_TRUE(sees(uid, task, in_hours(2)) && eligible(uid, task, in_hours(2)));
  expect_closed(uid, task, in_hours(4));
  expect_closed(uid, task, in_hours(6));
  EXPECT_EQ(
      stage_.sql("SELECT insurance_valid FROM capability_profiles WHERE user_id = '" + id_of(uid) + "'"), "t")
      << "a job has run";
  EXPECT_EQ(accept(uid, task, in_hours(2)), "200");
}

// T-ELG-05: a lowered tier shrinks the feed with the next call; there is no cache that could remember.
TEST_F(Eligibility, TheFeedShrinksWithTheTier) {
  const std::string uid = worker(true, 2);
  const Task plain = job("errands");
  const Task task = job("plumbing");
  licensed(uid, "plumber");
  insured(uid, "plumber");
  EXPECT_TRUE(sees(uid, task) && sees(uid, plain));
  set_tier(uid, 1);
  expect_closed(uid, task);
  EXPECT_TRUE(sees(uid, plain));
}

// T-ELG-10: the recompute fails in the middle of a decision: the record, its audit row and the profile stay
// as they were, the caller is told, and the same decision succeeds later.
TEST_F(Eligibility, ADecisionWithoutItsRecomputeIsNone) {
  const std::string uid = worker(true, 2);
  const std::string record = submit_license(uid, "plumber", "WA");
  const std::string before = profile(uid);
  const auto status = [&] {
    return stage_.sql(
        "SELECT status || ', ' || (SELECT count(*) FROM admin_actions WHERE target_user_id = "
        "user_id) || ' rows, ' || (SELECT count(*) FROM verified_trades v WHERE v.user_id = "
        "l.user_id) || ' trades' FROM license_verifications l WHERE id = '" +
        record + "'");
  };
  stage_.sql(
      "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no disk' USING "
      "ERRCODE = '53100'; END $$; CREATE TRIGGER fails BEFORE UPDATE ON capability_profiles FOR EACH ROW "
      "WHEN (NEW.user_id = '" +
      id_of(uid) + "') EXECUTE FUNCTION fails()");
  EXPECT_EQ(approve("license", record).status, 500);
  EXPECT_EQ(status(), "pending, 0 rows, 0 trades");
  stage_.sql("DROP TRIGGER fails ON capability_profiles; DROP FUNCTION fails()");
  EXPECT_EQ(profile(uid), before);
  EXPECT_EQ(approve("license", record).status, 200);
  EXPECT_EQ(status(), "verified, 1 rows, 1 trades");
}

// T-ELG-11, INV-ELIGIBILITY-7: willing to do everything, and claiming to be able to: nothing is gained by it.
TEST_F(Eligibility, WillingnessAndClaimsGrantNothing) {
  const std::string uid = worker(true);
  for (const Json& more : {Json{{"category", "plumbing"}}, Json{{"category", "it_networking"}},
                           Json{{"category", "in_home_care"}, {"risk_answers", {{"medical", true}}}},
                           Json{{"category", "electrical"}, {"risk_answers", {{"live_wiring", true}}}}})
    expect_closed(uid, job(more["category"], more));
}

// T-ELG-12: who is not willing is not shown in-home, high-risk and urgent tasks, and may take them all the
// same.
TEST_F(Eligibility, UnwillingnessHidesAndRefusesNothing) {
  const std::string uid = worker(false, 4);
  const std::string willing = worker(true, 4);
  for (const std::string& who : {uid, willing}) {
    for (const char* trade : {"in_home_care", "electrician"}) {
      licensed(who, trade);
      insured(who, trade);
    }
  }
  const Task in_home = job("in_home_care");
  const Task risky = job("electrical", {{"risk_answers", {{"live_wiring", true}}}});
  const Task urgent = job("errands", {{"deadline", iso_in(std::chrono::minutes(90))}});
  for (const Task& task : {in_home, risky, urgent}) {
    EXPECT_TRUE(sees(willing, task));
    EXPECT_FALSE(sees(uid, task));
    EXPECT_TRUE(eligible(uid, task));
    EXPECT_EQ(accept(uid, task), "200");
  }
}

// T-ELG-14, ELG-10: nobody takes his own task, whatever he is able to do.
TEST_F(Eligibility, NobodyTakesHisOwnTask) {
  const Task task = job("errands");
  EXPECT_FALSE(sees(poster_, task));
  const Json check = stage_.call("eligibility.check", {{"task_id", task.id}}, poster_).data();
  EXPECT_FALSE(check["eligible"]);
  for (const Json& each : check["checks"]) EXPECT_EQ(each["passed"], each["name"] != "not_own_task") << each;
  EXPECT_EQ(accept(poster_, task), "403 HX503");
  EXPECT_EQ(taken_by(task), "OPEN -");
}

// §6.1, T-ELG-15: requirements come from the category alone, and no call after the posting takes either.
TEST_F(Eligibility, RequirementsAreNobodysInput) {
  for (const Json& more : {Json{{"required_trade", "plumber"}}, Json{{"required_trust_tier", 1}},
                           Json{{"risk_level", "low"}}, Json{{"insurance_required", false}},
                           Json{{"background_check_required", false}}, Json{{"task_category", "errands"}}}) {
    Json input{
        {"title", "Pipe"},        {"description", "Leaks"}, {"location", "Pike Street 1"},
        {"category", "plumbing"}, {"price", 5000},          {"deadline", iso_in(std::chrono::hours(24))}};
    input.update(more);
    const Reply reply = stage_.call("task.create", input, poster_);
    EXPECT_EQ(reply.hx(), "VALIDATION_ERROR");
    EXPECT_EQ(reply.field(), more.begin().key());
  }
}

// T-ELG-17: money that names a record moves it nowhere: while its review is pending there is no capability.
TEST_F(Eligibility, PayingForAVerificationVerifiesNothing) {
  const std::string uid = worker(true, 2);
  const Task task = job("plumbing");
  const std::string record = submit_license(uid, "plumber", "WA");
  net::Connection processor(net::parse_url(stage_.environment().providers()).value());
  net::Request pay{.method = "POST",
                   .target = "/v1/payment_intents",
                   .headers = {},
                   .body = "amount=1000&currency=usd&metadata[type]=verification&metadata[verification_id]=" +
                           record + "&metadata[user_id]=" + id_of(uid)};
  pay.headers.add("authorization", "Bearer sk_test_hustle");
  pay.headers.add("content-type", "application/x-www-form-urlencoded");
  const auto intent = Json::parse(processor.exchange(pay, std::chrono::seconds(10))->body)["id"];
  loadgen::Control control(stage_.environment().providers());
  EXPECT_TRUE(control.confirm(intent));
  const auto event = control.payment_event(intent, model::EventType::payment_succeeded);
  ASSERT_TRUE(event);
  const loadgen::Envelope envelope = control.envelope(*event, model::EventFlavour::genuine);
  net::Request told{.method = "POST", .target = "/webhooks/stripe", .headers = {}, .body = envelope.body};
  told.headers.add("content-type", "application/json");
  told.headers.add("stripe-signature", *envelope.signature);
  EXPECT_EQ(stage_.send(told).status, 200);
  EXPECT_EQ(stage_.sql("SELECT status FROM license_verifications WHERE id = '" + record + "'"), "pending");
  const Json own = stage_.call("eligibility.getProfile", nullptr, uid).data();
  EXPECT_TRUE(own["verified_trades"].empty());
  expect_closed(uid, task);
}

// T-ELG-18: a call that names somebody else is refused; without the name the caller's own profile decides.
TEST_F(Eligibility, NobodyBorrowsAProfile) {
  const std::string able = worker(true, 2);
  const std::string uid = worker(true, 2);
  licensed(able, "plumber");
  insured(able, "plumber");
  const Task task = job("plumbing");
  ASSERT_TRUE(eligible(able, task));
  const Json about{{"task_id", task.id}};
  for (const auto& [procedure, input] :
       {std::pair<std::string, Json>{"eligibility.getProfile", Json::object()},
        {"feed.get", Json::object()},
        {"eligibility.check", about},
        {"verification.getStatus", Json::object()},
        {"task.accept", about}}) {
    for (const char* name : {"user_id", "profile_id", "worker_id"}) {
      Json named = input;
      named[name] = id_of(able);
      const Reply reply = stage_.call(procedure, named, uid);
      EXPECT_EQ(reply.hx() + " " + reply.field(), "VALIDATION_ERROR " + std::string(name)) << procedure;
    }
  }
  EXPECT_EQ(stage_.call("eligibility.getProfile", nullptr, uid).data()["user_id"], id_of(uid));
  expect_closed(uid, task);
  EXPECT_EQ(taken_by(task), "OPEN -");
}

// T-ELG-19: one trade in two states: both are shown, the task's own state decides, and one ends without the
// other.
TEST_F(Eligibility, OneTradeInTwoStatesIsNotOverwritten) {
  const std::string uid = worker(true, 2);
  licensed(uid, "plumber", "WA");
  licensed(uid, "plumber", "OR");
  insured(uid, "plumber");
  const auto states = [&] {
    std::string all;
    for (const Json& each : stage_.call("eligibility.getProfile", nullptr, uid).data()["verified_trades"])
      all += each["state"].get<std::string>() + " ";
    return all;
  };
  EXPECT_EQ(states(), "OR WA ");
  const Task task = job("plumbing");
  EXPECT_TRUE(sees(uid, task) && eligible(uid, task));
  stage_.sql("UPDATE license_verifications SET status = 'failed' WHERE state = 'OR' AND user_id = '" +
             id_of(uid) + "'");
  EXPECT_EQ(states(), "WA ");
  EXPECT_EQ(accept(uid, task), "200");
}

// T-ELG-13, FM-067: a hundred workers at the same moment: one has it, ninety-nine are told so.
TEST_F(Eligibility, OneOfAHundredTakesIt) {
  constexpr std::size_t kCrowd = 100;
  const std::string crowd = "firebase_uid LIKE 'crowd-%'";
  stage_.sql(
      "INSERT INTO users (firebase_uid, email, full_name, onboarding_completed_at) SELECT 'crowd-' || n, "
      "'crowd-' || n || '@test.invalid', 'Crowd', now() FROM generate_series(1, 100) n");
  stage_.sql(
      "INSERT INTO capability_claims (user_id, role, work_state) SELECT id, 'both', 'WA' FROM users WHERE " +
      crowd);
  stage_.sql("SELECT count(recompute_capability(id)) FROM users WHERE " + crowd);
  const Task task = job("errands");
  std::vector<net::Request> requests;
  std::vector<net::Connection> connections;
  for (std::size_t i = 1; i <= kCrowd; ++i) {
    requests.push_back(
        stage_.request_of("task.accept", {{"task_id", task.id}}, "crowd-" + std::to_string(i)));
    connections.emplace_back(net::parse_url(stage_.environment().target()).value());
  }
  std::vector<net::Connection*> lanes;
  lanes.reserve(kCrowd);
  for (net::Connection& connection : connections) lanes.push_back(&connection);
  std::vector<std::string> winners;
  int conflicts = 0;
  for (const net::TimedResult& each :
       net::exchange_together(lanes, requests, std::chrono::milliseconds(30'000))) {
    ASSERT_TRUE(each.result);
    const Json body = Json::parse(each.result->body);
    if (each.result->status == 200) winners.push_back(body["result"]["data"]["worker_id"]);
    if (each.result->status == 409 && body["error"]["data"]["hx"] == "CONFLICT") ++conflicts;
  }
  EXPECT_EQ(conflicts, 99);
  ASSERT_EQ(winners.size(), 1U);
  EXPECT_EQ(taken_by(task), "ACCEPTED " + winners[0]);
}

}  // namespace
}  // namespace server_tests
