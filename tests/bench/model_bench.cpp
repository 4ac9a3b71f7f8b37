// How fast the model is: commands a second alone, with every invariant judged after each, and the parts a
// linearizability search pays for (hash, copy).
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <vector>

#include "model/judge/invariants.h"
#include "model/rules/apply.h"
#include "model/rules/hash.h"
#include "model/rules/reachable.h"

namespace {

using namespace model;

constexpr Instant kNow{20'000 * kDay};
constexpr std::uint16_t kTasks = 4;
constexpr UserId kPoster{0};
constexpr UserId kWorker{1};
constexpr UserId kStranger{2};
constexpr UserId kAdmin{3};

World empty_world() {
  World world;
  world.users.resize(4);
  world.users[kWorker.value].has_payout_account = true;
  User& admin = world.users[kAdmin.value];
  admin.is_admin = admin.can_resolve_disputes = admin.can_override_escrow = true;
  world.tasks.resize(kTasks);
  world.escrows.resize(kTasks);
  world.proofs.resize(kTasks);
  world.disputes.resize(kTasks);
  world.events.resize(kTasks);
  return world;
}

Command of(std::uint16_t task, Action action, UserId actor = {}) {
  return {.action = action,
          .actor = actor,
          .task = TaskId{task},
          .escrow = EscrowId{task},
          .proof = ProofId{task},
          .dispute = DisputeId{task},
          .event = EventId{task},
          .price = 5000};
}

// Four tasks: paid, cancelled, disputed and split, expired; with reads and refusals between, as a campaign
// sends them.
std::vector<Command> script() {
  using enum Action;
  std::vector<Command> commands;
  for (std::uint16_t t = 0; t < kTasks; ++t) {
    const auto add = [&](Action action, UserId actor = {}) { commands.push_back(of(t, action, actor)); };
    add(task_create, kPoster);
    add(escrow_create_intent, kPoster);
    add(processor_pay);
    add(webhook_deliver);
    add(webhook_deliver);
    add(task_accept, kPoster);
    add(task_accept, kWorker);
    add(task_accept, kStranger);
    add(task_get_by_id, kStranger);
    if (t == 1) add(task_cancel, kPoster);
    if (t != 3) add(task_submit_proof, kWorker);
    if (t == 0) add(proof_accept, kPoster);
    if (t == 0) add(task_complete, kPoster);
    if (t == 2) add(dispute_create, kWorker);
    if (t == 2) add(dispute_resolve, kAdmin);
    commands.back().resolution = Resolution::split;
    commands.back().split_percent = 60;
    add(task_complete, kPoster);
    add(escrow_get_by_task_id, kWorker);
    add(escrow_release, kPoster);
    add(job_task_expiry);
    add(job_review_timeout);
    add(user_get_xp, kWorker);
  }
  return commands;
}

void commands_per_second(benchmark::State& state) {
  const World start = empty_world();
  const std::vector<Command> commands = script();
  World world = start;
  for (auto _ : state) {
    world = start;
    for (const Command& command : commands) benchmark::DoNotOptimize(apply(world, command, kNow));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * commands.size()));
}
BENCHMARK(commands_per_second);

void commands_per_second_judged(benchmark::State& state) {
  const World start = empty_world();
  const std::vector<Command> commands = script();
  World world = start;
  for (auto _ : state) {
    world = start;
    for (const Command& command : commands) {
      benchmark::DoNotOptimize(apply(world, command, kNow));
      if (!all_hold(world)) std::abort();
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * commands.size()));
}
BENCHMARK(commands_per_second_judged);

void hash_world(benchmark::State& state) {
  World world = empty_world();
  for (const Command& command : script()) apply(world, command, kNow);
  for (auto _ : state) benchmark::DoNotOptimize(hash(world));
}
BENCHMARK(hash_world);

void copy_world(benchmark::State& state) {
  World world = empty_world();
  for (const Command& command : script()) apply(world, command, kNow);
  for (auto _ : state) {
    World copy = world;
    benchmark::DoNotOptimize(copy.users.data());
  }
}
BENCHMARK(copy_world);

void explore_reachable_cells(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(reachable_cells().size());
}
BENCHMARK(explore_reachable_cells)->Unit(benchmark::kMillisecond);

}  // namespace
