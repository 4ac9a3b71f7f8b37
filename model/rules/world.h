// The marketplace's state as plain values: what a correct backend knows about one test case.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/vocabulary/cents.h"
#include "model/vocabulary/ids.h"
#include "model/vocabulary/instant.h"
#include "model/vocabulary/states.h"

namespace model {

struct User {
  AccountStatus status = AccountStatus::active;
  LiveState live = LiveState::off;
  bool is_admin = false;
  bool can_resolve_disputes = false;
  bool can_override_escrow = false;
  bool has_payout_account = false;
  bool is_verified = false;
  std::uint8_t tier = 1;
  std::uint8_t level = 1;
  std::int32_t xp_total = 0;
  std::int32_t streak = 0;
  std::int32_t last_completed_day = INT32_MIN;  // UTC day, INT32_MIN: never
  Instant streak_grace_until;
  std::int32_t completed = 0;                   // tasks COMPLETED with this worker
  std::int32_t accepted_tasks = 0;
  std::int32_t disputed_tasks = 0;
  std::int32_t proofs_accepted = 0;
  std::int32_t proofs_rejected = 0;
  std::array<std::uint8_t, kCategoryNames.size()> completed_by_category{};
  std::uint32_t badges = 0;                     // one bit per row of the badge table (money.md §8)
  std::vector<Instant> recent_completions;      // perfect-week, early-bird: bounded by the case
  bool operator==(const User&) const = default;
};

struct Task {
  bool exists = false;
  bool requires_proof = true;
  TaskState state = TaskState::open;
  Mode mode = Mode::standard;
  Category category = Category::errands;
  std::uint8_t attempts = 0;  // submitted proofs (decision 9)
  UserId poster;
  UserId worker;
  ProofId latest_proof;
  DisputeId open_dispute;
  Cents price = 0;
  Instant deadline;
  bool operator==(const Task&) const = default;
};

struct Escrow {
  EscrowState state = EscrowState::pending;
  bool has_intent = false;       // createIntent succeeded
  bool captured = false;         // the processor holds or held the money
  bool intent_canceled = false;  // the processor gave the intent up
  bool late_capture_refund = false;  // decision 6: captured after the escrow became terminal
  bool transfer_recorded = false;
  Cents amount = 0;
  Cents release_amount = 0;
  Cents refund_amount = 0;
  bool operator==(const Escrow&) const = default;
};

struct Proof {
  bool exists = false;
  ProofState state = ProofState::pending;
  TaskId task;
  UserId submitter;
  UserId reviewer;
  Instant submitted;
  Instant reviewed;
  bool operator==(const Proof&) const = default;
};

struct Dispute {
  bool exists = false;
  DisputeState state = DisputeState::open;
  Resolution resolution = Resolution::hustler_wins;
  TaskId task;
  UserId opened_by;
  UserId resolved_by;
  bool operator==(const Dispute&) const = default;
};

// An event at the payment processor, and whether the server has already taken note of it (INV-STRIPE-1).
struct PaymentEvent {
  bool exists = false;
  bool processed = false;
  std::uint8_t type = 0;  // EventType
  EscrowId escrow;
  bool operator==(const PaymentEvent&) const = default;
};

struct World {
  std::vector<User> users;
  std::vector<Task> tasks;
  std::vector<Escrow> escrows;  // same index as tasks
  std::vector<Proof> proofs;
  std::vector<Dispute> disputes;
  std::vector<PaymentEvent> events;
  bool operator==(const World&) const = default;
};

}  // namespace model
