#include "loadgen/attack/schema_facts.h"

#include <array>

namespace loadgen::attack {
namespace {

// clang-format off: one table a paragraph.
constexpr auto kTables = std::to_array<TableText>({
    {"users",
     "id uuid! =new @@; email t255! @; phone t20 @; full_name t255!; avatar_url t500; "
     "default_mode t20! =worker {worker,poster}; onboarding_version t20; onboarding_completed_at at; "
     "role_confidence_worker n5.4; role_confidence_poster n5.4; "
     "role_certainty_tier t20 {STRONG,MODERATE,WEAK}; role_was_overridden bool =false; "
     "inconsistency_flags t[]; risk_tolerance n4.3; urgency_bias n4.3; authority_expectation n4.3; "
     "price_sensitivity n4.3; trust_tier int! =1 [1..4]; xp_total int! =0 [0..]; "
     "current_level int! =1 [1..10]; current_streak int! =0 [0..]; last_task_completed_at at; "
     "streak_grace_expires_at at; is_verified bool =false; verified_at at; student_id_verified bool =false; "
     "stripe_customer_id t255; stripe_connect_id t255; xp_visibility_rules t20 =ledger; "
     "trust_ui_density t20 =normal; copy_tone_variant t20 =neutral; xp_first_celebration_shown_at at; "
     "live_mode_state t20 =OFF {OFF,ACTIVE,COOLDOWN,PAUSED}; live_mode_session_started_at at; "
     "live_mode_banned_until at; live_mode_total_tasks int =0; live_mode_completion_rate n5.4; "
     "created_at at! =now; updated_at at! =now; daily_active_minutes int =0; last_activity_date date; "
     "consecutive_active_days int =0; last_mandatory_break_at at; "
     "account_status t20 =ACTIVE {ACTIVE,PAUSED,SUSPENDED}; paused_at at; pause_streak_snapshot int; "
     "pause_trust_tier_snapshot int; firebase_uid t128 @; suspended_until at; suspension_reason t; "
     "banned bool! =false;",
     "updated_at; at open_pending"},
    {"tasks",
     "id uuid! =new @@; poster_id uuid! >users :$poster; worker_id uuid >users ~; title t255! #..255; "
     "description t!; requirements t; location t255; location_lat n10.7; location_lng n10.7; category t50; "
     "price int! [500..] :5000; scope_hash t64; "
     "state t20! =OPEN {OPEN,ACCEPTED,PROOF_SUBMITTED,DISPUTED,COMPLETED,CANCELLED,EXPIRED} ~; "
     "mode t20! =STANDARD {STANDARD,LIVE}; live_broadcast_started_at at ~; live_broadcast_expired_at at ~; "
     "live_broadcast_radius_miles n4.1; deadline at; accepted_at at ~; proof_submitted_at at ~; "
     "completed_at at ~; cancelled_at at ~; expired_at at ~; requires_proof bool! =true; "
     "proof_instructions t; created_at at! =now; updated_at at! =now; task_category t255; "
     "risk_level t20 {low,medium,high,critical}; required_trade t255; required_trust_tier int [0..4]; "
     "insurance_required bool! =false; background_check_required bool! =false; location_state c2 #2; "
     "classification_confidence n3.2 [0..1]; classification_rules_applied json =[]; "
     "urgency t20! ~ {standard,same_day,immediate};",
     "updated_at; at open_pending; "
     "undeleted; never worker_id=$poster state='ACCEPTED' accepted_at='2031-02-03T04:05:06Z'"},
    {"escrows",
     "id uuid! =new @@; task_id uuid! >tasks @ :$bare; amount int! [1..] ~ :5000; "
     "state t20! =PENDING {PENDING,FUNDED,LOCKED_DISPUTE,RELEASED,REFUNDED,REFUND_PARTIAL} ~; "
     "refund_amount int [0..] ~; release_amount int [0..] ~; stripe_payment_intent_id t255; "
     "stripe_transfer_id t255; stripe_refund_id t255; funded_at at ~; released_at at ~; refunded_at at ~; "
     "created_at at! =now; updated_at at! =now;",
     "updated_at; at open_pending; undeleted"},
    {"proofs",
     "id uuid! =new @@; task_id uuid! >tasks :$task; submitter_id uuid! >users :$worker; "
     "state t20! =PENDING {PENDING,SUBMITTED,ACCEPTED,REJECTED,EXPIRED} ~; description t; "
     "reviewed_by uuid >users ~; reviewed_at at ~; rejection_reason t ~; submitted_at at ~; "
     "review_deadline at; created_at at! =now; updated_at at! =now;",
     "updated_at; at accepted; undeleted"},
    {"proof_photos",
     "id uuid! =new @@; proof_id uuid! >proofs+ :$proof; storage_key t500! :$id; content_type t100!; "
     "file_size_bytes big!; checksum_sha256 t64! :encode(sha256($id::bytea), 'hex'); capture_time at; "
     "sequence_number int ~ [1..5] :2; created_at at! =now;",
     "at proof_pending; unique proof_id sequence_number; unique proof_id checksum_sha256"},
    {"xp_ledger",
     "id uuid! =new @@; user_id uuid! >users ~ :$worker; task_id uuid! >tasks ~ :$task; "
     "escrow_id uuid! >escrows @ ~ :$escrow; base_xp int! [1..] ~ :50; streak_multiplier n3.2! =1.00; "
     "decay_factor n6.4! =1.0000; effective_xp int! [1..] ~ :50; reason t50! =task_completion; "
     "user_xp_before int! ~ :0; user_xp_after int! ~ :50; user_level_before int! ~ :1; "
     "user_level_after int! ~ :1; user_streak_at_award int! ~ :1; awarded_at at! =now;",
     "at released"},
    {"trust_ledger",
     "id uuid! =new @@; user_id uuid! >users ~ :$worker; old_tier int! [1..4] ~ :1; "
     "new_tier int! [1..4] ~ :2; reason t100!; reason_details json; task_id uuid >tasks; dispute_id uuid; "
     "changed_by t100!; changed_at at! =now;",
     "at open_pending"},
    {"badges",
     "id uuid! =new @@; user_id uuid! >users :$worker; badge_type t50!; badge_tier int! [1..4]; "
     "animation_shown_at at; awarded_for t100; task_id uuid >tasks; awarded_at at! =now;",
     "unique user_id badge_type; at open_pending"},
    {"disputes",
     "id uuid! =new @@; task_id uuid! >tasks ~ :$task; escrow_id uuid! >escrows ~ :$escrow; "
     "initiated_by uuid! >users ~ :$poster; poster_id uuid! >users ~ :$poster; "
     "worker_id uuid! >users ~ :$worker; state t20! =OPEN {OPEN,EVIDENCE_REQUESTED,RESOLVED,ESCALATED} ~; "
     "reason t100!; description t!; resolution t50 ~; resolution_notes t; resolved_by uuid >users ~; "
     "resolved_at at ~; outcome_escrow_action t20 {RELEASE,REFUND,SPLIT} ~; "
     "outcome_worker_penalty bool =false; outcome_poster_penalty bool =false; created_at at! =now; "
     "updated_at at! =now;",
     "updated_at; at submitted; undeleted; unique task_id where state <> 'RESOLVED'; never initiated_by=$stranger"},
    {"processed_stripe_events",
     "event_id t255! @@; event_type t100!; processed_at at! =now; result t50!; error_message t;",
     "at open_pending; undeleted; fixed event_id"},
    {"transfer_retry_queue",
     "id uuid! =new @@; escrow_id uuid! >escrows :$escrow; task_id uuid! >tasks :$task; "
     "worker_id uuid! >users :$worker; amount int! [1..] :4250; stripe_transfer_id t255; "
     "status t20! =PENDING {PENDING,PROCESSING,SUCCEEDED,FAILED_PERMANENT,CANCELLED}; "
     "attempt_count int! =0; max_attempts int! =5; last_error_code t100; last_error_message t; "
     "error_history json =[]; next_retry_at at; last_attempt_at at; created_at at! =now; "
     "updated_at at! =now; completed_at at;",
     "unique escrow_id where status IN ('PENDING', 'PROCESSING'); updated_at; at awarded; untruncated"},
    {"admin_roles",
     "id uuid! =new @@; user_id uuid! >users @; role t50! {support,moderator,admin,founder}; "
     "can_resolve_disputes bool =false; can_override_escrow bool =false; can_modify_trust bool =false; "
     "can_ban_users bool =false; can_access_financials bool =false; granted_at at! =now; "
     "granted_by uuid >users;",
     "at open_pending"},
    {"admin_actions",
     "id uuid! =new @@; admin_user_id uuid! >users :$admin; admin_role t50!; action_type t100!; "
     "action_details json!; target_user_id uuid >users; target_task_id uuid >tasks; "
     "target_escrow_id uuid >escrows; target_dispute_id uuid >disputes; result t50!; result_details json; "
     "performed_at at! =now;",
     "kept"},
});
// clang-format on

}  // namespace

std::span<const TableText> core_tables() {
  return kTables;
}

}  // namespace loadgen::attack
