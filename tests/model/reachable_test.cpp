// The denominator of coverage, and the hash that finds it.
#include "model/rules/reachable.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "model/rules/hash.h"
#include "tests/model/random_commands.h"
#include "tests/model/scenes.h"

namespace model {
namespace {

using TS = TaskState;
using ES = EscrowState;

// state-machines.md §5 without the pair that only a payout under way shows (COMPLETED, FUNDED).
const std::set<std::pair<TS, ES>> kPairs{{TS::open, ES::pending},
                                         {TS::open, ES::funded},
                                         {TS::open, ES::refunded},
                                         {TS::accepted, ES::funded},
                                         {TS::proof_submitted, ES::funded},
                                         {TS::disputed, ES::locked_dispute},
                                         {TS::completed, ES::released},
                                         {TS::cancelled, ES::refunded},
                                         {TS::cancelled, ES::refund_partial},
                                         {TS::expired, ES::refunded}};

TEST(ReachableCells, CoverExactlyTheLegalPairs) {
  const std::vector<Cell> cells = reachable_cells();
  EXPECT_TRUE(std::ranges::is_sorted(cells));
  EXPECT_EQ(std::ranges::adjacent_find(cells), cells.end());
  std::set<std::pair<TS, ES>> pairs;
  for (const Cell& cell : cells) pairs.emplace(cell.task, cell.escrow);
  EXPECT_EQ(pairs, kPairs);
}

TEST(ReachableCells, KnowWhoCanBeThere) {
  const std::vector<Cell> cells = reachable_cells();
  struct Place {
    TS task;
    ES escrow;
    Action action;
    ActorKind actor;
  };
  const auto has = [&](const Place& place) {
    return std::ranges::any_of(cells, [&](const Cell& cell) {
      return cell.task == place.task && cell.escrow == place.escrow && cell.action == place.action &&
             cell.actor == place.actor;
    });
  };
  EXPECT_TRUE(has({TS::open, ES::pending, Action::task_accept, ActorKind::stranger}));
  EXPECT_FALSE(
      has({TS::open, ES::pending, Action::task_accept, ActorKind::worker}));  // nobody works there yet
  EXPECT_TRUE(has({TS::cancelled, ES::refund_partial, Action::dispute_resolve, ActorKind::admin}));
  EXPECT_FALSE(has({TS::open, ES::funded, Action::dispute_resolve, ActorKind::admin}));  // no dispute to name
  EXPECT_FALSE(has({TS::open, ES::funded, Action::proof_accept, ActorKind::poster}));    // no proof to name
  EXPECT_TRUE(has({TS::expired, ES::refunded, Action::proof_accept, ActorKind::poster}));
  EXPECT_TRUE(has({TS::disputed, ES::locked_dispute, Action::job_task_expiry, ActorKind::clock}));
  EXPECT_TRUE(has({TS::expired, ES::refunded, Action::webhook_deliver, ActorKind::processor}));
  EXPECT_FALSE(
      std::ranges::any_of(cells, [](const Cell& cell) { return cell.action == Action::task_create; }));
}

// Every scene's cells are in the list, and random play never leaves it.
TEST(ReachableCells, ContainWhateverIsPlayed) {
  const std::vector<Cell> cells = reachable_cells();
  std::set<Cell> visited;
  for (std::uint32_t seed = 0; seed < 25; ++seed) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(400);
    for (std::uint32_t i = 0; i < 400; ++i) numbers.push_back(0x10000 + seed * 400 + i);
    play(roomy_world(), numbers,
         [&](const World& before, const Move& move, const Outcome& outcome, const World&) {
           if (const auto cell = cell_of(before, move.command, outcome)) visited.insert(*cell);
         });
  }
  // The small world has no suspended accounts, live tasks or late acceptances: other outcomes, same
  // situations.
  const auto situation = [](Cell cell) {
    cell.code = Code::none;
    cell.proof.reset();
    cell.dispute.reset();
    return cell;
  };
  std::set<Cell> situations;
  for (const Cell& cell : cells) situations.insert(situation(cell));
  for (const Cell& cell : visited) EXPECT_TRUE(situations.contains(situation(cell)));
  EXPECT_GT(visited.size(), cells.size() / 4);
}

TEST(CellOf, LeavesOutWhatNeverMeetsTheSituation) {
  World world = world_in(Scene::submitted);
  Command command = ask(world, Action::task_complete, kPoster);
  const Cell cell{TS::proof_submitted, ES::funded, ProofState::submitted, std::nullopt, Action::task_complete,
                  ActorKind::poster,   Code::hx301};
  EXPECT_EQ(cell_of(world, command, Outcome::refused(Code::hx301)), cell);
  command.credential = Credential::expired;
  EXPECT_FALSE(cell_of(world, command, {}));
  command.credential = Credential::valid;
  command.input_fault = 1;
  EXPECT_FALSE(cell_of(world, command, {}));
  command.input_fault = 0;
  world.users[kPoster.value].status = AccountStatus::paused;
  EXPECT_FALSE(cell_of(world, command, {}));
  command.action = Action::task_get_by_id;
  EXPECT_TRUE(cell_of(world, command, {}));
  command.task = TaskId{2};
  EXPECT_FALSE(cell_of(world, command, {}));
}

// One changed field anywhere changes the hash.
TEST(Hash, SeesEveryRecord) {
  const World world = world_in(Scene::cancelled_split);
  std::set<std::size_t> hashes{hash(world)};
  std::size_t worlds = 1;
  const auto add = [&](auto change) {
    World other = world;
    change(other);
    hashes.insert(hash(other));
    ++worlds;
  };
  for (std::size_t i = 0; i < world.users.size(); ++i) add([&](World& w) { ++w.users[i].xp_total; });
  for (std::size_t i = 0; i < world.tasks.size(); ++i) add([&](World& w) { ++w.tasks[i].price; });
  for (std::size_t i = 0; i < world.escrows.size(); ++i)
    add([&](World& w) { w.escrows[i].captured ^= true; });
  for (std::size_t i = 0; i < world.proofs.size(); ++i) add([&](World& w) { ++w.proofs[i].reviewed.ms; });
  for (std::size_t i = 0; i < world.disputes.size(); ++i)
    add([&](World& w) { ++w.disputes[i].split_percent; });
  for (std::size_t i = 0; i < world.events.size(); ++i) add([&](World& w) { w.events[i].processed ^= true; });
  add([](World& w) { w.events.emplace_back(); });
  add([](World& w) { w.disputes.clear(); });
  EXPECT_EQ(hashes.size(), worlds);
}

}  // namespace
}  // namespace model
