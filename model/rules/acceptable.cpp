// The leeways of error-codes.md §3 and §4, and the one of the payment processor.
#include <algorithm>
#include <array>

#include "model/rules/apply.h"
#include "model/rules/steps.h"
#include "model/vocabulary/codes.h"
#include "model/vocabulary/limits.h"

namespace model {
namespace {

constexpr int kForbidden = 403;

bool is_private_read(const Command& c) {
  return c.action == Action::escrow_get_by_task_id || c.action == Action::proof_get_by_task_id ||
         c.action == Action::dispute_get_by_task_id;
}

bool is_acceptance(const Command& c) {
  return c.action == Action::task_accept;
}

// A release or refund by an admin who may, about somebody else's money: SAF-21 asks for a reason and a key,
// which no command has. Whether that shows before the state of the escrow is looked at is the server's
// choice.
bool is_bare_override(const World& world, const Command& c) {
  const bool moves = c.action == Action::escrow_release || c.action == Action::escrow_refund;
  if (!moves || c.credential != Credential::valid || c.input_fault != 0) return false;
  const Task* const task = rules::find(world.tasks, task_of(c.escrow));
  if (task == nullptr || c.actor.value >= world.users.size()) return false;
  const User& caller = world.users[c.actor.value];
  return caller.is_admin && caller.can_override_escrow && rules::in_good_standing(caller) &&
         c.actor != task->poster && c.actor != task->worker;
}

bool answers_agree(const Answer& expected, const Answer& observed) {
  if (expected == observed) return true;
  if (expected.feed >= 0 && observed.feed < 0) return true;  // the pages of others were too many to read
  Answer without_xp = expected;                              // api.md §1.1: xp_awarded? is optional
  without_xp.base_xp = without_xp.multiplier_percent = without_xp.effective_xp = -1;
  return without_xp == observed;
}

// A code that may stand for another, and for which commands (null: for every one).
struct Leeway {
  Code due;
  Code given;
  bool (*only)(const Command&);
};

constexpr std::array kLeeways{
    Leeway{Code::hx001, Code::conflict, nullptr},
    Leeway{Code::hx002, Code::conflict, nullptr},
    Leeway{Code::conflict, Code::hx609, is_acceptance},
    Leeway{Code::hx912, Code::hx609, is_acceptance},
    Leeway{Code::hx913, Code::hx609, is_acceptance},
    Leeway{Code::not_found, Code::hx503, is_private_read},
    Leeway{Code::hx504, Code::not_found, nullptr},
    Leeway{Code::hx902, Code::validation_error,
           [](const Command& c) { return c.price < limits::kMinPriceStandard; }},
};

// `command` null: not known, so every leeway counts.
bool codes_agree(const Command* command, Code due, Code given) {
  if (due == given) return true;
  if (due == Code::hx602) return facts(given).http == kForbidden;  // no document gives a code for SUSPENDED
  return std::ranges::any_of(kLeeways, [&](const Leeway& leeway) {
    return leeway.due == due && leeway.given == given &&
           (command == nullptr || leeway.only == nullptr || leeway.only(*command));
  });
}

bool agree(const Command* command, const Outcome& expected, const Outcome& observed) {
  if (observed.kind == Outcome::Kind::unknown) return true;
  if (expected.kind != observed.kind) return false;
  return expected.kind == Outcome::Kind::accepted ? answers_agree(expected.answer, observed.answer)
                                                  : codes_agree(command, expected.code, observed.code);
}

}  // namespace

bool acceptable(const Command& command, const Outcome& expected, const Outcome& observed) {
  return agree(&command, expected, observed);
}

bool acceptable(const Outcome& expected, const Outcome& observed) {
  return agree(nullptr, expected, observed);
}

Outcome apply_observed(World& world, const Command& command, Instant now, const Outcome& observed) {
  const bool at_processor =
      command.action == Action::processor_pay || command.action == Action::processor_cancel_intent;
  if (at_processor && observed.kind == Outcome::Kind::refused &&
      rules::find(world.tasks, task_of(command.escrow)) != nullptr) {
    const Escrow& escrow = world.escrows[command.escrow.value];
    if (escrow.state == EscrowState::refunded && escrow.has_intent && !escrow.captured) {
      // The server was first, so its cancellation's event exists and can be delivered.
      if (command.action == Action::processor_cancel_intent) apply(world, command, now);
      return observed;
    }
  }
  if (observed == Outcome::refused(Code::validation_error) && is_bare_override(world, command))
    return observed;
  return apply(world, command, now);
}

}  // namespace model
