#include "loadgen/identity.h"

#include <fmt/format.h>
#include <array>
#include <nlohmann/json.hpp>

#include "loadgen/encode.h"

namespace loadgen {

using model::Action;
using nlohmann::json;

namespace {

using Is = IdFact::Is;
using Fact = IdFact;

constexpr std::array kFacts{
    Fact{Action::task_create, "/poster_id", Is::caller},
    Fact{Action::task_create, "/created_at", Is::now},
    Fact{Action::task_accept, "/id", Is::task},
    Fact{Action::task_accept, "/worker_id", Is::caller},
    Fact{Action::task_accept, "/accepted_at", Is::now},
    Fact{Action::task_submit_proof, "/task/id", Is::task},
    Fact{Action::task_submit_proof, "/task/proof_submitted_at", Is::now},
    Fact{Action::proof_submit, "/task/id", Is::task},
    Fact{Action::proof_submit, "/task/proof_submitted_at", Is::now},
    Fact{Action::task_complete, "/task/id", Is::task},
    Fact{Action::task_complete, "/task/completed_at", Is::now},
    Fact{Action::task_complete, "/escrow/id", Is::escrow},
    Fact{Action::task_cancel, "/task/id", Is::task},
    Fact{Action::task_cancel, "/task/cancelled_at", Is::now},
    Fact{Action::task_cancel, "/escrow/id", Is::escrow},
    Fact{Action::task_get_by_id, "/id", Is::task},
    Fact{Action::task_get_by_id, "/escrow/id", Is::escrow},
    Fact{Action::escrow_create_intent, "/escrow_id", Is::escrow},
    Fact{Action::escrow_create_intent, "/payment_intent_id", Is::intent},
    Fact{Action::escrow_release, "/id", Is::escrow},
    Fact{Action::escrow_refund, "/id", Is::escrow},
    Fact{Action::escrow_get_by_task_id, "/id", Is::escrow},
    Fact{Action::escrow_get_by_task_id, "/task_id", Is::task},
    Fact{Action::escrow_get_by_task_id, "/stripe_payment_intent_id", Is::intent},
    Fact{Action::proof_accept, "/id", Is::proof},
    Fact{Action::proof_accept, "/reviewed_by", Is::caller},
    Fact{Action::proof_accept, "/reviewed_at", Is::now},
    Fact{Action::proof_reject, "/id", Is::proof},
    Fact{Action::proof_reject, "/reviewed_by", Is::caller},
    Fact{Action::proof_reject, "/reviewed_at", Is::now},
    Fact{Action::proof_get_by_task_id, "/task_id", Is::task},
    Fact{Action::user_get_profile, "/id", Is::caller},
    Fact{Action::user_update_profile, "/id", Is::caller},
    Fact{Action::dispute_create, "/dispute/task_id", Is::task},
    Fact{Action::dispute_create, "/dispute/opened_by", Is::caller},
    Fact{Action::dispute_create, "/escrow/id", Is::escrow},
    Fact{Action::dispute_resolve, "/dispute/id", Is::dispute},
    Fact{Action::dispute_resolve, "/dispute/resolved_by", Is::caller},
    Fact{Action::dispute_resolve, "/dispute/resolved_at", Is::now},
    Fact{Action::dispute_get_by_task_id, "/task_id", Is::task},
    Fact{Action::eligibility_get_profile, "/user_id", Is::caller},
    Fact{Action::verification_submit_license, "/verification_id", Is::verification},
    Fact{Action::verification_submit_insurance, "/verification_id", Is::verification},
    Fact{Action::verification_initiate_background_check, "/check_id", Is::verification},
    Fact{Action::verification_resolve, "/verification_id", Is::verification},
    Fact{Action::onboarding_complete, "/profile/id", Is::caller},
    Fact{Action::onboarding_complete, "/capability_profile/user_id", Is::caller},
    Fact{Action::onboarding_complete, "/onboarding_completed_at", Is::now},
};

std::string slot(const std::vector<std::string>& ids, std::uint16_t index) {
  return index < ids.size() ? ids[index] : std::string();
}

constexpr std::array kCreated{
    Fact{Action::task_create, "/id", Is::task},
    Fact{Action::task_create, "/escrow_id", Is::escrow},
    Fact{Action::escrow_create_intent, "/payment_intent_id", Is::intent},
    Fact{Action::task_submit_proof, "/proof/id", Is::proof},
    Fact{Action::proof_submit, "/proof/id", Is::proof},
    Fact{Action::dispute_create, "/dispute/id", Is::dispute},
    Fact{Action::verification_submit_license, "/verification_id", Is::verification},
    Fact{Action::verification_submit_insurance, "/verification_id", Is::verification},
    Fact{Action::verification_initiate_background_check, "/check_id", Is::verification}};

// Empty: not known, so nothing is compared.
std::string expected(Is is, const model::Command& command, const Bindings& ids, model::Instant now,
                     bool clock) {
  switch (is) {
    case Is::task:
      return slot(ids.tasks, command.task.value);
    case Is::escrow:
      return slot(ids.escrows, command.task.present() ? command.task.value : command.escrow.value);
    case Is::intent:
      return slot(ids.intents, command.task.value);
    case Is::proof:
      return slot(ids.proofs, command.proof.value);
    case Is::dispute:
      return slot(ids.disputes, command.dispute.value);
    case Is::verification:
      return slot(ids.verifications, command.verification.value);
    case Is::caller:
      return slot(ids.users, command.actor.value);
    case Is::now:
      return clock ? iso_text(now) : std::string();
  }
  return {};
}

void put(std::vector<std::string>& ids, std::uint16_t index, const json& data, const char* pointer) {
  const json::json_pointer where(pointer);
  if (index >= ids.size() || !ids[index].empty() || !data.contains(where) || !data[where].is_string()) return;
  ids[index] = data[where].get<std::string>();
}

}  // namespace

std::optional<std::string> identity_breach(const model::Command& command, const Bindings& ids,
                                           model::Instant now, bool clock, const json& data) {
  for (const Fact& fact : kFacts) {
    if (fact.action != command.action) continue;
    const json::json_pointer where(fact.pointer);
    if (!data.is_object() || !data.contains(where) || !data[where].is_string()) continue;
    const std::string wanted = expected(fact.is, command, ids, now, clock);
    if (!wanted.empty() && data[where].get_ref<const std::string&>() != wanted) {
      return fmt::format("{}: expected {}, got {}", fact.pointer + 1, wanted, data[where].get<std::string>());
    }
  }
  return std::nullopt;
}

std::span<const IdFact> known_ids() {
  return kFacts;
}

std::span<const IdFact> created_ids() {
  return kCreated;
}

void bind_created(const model::Command& command, const json& data, Bindings& ids) {
  for (const Fact& fact : kCreated) {
    if (fact.action != command.action) continue;
    switch (fact.is) {
      case Is::task:
        put(ids.tasks, command.task.value, data, fact.pointer);
        break;
      case Is::escrow:
        put(ids.escrows, command.task.value, data, fact.pointer);
        break;
      case Is::intent:
        put(ids.intents, command.task.value, data, fact.pointer);
        break;
      case Is::proof:
        put(ids.proofs, command.proof.value, data, fact.pointer);
        break;
      case Is::dispute:
        put(ids.disputes, command.dispute.value, data, fact.pointer);
        break;
      case Is::verification:
        put(ids.verifications, command.verification.value, data, fact.pointer);
        break;
      case Is::caller:
      case Is::now:
        break;
    }
  }
}

}  // namespace loadgen
