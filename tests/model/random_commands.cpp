#include "tests/model/random_commands.h"

#include <array>
#include <tuple>
#include <utility>

#include "model/rules/apply.h"
#include "tests/model/scenes.h"

namespace model {
namespace {

using enum Action;

constexpr std::uint16_t kTasks = 4;

// Digits of a number in mixed base: each draw consumes some of it.
class Digits {
 public:
  explicit Digits(std::uint32_t number) : rest_(number * std::uint64_t{0x9E3779B97F4A7C15}) {}
  std::uint32_t below(std::uint32_t bound) {
    rest_ ^= rest_ >> 29;
    rest_ *= 0xBF58476D1CE4E5B9;
    return static_cast<std::uint32_t>((rest_ >> 32) % bound);
  }

 private:
  std::uint64_t rest_;
};

template <class IdType, class Record>
IdType next_free(const std::vector<Record>& records) {
  std::uint16_t at = 0;
  while (at < records.size() && records[at].exists) ++at;
  return IdType{at};
}

// What the people of a task would do next.
std::pair<Action, UserId> useful_step(const World& world, TaskId id, Digits& digits) {
  const Task& task = world.tasks[id.value];
  if (!task.exists) return {task_create, kPoster};
  const Escrow& escrow = world.escrows[id.value];
  const UserId party = digits.below(2) == 0 ? task.poster : task.worker;
  switch (task.state) {
    case TaskState::open:
      if (escrow.state == EscrowState::funded)
        return {task_accept, digits.below(2) == 0 ? kWorker : kStranger};
      if (!escrow.has_intent) return {escrow_create_intent, task.poster};
      if (escrow.captured || escrow.intent_canceled) return {webhook_deliver, {}};
      return {digits.below(6) == 0 ? processor_cancel_intent : processor_pay, {}};
    case TaskState::accepted:
      if (task.latest_proof.present() && digits.below(3) == 0) return {dispute_create, party};
      return {task_submit_proof, task.worker};
    case TaskState::proof_submitted: {
      constexpr std::array kSteps{proof_accept, proof_reject, proof_accept, task_complete, dispute_create};
      const Action action = kSteps[digits.below(kSteps.size())];
      return {action, action == dispute_create ? party : task.poster};
    }
    case TaskState::disputed:
      return {dispute_resolve, kAdmin};
    case TaskState::completed:
    case TaskState::cancelled:
    case TaskState::expired:
      return {webhook_deliver, {}};
  }
  return {task_list, kPoster};
}

EventId event_about(const World& world, EscrowId escrow, Digits& digits) {
  const auto start = digits.below(static_cast<std::uint32_t>(world.events.size()));
  for (std::uint32_t i = 0; i < world.events.size(); ++i) {
    const auto at = static_cast<std::uint16_t>((start + i) % world.events.size());
    if (world.events[at].exists && world.events[at].escrow == escrow) return EventId{at};
  }
  return next_free<EventId>(world.events);
}

void fill_details(Command& command, Digits& digits) {
  command.mode = digits.below(8) == 0 ? Mode::live : Mode::standard;
  command.price = 400 + digits.below(20'000);
  command.requires_proof = digits.below(4) != 0;
  command.category = static_cast<Category>(digits.below(kPlainCategories));
  command.deadline_in = static_cast<Millis>(digits.below(80)) * kHour;
  command.photos = static_cast<std::uint8_t>(digits.below(20) == 0 ? 0 : 2);
  if (digits.below(12) == 0) command.trick = static_cast<PhotoTrick>(digits.below(kPhotoTrickNames.size()));
  if (digits.below(8) == 0) command.picture = PictureId{static_cast<std::uint16_t>(digits.below(3))};
  if (digits.below(8) == 0) command.fix.age_ms = static_cast<std::int32_t>(digits.below(500'000)) - 80'000;
  if (digits.below(12) == 0) command.fix.latitude += static_cast<DegreesE7>(digits.below(60'000));
  if (digits.below(12) == 0) command.fix.accuracy_dm = static_cast<std::int32_t>(digits.below(1'200));
  command.resolution = static_cast<Resolution>(digits.below(kResolutionNames.size()));
  command.split_percent = static_cast<std::uint8_t>(digits.below(101));
  command.event_type = static_cast<EventType>(digits.below(kEventTypeNames.size()));
  if (digits.below(6) == 0)
    command.flavour = static_cast<EventFlavour>(digits.below(kEventFlavourNames.size()));
  if (digits.below(30) == 0)
    command.credential = static_cast<Credential>(digits.below(kCredentialNames.size()));
  if (digits.below(30) == 0) command.input_fault = 1;
}

}  // namespace

World roomy_world() {
  World world = empty_world();
  world.users[kWorker.value].live = LiveState::active;
  world.users[kWorker.value].is_verified = true;
  world.tasks.resize(kTasks);
  world.escrows.resize(kTasks);
  world.proofs.resize(kTasks * 3);
  world.disputes.resize(kTasks);
  world.events.resize(kTasks * 4);
  world.verifications.resize(8);
  world.pictures.resize(3);
  return world;
}

Move next_move(const World& world, std::uint32_t number, Instant clock) {
  Digits digits(number);
  Command command;
  command.task = TaskId{static_cast<std::uint16_t>(digits.below(kTasks))};
  command.escrow = escrow_of(command.task);
  if (digits.below(2) == 0) {
    std::tie(command.action, command.actor) = useful_step(world, command.task, digits);
  } else {
    command.action = static_cast<Action>(digits.below(kActionCount));
    command.actor = UserId{static_cast<std::uint16_t>(digits.below(kPeople.size()))};
  }
  fill_details(command, digits);
  const bool submits = command.action == task_submit_proof || command.action == proof_submit;
  const Task& task = world.tasks[command.task.value];
  if (submits) command.category = task.category;
  command.proof = submits ? next_free<ProofId>(world.proofs) : task.latest_proof;
  command.dispute =
      command.action == dispute_create ? next_free<DisputeId>(world.disputes) : task.latest_dispute;
  command.verification = VerificationId{
      static_cast<std::uint16_t>(digits.below(static_cast<std::uint32_t>(world.verifications.size())))};
  command.user = command.actor;
  const bool makes_event = command.action == processor_pay || command.action == processor_cancel_intent;
  command.event = makes_event || digits.below(5) == 0 ? next_free<EventId>(world.events)
                                                      : event_about(world, command.escrow, digits);
  const PaymentEvent& event = world.events[command.event.value % world.events.size()];
  if (event.exists && digits.below(8) != 0) command.event_type = event.type;  // else one of another type
  const Millis later = digits.below(12) == 0 ? digits.below(60) * kHour : digits.below(60) * kMinute;
  return {command, clock + later};
}

World play(World world, const std::vector<std::uint32_t>& numbers, const Watcher& watch) {
  Instant clock = kStart;
  for (const std::uint32_t number : numbers) {
    const Move move = next_move(world, number, clock);
    clock = move.now;
    World after = world;
    const Outcome outcome = apply(after, move.command, move.now);
    watch(world, move, outcome, after);
    world = std::move(after);
  }
  return world;
}

}  // namespace model
