// What is wrong is seen while the target is still driven: rows and books of cases that have ended, and
// breaches of the attack that runs beside.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <pqxx/pqxx>
#include <set>

#include "loadgen/campaign/gate.h"
#include "loadgen/environment/environment.h"

namespace loadgen {
namespace {

struct Damage {
  const char* title;
  const char* sql;
  const char* judge;  // must see it before the quiet end
  bool attack = false;
};
void PrintTo(const Damage& damage, std::ostream* out) {
  *out << damage.title;
}

class Early : public testing::TestWithParam<Damage> {};

TEST_P(Early, IsSeenBeforeTheQuietEnd) {
  Environment environment = boot({.harness = HUSTLE_BINARY, .server = HUSTLE_SERVER_BINARY});
  pqxx::connection connection(environment.database());
  pqxx::nontransaction(connection).exec(GetParam().sql);
  GateOptions options;
  options.seed = 1;
  options.seconds = 40;
  options.scenario_folder = std::string(HUSTLE_SOURCE_DIR) + "/scenarios";
  options.attack = GetParam().attack;
  options.migrations = false;
  options.shrink_seconds = 1;
  std::atomic<bool> quiet = false;
  std::atomic<bool> seen = false;
  GateEvents events;
  std::uint64_t told = 0;
  bool forgotten = false;
  events.progress = [&](const GateProgress& p) {
    quiet = quiet || p.phase == "quiet";
    forgotten = forgotten || p.commands < told;
    told = p.commands;
  };
  events.found = [&](const model::Finding& finding, std::uint64_t) {
    if (!quiet && finding.judge == GetParam().judge) seen = true;
  };
  events.interrupted = [&] { return seen.load(); };  // no need to go on
  const auto run = run_gate(options, environment, events);
  EXPECT_TRUE(seen);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_FALSE(forgotten) << "a later phase told fewer commands than were driven";
}

// Damages are texts, so that they can be found by rule only: payouts rounded up, splits swapped everywhere.
constexpr const char* kRoundedUp =
    "DO $do$ BEGIN EXECUTE replace(pg_get_functiondef((SELECT oid FROM pg_proc WHERE proname = "
    "'queue_payout')), "
    "'* 85 / 100', '* 85 / 100 + 1'); END $do$";
constexpr const char* kSwapped =
    "DO $do$ BEGIN EXECUTE replace(pg_get_functiondef((SELECT oid FROM pg_proc WHERE proname = "
    "'split_escrow')), "
    "'p_percent / 100', '(100 - p_percent) / 100'); END $do$";

INSTANTIATE_TEST_SUITE_P(
    Gate, Early,
    testing::Values(Damage{"a payout of a cent too much", kRoundedUp, "books"},
                    Damage{"shares of a split swapped", kSwapped, "model state"},
                    Damage{"a ledger that forgets", "DROP TRIGGER xp_ledger_no_delete ON xp_ledger", "attack",
                           true}),
    [](const auto& info) {
      return std::string(info.param.attack ? "Attack" : info.param.judge[0] == 'b' ? "Books" : "Rows");
    });

}  // namespace
}  // namespace loadgen
