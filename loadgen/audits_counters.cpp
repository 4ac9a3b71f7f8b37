#include "loadgen/audits_counters.h"

namespace loadgen {

// money.md C-M10: the queue of payouts that failed.
std::vector<Audit> payout_audits() {
  return {
      {"R01", "PAYOUT-RETRY", "a failed payout is tried five times, later and later, and never forgotten",
       AuditTime::any, "transfer_retry_queue",
       "SELECT 'escrow ' || escrow_id, status || ' after ' || attempt_count || ' attempts, next ' ||"
       " coalesce((next_retry_at - last_attempt_at)::text, 'never') || ' later' FROM transfer_retry_queue"
       " WHERE attempt_count > 5 OR (status = 'FAILED_PERMANENT' AND attempt_count < 5)"
       " OR (status = 'PENDING' AND (attempt_count >= 5 OR (last_attempt_at IS NOT NULL AND (next_retry_at "
       "IS NULL"
       " OR next_retry_at < last_attempt_at + (ARRAY['5 minutes','30 minutes','2 hours','24 "
       "hours']::interval[])"
       "[greatest(attempt_count, 1)]))))"},
      {"R02", "PAYOUT-RETRY", "the attempts of a payout are those of its history", AuditTime::any,
       "transfer_retry_queue",
       "SELECT 'escrow ' || escrow_id, max(attempt_count) || ' attempts, ' ||"
       " sum(jsonb_array_length(coalesce(error_history, '[]'))) || ' in its history'"
       " FROM transfer_retry_queue GROUP BY escrow_id"
       " HAVING max(attempt_count) <> sum(jsonb_array_length(coalesce(error_history, '[]')))"},
      {"R03", "PAYOUT-RETRY", "no transfer that failed is counted twice", AuditTime::any,
       "transfer_retry_queue",
       "SELECT 'escrow ' || q.escrow_id, 'transfer ' || (h->>'transfer') || ' failed ' || count(*) || ' "
       "times'"
       " FROM transfer_retry_queue q, jsonb_array_elements(coalesce(q.error_history, '[]')) h"
       " WHERE h->>'transfer' IS NOT NULL GROUP BY q.escrow_id, h->>'transfer' HAVING count(*) > 1"},
      {"R05", "PAYOUT", "what waits to be paid is the worker's side of what was released", AuditTime::any,
       "transfer_retry_queue,escrows",
       "SELECT 'escrow ' || q.escrow_id, q.amount || ' of ' || e.amount || ' wait, ' || e.state || "
       "coalesce(' "
       "with ' || e.release_amount, '') FROM transfer_retry_queue q JOIN escrows e ON e.id = q.escrow_id"
       " WHERE e.state NOT IN ('RELEASED', 'REFUND_PARTIAL') OR q.amount::bigint <> (CASE e.state WHEN "
       "'RELEASED' THEN e.amount ELSE e.release_amount END)::bigint * 85 / 100"},
      {"R04", "money.md §2", "a processor's order that is over was tried", AuditTime::any, "outbox_events",
       "SELECT 'order ' || id, event_name || ' ' || status || ' after ' || attempts || ' attempts'"
       " FROM outbox_events WHERE status IN ('enqueued', 'processed') AND attempts < 1"},
  };
}

std::vector<Audit> safety_audits() {
  return {
      {"N01", "moderation", "every case for a human has the deadline of its severity", AuditTime::any,
       "content_moderation_queue",
       "SELECT 'moderation ' || id, severity || ', ' || (sla_deadline - flagged_at)::text || ' to decide'"
       " FROM content_moderation_queue WHERE sla_deadline - flagged_at <> CASE severity WHEN 'CRITICAL' THEN"
       " interval '1 hour' WHEN 'HIGH' THEN interval '4 hours' WHEN 'MEDIUM' THEN interval '24 hours'"
       " ELSE interval '48 hours' END"},
      {"N02", "moderation", "a decided case has a decision, a reviewer and his time, others have none",
       AuditTime::any, "content_moderation_queue",
       "SELECT 'moderation ' || id, coalesce(status, 'null') || ', decision ' || coalesce(review_decision, "
       "'null') || ', reviewer '"
       " || coalesce(reviewed_by::text, 'null') || ', reviewed ' || coalesce(reviewed_at::text, 'null')"
       " FROM content_moderation_queue WHERE (review_decision IS NULL) <> (reviewed_by IS NULL)"
       " OR (reviewed_by IS NULL) <> (reviewed_at IS NULL) OR reviewed_at < flagged_at OR reviewed_by = "
       "user_id"
       " OR CASE status WHEN 'approved' THEN coalesce(review_decision, '') NOT IN ('approve', 'no_action')"
       "   WHEN 'rejected' THEN coalesce(review_decision, '') <> 'reject'"
       "   WHEN 'escalated' THEN coalesce(review_decision, 'escalate') <> 'escalate'"
       "   ELSE review_decision IS NOT NULL END"},
      {"N03", "moderation",
       "three reports of one content, or five people about one person, escalate a case; fewer do not",
       AuditTime::any, "content_moderation_queue,content_reports",
       "SELECT 'moderation ' || q.id, q.status || ' after ' || r.reports || ' reports' FROM"
       " content_moderation_queue q JOIN (SELECT content_type, content_id, count(*) reports FROM"
       " content_reports GROUP BY content_type, content_id) r USING (content_type, content_id)"
       " WHERE q.flagged_by = 'user_report' AND q.review_decision IS NULL"
       " AND (q.status = 'escalated') <> (r.reports >= 3 OR EXISTS (SELECT 1 FROM content_reports x WHERE"
       " x.reported_content_user_id = q.user_id AND x.reported_at >= q.flagged_at AND (SELECT"
       " count(DISTINCT y.reporter_user_id) FROM content_reports y WHERE y.reported_content_user_id ="
       " q.user_id AND y.reported_at BETWEEN x.reported_at - interval '7 days' AND x.reported_at) >= 5))"},
      {"N04", "moderation", "a reported content waits for a human once", AuditTime::any,
       "content_moderation_queue,content_reports",
       "SELECT r.content_type || ' ' || r.content_id, count(DISTINCT q.id) || ' cases' FROM content_reports r"
       " LEFT JOIN content_moderation_queue q ON (q.content_type, q.content_id, q.flagged_by) ="
       " (r.content_type, r.content_id, 'user_report') GROUP BY r.content_type, r.content_id"
       " HAVING count(DISTINCT q.id) <> 1"},
      {"N05", "standing", "only a suspended account has an end or a reason of its suspension", AuditTime::any,
       "users",
       "SELECT 'user ' || id, coalesce(account_status, 'null') || ', until ' || "
       "coalesce(suspended_until::text, "
       "'null') || ', paused ' || coalesce(paused_at::text, 'null') FROM users"
       " WHERE (account_status IS DISTINCT FROM 'SUSPENDED' AND (suspended_until IS NOT NULL OR"
       " suspension_reason IS NOT NULL)) OR (account_status IS DISTINCT FROM 'PAUSED' AND"
       " (paused_at IS NOT NULL OR pause_streak_snapshot IS NOT NULL OR pause_trust_tier_snapshot IS NOT "
       "NULL))"},
      {"N06", "decision 14", "what counts against the cap on money is the escrow's amount", AuditTime::any,
       "beta_reservations,escrows",
       "SELECT 'escrow ' || r.escrow_id, r.amount || ' reserved for ' || coalesce(e.amount::text, 'nothing')"
       " FROM beta_reservations r LEFT JOIN escrows e ON e.id = r.escrow_id WHERE r.amount IS DISTINCT FROM "
       "e.amount"},
      {"F18", "proof-and-gps.md §5.5", "every signal has the weight of its kind", AuditTime::any,
       "fraud_events",
       "SELECT 'signal ' || id, kind || ' weighs ' || weight_hundredths FROM fraud_events"
       " WHERE weight_hundredths <> CASE kind WHEN 'poor_accuracy' THEN 10 WHEN 'impossible_travel' THEN 30"
       " WHEN 'time_manipulation' THEN 20 WHEN 'reused_photo' THEN 70"
       " WHEN 'out_of_range' THEN CASE WHEN proof_id IS NULL AND weight_hundredths = 40 THEN 40 ELSE 15 END"
       " ELSE 0 END"},
  };
}

}  // namespace loadgen
