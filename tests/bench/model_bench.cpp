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

// Four tasks: paid, cancelled, disputed and split, under way; with reads and refusals between, as a campaign
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

// The script must do what it says, or the figures measure refusals.
void require_script_ends_as_described() {
  World world = empty_world();
  for (const Command& command : script()) apply(world, command, kNow);
  const bool right =
      world.tasks[0].state == TaskState::completed && world.tasks[1].state == TaskState::cancelled &&
      world.escrows[2].state == EscrowState::refund_partial && world.tasks[3].state == TaskState::accepted;
  if (!right) std::abort();
}

void commands_per_second(benchmark::State& state) {
  require_script_ends_as_described();
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

// Commands by anybody about anything, so that no branch can be guessed: the floor of the figures above.
std::vector<Command> scrambled() {
  std::vector<Command> commands;
  std::uint64_t state = 1;
  const auto below = [&](std::uint64_t bound) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return static_cast<std::uint16_t>((state >> 33) % bound);
  };
  const std::vector<Command> useful = script();
  for (int i = 0; i < 20'000; ++i) {
    Command command = useful[below(useful.size())];
    if (below(2) == 0) command.action = static_cast<Action>(below(kActionCount));
    if (below(4) == 0) command.actor = UserId{below(4)};
    commands.push_back(command);
  }
  return commands;
}

void scrambled_commands_per_second(benchmark::State& state) {
  const World start = empty_world();
  const std::vector<Command> commands = scrambled();
  World world = start;
  for (auto _ : state) {
    for (std::size_t i = 0; i < commands.size(); ++i) {
      if (i % 256 == 0) world = start;
      benchmark::DoNotOptimize(apply(world, commands[i], kNow));
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * commands.size()));
}
BENCHMARK(scrambled_commands_per_second);

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
