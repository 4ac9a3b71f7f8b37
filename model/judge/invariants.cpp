#include "model/judge/invariants.h"

#include <algorithm>
#include <array>

#include "model/rules/books.h"
#include "model/rules/money.h"
#include "model/vocabulary/limits.h"

namespace model {
namespace {

using Offender = std::optional<std::size_t>;
using enum TaskState;
using ES = EscrowState;

// The first existing record for which `good` is false.
template <class Record>
Offender first_bad(const std::vector<Record>& records, auto good) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i].exists && !good(i, records[i])) return i;
  }
  return std::nullopt;
}

// `good(task, its escrow)`.
Offender first_bad_pair(const World& world, auto good) {
  return first_bad(world.tasks,
                   [&](std::size_t i, const Task& task) { return good(task, world.escrows[i]); });
}

bool has_xp_row(const Escrow& escrow) {
  return escrow.xp_multiplier != 0;
}

Offender inv_1(const World& world) {
  return first_bad_pair(
      world, [](const Task&, const Escrow& e) { return !has_xp_row(e) || e.state == ES::released; });
}

Offender inv_2(const World& world) {
  return first_bad_pair(
      world, [](const Task& t, const Escrow& e) { return e.state != ES::released || t.state == completed; });
}

Offender inv_3(const World& world) {
  return first_bad(world.tasks, [&](std::size_t i, const Task& task) {
    if (task.state != completed || !task.requires_proof) return true;
    return std::ranges::any_of(world.proofs, [&](const Proof& proof) {
      return proof.exists && proof.task.value == i && proof.state == ProofState::accepted;
    });
  });
}

Offender inv_4(const World& world) {
  return first_bad_pair(world, [](const Task& t, const Escrow& e) { return e.amount == t.price; });
}

Offender q06(const World& world) {
  return first_bad_pair(world, [](const Task&, const Escrow& e) {
    if (e.state != ES::refund_partial) return e.release_amount == 0 && e.refund_amount == 0;
    return e.release_amount >= 0 && e.refund_amount >= 0 && e.release_amount + e.refund_amount == e.amount;
  });
}

Offender split_share(const World& world) {
  return first_bad(world.disputes, [&](std::size_t, const Dispute& dispute) {
    if (dispute.state != DisputeState::resolved || dispute.resolution != Resolution::split) return true;
    const Escrow& escrow = world.escrows[dispute.task.value];
    return Split{escrow.release_amount, escrow.refund_amount} == split(escrow.amount, dispute.split_percent);
  });
}

// state-machines.md §5: one bit per escrow state, one row per task state.
constexpr unsigned bit(ES state) {
  return 1U << static_cast<unsigned>(state);
}
constexpr std::array<unsigned, kTaskStateNames.size()> kLegalEscrows{
    bit(ES::pending) | bit(ES::funded) | bit(ES::refunded),  // OPEN
    bit(ES::funded),                                         // ACCEPTED
    bit(ES::funded),                                         // PROOF_SUBMITTED
    bit(ES::locked_dispute),                                 // DISPUTED
    bit(ES::released) | bit(ES::funded),                     // COMPLETED
    bit(ES::refunded) | bit(ES::refund_partial),             // CANCELLED
    bit(ES::refunded),                                       // EXPIRED
};

Offender q07(const World& world) {
  return first_bad_pair(world, [](const Task& t, const Escrow& e) {
    return (kLegalEscrows[static_cast<std::size_t>(t.state)] & bit(e.state)) != 0;
  });
}

Offender inv_xp_4(const World& world) {
  for (std::size_t u = 0; u < world.users.size(); ++u) {
    const User& user = world.users[u];
    std::int64_t earned = 0;
    for (std::size_t t = 0; t < world.tasks.size(); ++t) {
      if (world.tasks[t].exists && world.tasks[t].worker.value == u) earned += world.escrows[t].effective_xp;
    }
    if (user.xp_total < earned || user.level != level_of(user.xp_total)) return u;
  }
  return std::nullopt;
}

// Rows of one worker do not overlap: any two are ordered (before, after) one behind the other.
Offender q09(const World& world) {
  return first_bad(world.tasks, [&](std::size_t i, const Task& task) {
    const Escrow& row = world.escrows[i];
    if (!has_xp_row(row)) return true;
    for (std::size_t j = i + 1; j < world.tasks.size(); ++j) {
      const Escrow& other = world.escrows[j];
      if (!has_xp_row(other) || world.tasks[j].worker != task.worker) continue;
      const bool apart = row.xp_before + row.effective_xp <= other.xp_before ||
                         other.xp_before + other.effective_xp <= row.xp_before;
      if (!apart) return false;
    }
    return true;
  });
}

Offender q11(const World& world) {
  return first_bad_pair(world, [](const Task&, const Escrow& e) {
    return !has_xp_row(e) ||
           e.effective_xp == effective_xp(base_xp(e.amount), e.xp_multiplier, decay_10000(e.xp_before));
  });
}

Offender q12(const World& world) {
  return first_bad_pair(
      world, [](const Task&, const Escrow& e) { return e.state != ES::released || has_xp_row(e); });
}

Offender q13(const World& world) {
  return first_bad_pair(world, [](const Task&, const Escrow& e) {
    const bool needs_money = e.state == ES::funded || e.state == ES::locked_dispute ||
                             e.state == ES::released || e.state == ES::refund_partial;
    return !needs_money || (e.funded && e.has_intent && e.captured);
  });
}

Offender q14(const World& world) {
  return first_bad(world.disputes, [&](std::size_t i, const Dispute& dispute) {
    return dispute.state == DisputeState::resolved || world.tasks[dispute.task.value].open_dispute.value == i;
  });
}

Offender q15(const World& world) {
  return first_bad(world.tasks, [&](std::size_t, const Task& task) {
    const bool open = task.open_dispute.present();
    return open == (task.state == disputed) &&
           (!open || world.disputes[task.open_dispute.value].state != DisputeState::resolved);
  });
}

Offender q16(const World& world) {
  return first_bad(world.disputes, [&](std::size_t, const Dispute& dispute) {
    if (dispute.state != DisputeState::resolved) return true;
    const TaskState task = world.tasks[dispute.task.value].state;
    const ES escrow = world.escrows[dispute.task.value].state;
    switch (dispute.resolution) {
      case Resolution::hustler_wins:
        return task == completed && escrow == ES::released;
      case Resolution::client_wins:
        return task == cancelled && escrow == ES::refunded;
      case Resolution::split:
        return task == cancelled && escrow == ES::refund_partial;
    }
    return false;
  });
}

Offender q17(const World& world) {
  return first_bad(world.disputes, [&](std::size_t, const Dispute& dispute) {
    if (dispute.state != DisputeState::resolved) return true;
    const Task& task = world.tasks[dispute.task.value];
    const UserId resolver = dispute.resolved_by;
    return resolver.present() && resolver != task.poster && resolver != task.worker &&
           world.users[resolver.value].is_admin && world.users[resolver.value].can_resolve_disputes;
  });
}

Offender q18(const World& world) {
  return first_bad(world.tasks, [](std::size_t, const Task& task) {
    const bool needs_worker = task.state == accepted || task.state == proof_submitted ||
                              task.state == disputed || task.state == completed;
    return task.worker != task.poster && (!needs_worker || task.worker.present());
  });
}

Offender q19(const World& world) {
  return first_bad(world.proofs, [&](std::size_t, const Proof& proof) {
    const bool judged = proof.state == ProofState::accepted || proof.state == ProofState::rejected;
    return proof.submitter == world.tasks[proof.task.value].worker && proof.reviewer != proof.submitter &&
           (!judged || proof.reviewed.present());
  });
}

Offender q21(const World& world) {
  return first_bad(world.tasks, [](std::size_t, const Task& task) {
    return task.price >= (task.mode == Mode::live ? limits::kMinPriceLive : limits::kMinPriceStandard);
  });
}

// A SUBMITTED proof is the latest one of its task, so there is at most one; and the task waits, argues, or
// ended without asking for proof.
Offender one_submitted(const World& world) {
  return first_bad(world.proofs, [&](std::size_t i, const Proof& proof) {
    if (proof.state != ProofState::submitted) return true;
    const Task& task = world.tasks[proof.task.value];
    const bool waits = task.state == proof_submitted || task.state == disputed ||
                       (task.state == completed && !task.requires_proof);
    return waits && task.latest_proof.value == i;
  });
}

Offender attempts(const World& world) {
  return first_bad(world.tasks, [&](std::size_t i, const Task& task) {
    const auto submitted = std::ranges::count_if(
        world.proofs, [&](const Proof& proof) { return proof.exists && proof.task.value == i; });
    return submitted == task.attempts && task.attempts <= limits::kProofAttemptsMax;
  });
}

Offender conservation(const World& world) {
  return first_bad(world.tasks, [&](std::size_t i, const Task&) {
    return books_of(world, EscrowId{static_cast<std::uint16_t>(i)}).balanced();
  });
}

// Money moves at most once: a late capture is refunded only where nothing else was ever moved.
Offender late_capture(const World& world) {
  return first_bad_pair(world, [](const Task&, const Escrow& e) {
    return !e.late_capture_refund || (e.state == ES::refunded && e.captured && !e.funded);
  });
}

Offender tiers(const World& world) {
  for (std::size_t i = 0; i < world.users.size(); ++i) {
    if (world.users[i].tier < 1 || world.users[i].tier > kTierNames.size()) return i;
  }
  return std::nullopt;
}

constexpr std::string_view kChain = "invariants.md §1";
constexpr std::string_view kQueries = "invariants.md §9";
constexpr std::string_view kMoney = "money.md §3";

constexpr std::array kInvariants{
    Invariant{"INV-1", kChain, "XP is booked only for a RELEASED escrow.", "escrow", inv_1},
    Invariant{"INV-2", kChain, "Money is released only for a COMPLETED task.", "escrow", inv_2},
    Invariant{"INV-3", kChain, "A COMPLETED task that asks for proof has an ACCEPTED proof.", "task", inv_3},
    Invariant{"INV-4", kChain, "The escrow amount is the task price.", "escrow", inv_4},
    Invariant{"Q06", kQueries, "Split amounts add up, and exist only in REFUND_PARTIAL.", "escrow", q06},
    Invariant{"ESCROW-PARTIAL", kMoney, "A split gives the worker his percentage, rounded down.", "dispute",
              split_share},
    Invariant{"Q07", "state-machines.md §5", "Task and escrow states fit together.", "task", q07},
    Invariant{"INV-XP-4", "invariants.md §4", "A user's XP covers his awards, and his level follows from it.",
              "user", inv_xp_4},
    Invariant{"Q09", kQueries, "The XP awards of one worker form a chain.", "escrow", q09},
    Invariant{"Q11", "money.md §5", "Every XP award follows the formula.", "escrow", q11},
    Invariant{"Q12", kQueries, "Released money has its XP award.", "escrow", q12},
    Invariant{"Q13", kQueries, "Money is held or given only after a captured payment.", "escrow", q13},
    Invariant{"Q14", kQueries, "A task has at most one open dispute.", "dispute", q14},
    Invariant{"Q15", kQueries, "A task is DISPUTED exactly while a dispute is open.", "task", q15},
    Invariant{"Q16", kQueries, "A resolved dispute left task and escrow where its outcome says.", "dispute",
              q16},
    Invariant{"Q17", kQueries, "A dispute is resolved by an admin who is no party to it.", "dispute", q17},
    Invariant{"Q18", kQueries, "A task under way has a worker, who is not its poster.", "task", q18},
    Invariant{"Q19", kQueries, "A proof is the worker's, and somebody else judged it.", "proof", q19},
    Invariant{"Q21", kQueries, "A task costs at least the minimum of its mode (LIVE-2).", "task", q21},
    Invariant{"PROOF-ONE", "state-machines.md §4", "Only the latest proof of a waiting task is SUBMITTED.",
              "proof", one_submitted},
    Invariant{"PROOF-ATTEMPTS", "README.md decision 9", "A task sees at most three proofs, and counts them.",
              "task", attempts},
    Invariant{"CONSERVATION", kMoney, "Captured is transferred, refunded, kept as fee or held.", "escrow",
              conservation},
    Invariant{"LATE-CAPTURE", "README.md decision 6", "A late capture is refunded once and moves no state.",
              "escrow", late_capture},
    Invariant{"TIER", "money.md §6", "Trust tiers run from 1 to 4.", "user", tiers},
};

}  // namespace

std::span<const Invariant> all_invariants() {
  return kInvariants;
}

std::vector<BrokenInvariant> broken_invariants(const World& world) {
  std::vector<BrokenInvariant> broken;
  for (const Invariant& rule : kInvariants) {
    if (const Offender at = rule.offender(world)) {
      broken.push_back(
          {rule.id, rule.spec, rule.sentence, std::string(rule.entity) + " " + std::to_string(*at)});
    }
  }
  return broken;
}

bool all_hold(const World& world) {
  return std::ranges::none_of(kInvariants,
                              [&](const Invariant& rule) { return rule.offender(world).has_value(); });
}

}  // namespace model
