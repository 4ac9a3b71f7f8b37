// Findings are kept, retried first, and reported as fixed when they no longer fail.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>
#include <thread>

#include "tests/gate/gate_process.h"

namespace loadgen {
namespace {

using namespace std::chrono_literals;

constexpr const char* kNoDecay =
    "CREATE OR REPLACE FUNCTION calculate_xp_decay(total_xp INTEGER) RETURNS NUMERIC(6,4)"
    " LANGUAGE sql IMMUTABLE AS 'SELECT 0.5000'";

TEST_F(GateProcess, AFindingIsKeptRetriedAndReportedAsFixed) {
  const Served served = serve();
  pqxx::connection connection(served.database);
  const std::string original =
      pqxx::nontransaction(connection)
          .exec1("SELECT pg_get_functiondef('calculate_xp_decay(integer)'::regprocedure)")[0]
          .c_str();
  served.damage(kNoDecay);
  const std::string corpus = files_.path() + "/kept";
  const std::vector<std::string> flags =
      served.flags() + std::vector<std::string>{"--seed",        "1",        "--time", "2s",
                                                "--shrink-time", "4s",       "--only", "money",
                                                "--no-attack",   "--corpus", corpus};
  const GateRun first = gate(flags);
  EXPECT_EQ(first.exit_code, 1) << log();
  ASSERT_TRUE(std::filesystem::exists(corpus)) << log();
  std::vector<std::string> kept;
  for (const auto& entry : std::filesystem::directory_iterator(corpus)) kept.push_back(entry.path().stem());
  ASSERT_FALSE(kept.empty());

  const GateRun again = gate(flags);
  EXPECT_EQ(again.exit_code, 1) << log();
  ASSERT_GE(again.report["retried"].size(), kept.size());
  const auto fails = [](const json& each) { return each["now"] == "still fails"; };
  EXPECT_TRUE(std::ranges::any_of(again.report["retried"], fails)) << again.report["retried"].dump(1);

  served.damage(original);
  const GateRun fixed = gate(flags);
  ASSERT_FALSE(fixed.report["retried"].empty());
  // What needs no luck is retried first. On a slow machine races come last and may find the time used up:
  // they stay in the corpus.
  EXPECT_EQ(fixed.report["retried"].front()["now"], "fixed") << fixed.report["retried"].dump(1);
  for (const json& each : fixed.report["retried"]) {
    EXPECT_NE(each["now"], "still fails") << each.dump(1);
    const std::filesystem::path file = each["name"].get<std::string>() + ".json";
    const std::filesystem::path folder = corpus;
    const bool moved = each["now"] == "fixed";
    EXPECT_EQ(std::filesystem::exists(folder / "fixed" / file), moved) << each.dump(1);
    EXPECT_EQ(std::filesystem::exists(folder / file), !moved) << each.dump(1);
  }
}

TEST_F(GateProcess, AForeignFileInTheCorpusIsOneClearLine) {
  const std::string corpus = files_.path() + "/kept";
  std::filesystem::create_directory(corpus);
  std::ofstream(corpus + "/package.json") << R"({"name": "something else"})";
  const GateRun run = gate({"--corpus", corpus, "--time", "1s"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(log().find("package.json"), std::string::npos) << log();
  EXPECT_LE(std::ranges::count(log(), '\n'), 1) << log();
}

}  // namespace
}  // namespace loadgen
