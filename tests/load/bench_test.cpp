// hustle bench: what it sends, how it divides, and one small real run against the server alone.
#include <gtest/gtest.h>

#include <algorithm>

#include "loadgen/bench/generator.h"
#include "loadgen/bench/journey.h"
#include "loadgen/bench/run.h"
#include "loadgen/bench/scenarios.h"
#include "tests/load/command.h"

namespace {

using namespace loadgen::bench;
using load_test::hustle;
using load_test::Json;
using load_test::Ran;

TEST(BenchJourney, FindsMembersHoweverTheJsonIsSpaced) {
  const std::string json = R"({"poster_id":"no","id": "one", "escrow_id":"two"})";
  EXPECT_EQ(member(json, "id"), "one");
  EXPECT_EQ(member(json, "escrow_id"), "two");
  EXPECT_EQ(member(json, "absent"), "");
  EXPECT_EQ(member(R"({"id":5})", "id"), "");
  EXPECT_EQ(member(R"({"id":"cut)", "id"), "");
}

TEST(BenchJourney, CarriesIdsFromAnswerToRequest) {
  const People people{{"poster-token"}, {"worker-token"}, "whsec_hustle"};
  Journey journey(Work::lifecycle, people, "host:1", 1);
  EXPECT_TRUE(journey.request().starts_with(
      "POST /trpc/task.create HTTP/1.1\r\nHost: host:1\r\nAuthorization: Bearer poster"));
  EXPECT_FALSE(
      journey.take("HTTP/1.1 200 OK\r\nx-id: \"id\":\"no\"\r\n\r\n{\"id\":\"T\",\"escrow_id\":\"E\"}"));
  EXPECT_TRUE(journey.request().ends_with(R"({"task_id":"T"})"));
  EXPECT_FALSE(journey.take("HTTP/1.1 200 OK\r\n\r\n{}"));
  EXPECT_NE(journey.request().find("Stripe-Signature: t="), std::string::npos);
  EXPECT_NE(journey.request().find(R"("id":"pi_E")"), std::string::npos);
  for (int i = 0; i < 2; ++i) journey.take("HTTP/1.1 200 OK\r\n\r\n{}");
  journey.take("HTTP/1.1 200 OK\r\n\r\n{\"task\":{\"id\":\"T\"},\"proof\":{\"id\":\"P\"}}");
  EXPECT_TRUE(journey.request().ends_with(R"({"proof_id":"P"})"));
  journey.take("HTTP/1.1 200 OK\r\n\r\n{}");
  EXPECT_TRUE(
      journey.request().starts_with("GET /trpc/task.getById?input=%7B%22task_id%22%3A%22T%22%7D HTTP/1.1"));
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(journey.take("HTTP/1.1 200 OK\r\n\r\n{}"));
  EXPECT_TRUE(journey.take("HTTP/1.1 200 OK\r\n\r\n{}")) << "the ninth step is the last";
  EXPECT_EQ(journey.step(), 0U);
}

Contender contender(const std::string& name, const std::vector<double>& rates, double memory) {
  Contender out{name, {}, {}};
  for (const double rate : rates) out.rounds.push_back({.per_second = rate, .memory_mib = memory});
  return out;
}

const Ratio& ratio(const std::vector<Ratio>& ratios, const std::string& what, const std::string& against) {
  for (const Ratio& each : ratios) {
    if (each.what == what && each.against == against) return each;
  }
  static const Ratio none;
  ADD_FAILURE() << "no ratio of " << what << " against " << against;
  return none;
}

TEST(BenchRatios, AreMediansOfTheRoundsAgainstTheBetterPeer) {
  const std::vector<Ratio> ratios =
      ratios_of({{Work::create,
                  {contender("hustle-server", {90, 100, 110}, 16), contender("pgbench", {100, 100, 100}, 0),
                   contender("Node, 1 process", {40, 40, 40}, 160),
                   contender("Node, 2 processes", {50, 50, 50}, 320)}}});
  EXPECT_DOUBLE_EQ(ratio(ratios, "throughput", "pgbench").middle, 1.0);
  EXPECT_DOUBLE_EQ(ratio(ratios, "throughput", "pgbench").low, 0.9);
  EXPECT_TRUE(ratio(ratios, "throughput", "pgbench").met());
  EXPECT_DOUBLE_EQ(ratio(ratios, "throughput", "Node, 2 processes").middle, 2.0);
  EXPECT_FALSE(ratio(ratios, "throughput", "Node, 2 processes").met()) << "the goal is 2.8";
  EXPECT_DOUBLE_EQ(ratio(ratios, "memory", "Node, 2 processes").middle, 0.05);
  EXPECT_TRUE(ratio(ratios, "memory", "Node, 2 processes").met());
  EXPECT_DOUBLE_EQ(ratio(ratios, "memory", "32 MiB").middle, 0.5);
}

// What the benchmark's table says is what the scenario's own report says.
TEST(BenchScenarios, AreReadFromTheirReports) {
  const ScenarioRun run = read_scenario_run(R"({"format":"hustle-load","exit_code":1,
    "asked":{"scenario":"load_nominal"},"generator":{"why_invalid":""},
    "audits":{"done":true,"why_not":"","checks":[{},{}],"findings":[{}]},
    "thresholds":[{"threshold":"a","verdict":"holds","measured":"1"},
                  {"threshold":"feed.get p95 < 200 ms","verdict":"broken","measured":"210.00 ms"}],
    "procedures":[{"name":"feed.get","phase":"warm-up","latency_us":{"p95":1}},
                  {"name":"feed.get","phase":"measure","latency_us":{"p95":210000}}],
    "phases":{"warm-up":{"kind":"warm-up"},
              "measure":{"kind":"measure","from_s":2,"to_s":12,"ok":990,"failed":10,
                         "journeys":{"due":100,"clean":95},"latency_us":{"p50":5,"p95":9,"p99":null}}}})");
  EXPECT_EQ(run.name, "load_nominal");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.findings, 1U);
  EXPECT_EQ(run.missed, std::vector<std::string>{"feed.get p95 < 200 ms: 210.00 ms"});
  ASSERT_EQ(run.phases.size(), 1U);
  EXPECT_EQ(run.phases[0].phase, "measure");
  EXPECT_EQ(run.phases[0].clean, 95U);
  EXPECT_DOUBLE_EQ(run.phases[0].requests_per_second, 99);
  EXPECT_DOUBLE_EQ(run.phases[0].errors, 0.01);
  EXPECT_DOUBLE_EQ(run.phases[0].feed_p95_us, 210000);
  EXPECT_DOUBLE_EQ(run.phases[0].p99_us, 0) << "too few samples are no figure";
}

TEST(BenchGenerator, ReadsWrk) {
  EXPECT_EQ(wrk_requests(
                "Running 3s test\n  1 threads and 64 connections\n  123456 requests in 3.00s, 9.9MB read\n"),
            123456);
  EXPECT_EQ(wrk_requests("unable to connect\n"), 0);
  EXPECT_EQ(wrk_requests(
                "  9 requests in 3.00s, 1B read\n  Socket errors: connect 0, read 9, write 0, timeout 0\n"),
            0);
  EXPECT_EQ(wrk_requests("  9 requests in 3.00s, 1B read\n  Non-2xx or 3xx responses: 9\n"), 0);
}

TEST(BenchGenerator, GoalsAreOfMediansAndOfRoundsThatCount) {
  GeneratorResult result;
  result.clients = {{.raw = 130, .wrk = 100, .journeys = 50, .server_wrk = 100},
                    {.raw = 120, .wrk = 100, .journeys = 70, .server_wrk = 100},
                    {.raw = 140, .wrk = 100, .journeys = 65, .server_wrk = 100}};
  result.pacing = {{.rate_error = 0.5, .send_p99_us = 9'000, .waited = 0.2},
                   {.rate_error = 0.0005, .send_p99_us = 100, .arrival_p99_us = 400}};
  const auto goals = goals_of(result);
  ASSERT_EQ(goals.size(), 5U);
  EXPECT_DOUBLE_EQ(goals[0].measured, 1.3);
  EXPECT_TRUE(goals[0].met());
  EXPECT_DOUBLE_EQ(goals[1].measured, 0.65);
  EXPECT_DOUBLE_EQ(goals[1].low, 0.5);
  EXPECT_DOUBLE_EQ(goals[2].measured, 0.05);
  EXPECT_TRUE(goals[2].met());
  EXPECT_TRUE(goals[3].met());
  EXPECT_FALSE(goals[4].met()) << "0.4 ms at the target";
}

class BenchCommand : public load_test::OutFolder {};

// The target's own stamps and count, through the whole command; wrk may be missing, which must be told.
TEST_F(BenchCommand, MeasuresTheGenerator) {
  const Ran ran =
      hustle("bench --only wrk,pacing --time 1s --rounds 1 --seed 3 --quiet --out " + out_.string());
  EXPECT_EQ(ran.code, 0) << ran.text;
  const Json generator = report()["generator"];
  ASSERT_EQ(generator["pacing"].size(), 1U) << ran.text;
  EXPECT_LT(generator["pacing"][0]["rate_error"].get<double>(), 0.5);
  if (generator["without_wrk"].get<std::string>().empty()) {
    ASSERT_EQ(generator["clients"].size(), 1U) << ran.text;
    for (const char* who : {"raw_per_cpu_s", "journeys_per_cpu_s", "wrk_per_cpu_s"})
      EXPECT_GT(generator["clients"][0][who].get<double>(), 100) << who;
  } else {
    EXPECT_NE(ran.text.find("wrk is not installed"), std::string::npos) << ran.text;
  }
}

// Every answer of every journey is a success, and the payouts catch up: otherwise the figures would be of
// something else. Against pgbench too, so that its scripts stay in step with the functions.
TEST_F(BenchCommand, DrivesWholeLifecyclesWithoutAFailure) {
  const Ran ran = hustle(
      "bench --only ping,lifecycle --peers pgbench --time 1s --rounds 1 --connections 8 --seed 3 --quiet "
      "--out " +
      out_.string());
  EXPECT_EQ(ran.code, 0) << ran.text;
  const Json report = this->report();
  EXPECT_FALSE(file("report.html").empty());
  EXPECT_FALSE(file("summary.md").empty());
  ASSERT_EQ(report["works"].size(), 2U) << ran.text;
  EXPECT_EQ(report["remarks"].size(), 0U) << report["remarks"];
  for (const Json& work : report["works"]) {
    for (const Json& each : work["contenders"]) {
      EXPECT_GT(each["rounds"][0]["per_second"].get<double>(), 0) << each["name"];
      EXPECT_EQ(each["rounds"][0]["failures"], 0) << each["name"];
    }
  }
  EXPECT_EQ(report["facts"]["durability"], "fsync, synchronous_commit and full_page_writes on");
}

TEST_F(BenchCommand, MistakesAreOneLine) {
  const std::string kTwo = "compare --target-a http://127.0.0.1:1 --target-b http://127.0.0.1:1 ";
  const std::string kOwn =
      "--database-a postgresql://h/a --database-b postgresql://h/b --providers-a http://127.0.0.1:2 ";
  const std::vector<std::pair<std::string, std::string>> mistakes{
      {"bench --only speed",
       "--only: expected some of ping,read,create,lifecycle,load,wrk,pacing,micro, got 'speed'"},
      {"bench --peers php", "--peers: expected some of pgbench,node, or none, got 'php'"},
      {"bench --time never", "--time: expected a time with its unit such as 60s, 5m or 1h, got 'never'"},
      {"bench --rounds 0", "--rounds"},
      {"compare", "expected two report folders: hustle compare A B"},
      {"compare /nowhere/a /nowhere/b", "/nowhere/a: No such file or directory"},
      {"compare a b --tolerance lots", "--tolerance: expected a percentage"},
      {"compare --target-a http://127.0.0.1:1", "both --target-a URL and --target-b URL"},
      {"compare a b --target-a http://127.0.0.1:1 --target-b http://127.0.0.1:1", "either two folders"},
      {"compare --target-a http://127.0.0.1:1 --target-b nonsense", "--target-b: "},
      {"compare --target-a http://127.0.0.1:1 --target-b http://127.0.0.1:1 --rounds 3",
       "--rounds: expected an even"},
      {"compare a b -- --rate 5", "--: flags of a run go with"},
      {"compare a b --database-a postgresql://h/a", "--database-a: goes with --target-a and --target-b"},
      {kTwo + "--database-a postgresql://h/a", "--database-a: expected together with -- --scenario NAME"},
      {kTwo + "-- --scenario load_smoke", "--database-a: expected with -- --scenario, as --database-b"},
      {kTwo + "--database-a postgresql://h/a -- --scenario load_smoke",
       "--database-b: expected, because --database-a is given"},
      {kTwo + kOwn + "--providers-b nonsense -- --scenario load_smoke",
       "--providers-b: expected http://host:port, got 'nonsense'"},
      {kTwo + kOwn + "--providers-b http://127.0.0.1:3 -- --scenario load_smoke --database postgresql://h/c",
       "-- --database: not together with --database-a and --database-b"},
  };
  for (const auto& [arguments, line] : mistakes) {
    const Ran ran = hustle(arguments);
    EXPECT_EQ(ran.code, 2) << arguments << "\n" << ran.text;
    EXPECT_NE(ran.text.find(line), std::string::npos) << arguments << "\n" << ran.text;
    EXPECT_EQ(std::ranges::count(ran.text, '\n'), 1) << ran.text;
  }
}

}  // namespace
