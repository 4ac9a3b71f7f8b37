// T-ELG-16: a hundred workers times a hundred tasks, made at random: what the model says of each pair,
// against what the feed shows and what acceptance answers, and of every fourth worker each test of the check.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <numeric>
#include <pqxx/pqxx>
#include <random>
#include <set>
#include <span>

#include "loadgen/encode.h"
#include "loadgen/environment/environment.h"
#include "loadgen/fixture.h"
#include "model/rules/apply.h"
#include "model/rules/eligibility.h"
#include "net/client.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using model::Action;
using model::Command;
using model::Instant;
using model::TaskId;
using model::UserId;
using model::VerificationKind;
using model::VerificationStatus;
using nlohmann::json;

constexpr std::uint16_t kWorkers = 100, kTasks = 100;
constexpr std::size_t kBatch = 50;  // the largest that is answered
constexpr model::UsState kHere = 0, kElsewhere = 1;

class Pairs : public testing::Test {
 protected:
  Pairs()
      : environment_(boot({.harness = HUSTLE_BINARY, .server = HUSTLE_SERVER_BINARY})),
        target_(net::parse_url(environment_.target()).value()),
        database_(environment_.database()) {
    for (std::size_t i = 0; i < kTasks; i += kBatch) lanes_.emplace_back(target_.url());
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    posted_ = {std::chrono::duration_cast<std::chrono::milliseconds>(wall).count()};
    asked_ = posted_ + model::kHour;
    for (std::uint16_t i = 0; i <= kWorkers; ++i) world_.users.push_back(somebody());
    world_.users[0] = {};  // the poster
    Fixture fixture({environment_.target(), environment_.database(), environment_.providers()});
    people_ = fixture.prepare(std::vector<const model::World*>{&world_}).front();
    for (std::uint16_t i = 1; i <= kWorkers; ++i) records_of({i});
    write_records();
    world_.tasks.resize(kTasks);
    world_.escrows.resize(kTasks);
    for (std::uint16_t i = 0; i < kTasks; ++i) post({i});
  }

  std::uint32_t pick(std::uint32_t alternatives) {
    return static_cast<std::uint32_t>(random_() % alternatives);
  }
  bool one_in(std::uint32_t n) { return pick(n) == 0; }

  model::User somebody() {
    constexpr std::array<std::int64_t, 4> kRisks{70, 71, 79, 80};
    model::User user;
    user.tier = static_cast<std::uint8_t>(one_in(2) ? 4 : 1 + pick(3));
    user.home = one_in(6) ? kElsewhere : kHere;
    user.onboarding = static_cast<std::uint8_t>(
        one_in(20) ? 0 : model::kOnboarded | (one_in(2) ? 7U : pick(8)) << model::kWillingnessShift);
    if (one_in(20)) user.status = one_in(2) ? model::AccountStatus::paused : model::AccountStatus::suspended;
    if (one_in(2)) user.live = model::LiveState::active;
    if (one_in(10)) user.risk_hundredths = kRisks.at(pick(kRisks.size()));
    return user;
  }

  // Ends around the instant of the questions, or long after it.
  Instant an_end() {
    constexpr std::array<model::Millis, 4> kEnds{-1, 0, 1, 365 * model::kDay};
    return asked_ + kEnds.at(one_in(3) ? pick(3) : 3);
  }
  void record(UserId user, VerificationKind kind, model::Trade trade, model::UsState state) {
    constexpr std::array kStatuses{VerificationStatus::pending, VerificationStatus::failed};
    const bool verified = !one_in(5);
    world_.verifications.push_back({.exists = true,
                                    .kind = kind,
                                    .status = verified ? VerificationStatus::verified : kStatuses.at(pick(2)),
                                    .trade = trade,
                                    .state = state,
                                    .user = user,
                                    .expires = verified ? an_end() : Instant{}});
  }
  void records_of(UserId user) {
    if (world_.users[user.value].onboarding == 0) return;
    for (std::size_t i = 1; i < model::kTradeNames.size(); ++i) {
      const auto trade = static_cast<model::Trade>(i);
      bool known = false;
      for (const model::UsState state : {kHere, kElsewhere}) {
        if (state == kHere ? one_in(4) : !one_in(4)) continue;
        record(user, VerificationKind::license, trade, state);
        known = known || world_.verifications.back().status != VerificationStatus::pending;
      }
      // It was taken while a license was valid, whatever has become of that since.
      if (known && !one_in(4)) record(user, VerificationKind::insurance, trade, 0);
    }
    if (one_in(2)) record(user, VerificationKind::background_check, model::Trade::none, 0);
  }

  // All records pending, then decided, licenses first; what has failed had been verified.
  void write_records() {
    std::string revoked;
    constexpr std::array<std::string_view, 3> kTables{"license_verifications", "insurance_verifications",
                                                      "background_checks"};
    for (const VerificationKind kind :
         {VerificationKind::license, VerificationKind::insurance, VerificationKind::background_check}) {
      std::string rows, verdicts;
      for (const model::Verification& v : world_.verifications) {
        if (v.kind != kind) continue;
        const std::string id = net::random_uuid();
        const std::string& owner = people_[v.user.value].id;
        rows += fmt::format(
            "{}('{}','{}',{})", rows.empty() ? "" : ",", id, owner,
            kind == VerificationKind::license
                ? fmt::format("'{}','{}','1','registry'", name(v.trade), model::kUsStateNames.at(v.state))
            : kind == VerificationKind::insurance ? fmt::format("'{}',1,'coi_upload'", name(v.trade))
                                                  : "'checkr'");
        if (v.status == VerificationStatus::pending) continue;
        const Instant end = v.status == VerificationStatus::failed ? asked_ + model::kDay : v.expires;
        const std::string table(kTables.at(static_cast<std::size_t>(kind)));
        verdicts += fmt::format(
            "UPDATE {} SET status = 'verified', verified_at = '{}', expires_at = '{}'"
            " WHERE id = '{}';",
            table, iso_text(posted_), iso_text(end), id);
        if (v.status == VerificationStatus::failed)
          revoked += fmt::format("UPDATE {} SET status = 'failed' WHERE id = '{}';", table, id);
      }
      constexpr std::array<std::string_view, 3> kColumns{
          "license_verifications (id, user_id, trade, state, license_number, source)",
          "insurance_verifications (id, user_id, trade, coverage_amount, source)",
          "background_checks (id, user_id, provider)"};
      pqxx::work work(database_);
      work.exec(fmt::format("INSERT INTO {} VALUES {};", kColumns.at(static_cast<std::size_t>(kind)), rows));
      work.exec(verdicts);
      work.commit();
    }
    pqxx::work work(database_);
    work.exec(revoked);
    work.commit();
  }

  json call(const net::Request& request) {
    const net::ClientResult answer = target_.exchange(request, std::chrono::seconds(30));
    if (!answer) throw std::runtime_error(answer.error().message);
    return json::parse(answer->body);
  }

  void post(TaskId id) {
    constexpr std::array<model::Millis, 5> kDeadlines{model::kHour - 1, model::kHour, 90 * model::kMinute,
                                                      24 * model::kHour, 72 * model::kHour};
    Command posting{.action = Action::task_create, .actor = {0}, .task = id, .price = 5000};
    if (one_in(10)) posting.actor = UserId{static_cast<std::uint16_t>(1 + pick(kWorkers))};
    while (world_.users[posting.actor.value].status != model::AccountStatus::active) posting.actor = {0};
    posting.category = static_cast<model::Category>(pick(model::kCategoryNames.size()));
    posting.risk_answers = static_cast<std::uint8_t>(one_in(2) ? 0 : pick(32));
    posting.state = one_in(6) ? kElsewhere : kHere;
    if (one_in(5)) posting.mode = model::Mode::live;
    posting.deadline_in = kDeadlines.at(pick(kDeadlines.size()));
    const json made =
        call(request_of(posting, ids_, people_[posting.actor.value].token, posted_, true, id.value, ""));
    ids_.tasks.push_back(made.at("result").at("data").at("id"));
    ASSERT_EQ(model::apply(world_, posting, posted_).kind, model::Outcome::Kind::accepted);
    if (one_in(8)) return;
    world_.escrows[id.value].state = model::EscrowState::funded;
    pqxx::nontransaction(database_).exec(
        fmt::format("UPDATE escrows SET state = 'FUNDED', stripe_payment_intent_id = 'pi_' || id,"
                    " funded_at = '{}' WHERE task_id = '{}'",
                    iso_text(posted_), ids_.tasks.back()));
  }

  net::Request batch_of(UserId who, std::string_view procedure, bool query,
                        std::span<const std::uint16_t> tasks) {
    std::string names;
    json inputs = json::object();
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      names += fmt::format("{}{}", names.empty() ? "" : ",", procedure);
      inputs[std::to_string(i)] = {{"task_id", ids_.tasks[tasks[i]]}};
    }
    net::Request request{.method = query ? "GET" : "POST",
                         .target = "/trpc/" + names + "?batch=1",
                         .headers = {},
                         .body = query ? "" : inputs.dump()};
    if (query) request.target += "&input=" + net::percent_encode(inputs.dump());
    if (!query) request.headers.add("content-type", "application/json");
    request.headers.add("authorization", "Bearer " + people_[who.value].token);
    request.headers.add("x-hustle-now", std::to_string(asked_.ms));
    return request;
  }

  // One procedure about many tasks, by one person, in batches at the same time: the members of the answers in
  // the order of the tasks.
  std::vector<json> about(UserId who, std::string_view procedure, bool query,
                          const std::vector<std::uint16_t>& tasks) {
    std::vector<net::Request> requests;
    std::vector<net::Connection*> lanes;
    for (std::span<const std::uint16_t> rest(tasks); !rest.empty();) {
      const std::size_t size = std::min(rest.size(), kBatch);
      lanes.push_back(&lanes_.at(requests.size()));
      requests.push_back(batch_of(who, procedure, query, rest.first(size)));
      rest = rest.subspan(size);
    }
    std::vector<json> all;
    for (const net::TimedResult& each : net::exchange_together(lanes, requests, std::chrono::seconds(30))) {
      if (!each.result) throw std::runtime_error(each.result.error().message);
      for (json& member : json::parse(each.result->body)) all.push_back(std::move(member));
    }
    return all;
  }

  std::uint16_t gaps(UserId who, std::uint16_t task) const {
    return model::failed_checks(world_, who, world_.tasks[task], asked_);
  }

  void compare_feeds(UserId who) {
    for (const model::FeedMode mode : {model::FeedMode::normal, model::FeedMode::urgent}) {
      Command query{.action = Action::feed_get, .actor = who};
      query.feed_mode = mode;
      query.page = kTasks;
      std::set<std::string> shown, wanted;
      const json page = call(request_of(query, ids_, people_[who.value].token, asked_, true, 0, ""));
      for (const json& task : page.at("result").at("data").at("tasks")) shown.insert(task.at("id"));
      for (std::uint16_t i = 0; i < kTasks; ++i)
        if (model::in_feed(world_, query, world_.tasks[i], asked_)) wanted.insert(ids_.tasks[i]);
      EXPECT_EQ(shown, wanted) << "worker " << who.value << ", " << name(mode);
      shown_ += shown.size();
    }
  }

  void compare_checks(UserId who) {
    std::vector<std::uint16_t> every(kTasks);
    std::iota(every.begin(), every.end(), std::uint16_t{0});
    const std::vector<json> answers = about(who, "eligibility.check", true, every);
    ASSERT_EQ(answers.size(), every.size());
    for (const std::uint16_t task : every) {
      const json& told = answers[task].at("result").at("data");
      std::uint16_t failed = 0;
      for (std::size_t i = 0; i < model::kEligibilityCheckNames.size(); ++i) {
        EXPECT_EQ(told.at("checks").at(i).at("name"), model::kEligibilityCheckNames[i]);
        if (!told["checks"][i].at("passed").get<bool>()) failed |= static_cast<std::uint16_t>(1U << i);
      }
      EXPECT_EQ(failed, gaps(who, task)) << "worker " << who.value << ", task " << task;
      EXPECT_EQ(told.at("eligible").get<bool>(), failed == 0);
    }
  }

  model::Code verdict(UserId who, std::uint16_t task) const {
    model::World copy = world_;
    return model::apply(copy, {.action = Action::task_accept, .actor = who, .task = {task}}, asked_).code;
  }

  // A refusal changes nothing, so all of them may be asked of the server in any order.
  void compare_refusals(UserId who) {
    std::vector<std::uint16_t> refused;
    for (std::uint16_t i = 0; i < kTasks; ++i)
      if (gaps(who, i) != 0) refused.push_back(i);
    const std::vector<json> answers = about(who, "task.accept", false, refused);
    ASSERT_EQ(answers.size(), refused.size());
    for (std::size_t i = 0; i < refused.size(); ++i) {
      ASSERT_TRUE(answers[i].contains("error")) << "worker " << who.value << " took task " << refused[i];
      EXPECT_EQ(answers[i]["error"].at("data").at("hx"), name(verdict(who, refused[i])))
          << "worker " << who.value << ", task " << refused[i];
      ++pairs_;
    }
  }

  // An acceptance changes the task, so each of them is taken back before the next.
  void compare_acceptances(UserId who) {
    pqxx::work work(database_);
    for (std::uint16_t i = 0; i < kTasks; ++i) {
      if (gaps(who, i) != 0) continue;
      EXPECT_EQ(verdict(who, i), model::Code::none);
      pqxx::subtransaction once(work);
      const auto row = once.exec1(fmt::format(
          "SELECT api.task_accept('{}', NULL, NULL, '{}', '{{\"task_id\":\"{}\"}}')->'ok'->>'state'",
          people_[who.value].uid, iso_text(asked_), ids_.tasks[i]));
      EXPECT_EQ(row[0].is_null() ? "refused" : row[0].as<std::string>(), "ACCEPTED")
          << "worker " << who.value << ", task " << i;
      once.abort();
      ++accepted_;
      ++pairs_;
    }
  }

  Environment environment_;
  net::Connection target_;
  std::vector<net::Connection> lanes_;  // for the batches of one person
  pqxx::connection database_;
  std::mt19937_64 random_{16};
  Instant posted_, asked_;
  model::World world_;
  std::vector<Person> people_;
  Bindings ids_;
  std::size_t pairs_ = 0, shown_ = 0, accepted_ = 0;
};

TEST_F(Pairs, TenThousandOfThemHaveNoDifference) {
  for (std::uint16_t i = 1; i <= kWorkers; ++i) {
    compare_feeds({i});
    if (i % 4 == 0) compare_checks({i});
    compare_refusals({i});
    compare_acceptances({i});
  }
  EXPECT_EQ(pairs_, 10'000U);
  EXPECT_GT(shown_, 500U);
  EXPECT_GT(accepted_, 500U);
  RecordProperty("shown", std::to_string(shown_));
  RecordProperty("accepted", std::to_string(accepted_));
  // What the feed shows can be taken over HTTP as well: each task by the first who may.
  for (std::uint16_t task = 0; task < kTasks; ++task) {
    for (std::uint16_t i = 1; i <= kWorkers; ++i) {
      if (gaps({i}, task) != 0) continue;
      const auto answer = about({i}, "task.accept", false, {task});
      EXPECT_EQ(answer.at(0).at("result").at("data").at("worker_id"), people_[i].id);
      break;
    }
  }
}

}  // namespace
}  // namespace loadgen
