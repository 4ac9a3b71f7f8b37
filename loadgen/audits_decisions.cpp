#include "loadgen/audits_decisions.h"

namespace loadgen {

std::vector<Audit> decision_audits() {
  return {
      {"N07", "HX954", "an appeal is decided by somebody who neither decided before nor is concerned",
       AuditTime::any, "content_appeals",
       "SELECT 'appeal ' || id, status || ', decided by ' || coalesce(reviewed_by::text, 'nobody') || ', "
       "before "
       "by ' || coalesce(original_reviewer::text, 'nobody') FROM content_appeals"
       " WHERE reviewed_by IN (user_id, original_reviewer)"
       " OR (status IN ('upheld', 'overturned')) <> (reviewed_by IS NOT NULL AND reviewed_at IS NOT NULL)"
       " OR submitted_at > deadline OR reviewed_at < submitted_at"},
      {"N08", "appeals", "an overturned decision and its strike count no more, an upheld one stands",
       AuditTime::any, "content_appeals,content_moderation_queue,user_strikes,strike_removals",
       "SELECT 'appeal ' || a.id, a.status || ', case ' || q.status || ', strikes that count: ' || s.count"
       " FROM content_appeals a JOIN content_moderation_queue q ON q.id = a.moderation_queue_id,"
       " LATERAL (SELECT count(*) FROM user_strikes s WHERE s.user_id = a.user_id AND s.source_event ="
       " 'moderation:' || q.id AND NOT EXISTS (SELECT 1 FROM strike_removals r WHERE r.strike_id = s.id)) s"
       " WHERE (a.status = 'overturned' AND (q.status <> 'approved' OR s.count > 0))"
       " OR (a.status <> 'overturned' AND q.status <> 'rejected')"},
      {"N09", "fraud score", "the level of a score is its band", AuditTime::any, "fraud_risk_scores",
       "SELECT 'score ' || id, risk_score || ' is ' || risk_level FROM fraud_risk_scores WHERE risk_level <>"
       " CASE WHEN risk_score >= 0.80 THEN 'CRITICAL' WHEN risk_score >= 0.60 THEN 'HIGH'"
       " WHEN risk_score >= 0.30 THEN 'MEDIUM' ELSE 'LOW' END"},
      {"N10", "SAF-21", "more than 500 dollars are moved by an admin when another one has agreed that day",
       AuditTime::any, "admin_actions,escrows,override_approvals",
       "SELECT 'escrow ' || e.id, a.action_type || ' of ' || e.amount || ' cents by ' || a.admin_user_id FROM"
       " admin_actions a JOIN escrows e ON e.id = a.target_escrow_id WHERE a.result = 'success' AND"
       " e.amount > 50000 AND e.funded_at IS NOT NULL AND a.action_type IN"
       " ('escrow_release', 'escrow_refund') AND NOT EXISTS (SELECT 1 FROM override_approvals o"
       " WHERE o.escrow_id = e.id AND 'escrow_' || o.act = a.action_type AND"
       " o.approved_by <> a.admin_user_id AND o.approved_at <= a.performed_at AND"
       " o.approved_at > a.performed_at - interval '24 hours')"},
      {"N11", "strikes", "nobody has removed a strike of his own, and a removal follows its strike",
       AuditTime::any, "strike_removals,user_strikes",
       "SELECT 'strike ' || r.strike_id, 'of ' || s.user_id || ', removed by ' || r.removed_by FROM"
       " strike_removals r JOIN user_strikes s ON s.id = r.strike_id WHERE r.removed_by = s.user_id OR"
       " r.removed_at < s.created_at"},
  };
}

}  // namespace loadgen
