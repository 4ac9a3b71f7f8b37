// Plans against the real server on a real PostgreSQL.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>

#include "loadgen/campaign/proof_drills.h"
#include "loadgen/environment/environment.h"
#include "loadgen/executor.h"
#include "model/judge/linearize.h"
#include "sim/interpret.h"

namespace loadgen {
namespace {

const std::string kFolder = std::string(HUSTLE_SOURCE_DIR) + "/scenarios";

model::Instant wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

sim::Scenario scenario_of(const std::string& name) {
  auto scenario = sim::load_scenario(name, kFolder);
  if (!scenario) throw std::runtime_error(scenario.error());
  return *scenario;
}

class PlansOverHttp : public testing::Test {
 protected:
  void SetUp() override {
    environment_ =
        std::make_unique<Environment>(boot({.harness = HUSTLE_BINARY, .server = HUSTLE_SERVER_BINARY}));
  }
  Endpoints endpoints() const {
    return {environment_->target(), environment_->database(), environment_->providers(), true};
  }
  std::unique_ptr<Environment> environment_;
};

void expect_clean(const CaseRecord& record) {
  for (const model::Finding& breach : record.breaches)
    ADD_FAILURE() << breach.headline << "\n" << breach.observed;
  EXPECT_EQ(model::linearize(record.plan.start, record.history).verdict, model::Verdict::holds)
      << record.plan.scenario << " case " << record.plan.case_id << "\n"
      << sim::describe(record.plan);
}

TEST_F(PlansOverHttp, EveryScenarioIsAnsweredAsTheModelSays) {
  std::vector<sim::Plan> plans;
  for (const std::string& name : sim::scenario_names(kFolder)) {
    const std::uint64_t cases = name == "seattle_beta_day" ? 1 : 4;
    for (std::uint64_t number = 0; number < cases; ++number) {
      plans.push_back(sim::plan_case(scenario_of(name), 21, number, wall_clock()));
    }
  }
  const std::size_t planned = plans.size();
  Executor executor({.endpoints = endpoints()});
  std::mutex mutex;
  std::size_t groups = 0, unknown = 0;
  const Ended ended = executor.run(
      [&]() -> std::optional<sim::Plan> {
        if (plans.empty()) return std::nullopt;
        sim::Plan plan = std::move(plans.back());
        plans.pop_back();
        return plan;
      },
      [&](const CaseRecord& record) {
        const std::scoped_lock lock(mutex);
        EXPECT_TRUE(record.complete) << record.cut_short;
        groups += record.groups;
        unknown += record.unknown;
        expect_clean(record);
      },
      {});
  EXPECT_EQ(ended.why, Ended::Why::plans_ran_out);
  EXPECT_EQ(ended.progress.plans, planned);
  EXPECT_GT(groups, 20u);
  EXPECT_EQ(unknown, 0u);
}

TEST_F(PlansOverHttp, OneCaseBindsItsIdsAndCanBeRunAgain) {
  Executor executor({.endpoints = endpoints()});
  const sim::Plan plan = sim::interpret(scenario_of("seed_mix"), {}, wall_clock());
  const CaseRecord first = executor.run_one(plan);
  const CaseRecord second = executor.run_one(plan);
  expect_clean(first);
  expect_clean(second);
  ASSERT_EQ(first.ids.tasks.size(), 1u);
  EXPECT_EQ(first.ids.tasks[0].size(), 36u);
  EXPECT_EQ(first.ids.escrows[0].size(), 36u);
  EXPECT_FALSE(first.ids.intents[0].empty());
  EXPECT_NE(first.ids.tasks[0], second.ids.tasks[0]) << "a case has its own namespace";
  EXPECT_NE(first.ids.users[0], second.ids.users[0]);
}

// Submissions of one moment share the slot of their proof: each is read back with the photos that it sent.
TEST_F(PlansOverHttp, TwoSubmissionsAtOnceEachHaveTheirPhotos) {
  Executor executor({.endpoints = endpoints()});
  sim::Plan plan = proof_drills(wall_clock()).front().plan;
  const auto submission = std::ranges::find_if(plan.steps, [](const sim::Step& step) {
    return step.together.front().command.action == model::Action::proof_submit;
  });
  ASSERT_NE(submission, plan.steps.end());
  model::Command& first = submission->together.front().command;
  first.fix.latitude = first.place.latitude_e7 + 3000;
  first.fix.longitude = first.place.longitude_e7;
  first.photos = 1;
  sim::PlannedCommand second = submission->together.front();
  second.command.photos = 3;
  submission->together.push_back(second);
  for (int i = 0; i < 5; ++i) expect_clean(executor.run_one(plan));
}

// Connections come into being and nothing ever answers them, as with a process that is stopped.
class Silence {
 public:
  Silence() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, raw, size) != 0 || ::listen(socket_, 8) != 0 ||
        ::getsockname(socket_, raw, &size) != 0) {
      throw std::runtime_error("no port for a silent listener");
    }
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~Silence() { ::close(socket_); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  const std::string& url() const { return url_; }

 private:
  int socket_;
  std::string url_;
};

// Short cases one after the other would otherwise wait for every single answer until the end of the list.
TEST_F(PlansOverHttp, ATargetThatAnswersNothingIsGoneAfterThreeCallsOfWhateverCases) {
  const Silence silence;
  Endpoints silent = endpoints();
  silent.target = silence.url();
  Executor executor({.endpoints = silent, .timeout = std::chrono::milliseconds(100)});
  sim::Plan plan = sim::interpret(scenario_of("happy_path"), {}, wall_clock());
  plan.steps.resize(1);
  EXPECT_FALSE(executor.run_one(plan).target_gone);
  EXPECT_FALSE(executor.run_one(plan).target_gone);
  const CaseRecord third = executor.run_one(plan);
  EXPECT_TRUE(third.target_gone);
  EXPECT_EQ(third.unknown, 1U);
  EXPECT_EQ(third.cut_short, "no answer to 3 calls in a row");
}

TEST_F(PlansOverHttp, ADeadTargetEndsTheRunAndSaysSo) {
  Executor executor({.endpoints = endpoints(), .workers = 2});
  environment_->kill_server();
  const Ended ended =
      executor.run([&] { return std::optional(sim::interpret(scenario_of("happy_path"), {}, wall_clock())); },
                   [](const CaseRecord& record) { EXPECT_FALSE(record.complete); }, {});
  EXPECT_EQ(ended.why, Ended::Why::target_died);
  EXPECT_NE(ended.message.find("refuses connections"), std::string::npos) << ended.message;
}

// kill -9 in the middle: lost answers are unknown, everything acknowledged stays, and the run goes on.
TEST_F(PlansOverHttp, AKilledAndRestartedTargetLosesNothingAcknowledged) {
  Executor executor({.endpoints = endpoints(), .workers = 4, .patience = std::chrono::seconds(20)});
  std::atomic<std::uint64_t> given{0}, seen{0};
  std::jthread killer([&] {
    while (seen < 8) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    environment_->kill_server();
    environment_->restart_server();
  });
  const Ended ended = executor.run(
      [&]() -> std::optional<sim::Plan> {
        if (given >= 80) return std::nullopt;
        return sim::plan_case(scenario_of("happy_path"), 5, given++, wall_clock());
      },
      [&](const CaseRecord& record) {
        ++seen;
        EXPECT_EQ(model::linearize(record.plan.start, record.history).verdict, model::Verdict::holds)
            << record.cut_short << "\n"
            << sim::describe(record.plan);
      },
      {});
  EXPECT_EQ(ended.why, Ended::Why::plans_ran_out) << ended.message;
  EXPECT_EQ(seen, 80u);
}

TEST_F(PlansOverHttp, AnExceptionOfTheJudgeEndsTheRun) {
  Executor executor({.endpoints = endpoints(), .workers = 2});
  const auto next = [] { return std::optional(sim::interpret(scenario_of("happy_path"), {}, wall_clock())); };
  EXPECT_THROW(executor.run(next, [](const CaseRecord&) { throw std::runtime_error("judge"); }, {}),
               std::runtime_error);
}

}  // namespace
}  // namespace loadgen
