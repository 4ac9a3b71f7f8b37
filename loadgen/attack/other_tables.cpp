#include "loadgen/attack/schema_facts.h"

#include <array>

namespace loadgen::attack {
namespace {

// clang-format off: one table a paragraph.
constexpr auto kTables = std::to_array<TableText>({
    {"capability_claims",
     "id uuid! =new @@; user_id uuid! >users+ @; role t20! {hustler,poster,both}; claimed_trades t[]! ={}; "
     "license_claims json! =[]; insurance_claimed bool! =false; work_state c2! #2; work_region t255; "
     "risk_preferences json! =?; created_at at! =now;",
     "at open_pending; fixed"},
    {"license_verifications",
     "id uuid! =new @@; user_id uuid! >users :$worker; trade t255! :'roofer'; state c2! #2 :'WA'; "
     "license_number t255!; license_type t255; status t20! =pending {pending,verified,failed,expired} ~; "
     "verified_at at; expires_at at; failure_reason t; source t20! {registry,document,manual_review}; "
     "verification_method t50; verification_provider t255; confidence_score n3.2 [0..1]; "
     "reviewer_id uuid >users-; review_notes t; created_at at! =now; updated_at at! =now;",
     "unique user_id trade state; at open_pending; "
     "never status='verified' verified_at='2031-02-03T04:05:06Z' expires_at=NULL; "
     "never status='verified' verified_at=NULL expires_at='2031-02-03T04:05:06Z'"},
    {"capability_profiles",
     "user_id uuid! @@ >users+ :$stranger; profile_id uuid! =new @; trust_tier int! [1..4] :1; "
     "trust_tier_updated_at at! =now; risk_clearance t[]! ={low}; insurance_valid bool! =false; "
     "insurance_expires_at at; background_check_valid bool! =false; background_check_expires_at at; "
     "location_state c2! #2 :'WA'; location_city t255; willingness_flags json! =?; "
     "verification_status json! ={}; expires_at json ={}; derived_at at! =now; created_at at! =now; "
     "updated_at at! =now;",
     "at qualified; derived; never trust_tier=5 risk_clearance='{low,medium}'; never trust_tier=0 risk_clearance='{low,medium}'; "
     "never trust_tier=1 risk_clearance='{low,medium}'; "
     "never trust_tier=2 risk_clearance='{low,medium,high}'; "
     "never trust_tier=4 risk_clearance='{low,medium,high,critical}'; "
     "never trust_tier=3 risk_clearance='{medium}'"},
    {"verified_trades",
     "id uuid! =new @@; "
     "profile_id uuid! >capability_profiles.profile_id+ :(SELECT profile_id FROM capability_profiles WHERE user_id = $worker); "
     "user_id uuid! >users+ :$worker; trade t255! :'plumber'; state c2! #2 :'WA'; "
     "license_verification_id uuid! >license_verifications @ :(SELECT id FROM license_verifications WHERE user_id = $worker LIMIT 1); "
     "verified_at at! :now(); "
     "expires_at at :(SELECT expires_at FROM license_verifications WHERE user_id = $worker LIMIT 1); "
     "verification_method t50! {license_scan,certification,portfolio,test,manual_review};",
     "unique profile_id trade state; at qualified; derived; "
     "never verified_at='2031-02-03T04:05:06Z' expires_at='2031-02-03T04:05:05Z'; "
     "never verified_at='2099-02-03T04:05:06Z'"},
    {"insurance_verifications",
     "id uuid! =new @@; user_id uuid! >users :$worker; trade t255! :'plumber'; "
     "status t20! =pending {pending,verified,failed,expired} ~; coverage_amount int! [1..] :100000; "
     "verified_at at; expires_at at; failure_reason t; source t20! {coi_upload,manual_review}; "
     "verification_method t50; created_at at! =now; updated_at at! =now;",
     "unique user_id trade; at qualified; "
     "never status='verified' verified_at='2031-02-03T04:05:06Z' expires_at=NULL; "
     "never status='verified' verified_at=NULL expires_at='2031-02-03T04:05:06Z'"},
    {"background_checks",
     "id uuid! =new @@; user_id uuid! >users :$worker; "
     "status t20! =pending {pending,verified,failed,expired} ~; provider t255!; provider_check_id t255; "
     "verified_at at; expires_at at; failure_reason t; results_encrypted bytes; created_at at! =now; "
     "updated_at at! =now;",
     "at open_pending; never status='verified' verified_at='2031-02-03T04:05:06Z' expires_at=NULL; "
     "never status='verified' verified_at=NULL expires_at='2031-02-03T04:05:06Z'; "
     "unique user_id where status = 'verified'; unique user_id where status = 'pending'"},
    {"task_messages",
     "id uuid! =new @@; task_id uuid! >tasks+ :$task; sender_id uuid! >users+ :$poster; "
     "receiver_id uuid! >users+ :$worker; message_type t20! {TEXT,AUTO,PHOTO,LOCATION}; content t #..500; "
     "auto_message_template t50; photo_urls t[]; photo_count int =0 [0..3]; location_latitude n10.8; "
     "location_longitude n11.8; location_expires_at at; read_at at; deleted_at at; "
     "moderation_status t20 =pending {pending,approved,flagged,quarantined}; moderation_flags t[]; "
     "created_at at! =now; updated_at at! =now;",
     "updated_at"},
    {"notifications",
     "id uuid! =new @@; user_id uuid! >users+ :$worker; category t50!; title t200!; body t!; deep_link t!; "
     "task_id uuid >tasks-; metadata json ={}; channels t[]! ={push}; "
     "priority t10! {LOW,MEDIUM,HIGH,CRITICAL}; sent_at at ~; delivered_at at ~; read_at at ~; "
     "clicked_at at; group_id uuid; group_position int; created_at at! =now; expires_at at;",
     "never sent_at='2000-01-01T00:00:00Z'; "
     "never sent_at='2031-02-03T04:05:06Z' delivered_at='2031-02-03T04:05:05Z'; "
     "never sent_at='2031-02-03T04:05:06Z' delivered_at='2031-02-03T04:05:06Z' read_at='2031-02-03T04:05:05Z'"},
    {"notification_preferences",
     "id uuid! =new @@; user_id uuid! >users+ @; quiet_hours_enabled bool =true; "
     "quiet_hours_start time =22:00:00; quiet_hours_end time =07:00:00; push_enabled bool =true; "
     "email_enabled bool =false; sms_enabled bool =false; category_preferences json! ={}; "
     "created_at at! =now; updated_at at! =now;",
     "updated_at"},
    {"task_ratings",
     "id uuid! =new @@; task_id uuid! >tasks+ :$task; rater_id uuid! >users+ :$poster; "
     "ratee_id uuid! >users+ :$worker; stars int! [1..5]; comment t #..500; tags t[]; is_public bool =true; "
     "is_blind bool =true; is_auto_rated bool =false; created_at at! =now; updated_at at! =now;",
     "unique task_id rater_id ratee_id; updated_at; at released; "
     "fixed stars comment tags rater_id ratee_id task_id created_at; remains"},
    {"poster_ratings",
     "id uuid! =new @@; task_id uuid! >tasks :$task; poster_id uuid! >users :$poster; "
     "rated_by uuid! >users :$worker; rating t20! {GREAT,OKAY,DIFFICULT}; feedback_flags t[]; "
     "created_at at! =now;",
     "unique task_id rated_by; at released"},
    {"live_sessions",
     "id uuid! =new @@; user_id uuid! >users; started_at at! =now; ended_at at; "
     "end_reason t20 {MANUAL,COOLDOWN,FATIGUE,FORCED}; tasks_accepted int =0; tasks_declined int =0; "
     "tasks_completed int =0; earnings_cents int =0; created_at at! =now;",
     ""},
    {"live_broadcasts",
     "id uuid! =new @@; task_id uuid! >tasks :$task; started_at at! =now; expired_at at; accepted_at at; "
     "accepted_by uuid >users; initial_radius_miles n4.1!; final_radius_miles n4.1; "
     "hustlers_notified int =0; hustlers_viewed int =0; created_at at! =now;",
     ""},
    {"user_task_drafts",
     "id uuid! =new @@; user_id uuid! >users+ @; title t255; description t; requirements t; location t255; "
     "location_lat n10.7; location_lng n10.7; category t50; price int [1..]; deadline at; "
     "mode t20 {STANDARD,LIVE}; requires_proof bool; proof_instructions t; last_step_completed t50; "
     "draft_data json ={}; created_at at! =now; updated_at at! =now; expires_at at! =?;",
     "updated_at"},
    {"ai_events",
     "id uuid! =new @@; subsystem t50!; event_type t50!; actor_user_id uuid >users; "
     "subject_user_id uuid >users; task_id uuid >tasks; dispute_id uuid >disputes; payload json!; "
     "payload_hash t64!; schema_version t20!; created_at at! =now;",
     ""},
    {"ai_jobs",
     "id uuid! =new @@; event_id uuid! >ai_events; subsystem t50!; "
     "status t20! =PENDING {PENDING,PROCESSING,COMPLETED,FAILED,TIMED_OUT,KILLED}; model_provider t50; "
     "model_id t100; prompt_version t20; started_at at; completed_at at; timeout_ms int =30000; "
     "attempt_count int =0; max_attempts int =3; last_error t; created_at at! =now; updated_at at! =now;",
     "updated_at"},
    {"ai_proposals",
     "id uuid! =new @@; job_id uuid! >ai_jobs; proposal_type t50!; proposal json!; proposal_hash t64!; "
     "confidence n5.4; certainty_tier t20; anomaly_flags t[]; schema_version t20!; created_at at! =now;",
     ""},
    {"ai_decisions",
     "id uuid! =new @@; proposal_id uuid! >ai_proposals; accepted bool!; reason_codes t[]!; writes json; "
     "final_author t100!; decided_at at! =now;",
     ""},
    {"evidence",
     "id uuid! =new @@; task_id uuid >tasks; dispute_id uuid >disputes; proof_id uuid >proofs; "
     "uploader_user_id uuid! >users; requested_by t20! {system,poster,admin}; request_reason_codes t[]!; "
     "ai_request_proposal_id uuid >ai_proposals; storage_key t500!; content_type t100!; "
     "file_size_bytes big!; checksum_sha256 t64!; capture_time at; device_metadata json; "
     "access_scope t20! =restricted {uploader_only,restricted,dispute_reviewers,admin_only}; "
     "retention_deadline at!; legal_hold bool =false; deleted_at at; "
     "moderation_status t20 =pending {pending,approved,flagged,quarantined}; moderation_flags t[]; "
     "created_at at! =now; updated_at at! =now;",
     "updated_at"},
    {"session_forecasts",
     "id uuid! =new @@; user_id uuid! >users; earnings_low_cents int!; earnings_high_cents int!; "
     "confidence t20! {LOW,MEDIUM,HIGH}; conditions t20! {POOR,FAIR,GOOD,EXCELLENT}; best_categories t[]; "
     "nearby_demand int; actual_earnings_cents int; inputs_hash t64; expires_at at!; created_at at! =now;",
     ""},
    {"task_matching_scores",
     "id uuid! =new @@; task_id uuid! >tasks+ :$task; hustler_id uuid! >users+ :$worker; "
     "matching_score n3.2! [0..1]; relevance_score n3.2!; distance_miles n5.2!; calculated_at at! =now; "
     "expires_at at!;",
     "unique task_id hustler_id"},
    {"saved_searches",
     "id uuid! =new @@; user_id uuid! >users+; name t100!; query t; filters json! ={}; "
     "sort_by t20! =relevance; created_at at! =now;",
     ""},
    {"analytics_events",
     "id uuid! =new @@; event_type t100!; event_category t50! {user_action,system_event,error,performance}; "
     "user_id uuid >users-; session_id uuid!; device_id uuid!; task_id uuid >tasks-; task_category t50; "
     "trust_tier int; properties json! ={}; platform t20! {ios,android,web}; app_version t50; "
     "ab_test_id t100; ab_variant t20; event_timestamp at!; ingested_at at! =now;",
     ""},
    {"fraud_risk_scores",
     "id uuid! =new @@; entity_type t20! {user,task,transaction}; entity_id uuid!; risk_score n3.2! [0..1]; "
     "risk_level t20! {LOW,MEDIUM,HIGH,CRITICAL}; component_scores json! ={}; flags t[] ={}; "
     "status t20 =active {active,reviewed,resolved,dismissed}; reviewed_by uuid >users-; reviewed_at at; "
     "review_notes t; calculated_at at! =now; expires_at at;",
     "unique entity_type entity_id calculated_at; undeleted; "
     "fixed entity_type entity_id risk_score risk_level component_scores calculated_at"},
    {"fraud_patterns",
     "id uuid! =new @@; pattern_type t50!; pattern_description t!; user_ids uuid[]!; task_ids uuid[]; "
     "transaction_ids uuid[]; evidence json! ={}; "
     "status t20 =detected {detected,reviewed,confirmed,dismissed}; reviewed_by uuid >users-; "
     "reviewed_at at; detected_at at! =now; resolved_at at;",
     ""},
    {"content_moderation_queue",
     "id uuid! =new @@; content_type t50! {task,message,rating,profile,photo}; content_id uuid!; "
     "user_id uuid! >users+ :$worker; content_text t; content_url t; moderation_category t50!; "
     "severity t20! {LOW,MEDIUM,HIGH,CRITICAL}; ai_confidence n3.2 [0..1]; "
     "ai_recommendation t20 {approve,flag,block}; flagged_by t20! {ai,user_report,admin}; "
     "reporter_user_id uuid >users-; status t20 =pending {pending,reviewing,approved,rejected,escalated}; "
     "reviewed_by uuid >users-; reviewed_at at; review_decision t20 {approve,reject,escalate,no_action}; "
     "review_notes t; flagged_at at! =now; sla_deadline at!;",
     ""},
    {"content_reports",
     "id uuid! =new @@; content_type t50! {task,message,rating,profile,photo}; content_id uuid!; "
     "reported_content_user_id uuid! >users+ :$worker; reporter_user_id uuid! >users+ :$poster; "
     "category t50!; description t; status t20 =pending {pending,reviewed,resolved,dismissed}; "
     "reviewed_by uuid >users-; reviewed_at at; review_decision t20; review_notes t; reported_at at! =now;",
     "unique content_type content_id reporter_user_id"},
    {"content_appeals",
     "id uuid! =new @@; moderation_queue_id uuid >content_moderation_queue+; original_decision t20!; "
     "user_id uuid! >users+; appeal_reason t!; status t20 =pending {pending,reviewing,upheld,overturned}; "
     "reviewed_by uuid >users-; reviewed_at at; review_decision t20; review_notes t; submitted_at at! =now; "
     "deadline at!;",
     ""},
    {"gdpr_data_requests",
     "id uuid! =new @@; user_id uuid! >users+; "
     "request_type t20! {export,deletion,rectification,restriction}; request_details json ={}; "
     "status t20 =pending {pending,processing,completed,rejected,cancelled}; processed_by uuid >users-; "
     "processed_at at; result_url t; result_expires_at at; requested_at at! =now; deadline at!; "
     "completed_at at;",
     ""},
    {"user_consents",
     "id uuid! =new @@; user_id uuid! >users+; consent_type t50!; purpose t!; granted bool!; granted_at at; "
     "withdrawn_at at; ip_address t; user_agent t; created_at at! =now; updated_at at! =now;",
     "unique user_id consent_type; updated_at"},
    {"onboarding_progress",
     "user_id uuid! @@ >users+; role t20 {worker,poster}; profile bool! =false; tutorial bool! =false; "
     "started_at at! =now;",
     "at open_pending",
     "eligibility.md §2"},
    {"proof_uploads",
     "storage_key t500! @@; task_id uuid! >tasks :$task; user_id uuid! >users :$worker; "
     "photo_type t10! {before,during,after,result}; content_type t100! {image/jpeg,image/png,image/heic}; "
     "file_size_bytes big! [1..10485760]; "
     "checksum_sha256 t64! /^[0-9a-f]{64}$/ :encode(sha256($id::bytea), 'hex'); expires_at at!; "
     "created_at at! =now; proof_id uuid >proofs;",
     "at proof_pending; "
     "fixed task_id user_id photo_type content_type file_size_bytes checksum_sha256 expires_at",
     "proof-and-gps.md §3 PRF-7"},
    {"photo_bindings",
     "checksum_sha256 t64! @@; task_id uuid! >tasks :$task; worker_id uuid! >users :$worker; "
     "proof_id uuid! >proofs :$proof; bound_at at! =now;",
     "at proof_pending; kept",
     "proof-and-gps.md §4 PRF-13"},
    {"proof_locations",
     "proof_id uuid! @@ >proofs :$proof; user_id uuid! >users :$worker; "
     "latitude n10.7! [-90..90] :47.6062437; longitude n10.7! [-180..180] :-122.3321519; "
     "accuracy_m n7.1! [0..100] :8.3; captured_at at!; received_at at!; is_mock bool! =false; "
     "repeats int! [1..] :1; zone t40; risk_hundredths int! [0..49] :0; manual_review bool!;",
     "at proof_pending; kept; never captured_at='2031-02-03T04:05:07Z' received_at='2031-02-03T04:05:06Z'",
     "proof-and-gps.md §5"},
    {"fraud_events",
     "id uuid! =new @@; user_id uuid! >users :$worker; task_id uuid >tasks; proof_id uuid >proofs; "
     "kind t40!; weight_hundredths int! [0..100] :10; created_at at! =now;",
     "at submitted; kept",
     "proof-and-gps.md §5.6"},
    {"city_zones",
     "position int! @@; slug t40! @; north n10.7! :47.1; south n10.7! :47; east n10.7! :-122; "
     "west n10.7! :-122.1;",
     "at open_pending; never north=46.9; never east=-122.2",
     "proof-and-gps.md §5.2"},
    {"submission_keys",
     "user_id uuid! @@ >users :$worker; client_key t100! @@; payload_sha256 t64!; "
     "proof_id uuid! >proofs :$proof; answer json!; created_at at! =now;",
     "at submitted; fixed; remains",
     "proof-and-gps.md PRF-6"},
    {"outbox_events",
     "id uuid! =new @@; aggregate_type t50!; aggregate_id uuid!; event_name t100!; payload json! ={}; "
     "idempotency_key t255! @; status t20! =pending {pending,enqueued,processed,failed}; "
     "attempts int! =0 [0..]; available_at at! =now; created_at at! =now; processed_at at;",
     "at open_pending; fixed id idempotency_key; undeleted",
     "jobs-cache-realtime.md §2"},
    {"user_strikes",
     "id uuid! =new @@; user_id uuid! >users :$worker; severity int! [1..3] :1; source t20! {ai,manual}; "
     "source_event t255!; reason t!; related_task_id uuid >tasks; related_dispute_id uuid >disputes; "
     "created_by uuid >users; created_at at! =now;",
     "unique user_id source_event; kept",
     "safety-and-abuse.md §1.2"},
    {"strike_removals",
     "strike_id uuid! @@ >user_strikes; removed_by uuid! >users :$admin; reason t!; removed_at at! =now;",
     "kept; never removed_by=$worker",
     "safety-and-abuse.md §1.2 SAF-19"},
    {"user_risk_facts",
     "user_id uuid! @@ >users; devices int! =0 [0..]; addresses int! =0 [0..]; chargebacks int! =0 [0..]; "
     "card_risk_hundredths int! =0 [0..100]; updated_at at! =now;",
     "at open_pending",
     "safety-and-abuse.md §3.3"},
    {"override_approvals",
     "approved_by uuid! @@ >users :$admin; idempotency_key t255! @@; escrow_id uuid! >escrows :$escrow; "
     "act t20! {release,refund}; reason t!; approved_at at! =now;",
     "kept",
     "safety-and-abuse.md §7.1 SAF-21"},
    {"money_overrides",
     "admin_user_id uuid! @@ >users :$admin; idempotency_key t255! @@; escrow_id uuid! >escrows :$escrow; "
     "act t20! {release,refund}; reason t!; answer json!; performed_at at! =now;",
     "kept",
     "safety-and-abuse.md §7.1 SAF-21"},
    {"poster_cancellations",
     "task_id uuid! @@ >tasks :$task; poster_id uuid! >users :$poster; cancelled_at at! =now;",
     "kept",
     "safety-and-abuse.md §3.6"},
    {"freeze_switches",
     "name t20! @@ ~ {MARKETPLACE,REFUNDS}; active bool!; changed_by uuid >users; changed_at at! =now;",
     "at open_pending",
     "decision 13, SAF-14"},
    {"feature_flags",
     "key t100! @@; enabled_global bool!;",
     "at open_pending",
     "safety-and-abuse.md §5"},
    {"marketplace_rules",
     "city t100! @@ =; key t100! @@; value json!;",
     "at open_pending",
     "safety-and-abuse.md §5"},
    {"beta_invites",
     "code t64! @@ :upper($id); role t20! {hustler,poster,both}; city t100! =seattle; "
     "max_uses int! [1..] :10; uses int! =0 [0..]; expires_at at; created_by uuid >users; "
     "created_at at! =now;",
     "at open_pending; never uses=11 max_uses=10; never code='lower'; never code=' SPACE '",
     "safety-and-abuse.md §5"},
    {"beta_members",
     "user_id uuid! @@ >users; role t20! {hustler,poster}; city t100! =seattle; "
     "invite_code t64 >beta_invites.code; joined_at at! =now;",
     "at open_pending",
     "safety-and-abuse.md §5 SAF-9"},
    {"beta_reservations",
     "escrow_id uuid! @@ >escrows :$escrow; amount int! [1..] :5000; reserved_at at!;",
     "at open_pending",
     "decision 14"},
    {"rate_hits",
     "key t! @@; expires_at at!;",
     "at open_pending",
     "safety-and-abuse.md §4"},
});
// clang-format on

}  // namespace

std::span<const TableText> other_tables() {
  return kTables;
}

}  // namespace loadgen::attack
