// Memory: flat over requests, and little for a journey that waits.
#include <gtest/gtest.h>
#include <malloc.h>

#include <chrono>
#include <thread>

#include "loadgen/load/journey_worker.h"
#include "loadgen/load/self_watch.h"
#include "tests/load/command.h"
#include "tests/load/target.h"

namespace {

using load_test::Json;
using load_test::Ran;
using load_test::Target;
using namespace loadgen::load;

class LoadMemory : public load_test::OutFolder {};

// Ten million requests: the command is in docs/load.md; here as many as some seconds allow.
TEST_F(LoadMemory, StaysFlatFromThousandsOfAnswersOn) {
  Target target;
  const Ran ran = load_test::hustle("load --target " + target.url().text() +
                                    " --users 64 --time 5s --warmup 0s --quiet --out " + out_.string());
  const Json memory = report()["generator"]["memory_kb"];
  ASSERT_GE(memory["by_answers"].size(), 3U) << ran.text;
  const auto first = memory["by_answers"][1][1].get<std::int64_t>();  // from 2,000 answers on
  EXPECT_GT(memory["by_answers"].back()[0].get<std::int64_t>(), 10'000) << ran.text;
  EXPECT_LT(memory["by_answers"].back()[1].get<std::int64_t>(), first + 1024) << ran.text;
}

TEST(MemoryMarks, AreFewHoweverManyAnswers) {
  MemoryMarks memory;
  for (std::uint64_t answers = 0; answers <= 20'000'000; answers += 500) memory.look(answers);
  std::vector<std::uint64_t> at;
  for (const MemoryMark& mark : memory.marks) at.push_back(mark.answers);
  EXPECT_EQ(
      at, (std::vector<std::uint64_t>{1'000, 2'000, 5'000, 10'000, 20'000, 50'000, 100'000, 200'000, 500'000,
                                      1'000'000, 2'000'000, 5'000'000, 10'000'000, 20'000'000}));
}

JourneySetup setup_of(const sim::Load& load, const Target& target) {
  JourneySetup setup;
  setup.load = &load;
  setup.spans = spans_of(load, 1);
  setup.seed = 1;
  setup.start = {1'700'000'000'000};
  setup.target = setup.providers = net::parse_target(target.url().text()).value();
  setup.target_endpoint = setup.providers_endpoint = net::resolve(setup.target, false).value();
  setup.timeout_ns = 60'000'000'000;
  setup.connections = 64;
  const sim::PlannerOptions sizes = sim::planner_options(load, 1, 0, {});
  setup.people.resize(sim::kShards);
  for (ShardPeople& share : setup.people) {
    share.posters.resize(sizes.posters);
    share.workers.resize(sizes.workers);
  }
  return setup;
}

std::size_t allocated() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;  // large blocks are mapped
}

// Everything that a journey takes while it waits for a target that does not answer: its plan, what is
// remembered of its task on both sides, and its share of the books.
TEST(JourneyMemory, OfAJourneyThatWaitsIsAtMostFourKilobytes) {
  Target target({.silent = true});
  sim::Load load;
  load.phases = {{.name = "m", .seconds = 2, .arrivals = "constant", .rate = 10'000}};
  load.populations = {{.name = "p", .share = 1}};
  using enum sim::Journey;
  for (const sim::Journey kind : {post_and_fund, browse, accept, prove, review, dispute, webhook_storm, feed})
    load.populations[0].weights[static_cast<std::size_t>(kind)] = 1;
  load.people = {.posters = 64, .workers = 20'000};
  const JourneySetup setup = setup_of(load, target);
  JourneyShared shared;
  JourneyWorker worker(setup, 0, shared);
  worker.connect_all();
  const std::size_t before = allocated();
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(2500));
    shared.stop = true;
  });
  worker.run(load_test::monotonic_ns());
  const std::size_t taken = allocated() - before;
  const std::uint64_t journeys = worker.tally().phases[0].all().unfinished;
  ASSERT_GT(journeys, 5'000U);
  const std::size_t each = taken / journeys;
  RecordProperty("bytes_per_waiting_journey", static_cast<int>(each));
  EXPECT_LE(each, 4096U) << journeys << " journeys";
}

}  // namespace
