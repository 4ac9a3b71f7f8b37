// Properties of the rules over random command sequences. The seed is fixed unless RC_PARAMS is set.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <vector>

#include "model/judge/invariants.h"
#include "model/rules/apply.h"
#include "model/rules/books.h"
#include "model/rules/hash.h"
#include "model/rules/money.h"
#include "model/rules/transitions.h"
#include "tests/model/random_commands.h"
#include "tests/model/scenes.h"

namespace model {
namespace {

[[maybe_unused]] const int kSeeded = setenv("RC_PARAMS", "seed=20260726 max_success=100 max_size=400", 0);

using Numbers = std::vector<std::uint32_t>;

rc::Gen<Numbers> sequences() {
  return rc::gen::container<Numbers>(400, rc::gen::inRange<std::uint32_t>(0, 0x7FFFFFFF));
}

bool is_read(Action action) {
  return action == Action::task_get_by_id || action == Action::task_list ||
         action == Action::escrow_get_by_task_id || action == Action::proof_get_by_task_id ||
         action == Action::dispute_get_by_task_id || action == Action::user_get_profile ||
         action == Action::user_get_xp || action == Action::user_get_badges ||
         action == Action::user_get_trust_tier || action == Action::feed_get ||
         action == Action::eligibility_check || action == Action::eligibility_get_profile ||
         action == Action::verification_get_status || action == Action::onboarding_get_progress;
}

// The purpose of the generator: without it the properties below would hold for want of events.
TEST(RandomCommands, ReachEveryStateOfEveryMachine) {
  std::set<TaskState> tasks;
  std::set<EscrowState> escrows;
  std::set<std::string_view> codes;
  bool late = false;
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    Numbers numbers;
    for (std::uint32_t i = 0; i < 400; ++i) numbers.push_back(seed * 400 + i);
    play(roomy_world(), numbers, [&](const World&, const Move&, const Outcome& outcome, const World& after) {
      codes.insert(verdict(outcome));
      for (std::size_t t = 0; t < after.tasks.size(); ++t) {
        if (!after.tasks[t].exists) continue;
        tasks.insert(after.tasks[t].state);
        escrows.insert(after.escrows[t].state);
        late = late || after.escrows[t].late_capture_refund;
      }
    });
  }
  EXPECT_EQ(tasks.size(), kTaskStateNames.size());
  EXPECT_EQ(escrows.size(), kEscrowStateNames.size());
  EXPECT_TRUE(late);
  for (const std::string_view code :
       {"ok", "CONFLICT", "HX001", "HX002", "HX201", "HX301", "HX501", "HX502", "HX503", "HX902", "HX903",
        "NOT_FOUND", "VALIDATION_ERROR", "BAD_SIGNATURE"}) {
    EXPECT_TRUE(codes.contains(code)) << code;
  }
}

// Every invariant after every command; CONSERVATION is one of them.
RC_GTEST_PROP(Properties, InvariantsHoldAfterEveryCommand, ()) {
  play(roomy_world(), *sequences(), [](const World&, const Move& move, const Outcome&, const World& after) {
    if (all_hold(after)) return;
    const BrokenInvariant broken = broken_invariants(after).front();
    RC_FAIL(std::string(broken.id) + " after " + std::string(name(move.command.action)) + ": " +
            broken.entity);
  });
}

// error-codes.md §4: a refused request changes nothing; a read neither.
RC_GTEST_PROP(Properties, RefusalsAndReadsChangeNothing, ()) {
  play(roomy_world(), *sequences(),
       [](const World& before, const Move& move, const Outcome& outcome, const World& after) {
         RC_ASSERT(outcome.kind != Outcome::Kind::unknown);
         if (outcome.kind == Outcome::Kind::refused || is_read(move.command.action))
           RC_ASSERT(before == after);
       });
}

// TERM-TASK, TERM-ESCROW, TERM-DISPUTE: whatever comes, final things stay; only late_capture_refund and the
// transfer's id may still be noted, and the capture itself happens at the processor.
RC_GTEST_PROP(Properties, FinalStatesAreFinal, ()) {
  play(roomy_world(), *sequences(), [](const World& before, const Move&, const Outcome&, const World& after) {
    for (std::size_t i = 0; i < before.tasks.size(); ++i) {
      if (before.tasks[i].exists && is_terminal(before.tasks[i].state))
        RC_ASSERT(before.tasks[i] == after.tasks[i]);
      if (!before.tasks[i].exists || !is_terminal(before.escrows[i].state)) continue;
      Escrow was = before.escrows[i];
      Escrow is = after.escrows[i];
      was.captured = is.captured = was.intent_canceled = is.intent_canceled = false;
      was.late_capture_refund = is.late_capture_refund = was.transfer_recorded = is.transfer_recorded = false;
      RC_ASSERT(was == is);
    }
    for (std::size_t i = 0; i < before.disputes.size(); ++i) {
      if (before.disputes[i].exists && before.disputes[i].state == DisputeState::resolved) {
        RC_ASSERT(before.disputes[i] == after.disputes[i]);
      }
    }
  });
}

template <class State>
bool is_edge(const auto& edges, State from, State to) {
  return from == to || std::ranges::any_of(edges, [&](const Edge<State>& edge) {
           return edge.from == from && edge.to == to;
         });
}

// Every observed step is an edge of the tables (P6 of the auditor's snapshot checks). A review timeout takes
// two at once on the proof's task, but one on each machine.
RC_GTEST_PROP(Properties, EveryStepIsAListedEdge, ()) {
  play(roomy_world(), *sequences(), [](const World& before, const Move&, const Outcome&, const World& after) {
    for (std::size_t i = 0; i < before.tasks.size(); ++i) {
      if (!before.tasks[i].exists) continue;
      RC_ASSERT(is_edge(kTaskEdges, before.tasks[i].state, after.tasks[i].state));
      RC_ASSERT(is_edge(kEscrowEdges, before.escrows[i].state, after.escrows[i].state));
    }
    for (std::size_t i = 0; i < before.proofs.size(); ++i) {
      if (before.proofs[i].exists)
        RC_ASSERT(is_edge(kProofEdges, before.proofs[i].state, after.proofs[i].state));
    }
    for (std::size_t i = 0; i < before.disputes.size(); ++i) {
      if (before.disputes[i].exists) {
        RC_ASSERT(is_edge(kDisputeEdges, before.disputes[i].state, after.disputes[i].state));
      }
    }
  });
}

// INV-STRIPE-1: at any moment, delivering any processed event once more changes nothing.
RC_GTEST_PROP(Properties, ProcessedEventsHaveNoSecondEffect, ()) {
  play(roomy_world(), *sequences(), [](const World&, const Move& move, const Outcome&, const World& after) {
    for (std::uint16_t i = 0; i < after.events.size(); ++i) {
      if (!after.events[i].processed) continue;
      World again = after;
      const Command repeat{
          .action = Action::webhook_deliver, .event = EventId{i}, .event_type = after.events[i].type};
      RC_ASSERT(apply(again, repeat, move.now) == Outcome::accepted());
      RC_ASSERT(again == after);
    }
  });
}

// Money moves once: what has been transferred, refunded or kept never changes again; captures never shrink.
RC_GTEST_PROP(Properties, MoneyMovesOnce, ()) {
  play(roomy_world(), *sequences(), [](const World& before, const Move&, const Outcome&, const World& after) {
    for (std::uint16_t i = 0; i < before.tasks.size(); ++i) {
      if (!before.tasks[i].exists) continue;
      const Books was = books_of(before, EscrowId{i});
      const Books is = books_of(after, EscrowId{i});
      RC_ASSERT(is.balanced());
      RC_ASSERT(is.captured >= was.captured);
      RC_ASSERT(is.captured <= after.tasks[i].price);
      if (was.transferred + was.refunded + was.fee > 0) RC_ASSERT(was == is);
    }
  });
}

// XP-SNAPSHOT, INV-XP-4, INV-5: the rows of a worker who began with nothing form one chain from 0 to his
// total.
RC_GTEST_PROP(Properties, XpRowsFormOneChainPerWorker, ()) {
  const World world =
      play(roomy_world(), *sequences(), [](const World&, const Move&, const Outcome&, const World&) {});
  std::map<UserId, std::map<std::int32_t, std::int32_t>> rows;  // worker -> before -> effective
  for (std::size_t i = 0; i < world.tasks.size(); ++i) {
    const Escrow& escrow = world.escrows[i];
    if (escrow.xp_multiplier == 0) continue;
    RC_ASSERT(rows[world.tasks[i].worker].emplace(escrow.xp_before, escrow.effective_xp).second);
  }
  for (std::uint16_t user = 0; user < world.users.size(); ++user) {
    std::int32_t total = 0;
    for (const auto& [before, effective] : rows[UserId{user}]) {
      RC_ASSERT(before == total);
      RC_ASSERT(effective >= 1);
      total += effective;
    }
    RC_ASSERT(world.users[user].xp_total == total);
  }
}

// Rules are a function: the same command on an equal world gives the same answer, the same world, the same
// hash.
RC_GTEST_PROP(Properties, RulesAndHashAreFunctions, ()) {
  play(roomy_world(), *sequences(),
       [](const World& before, const Move& move, const Outcome& outcome, const World& after) {
         World twin = before;
         RC_ASSERT(hash(twin) == hash(before));
         RC_ASSERT(apply(twin, move.command, move.now) == outcome);
         RC_ASSERT(twin == after);
         RC_ASSERT(hash(twin) == hash(after));
         RC_ASSERT((before == after) == (hash(before) == hash(after)));
       });
}

// A model's own answer always passes as observed, with and without the command.
RC_GTEST_PROP(Properties, TheExpectedAnswerIsAcceptable, ()) {
  play(roomy_world(), *sequences(), [](const World&, const Move& move, const Outcome& outcome, const World&) {
    RC_ASSERT(acceptable(outcome, outcome));
    RC_ASSERT(acceptable(move.command, outcome, outcome));
  });
}

// money.md §3 beyond the exhaustive range: sums to the cent up to the largest price.
RC_GTEST_PROP(Properties, SplitsAddUpForAnyPrice, ()) {
  const Cents amount = *rc::gen::inRange<Cents>(500, 100'000'001);
  const int percent = *rc::gen::inRange(1, 100);
  const Split shares = split(amount, percent);
  RC_ASSERT(shares.release + shares.refund == amount);
  RC_ASSERT(shares.release > 0);
  RC_ASSERT(shares.refund > 0);
  RC_ASSERT(payout(shares.release) + fee(shares.release) == shares.release);
  RC_ASSERT(payout(shares.release) * 100 <= shares.release * 85);
  RC_ASSERT((payout(shares.release) + 1) * 100 > shares.release * 85);
}

// money.md §5: an award is at least 1, at most base x 1.5, and never grows with the total before it.
RC_GTEST_PROP(Properties, AwardsShrinkWithTheTotal, ()) {
  const auto base = *rc::gen::inRange<std::int32_t>(5, 1'000'001);
  const auto streak = *rc::gen::inRange<std::int32_t>(0, 400);
  const auto before = *rc::gen::inRange<std::int32_t>(0, 2'000'000'000);
  const auto more = *rc::gen::inRange<std::int32_t>(0, 100'000'000);
  const std::int32_t multiplier = multiplier_percent(streak);
  const std::int32_t award = effective_xp(base, multiplier, decay_10000(before));
  RC_ASSERT(award >= 1);
  RC_ASSERT(award <= base * std::int64_t{multiplier} / 100);
  RC_ASSERT(effective_xp(base, multiplier, decay_10000(before + more)) <= award);
}

}  // namespace
}  // namespace model
