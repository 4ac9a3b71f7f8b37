#include "sim/story.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include "model/rules/apply.h"
#include "model/vocabulary/contract.h"
#include "model/vocabulary/limits.h"
#include "sim/choices.h"
#include "sim/interpret.h"
#include "sim/scenario.h"
#include "sim/stage.h"

namespace sim {

using model::Action;
using model::Command;

namespace {

constexpr std::size_t kBlock = 4 * kChoiceBlock;
constexpr std::size_t kMostPeople = 1000;
constexpr std::size_t kMostCalls = 4000;
constexpr std::uint32_t kMostSlots = 4000;  // of each kind; beyond: the slot that nobody has

template <class Id>
std::uint32_t number_of(Id id) {
  return id.present() ? id.value + 1U : 0U;
}
template <class Id>
Id id_of(std::uint32_t number) {
  if (number == 0) return {};
  return Id{number > kMostSlots ? kNowhere : static_cast<std::uint16_t>(number - 1)};
}

struct Field {
  std::uint32_t (*get)(const Call&);
  void (*set)(Call&, std::uint32_t);
};

template <auto Member>
constexpr Field slot() {
  using Id = std::remove_cvref_t<decltype(Command{}.*Member)>;
  return {[](const Call& c) { return number_of(c.command.*Member); },
          [](Call& c, std::uint32_t n) { c.command.*Member = id_of<Id>(n); }};
}
// A word of a vocabulary.
template <auto Member, std::size_t Size>
constexpr Field word() {
  using Word = std::remove_cvref_t<decltype(Command{}.*Member)>;
  return {[](const Call& c) { return static_cast<std::uint32_t>(c.command.*Member); },
          [](Call& c, std::uint32_t n) { c.command.*Member = static_cast<Word>(n % Size); }};
}

// Half of a place, in ten-millionths of a degree; 0: no place.
template <auto Member, std::int64_t Most>
std::uint32_t number_of_degrees(const Call& c) {
  if (!c.command.place.present()) return 0;
  return static_cast<std::uint32_t>(std::int64_t{c.command.place.*Member} + Most + 1);
}
template <auto Member, std::int64_t Most>
void set_degrees(Call& c, std::uint32_t n) {
  if (n == 0) return;
  c.command.place.*Member = static_cast<std::int32_t>((std::int64_t{n} - 1) % (2 * Most + 1) - Most);
}
template <auto Member, std::int64_t Most>
constexpr Field degrees() {
  return {number_of_degrees<Member, Most>, set_degrees<Member, Most>};
}

// Milliseconds, or seconds where those do not fit.
constexpr std::uint32_t kSeconds = 1U << 31;
std::uint32_t number_of_term(model::Millis term) {
  return static_cast<std::uint32_t>(term < kSeconds ? term : kSeconds + term / model::kSecond);
}
model::Millis term_of(std::uint32_t number) {
  return number < kSeconds ? number : (number - kSeconds) * model::kSecond;
}

// A number of a fix, as its difference to that of the fix that says nothing.
template <auto Member>
constexpr auto kUsual = static_cast<std::uint32_t>(model::Fix{}.*Member);
template <auto Member, std::int32_t Most>
constexpr Field reading() {
  return {[](const Call& c) { return static_cast<std::uint32_t>(c.command.fix.*Member) - kUsual<Member>; },
          [](Call& c, std::uint32_t n) {
            const auto value = static_cast<std::int32_t>(kUsual<Member> + n);
            c.command.fix.*Member = std::clamp(value, -Most, Most);
          }};
}

bool posts(const Call& call) {
  return call.command.action == Action::task_create;
}

// The first two decide how the others are read. 0 is what a call has that says nothing about the field.
constexpr std::array kFields{
    Field{[](const Call& c) { return static_cast<std::uint32_t>(c.command.action) + 1; },
          [](Call& c, std::uint32_t n) {
            c.command.action = static_cast<Action>((n - 1) % model::kActionCount);
          }},
    Field{[](const Call& c) { return c.together ? 1U : 0U; },
          [](Call& c, std::uint32_t n) { c.together = n % 2 == 1; }},
    Field{[](const Call& c) { return static_cast<std::uint32_t>(c.at); },
          [](Call& c, std::uint32_t n) { c.at = n; }},
    // Credentials last for years: the milliseconds past 49 days.
    Field{[](const Call& c) { return static_cast<std::uint32_t>(c.at >> 32); },
          [](Call& c, std::uint32_t n) { c.at += static_cast<model::Millis>(n % 1024) << 32; }},
    slot<&Command::actor>(), slot<&Command::task>(), slot<&Command::escrow>(), slot<&Command::proof>(),
    slot<&Command::dispute>(), slot<&Command::event>(), slot<&Command::user>(),
    word<&Command::credential, model::kCredentialNames.size()>(),
    Field{[](const Call& c) -> std::uint32_t { return c.command.input_fault; },
          [](Call& c, std::uint32_t n) {
            const Action action = c.command.action;
            const std::size_t faults = model::is_procedure(action) ? model::input_faults(action).size() : 0;
            c.command.input_fault = static_cast<std::uint8_t>(n % (faults + 1));
          }},
    Field{[](const Call& c) { return static_cast<std::uint32_t>(c.command.price); },
          [](Call& c, std::uint32_t n) {
            if (posts(c)) c.command.price = std::clamp<model::Cents>(n, 500, 100'000'000);
          }},
    Field{[](const Call& c) { return posts(c) ? static_cast<std::uint32_t>(c.command.deadline_in) : 0U; },
          [](Call& c, std::uint32_t n) {
            if (posts(c) && n > 0) c.command.deadline_in = n;
          }},
    word<&Command::mode, model::kModeNames.size()>(),
    word<&Command::category, model::kCategoryNames.size()>(),
    Field{[](const Call& c) { return c.command.requires_proof ? 0U : 1U; },
          [](Call& c, std::uint32_t n) { c.command.requires_proof = n % 2 == 0; }},
    Field{[](const Call& c) { return (c.command.photos + 6U) % 7; },  // 1 to 6, none
          [](Call& c, std::uint32_t n) { c.command.photos = static_cast<std::uint8_t>((1 + n % 7) % 7); }},
    word<&Command::trick, model::kPhotoTrickNames.size()>(), slot<&Command::picture>(),
    word<&Command::photo_age_s, 65'536>(),
    Field{[](const Call& c) { return c.command.fix.present ? 0U : 1U; },
          [](Call& c, std::uint32_t n) { c.command.fix.present = n % 2 == 0; }},
    Field{[](const Call& c) { return c.command.fix.mock ? 1U : 0U; },
          [](Call& c, std::uint32_t n) { c.command.fix.mock = n % 2 == 1; }},
    reading<&model::Fix::latitude, 1'800'000'000>(), reading<&model::Fix::longitude, 1'800'000'000>(),
    reading<&model::Fix::accuracy_dm, 1'000'000>(), reading<&model::Fix::age_ms, 2'000'000'000>(),
    word<&Command::reason, model::kDisputeReasonNames.size()>(),
    word<&Command::resolution, model::kResolutionNames.size()>(),
    Field{[](const Call& c) -> std::uint32_t { return c.command.split_percent; },
          [](Call& c, std::uint32_t n) { c.command.split_percent = static_cast<std::uint8_t>(n % 101); }},
    word<&Command::event_type, model::kEventTypeNames.size()>(),
    word<&Command::flavour, model::kEventFlavourNames.size()>(), slot<&Command::verification>(),
    word<&Command::state, model::kUsStateNames.size()>(), word<&Command::risk_answers, 256>(),
    degrees<&model::GeoPoint::latitude_e7, 900'000'000>(),
    degrees<&model::GeoPoint::longitude_e7, 1'800'000'000>(),
    word<&Command::trade, model::kTradeNames.size()>(),
    word<&Command::kind, model::kVerificationKindNames.size()>(),
    Field{[](const Call& c) { return c.command.approve ? 0U : 1U; },
          [](Call& c, std::uint32_t n) { c.command.approve = n % 2 == 0; }},
    Field{[](const Call& c) { return number_of_term(c.command.valid_for); },
          [](Call& c, std::uint32_t n) {
            if (n > 0) c.command.valid_for = term_of(n);
          }},
    word<&Command::willingness, 256>(), word<&Command::feed_mode, model::kFeedModeNames.size()>(),
    word<&Command::radius_miles, 256>(), word<&Command::page, 256>(),
    word<&Command::onboarding_step, model::kOnboardingStepNames.size()>(),
    Field{[](const Call& c) { return c.command.skip_tutorial ? 0U : 1U; },
          [](Call& c, std::uint32_t n) { c.command.skip_tutorial = n % 2 == 0; }}};
static_assert(kFields.size() <= kBlock);

// A person in one number.
struct Trait {
  std::uint32_t size;
  std::uint32_t (*get)(const model::User&);
  void (*set)(model::User&, std::uint32_t);
};
template <auto Member>
constexpr Trait yes_or_no() {
  return {2, [](const model::User& u) { return u.*Member ? 1U : 0U; },
          [](model::User& u, std::uint32_t n) { u.*Member = n != 0; }};
}
constexpr std::array kTraits{
    yes_or_no<&model::User::is_admin>(),
    yes_or_no<&model::User::can_resolve_disputes>(),
    yes_or_no<&model::User::can_override_escrow>(),
    yes_or_no<&model::User::has_payout_account>(),
    yes_or_no<&model::User::is_verified>(),
    Trait{model::kAccountStatusNames.size(),
          [](const model::User& u) { return static_cast<std::uint32_t>(u.status); },
          [](model::User& u, std::uint32_t n) { u.status = static_cast<model::AccountStatus>(n); }},
    Trait{model::kLiveStateNames.size(),
          [](const model::User& u) { return static_cast<std::uint32_t>(u.live); },
          [](model::User& u, std::uint32_t n) { u.live = static_cast<model::LiveState>(n); }},
    Trait{4, [](const model::User& u) { return u.tier - 1U; },
          [](model::User& u, std::uint32_t n) { u.tier = static_cast<std::uint8_t>(n + 1); }},
    Trait{model::kUsStateNames.size(), [](const model::User& u) -> std::uint32_t { return u.home; },
          [](model::User& u, std::uint32_t n) { u.home = static_cast<model::UsState>(n); }},
    Trait{256, [](const model::User& u) -> std::uint32_t { return u.onboarding; },
          [](model::User& u, std::uint32_t n) { u.onboarding = static_cast<std::uint8_t>(n); }},
    Trait{101, [](const model::User& u) { return static_cast<std::uint32_t>(u.risk_hundredths); },
          [](model::User& u, std::uint32_t n) { u.risk_hundredths = n; }}};

std::uint32_t number_of(const model::User& user) {
  std::uint32_t number = 0;
  std::uint32_t place = 1;
  for (const Trait& trait : kTraits) {
    number += place * trait.get(user);
    place *= trait.size;
  }
  return number;
}

model::User user_of(std::uint32_t number) {
  model::User user;
  for (const Trait& trait : kTraits) {
    trait.set(user, number % trait.size);
    number /= trait.size;
  }
  return user;
}

// Whom a call names exists; nobody but the outside world calls without being somebody.
void bring_home(Call& call, std::size_t people) {
  Command& c = call.command;
  if (!model::is_procedure(c.action)) {
    c.actor = {};
  } else {
    c.actor.value = static_cast<std::uint16_t>(c.actor.present() ? c.actor.value % people : 0);
  }
}

template <class Id>
void widen(std::size_t& slots, Id id) {
  if (id.present() && id.value < kMostSlots) slots = std::max<std::size_t>(slots, id.value + 1U);
}

// Empty slots for everything that the calls name.
void make_room(model::World& world, const std::vector<Call>& calls) {
  std::size_t tasks = 0;
  std::size_t proofs = 0;
  std::size_t disputes = 0;
  std::size_t events = 0;
  std::size_t verifications = 0;
  std::size_t pictures = 0;
  for (const Call& call : calls) {
    widen(tasks, call.command.task);
    widen(tasks, call.command.escrow);
    widen(proofs, call.command.proof);
    widen(disputes, call.command.dispute);
    widen(events, call.command.event);
    widen(verifications, call.command.verification);
    widen(pictures, call.command.picture);
  }
  world.tasks.resize(tasks);
  world.escrows.resize(tasks);
  world.proofs.resize(proofs);
  world.disputes.resize(disputes);
  world.events.resize(events);
  world.verifications.resize(verifications);
  world.pictures.resize(pictures);
}

bool slot_is_taken(const model::World& before, const Command& command, model::Instant now) {
  model::World world = before;
  return model::apply(world, command, now).code == model::Code::internal_error;
}

// A genuine delivery is of the type that the event has.
Command fitted(const model::World& world, Command command) {
  if (command.action != Action::webhook_deliver || command.flavour != model::EventFlavour::genuine)
    return command;
  if (command.event.value < world.events.size() && world.events[command.event.value].exists)
    command.event_type = world.events[command.event.value].type;
  return command;
}

}  // namespace

Story story_of(const Plan& plan) {
  Story story{.people = plan.start.users, .calls = {}};
  for (const Step& step : plan.steps) {
    bool together = false;
    for (const PlannedCommand& each : step.together) {
      story.calls.push_back({each.command, step.now.ms - plan.steps.front().now.ms, together});
      if (!posts(story.calls.back())) story.calls.back().command.price = 0;  // leftovers: nobody asks
      together = true;
    }
  }
  return story;
}

std::vector<std::uint32_t> choices_of(const Story& story) {
  std::vector<std::uint32_t> choices{static_cast<std::uint32_t>(story.people.size())};
  for (const model::User& user : story.people) choices.push_back(number_of(user));
  for (const Call& call : story.calls) {
    choices.resize((choices.size() + kBlock - 1) / kBlock * kBlock);
    for (const Field& field : kFields) choices.push_back(field.get(call));
  }
  while (!choices.empty() && choices.back() == 0) choices.pop_back();
  return choices;
}

Story story_from(const std::vector<std::uint32_t>& choices) {
  const auto at = [&](std::size_t i) { return i < choices.size() ? choices[i] : 0U; };
  Story story;
  const std::size_t people = at(0) % (kMostPeople + 1);
  for (std::size_t i = 0; i < people; ++i) story.people.push_back(user_of(at(1 + i)));
  if (people == 0) return story;
  model::Millis before = 0;
  for (std::size_t block = (people + kBlock) / kBlock * kBlock;
       at(block) != 0 && story.calls.size() < kMostCalls; block += kBlock) {
    Call call;
    for (std::size_t i = 0; i < kFields.size(); ++i) kFields[i].set(call, at(block + i));
    bring_home(call, people);
    call.together = call.together && !story.calls.empty();
    call.at = call.together ? before : std::max(before, call.at);
    before = call.at;
    story.calls.push_back(call);
  }
  return story;
}

bool can_be_told(const Plan& plan) {
  if (plan.steps.empty()) return false;
  const Story story = story_of(plan);
  model::World people;
  for (const model::User& user : story.people) people.users.push_back(user_of(number_of(user)));
  return people.users == plan.start.users && story_from(choices_of(story)) == story;
}

void play_story(Stage& stage) {
  const Story story = story_from(stage.choices.values());
  const model::Instant begin = stage.now;
  stage.world.users = stage.plan.start.users = story.people;
  make_room(stage.world, story.calls);
  for (std::size_t i = 0; i < story.calls.size();) {
    stage.now = begin + story.calls[i].at;
    std::vector<Command> commands;
    do {
      const Command command = fitted(stage.world, story.calls[i].command);
      if (!slot_is_taken(stage.world, command, stage.now)) commands.push_back(command);
      ++i;
    } while (i < story.calls.size() && story.calls[i].together);
    if (!commands.empty()) send_together(stage, std::move(commands));
  }
}

Story with_calls(const Story& story, const std::vector<std::size_t>& kept) {
  Story smaller{.people = story.people, .calls = {}};
  std::size_t moments = 0;  // begun by calls up to the last one kept, and by calls up to this one
  std::size_t last = 0;
  std::size_t next = 0;
  for (const std::size_t i : kept) {
    for (; next <= i; ++next) moments += story.calls[next].together ? 0 : 1;
    smaller.calls.push_back(story.calls[i]);
    smaller.calls.back().together = smaller.calls.size() > 1 && moments == last;
    last = moments;
  }
  return smaller;
}

std::vector<bool> effects_of(const Story& story) {
  model::World world;
  world.users = story.people;
  make_room(world, story.calls);
  constexpr model::Instant kBegin{1'760'000'000'000};
  std::vector<bool> effects;
  for (const Call& call : story.calls) {
    const model::World before = world;
    model::apply(world, fitted(world, call.command), kBegin + call.at);
    effects.push_back(!(world == before));
  }
  return effects;
}

}  // namespace sim
