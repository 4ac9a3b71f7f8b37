// Refusals of administration, moderation and the beta (SAF-17): whoever lacks the capability changes nothing.
// What an accepted call changes concerns the whole marketplace and not one case; it is judged by drills of
// its own.
#include "model/rules/steps.h"
#include "model/vocabulary/contract.h"

namespace model::rules {
namespace {

access::Roles capabilities_of(const User& user) {
  if (!user.is_admin) return access::stranger;
  access::Roles roles = access::clerk;
  if (user.can_resolve_disputes) roles |= access::resolver;
  if (user.can_override_escrow) roles |= access::overrider;
  return roles;
}

bool concerns_a_user(Action action) {
  return action == Action::admin_add_strike || action == Action::admin_update_user_status ||
         action == Action::admin_grant_role || action == Action::admin_revoke_role ||
         action == Action::admin_assess_risk;
}

// A case has neither queue items, reports, appeals, strikes nor scores.
bool names_nothing_of_a_case(Action action) {
  return action == Action::admin_review_content || action == Action::moderation_report_content ||
         action == Action::moderation_appeal || action == Action::admin_remove_strike ||
         action == Action::admin_decide_appeal || action == Action::admin_review_risk;
}

}  // namespace

Outcome administer(const World& world, const Command& command) {
  const User& caller = world.users[command.actor.value];
  const Procedure& facts = procedure(command.action);
  if (concerns_a_user(command.action) && command.user.value >= world.users.size())
    return refused(Code::hx504);
  if (names_nothing_of_a_case(command.action)) return refused(Code::not_found);
  const bool about_money = command.action == Action::admin_approve_override;
  const Task* const task = about_money ? find(world.tasks, task_of(command.escrow)) : nullptr;
  if (about_money && task == nullptr) return refused(Code::not_found);
  if (facts.kind == Kind::mutation && !in_good_standing(caller)) return refused(Code::hx602);
  if ((capabilities_of(caller) & facts.who) == 0) return refused(Code::hx503);
  // SAF-19: whose money it is, he agrees to nothing.
  if (task != nullptr && (command.actor == task->poster || command.actor == task->worker))
    return refused(Code::hx503);
  // An account joins the beta by coming into being, so whoever has one cannot join again.
  return command.action == Action::beta_join ? refused(Code::conflict) : Outcome::accepted();
}

}  // namespace model::rules
