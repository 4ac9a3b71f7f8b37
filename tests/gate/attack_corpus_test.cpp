// What the attack of a gate found is kept, retried first, replayed and reported as fixed.
#include <algorithm>
#include <filesystem>

#include "tests/gate/gate_process.h"

namespace loadgen {
namespace {

using namespace std::chrono_literals;

TEST_F(GateProcess, AnAttackFindingIsKeptRetriedReplayedAndReportedAsFixed) {
  const Served served = serve();
  served.damage("ALTER TABLE user_strikes DISABLE TRIGGER user_strikes_no_update");
  const std::string corpus = files_.path() + "/kept";
  const std::vector<std::string> flags =
      served.flags() + std::vector<std::string>{"--seed",        "1",  "--checks", "attack",
                                                "--shrink-time", "4s", "--corpus", corpus};
  const GateRun first = gate(flags);
  EXPECT_EQ(first.exit_code, 1) << log();
  EXPECT_TRUE(first.rules().contains("user_strikes: kept rows")) << log();
  std::string kept;
  for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
    const std::string name = entry.path().stem();
    if (name.starts_with("user-strikes")) kept = name;
  }
  ASSERT_FALSE(kept.empty());
  const auto replay = [&](const std::vector<std::string>& more) {
    Child child = start(std::vector<std::string>{"replay", corpus + "/" + kept + ".json"} + more);
    const auto exit = child.wait(60s);
    return exit ? exit->code : -1;
  };
  EXPECT_EQ(replay({"--database", served.database}), 1) << log();
  const std::string folder = files_.path() + "/exported";
  EXPECT_EQ(replay({"--export", folder}), 0) << log();
  EXPECT_TRUE(std::filesystem::exists(folder + "/story.sql"));

  served.damage("ALTER TABLE user_strikes ENABLE TRIGGER user_strikes_no_update");
  EXPECT_EQ(replay({"--database", served.database}), 0) << log();
  const GateRun fixed = gate(flags);
  const auto is_fixed = [](const json& each) { return each["now"] == "fixed"; };
  EXPECT_TRUE(std::ranges::any_of(fixed.report["retried"], is_fixed)) << fixed.report["retried"].dump(1);
  EXPECT_TRUE(std::filesystem::exists(corpus + "/fixed/" + kept + ".json"));
}

}  // namespace
}  // namespace loadgen
