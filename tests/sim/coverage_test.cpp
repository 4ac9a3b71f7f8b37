// The default mix visits the situations that the model can reach: state x command x actor.
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <set>

#include "model/rules/apply.h"
#include "model/rules/reachable.h"
#include "model/vocabulary/contract.h"
#include "model/vocabulary/limits.h"
#include "sim/interpret.h"
#include "sim/races.h"
#include "sim/tour.h"

namespace sim {
namespace {

const std::string kFolder = std::string(HUSTLE_SOURCE_DIR) + "/scenarios";
constexpr model::Instant kStart{1'760'000'000'000};

std::string text_of(const model::Cell& cell) {
  return std::string(name(cell.task)) + "/" + std::string(name(cell.escrow)) + " " +
         std::string(name(cell.action)) + " by " + std::string(name(cell.actor)) + " " +
         (cell.proof ? std::string(name(*cell.proof)) : "-") + " " +
         (cell.dispute ? std::string(name(*cell.dispute)) : "-") + " " + std::to_string(int(cell.code));
}

TEST(Coverage, SeedMixReachesAllButTheRarestCells) {
  const auto scenario = load_scenario("seed_mix", kFolder);
  ASSERT_TRUE(scenario.has_value()) << scenario.error();
  const std::vector<model::Cell> reachable = model::reachable_cells();
  const std::set<model::Cell> known(reachable.begin(), reachable.end());
  std::map<model::Cell, std::uint64_t> hits;
  std::size_t commands = 0;
  for (std::uint64_t case_id = 0; case_id < 3000; ++case_id) {
    const Plan plan = plan_case(*scenario, 11, case_id, kStart);
    model::World world = plan.start;
    for (const Step& step : plan.steps) {
      for (const PlannedCommand& each : step.together) {
        ++commands;
        const model::World before = world;
        const model::Outcome outcome = model::apply(world, each.command, step.now);
        if (const auto cell = model::cell_of(before, each.command, outcome)) ++hits[*cell];
      }
    }
  }
  std::size_t covered = 0;
  for (const model::Cell& cell : reachable) {
    covered += hits.contains(cell) ? 1 : 0;
  }
  // Accounts, rights and deadlines that the small world does not have lead to other outcomes, but seldom.
  std::size_t strange = 0;
  for (const auto& [cell, count] : hits) strange += known.contains(cell) ? 0 : 1;
  std::cout << covered << " of " << reachable.size() << " cells in " << commands << " commands\n";
  EXPECT_GE(covered * 100, reachable.size() * 60);
  EXPECT_LT(strange, reachable.size() / 4);
}

// The walks alone: every cell, every race in both orders of sending, each tour a handful of commands.
TEST(Coverage, ToursReachEveryCell) {
  const auto scenario = load_scenario("tour", kFolder);
  ASSERT_TRUE(scenario.has_value()) << scenario.error();
  const std::vector<model::Cell> reachable = model::reachable_cells();
  std::set<model::Cell> open(reachable.begin(), reachable.end());
  std::size_t commands = 0, groups = 0;
  for (std::uint64_t case_id = 0; case_id < all_tours().size(); ++case_id) {
    const Plan plan = plan_case(*scenario, 1, case_id, kStart);
    model::World world = plan.start;
    for (const Step& step : plan.steps) {
      groups += step.together.size() > 1 ? 1 : 0;
      for (const PlannedCommand& each : step.together) {
        ++commands;
        const model::World before = world;
        const model::Outcome outcome = model::apply(world, each.command, step.now);
        EXPECT_NE(outcome.code, model::Code::internal_error);
        if (const auto cell = model::cell_of(before, each.command, outcome)) open.erase(*cell);
      }
    }
  }
  for (const model::Cell& cell : open) std::cout << "not hit: " << text_of(cell) << "\n";
  std::cout << all_tours().size() << " tours, " << commands << " commands, " << groups << " races\n";
  EXPECT_TRUE(open.empty());
  EXPECT_GE(groups, 2 * kRaceNames.size());
}

// Every procedure, every credential, every input fault, every flavour and every job is used by scenarios of
// the gate's default mix.
TEST(Coverage, TheDefaultMixUsesTheWholeVocabulary) {
  std::set<model::Action> actions;
  std::set<model::Credential> credentials;
  std::set<model::EventFlavour> flavours;
  std::set<model::EventType> types;
  std::set<std::pair<model::Action, int>> faults;
  std::set<std::size_t> sizes;
  const auto look_at = [&](const Step& step) {
    sizes.insert(step.together.size());
    for (const PlannedCommand& each : step.together) {
      actions.insert(each.command.action);
      credentials.insert(each.command.credential);
      flavours.insert(each.command.flavour);
      types.insert(each.command.event_type);
      if (each.command.input_fault != 0) faults.emplace(each.command.action, each.command.input_fault);
    }
  };
  for (const auto& [name, cases] :
       {std::pair{"seed_mix", 3000}, {"bad_inputs", 500}, {"expired_credentials", 300}}) {
    const auto scenario = load_scenario(name, kFolder);
    ASSERT_TRUE(scenario.has_value()) << scenario.error();
    for (int case_id = 0; case_id < cases; ++case_id)
      for (const Step& step : plan_case(*scenario, 5, static_cast<std::uint64_t>(case_id), kStart).steps)
        look_at(step);
  }
  std::size_t all_faults = 0;
  for (const model::Procedure& each : model::all_procedures())
    all_faults += model::input_faults(each.action).size();
  for (std::size_t i = 0; i < model::kActionCount; ++i) {
    EXPECT_TRUE(actions.contains(static_cast<model::Action>(i)))
        << model::name(static_cast<model::Action>(i));
  }
  EXPECT_EQ(credentials.size(), model::kCredentialNames.size());
  EXPECT_EQ(flavours.size(), model::kEventFlavourNames.size());
  EXPECT_EQ(types.size(), model::kEventTypeNames.size());
  EXPECT_EQ(sizes, (std::set<std::size_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_GE(faults.size() * 100, all_faults * 90) << faults.size() << " of " << all_faults;
}

// As many cases of each scenario as a short gate drives: what looks harmless until somebody looks is looked
// at, and splits leave fractions of a cent.
TEST(Coverage, ShortRunsMeetWrongContentWhilePendingAndFractionsOfACent) {
  std::map<model::EventFlavour, int> pending, looked_at;
  int live = 0, fourth = 0, halves = 0, fractions = 0;
  for (const char* const name : {"double_webhooks", "disputes", "cancellation", "races", "webhook_disorder",
                                 "wrong_actors", "bad_inputs", "expiry", "seed_mix", "review_timeout"}) {
    const auto scenario = load_scenario(name, kFolder);
    ASSERT_TRUE(scenario.has_value()) << scenario.error();
    for (std::uint64_t case_id = 0; case_id < 40; ++case_id) {
      const Plan plan = plan_case(*scenario, 17, case_id, kStart);
      model::World world = plan.start;
      model::Command last;
      for (const Step& step : plan.steps) {
        for (const PlannedCommand& each : step.together) {
          const model::Command& command = each.command;
          const model::World before = world;
          const model::Outcome outcome = model::apply(world, command, step.now);
          const bool known = command.task.present() && command.task.value < before.tasks.size();
          const bool waits = known && before.escrows[command.task.value].state == model::EscrowState::pending;
          if (waits && command.flavour >= model::EventFlavour::wrong_amount) ++pending[command.flavour];
          const bool looks = command.action == model::Action::task_accept ||
                             command.action == model::Action::escrow_get_by_task_id;
          if (waits && looks && last.task == command.task &&
              last.flavour >= model::EventFlavour::wrong_amount)
            ++looked_at[last.flavour];
          last = command;
          live += outcome.code == model::Code::hx903 ? 1 : 0;
          const bool submits = command.action == model::Action::proof_submit ||
                               command.action == model::Action::task_submit_proof;
          fourth += submits && known && outcome.code == model::Code::conflict &&
                            before.tasks[command.task.value].state == model::TaskState::accepted &&
                            before.tasks[command.task.value].attempts == model::limits::kProofAttemptsMax
                        ? 1
                        : 0;
          if (known && before.escrows[command.task.value].state != model::EscrowState::refund_partial &&
              world.escrows[command.task.value].state == model::EscrowState::refund_partial) {
            const std::int64_t rest = world.escrows[command.task.value].amount * command.split_percent % 100;
            halves += rest == 50 ? 1 : 0;
            fractions += rest != 0 ? 1 : 0;
          }
        }
      }
    }
  }
  for (const model::EventFlavour flavour :
       {model::EventFlavour::wrong_amount, model::EventFlavour::wrong_currency,
        model::EventFlavour::foreign_intent}) {
    std::cout << model::name(flavour) << ": " << pending[flavour] << ", then looked at " << looked_at[flavour]
              << "\n";
    EXPECT_GE(looked_at[flavour], 24) << model::name(flavour);
  }
  std::cout << "not live " << live << ", fourth proofs " << fourth << ", half cents " << halves << " of "
            << fractions << " fractions\n";
  EXPECT_GE(live, 3);
  EXPECT_GE(fourth, 1);
  EXPECT_GE(halves, 8);
  EXPECT_GE(fractions, 20);
}

// Each race of the specification is met, and both of its sides win in some serial order.
TEST(Coverage, EveryRaceComesUpInTheRacesScenario) {
  const auto scenario = load_scenario("races", kFolder);
  ASSERT_TRUE(scenario.has_value()) << scenario.error();
  for (std::size_t i = 0; i < kRaceNames.size(); ++i) {
    Scenario only = *scenario;
    only.races.which = {static_cast<Race>(i)};
    only.races.random_percent = 0;
    std::size_t groups = 0;
    for (std::uint64_t case_id = 0; case_id < 60; ++case_id) {
      for (const Step& step : plan_case(only, 3, case_id, kStart).steps)
        groups += step.together.size() > 1 ? 1 : 0;
    }
    EXPECT_GE(groups, 5u) << kRaceNames[i];
  }
}

}  // namespace
}  // namespace sim
