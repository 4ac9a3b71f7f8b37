// The steps of error-codes.md §4 that every procedure shares, and the procedures that apply dispatches to.
// Internal to model/rules.
#pragma once

#include <vector>

#include "model/rules/transitions.h"
#include "model/rules/world.h"
#include "model/vocabulary/command.h"
#include "model/vocabulary/limits.h"
#include "model/vocabulary/outcome.h"

namespace model::rules {

// Step 3. Null when nothing exists under this id. An escrow exists exactly when its task does (ESCROW-ONE).
template <class Tag, class Record>
Record* find(std::vector<Record>& records, Id<Tag> id) {
  return id.value < records.size() && records[id.value].exists ? &records[id.value] : nullptr;
}
template <class Tag, class Record>
const Record* find(const std::vector<Record>& records, Id<Tag> id) {
  return id.value < records.size() && records[id.value].exists ? &records[id.value] : nullptr;
}

// Step 4: PAUSED and SUSPENDED accounts may read but not change anything.
inline bool in_good_standing(const User& user) {
  return user.status == AccountStatus::active;
}

// SAF-21: an admin moves more than the limit only together with another one; in a plan nobody agrees
// beforehand.
inline bool may_move_alone(const Task& task, UserId caller, Cents amount) {
  return caller == task.poster || amount <= limits::kOverrideAloneMax;
}

// Whether a creating command names an empty record. A plan that names another one is wrong, not the server:
// the answer is INTERNAL_ERROR, which no server may give.
template <class Tag, class Record>
bool is_free(const std::vector<Record>& records, Id<Tag> id) {
  return id.value < records.size() && !records[id.value].exists;
}

inline Outcome refused(Code code) {
  return Outcome::refused(code);
}

// Procedures. The caller exists, presented a valid credential and well-formed input (steps 1 and 2 are done).
Outcome create_task(World& world, const Command& command, Instant now);
Outcome accept_task(World& world, const Command& command, Instant now);
Outcome complete_task(World& world, const Command& command, Instant now);
Outcome cancel_task(World& world, const Command& command);
Outcome create_intent(World& world, const Command& command);
Outcome release_escrow(World& world, const Command& command, Instant now);
Outcome refund_escrow(World& world, const Command& command);
Outcome request_upload(const World& world, const Command& command);
Outcome submit_proof(World& world, const Command& command, Instant now);
Outcome review_proof(World& world, const Command& command, Cause verdict, Instant now);
Outcome create_dispute(World& world, const Command& command);
Outcome resolve_dispute(World& world, const Command& command, Instant now);
Outcome update_profile(const World& world, const Command& command);
Outcome administer(const World& world, const Command& command);  // refusals only: see privileged.cpp

// Queries: answers.h says what each fills.
Outcome read(const World& world, const Command& command);

// Feed, eligibility, verification, onboarding (eligibility.h).
Outcome read_feed(const World& world, const Command& command, Instant now);
Outcome read_eligibility(const World& world, const Command& command, Instant now);
Outcome read_capability(const World& world, const Command& command, Instant now);
Outcome read_verifications(const World& world, const Command& command, Instant now);
Outcome read_onboarding(const World& world, const Command& command);
Outcome submit_verification(World& world, const Command& command, Instant now);
Outcome resolve_verification(World& world, const Command& command, Instant now);
Outcome advance_onboarding(World& world, const Command& command, Instant now);

// The processor and its webhook.
Outcome pay(World& world, const Command& command);
Outcome cancel_intent(World& world, const Command& command);
Outcome deliver(World& world, const Command& command);

// The clock: jobs never refuse, and act on Command::task only.
Outcome expire(World& world, const Command& command, Instant now);
Outcome time_out_review(World& world, const Command& command, Instant now);

// Parts that several procedures share. Each leaves the world consistent with the spec's "same tx".
void judge_proof(World& world, ProofId proof, Cause verdict, UserId reviewer, Instant now);
void finish_task(World& world, TaskId task, Cause cause,
                 Instant now);                          // T5, T8 with E3, E6: complete, pay, award
void end_task(World& world, TaskId task, Cause cause);  // T9-T13 with E2, E4, E7: end without pay

}  // namespace model::rules
