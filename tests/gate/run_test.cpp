// The gate as a process: on a private environment, and on a served one whose schema was damaged by hand
// (docs/gate.md has the table of all damages that were tried).
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "loadgen/environment/postgres.h"
#include "tests/gate/gate_process.h"

namespace loadgen {
namespace {

using namespace std::chrono_literals;

TEST_F(GateProcess, CleanPrivateEnvironmentHasNoFindingsAndLeavesItsReport) {
  const GateRun run = gate({"--seed", "11", "--time", "6s", "--no-attack", "--only", "ops"});
  ASSERT_TRUE(run.report.is_object()) << log();
  EXPECT_TRUE(run.rules().empty()) << run.report["findings"].dump(1);
  EXPECT_EQ(run.exit_code, 4) << "items 21 and 24 are not judged yet";
  for (const char* file : {"report.html", "report.json", "junit.xml", "summary.md"}) {
    EXPECT_TRUE(std::filesystem::exists(run.folder + "/" + file)) << file;
  }
  EXPECT_EQ(run.report["assumptions"].size(), 8U);
}

TEST_F(GateProcess, ChecksRunAloneAndCountOnlyWhatTheySaw) {
  const GateRun run = gate({"--seed", "11", "--checks", "streaks,privacy"});
  ASSERT_TRUE(run.report.is_object()) << log();
  EXPECT_TRUE(run.rules().empty()) << run.report["findings"].dump(1);
  EXPECT_EQ(run.exit_code, 4) << "all that was not looked at is UNKNOWN";
  std::set<std::string> ran;
  for (const auto& phase : run.report["phases"]) ran.insert(phase["name"]);
  EXPECT_TRUE(ran.contains("side stage: streaks"));
  EXPECT_TRUE(ran.contains("side stage: privacy"));
  EXPECT_FALSE(ran.contains("side stage: wire"));
  EXPECT_FALSE(ran.contains("driving"));
  EXPECT_FALSE(ran.contains("attack"));
}

TEST_F(GateProcess, DroppedTriggerIsNamedByTheAttack) {
  const Served served = serve();
  served.damage("DROP TRIGGER escrow_released_requires_completed_task ON escrows");
  const GateRun run = gate(
      served.flags() + std::vector<std::string>{"--seed", "1", "--checks", "attack", "--shrink-time", "4s"});
  EXPECT_EQ(run.exit_code, 1) << log();
  EXPECT_TRUE(run.rules().contains("INV-2"));
}

TEST_F(GateProcess, WeakenedFunctionIsNamedByOracleAndDatabaseAndReplays) {
  const Served served = serve();
  served.damage(
      "CREATE OR REPLACE FUNCTION calculate_xp_decay(total_xp INTEGER) RETURNS NUMERIC(6,4)"
      " LANGUAGE sql IMMUTABLE AS 'SELECT 0.5000'");
  const GateRun run =
      gate(served.flags() + std::vector<std::string>{"--seed", "1", "--time", "2s", "--shrink-time", "4s",
                                                     "--only", "money", "--no-attack"});
  EXPECT_EQ(run.exit_code, 1) << log();
  EXPECT_TRUE(run.rules().contains("money.md §5")) << "Q11 evaluates the formula itself";
  int replayed = 0;
  for (int n = 1; std::filesystem::exists(fmt::format("{}/findings/{}.json", run.folder, n)); ++n) {
    const std::string file = fmt::format("{}/findings/{}.json", run.folder, n);
    Child again = start({"replay", file, "--target", served.target, "--database", served.database,
                         "--providers", served.providers});
    const auto exit = again.wait(60s);
    ASSERT_TRUE(exit.has_value());
    // 1: it fails again; 0: it did not repeat (a race); 2: rows that no single case can be blamed for.
    EXPECT_TRUE(exit->code == 0 || exit->code == 1 || exit->code == 2) << file << "\n" << log();
    replayed += exit->code == 1 ? 1 : 0;
  }
  EXPECT_GE(replayed, 2) << "on the damaged schema";
  Child clean = start({"replay", run.folder + "/findings/1.json"});
  EXPECT_EQ(clean.wait(60s).value_or(Exit{.code = -1, .signal = 0}).code, 0)
      << "it does not fail on a clean one";
}

TEST_F(GateProcess, LostUniquenessIsSeenUnderDuplicateWebhooks) {
  const Served served = serve();
  served.damage("ALTER TABLE processed_stripe_events DROP CONSTRAINT processed_stripe_events_pkey");
  const GateRun run =
      gate(served.flags() + std::vector<std::string>{"--seed", "1", "--time", "1s", "--shrink-time", "4s",
                                                     "--only", "money", "--no-attack"});
  EXPECT_EQ(run.exit_code, 1) << log();
  EXPECT_TRUE(run.rules().contains("INV-STRIPE-1"));
}

TEST_F(GateProcess, WithoutProvidersTheDatabaseAloneIsJudged) {
  const Served served = serve();
  served.damage("DROP TRIGGER xp_ledger_no_delete ON xp_ledger");
  const GateRun run =
      gate({"--target", served.target, "--database", served.database, "--seed", "1", "--time", "1s"});
  EXPECT_EQ(run.exit_code, 1) << log();
  EXPECT_TRUE(run.rules().contains("LEDGER-XP"));
  EXPECT_FALSE(run.rules().contains("TARGET-DIED")) << "its providers are not needed for that";
}

TEST_F(GateProcess, InterruptLeavesAPartialReport) {
  const std::string out = files_.path() + "/out";
  Child child = start({"gate", "--quiet", "--out", out, "--seed", "1", "--time", "60s", "--no-attack"});
  std::this_thread::sleep_for(8s);
  child.signal(SIGINT);
  const auto exit = child.wait(120s);
  ASSERT_TRUE(exit.has_value());
  EXPECT_EQ(exit->code, 4) << log();
  std::ifstream file(out + "/latest/report.json");
  const json report = json::parse(file, nullptr, false);
  ASSERT_TRUE(report.is_object());
  EXPECT_FALSE(report["complete"].get<bool>());
}

TEST_F(GateProcess, UserMistakesAreOneLineAndExitTwo) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"gate", "--time", "soon"},
                                                    {"gate", "--time", "5"},
                                                    {"gate", "--time", "infs"},
                                                    {"gate", "--time", "1e9h"},
                                                    {"gate", "--only", "wealth"},
                                                    {"gate", "--checks", "wealth"},
                                                    {"gate", "--seed", "x"},
                                                    {"gate", "--unknown"},
                                                    {"gate", "--scenario", "no_such_scenario", "--no-attack"},
                                                    {"serve", "--log-level", "loud"},
                                                    {"replay", "/nowhere.json"},
                                                    {"audit"}}) {
    std::filesystem::remove(files_.path() + "/log");
    Child child = start(arguments);
    EXPECT_EQ(child.wait(30s).value_or(Exit{.code = -1, .signal = 0}).code, 2) << arguments.back();
    const std::string text = log();
    EXPECT_FALSE(text.empty());
    EXPECT_LE(std::ranges::count(text, '\n'), 2) << text;
  }
}

TEST_F(GateProcess, AnEmptyDatabaseIsNotAudited) {
  const Postgres empty = Postgres::start();
  Child child = start({"audit", "--database", empty.url()});
  EXPECT_EQ(child.wait(30s).value_or(Exit{.code = -1, .signal = 0}).code, 3);
  EXPECT_NE(log().find("table users is missing; expected a migrated schema"), std::string::npos) << log();
}

// A place for the report that cannot be written is told at once, not after the run.
TEST_F(GateProcess, UnwritableReportFolderIsToldBeforeTheRun) {
  std::ofstream(files_.path() + "/file") << "x";
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"gate", "--time", "1000h"},
        {"load", "--target", "http://127.0.0.1:1", "--request", "GET /", "--time", "1000h"},
        {"load", "--scenario", "load_soak"},
        {"bench", "--peers", "none"}}) {
    std::filesystem::remove(files_.path() + "/log");
    Child child = start(arguments + std::vector<std::string>{"--out", files_.path() + "/file/out"});
    EXPECT_EQ(child.wait(30s).value_or(Exit{.code = -1, .signal = 0}).code, 3) << arguments.front();
    EXPECT_NE(log().find("cannot make folder " + files_.path() + "/file"), std::string::npos) << log();
  }
}

}  // namespace
}  // namespace loadgen
