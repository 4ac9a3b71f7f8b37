// The marketplace's state as plain values: what a correct backend knows about one test case.
// Every record is free of padding, so that a world can be hashed and compared as bytes (hash.h).
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "model/vocabulary/cents.h"
#include "model/vocabulary/command.h"
#include "model/vocabulary/eligibility.h"
#include "model/vocabulary/geo.h"
#include "model/vocabulary/ids.h"
#include "model/vocabulary/instant.h"
#include "model/vocabulary/place.h"
#include "model/vocabulary/states.h"

namespace model {

// What a user has done of onboarding; kept in one byte together with the willingness of his claims.
enum OnboardingBit : std::uint8_t {
  onboarding_role = 1,
  onboarding_profile = 2,
  onboarding_claims = 4,
  onboarding_tutorial = 8,
  onboarding_done = 16  // the capability profile exists
};
inline constexpr std::uint8_t kOnboarded = 31;  // an ordinary account; it is willing to do nothing special
inline constexpr std::uint8_t kWillingnessShift = 5;

struct User {
  AccountStatus status = AccountStatus::active;
  LiveState live = LiveState::off;
  bool is_admin = false;  // a row in admin_roles
  bool can_resolve_disputes = false;
  bool can_override_escrow = false;
  bool has_payout_account = false;
  bool is_verified = false;
  std::uint8_t tier = 1;
  std::uint16_t level = 1;
  std::uint16_t rating_hundredths =
      0;  // user_rating_summary.avg_rating * 100; 0: no ratings, so tier 4 stays shut
  std::array<std::uint16_t, kCategoryNames.size()> completed_by_category{};
  UsState home = 0;                      // location_state of the profile; means nothing before the claims
  std::uint8_t onboarding = kOnboarded;  // OnboardingBit and, shifted, the Willingness of the claims
  std::int32_t xp_total = 0;
  std::int32_t streak = 0;
  std::int32_t last_completed_day = INT32_MIN;  // UTC day, INT32_MIN: never
  std::int32_t completed = 0;                   // tasks COMPLETED with this worker
  std::int32_t early_completions = 0;           // of them, before 09:00 UTC (early-bird)
  std::int32_t accepted_tasks = 0;
  std::int32_t disputed_tasks = 0;
  std::int32_t proofs_accepted = 0;
  std::int32_t proofs_rejected = 0;
  std::uint32_t badges = 0;          // one bit per row of kBadges (reputation.h)
  std::int64_t risk_hundredths = 0;  // his open risk score (ELG-16); 0: none
  Instant fix_at;  // of the last stored proof with a fix (proof-and-gps.md §5.4); absent: none yet
  DegreesE7 fix_latitude = 0;
  DegreesE7 fix_longitude = 0;
  std::int32_t fix_accuracy_dm = 0;
  std::int32_t fix_repeats = 0;  // fixes in a row with these very coordinates
  Instant streak_grace_until;
  std::array<Instant, 7>
      clean_completions{};  // newest first; tasks whose every proof was accepted (perfect-week)
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
  DisputeId open_dispute;  // absent again once resolved
  DisputeId latest_dispute;
  // What the classifier fixed at posting (eligibility.md §6).
  Risk risk = Risk::low;
  Trade trade = Trade::none;
  std::uint8_t tier = 1;
  UsState location = 0;
  bool insurance = false;
  bool background = false;
  bool immediate = false;  // urgency (§6.1)
  bool in_home = false;
  GeoPoint place;
  Cents price = 0;
  Instant deadline;
  Instant created;
  Instant accepted_at;
  bool operator==(const Task&) const = default;
};

struct Escrow {
  EscrowState state = EscrowState::pending;
  bool has_intent = false;           // createIntent succeeded
  bool captured = false;             // the processor holds or held the money
  bool intent_canceled = false;      // the processor gave the intent up
  bool funded = false;               // E1 happened (funded_at)
  bool late_capture_refund = false;  // decision 6: captured after the escrow became terminal
  bool transfer_recorded = false;    // stripe_transfer_id is known
  std::uint8_t xp_multiplier = 0;    // percent, of the XP row of this escrow; 0: no row (INV-5: at most one)
  std::int32_t xp_before = 0;        // the worker's total when the row was written
  std::int32_t effective_xp = 0;     // what the row gave
  Cents amount = 0;
  Cents release_amount = 0;  // set in REFUND_PARTIAL only (Q06), before the fee
  Cents refund_amount = 0;
  bool operator==(const Escrow&) const = default;
};

struct Proof {
  bool exists = false;
  ProofState state = ProofState::pending;
  TaskId task;
  UserId submitter;
  UserId reviewer;            // absent: not reviewed, or accepted by the clock (P4)
  std::uint32_t signals = 0;  // one bit per Signal
  std::uint16_t risk = 0;     // hundredths (§5.5)
  bool manual_review = false;
  std::uint8_t photos = 0;
  Instant submitted;
  Instant reviewed;
  bool operator==(const Proof&) const = default;
};

struct Dispute {
  bool exists = false;
  DisputeState state = DisputeState::open;
  Resolution resolution = Resolution::hustler_wins;
  std::uint8_t split_percent = 0;  // the worker's share; 0 unless resolved as SPLIT
  TaskId task;
  UserId opened_by;
  UserId resolved_by;
  bool operator==(const Dispute&) const = default;
};

// An event at the payment processor, and whether the server has already taken note of it (INV-STRIPE-1).
struct PaymentEvent {
  bool exists = false;
  bool processed = false;
  bool applied = false;  // processed, and it changed something
  EventType type = EventType::payment_succeeded;
  EscrowId escrow;
  bool operator==(const PaymentEvent&) const = default;
};

// Evidence of a capability (eligibility.md §2.2, §2.5, §2.6), one record per key. What counts follows from it
// and the clock: nothing else of a capability profile is stored here.
struct Verification {
  bool exists = false;
  VerificationKind kind = VerificationKind::license;
  VerificationStatus status = VerificationStatus::pending;  // as decided; `expired` is for the clock to say
  Trade trade = Trade::none;                                // none for background checks
  UsState state = 0;                                        // of a license
  std::uint8_t spare = 0;
  UserId user;
  Instant expires;  // set while verified
  bool operator==(const Verification&) const = default;
};

// A picture by its bytes. PRF-13: bound to one proof, once and for all.
struct Picture {
  UserId worker;
  TaskId task;
  ProofId proof;  // absent: not bound
  bool operator==(const Picture&) const = default;
};

struct World {
  std::vector<User> users;
  std::vector<Task> tasks;
  std::vector<Escrow> escrows;  // same index and size as tasks
  std::vector<Proof> proofs;
  std::vector<Dispute> disputes;
  std::vector<PaymentEvent> events;
  std::vector<Verification> verifications;
  std::vector<Picture> pictures;
  bool operator==(const World&) const = default;
};

static_assert(std::has_unique_object_representations_v<User> &&
              std::has_unique_object_representations_v<Task> &&
              std::has_unique_object_representations_v<Escrow> &&
              std::has_unique_object_representations_v<Proof> &&
              std::has_unique_object_representations_v<Dispute> &&
              std::has_unique_object_representations_v<PaymentEvent> &&
              std::has_unique_object_representations_v<Verification> &&

              std::has_unique_object_representations_v<Picture>);

}  // namespace model
