// The rules: what must be answered, and what changes. Pure, deterministic, no allocation.
#pragma once

#include "model/rules/world.h"
#include "model/vocabulary/command.h"
#include "model/vocabulary/outcome.h"

namespace model {

// Applies one command at `now`. A refusal leaves the world unchanged. Answers are filled as answers.h says.
//
// - Ids outside the world's vectors count as unknown entities (NOT_FOUND), never as a bug. A caller outside
//   World::users counts as nobody: HX501.
// - A creating command (task.create, submissions, dispute.create, processor actions) names an empty record.
// If the
//   command would succeed but the record is taken or missing, the plan is wrong: INTERNAL_ERROR, which no
//   server may answer, and nothing changes.
// - webhook.deliver with bad signature flavours: bad_signature. With content flavours: accepted, no effect.
// Genuine:
//   accepted, effect once per event. NOT_FOUND when the processor has no such event, so nothing can be sent:
//   payment events need the processor action that brings them about; transfer.created exists once the escrow
//   is RELEASED or REFUND_PARTIAL and the worker has a payout account; an unknown type is made up on
//   delivery.
// - Jobs act on Command::task alone and never refuse. job.transferRetry changes nothing in a World.
// - What an accepted admin.*, moderation.* or beta.* changes concerns the whole marketplace: only refusals
// are
//   answered here, the rest is judged with standing.h, freeze.h, admission.h and roles.h.
// - Not modelled, because no command leads there: decision 19 (suspending a worker while he works), demotion
// of
//   tiers, the pause effects on streaks, the live cool-down.
Outcome apply(World& world, const Command& command, Instant now);

// Whether `command` passes step 2: its input is what the contract and the clock allow.
bool is_well_formed(const Command& command);

// For judges. After a task with an unpaid intent ended, the server gives the intent up at the processor in
// the background (E2); until it has, a payment still goes through and becomes a late capture (decision 6). So
// whether processor.pay and processor.cancelIntent succeed then is the processor's word: a refusal that was
// observed is taken over. A refused pay changes nothing; a refused cancelIntent came second, so the event of
// the server's own cancellation exists. An admin's release or refund that tells no reason may be refused for
// that (SAF-21) before the server looks at the escrow. Everything else is apply.
Outcome apply_observed(World& world, const Command& command, Instant now, const Outcome& observed);

// Whether `observed`, from a server, is right where apply says `expected`. Equal, or one of the spec's
// leeways:
// - an unknown outcome is always acceptable, an accepted one may lack task.complete's optional xp_awarded;
// - CONFLICT where HX001 or HX002 is due (error-codes.md §4 step 6);
// - HX609 where CONFLICT is due, when both faults may be present (steps 8 and 9), or where HX912 or HX913 is
//   (eligibility.md §9: ELG-16 is a part of the predicate): task.accept;
// - FORBIDDEN where a stranger's private read is due NOT_FOUND (decision 10);
// - NOT_FOUND where HX504 is due (§3), any 403 where HX602 is due (step 4);
// - VALIDATION_ERROR where HX902 is due for a price that is too low for every mode.
bool acceptable(const Command& command, const Outcome& expected, const Outcome& observed);

// The same without the command: every leeway is granted whatever was called.
bool acceptable(const Outcome& expected, const Outcome& observed);

}  // namespace model
