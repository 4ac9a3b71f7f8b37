#include "loadgen/audits.h"

#include <array>
#include <vector>

#include <fmt/format.h>

#include "loadgen/audits_counters.h"
#include "loadgen/audits_decisions.h"
#include "loadgen/audits_proof.h"
#include "loadgen/audits_schema.h"

namespace loadgen {
namespace {

// money.md §5: level(xp), multiplier(streak), decay(xp), evaluated by the auditor itself.
std::string level(std::string_view xp) {
  return fmt::format(
      "(CASE WHEN {0} < 100 THEN 1 WHEN {0} < 300 THEN 2 WHEN {0} < 700 THEN 3 WHEN {0} < 1500 THEN 4"
      " WHEN {0} < 2700 THEN 5 WHEN {0} < 4500 THEN 6 WHEN {0} < 7000 THEN 7 WHEN {0} < 10500 THEN 8"
      " WHEN {0} < 18500 THEN 9 ELSE 10 END)",
      xp);
}

std::string multiplier(std::string_view streak) {
  return fmt::format(
      "(CASE WHEN {0} < 3 THEN 1.00 WHEN {0} < 7 THEN 1.10 WHEN {0} < 14 THEN 1.20 WHEN {0} < 30 THEN 1.30"
      " ELSE 1.50 END)",
      streak);
}

std::string decay(std::string_view xp) {
  return fmt::format("round(1 / (1 + log(1 + {} / 1000.0)), 4)", xp);
}

// Rows that one statement wrote share changed_at: a climb is then in order of its tiers, a fall in reverse.
constexpr std::string_view kTrustOrder =
    "changed_at, (CASE WHEN new_tier > old_tier THEN old_tier ELSE -old_tier END)";
constexpr std::string_view kTrustOrderBack =
    "changed_at DESC, (CASE WHEN new_tier > old_tier THEN old_tier ELSE -old_tier END) DESC";

std::vector<Audit> core_chain() {
  return {
      {"Q01", "INV-1", "every XP row belongs to a RELEASED escrow", AuditTime::any, "xp_ledger,escrows",
       "SELECT 'xp ' || x.id, 'escrow ' || x.escrow_id || ' is ' || coalesce(e.state, 'missing')"
       " FROM xp_ledger x LEFT JOIN escrows e ON e.id = x.escrow_id WHERE e.state IS DISTINCT FROM "
       "'RELEASED'"},
      {"Q02", "INV-2", "every RELEASED escrow has a COMPLETED task", AuditTime::any, "escrows,tasks",
       "SELECT 'escrow ' || e.id, 'RELEASED, task ' || e.task_id || ' is ' || coalesce(t.state, 'missing')"
       " FROM escrows e LEFT JOIN tasks t ON t.id = e.task_id"
       " WHERE e.state = 'RELEASED' AND t.state IS DISTINCT FROM 'COMPLETED'"},
      {"Q03", "INV-3", "every COMPLETED task that needs proof has an ACCEPTED one", AuditTime::any,
       "tasks,proofs",
       "SELECT 'task ' || t.id, 'COMPLETED, requires_proof ' || coalesce(t.requires_proof::text, 'null') ||"
       " ', no ACCEPTED proof' FROM tasks t WHERE t.state = 'COMPLETED' AND t.requires_proof IS NOT FALSE"
       " AND NOT EXISTS (SELECT 1 FROM proofs p WHERE p.task_id = t.id AND p.state = 'ACCEPTED')"},
      {"Q04", "INV-4", "every escrow's amount equals its task's price", AuditTime::any, "escrows,tasks",
       "SELECT 'escrow ' || e.id, 'amount ' || e.amount || ', price ' || t.price"
       " FROM escrows e JOIN tasks t ON t.id = e.task_id WHERE e.amount IS DISTINCT FROM t.price"},
      {"Q05", "INV-5", "no escrow has more than one XP row", AuditTime::any, "xp_ledger",
       "SELECT 'escrow ' || escrow_id, count(*) || ' XP rows' FROM xp_ledger GROUP BY escrow_id HAVING "
       "count(*) > 1"},
      {"Q06", "ESCROW-PARTIAL", "split amounts exist exactly in REFUND_PARTIAL and add up to the amount",
       AuditTime::any, "escrows",
       "SELECT 'escrow ' || id, state || ', amount ' || amount || ', release ' ||"
       " coalesce(release_amount::text, 'null') || ', refund ' || coalesce(refund_amount::text, 'null')"
       " FROM escrows WHERE (state = 'REFUND_PARTIAL' AND (refund_amount + release_amount IS DISTINCT FROM "
       "amount"
       " OR refund_amount < 0 OR release_amount < 0))"
       " OR (state <> 'REFUND_PARTIAL' AND (refund_amount IS NOT NULL OR release_amount IS NOT NULL))"},
      {"Q07", "state-machines.md §5", "task and escrow states form a legal pair", AuditTime::quiet,
       "tasks,escrows",
       "SELECT 'task ' || t.id, t.state || ' with escrow ' || coalesce(e.state, 'NONE')"
       " FROM tasks t LEFT JOIN escrows e ON e.task_id = t.id WHERE (t.state, coalesce(e.state, 'NONE')) NOT "
       "IN"
       " (('OPEN','NONE'),('OPEN','PENDING'),('OPEN','FUNDED'),('OPEN','REFUNDED'),('ACCEPTED','FUNDED'),"
       "('PROOF_SUBMITTED','FUNDED'),('DISPUTED','LOCKED_DISPUTE'),('COMPLETED','FUNDED'),"
       "('COMPLETED','RELEASED'),('CANCELLED','NONE'),('CANCELLED','REFUNDED'),('CANCELLED','REFUND_PARTIAL')"
       ","
       "('EXPIRED','NONE'),('EXPIRED','REFUNDED'))"},
      {"Q12", "INV-1 liveness", "every RELEASED escrow has its XP row", AuditTime::quiet, "escrows,xp_ledger",
       "SELECT 'escrow ' || e.id, 'RELEASED without an XP row' FROM escrows e"
       " LEFT JOIN xp_ledger x ON x.escrow_id = e.id WHERE e.state = 'RELEASED' AND x.id IS NULL"},
      {"Q13", "escrow bookkeeping", "escrow timestamps and payment ids match the state", AuditTime::any,
       "escrows",
       "SELECT 'escrow ' || id, state || ', funded_at ' || coalesce(funded_at::text, 'null') || ', intent ' "
       "||"
       " coalesce(stripe_payment_intent_id, 'null') || ', released_at ' || coalesce(released_at::text, "
       "'null') ||"
       " ', refunded_at ' || coalesce(refunded_at::text, 'null') FROM escrows"
       " WHERE (state IN ('FUNDED','LOCKED_DISPUTE','RELEASED','REFUND_PARTIAL')"
       " AND (funded_at IS NULL OR stripe_payment_intent_id IS NULL))"
       " OR (state = 'RELEASED' AND released_at IS NULL)"
       " OR (state IN ('REFUNDED','REFUND_PARTIAL') AND refunded_at IS NULL)"
       " OR released_at < funded_at OR refunded_at < funded_at"},
      {"Q29", "state-machines.md §5 progress", "no COMPLETED task's money is still held", AuditTime::quiet,
       "escrows,tasks",
       "SELECT 'escrow ' || e.id, 'FUNDED although task ' || t.id || ' is COMPLETED'"
       " FROM escrows e JOIN tasks t ON t.id = e.task_id WHERE t.state = 'COMPLETED' AND e.state = 'FUNDED'"},
      {"Q30", "task bookkeeping", "task timestamps match the state", AuditTime::any, "tasks",
       "SELECT 'task ' || id, state || ', accepted_at ' || coalesce(accepted_at::text, 'null') || ', "
       "completed_at ' ||"
       " coalesce(completed_at::text, 'null') || ', cancelled_at ' || coalesce(cancelled_at::text, 'null') ||"
       " ', expired_at ' || coalesce(expired_at::text, 'null') FROM tasks"
       " WHERE (state = 'COMPLETED') <> (completed_at IS NOT NULL)"
       " OR (state = 'CANCELLED') <> (cancelled_at IS NOT NULL) OR (state = 'EXPIRED') <> (expired_at IS NOT "
       "NULL)"
       " OR (state IN ('ACCEPTED','PROOF_SUBMITTED','DISPUTED','COMPLETED') AND accepted_at IS NULL)"},
  };
}

std::vector<Audit> experience_and_trust() {
  return {
      {"Q08", "INV-XP-4", "users.xp_total is the sum of the ledger, current_level follows from it",
       AuditTime::any, "users,xp_ledger",
       "SELECT 'user ' || u.id, 'xp_total ' || u.xp_total || ', ledger ' || coalesce(sum(x.effective_xp), 0) "
       "||"
       " ', level ' || u.current_level FROM users u LEFT JOIN xp_ledger x ON x.user_id = u.id GROUP BY u.id"
       " HAVING u.xp_total <> coalesce(sum(x.effective_xp), 0) OR u.current_level <> " +
           level("u.xp_total")},
      {"Q09", "XP-SNAPSHOT", "each user's XP rows chain without a gap, levels match", AuditTime::any,
       "xp_ledger",
       "SELECT 'xp ' || id, 'user ' || user_id || ': ' || b || ' + ' || f || ' -> ' || a || ', row before "
       "ended at '"
       " || prev || ', levels ' || lb || ' -> ' || la FROM (SELECT id, user_id, user_xp_before b, "
       "user_xp_after a,"
       " effective_xp f, user_level_before lb, user_level_after la, lag(user_xp_after, 1, 0) OVER"
       " (PARTITION BY user_id ORDER BY user_xp_before, awarded_at) prev FROM xp_ledger) s"
       " WHERE a <> b + f OR b <> prev OR lb <> " +
           level("b") + " OR la <> " + level("a")},
      {"Q10", "XP-OWNER", "XP goes to the worker of the escrow's task", AuditTime::any,
       "xp_ledger,escrows,tasks",
       "SELECT 'xp ' || x.id, 'user ' || x.user_id || ', worker ' || coalesce(t.worker_id::text, 'null') || "
       "', task '"
       " || x.task_id || ', escrow of task ' || t.id FROM xp_ledger x JOIN escrows e ON e.id = x.escrow_id"
       " JOIN tasks t ON t.id = e.task_id WHERE x.task_id <> t.id OR x.user_id IS DISTINCT FROM t.worker_id"},
      {"Q11", "money.md §5", "XP follows the formula", AuditTime::any, "xp_ledger,escrows",
       "SELECT 'xp ' || x.id, 'escrow ' || e.id || ', amount ' || e.amount || ': base ' || x.base_xp || ' x "
       "' || "
       "x.streak_multiplier ||"
       " ' x ' || x.decay_factor || ' -> ' || x.effective_xp || ' (streak ' || x.user_streak_at_award ||"
       " ', XP before ' || x.user_xp_before || ')' FROM xp_ledger x JOIN escrows e ON e.id = x.escrow_id"
       " WHERE x.base_xp <> e.amount / 100"
       " OR x.effective_xp <> greatest(1, floor(x.base_xp * x.streak_multiplier * x.decay_factor))"
       " OR x.streak_multiplier <> " +
           multiplier("x.user_streak_at_award") + " OR x.decay_factor <> " + decay("x.user_xp_before")},
      {"Q22", "AUDIT-2", "the last trust_ledger row names the current tier", AuditTime::any,
       "users,trust_ledger",
       fmt::format(
           "SELECT 'user ' || u.id, 'tier ' || u.trust_tier || ', ledger ' || coalesce(z.new_tier::text, "
           "'empty')"
           " FROM users u LEFT JOIN LATERAL (SELECT new_tier FROM trust_ledger l WHERE l.user_id = u.id"
           " ORDER BY {} LIMIT 1) z ON true WHERE u.trust_tier <> coalesce(z.new_tier, 1)",
           kTrustOrderBack)},
      {"Q23", "AUDIT-2", "each user's tier changes chain without a gap, one row per change", AuditTime::any,
       "trust_ledger",
       fmt::format(
           "SELECT 'user ' || user_id, 'a row from tier ' || old_tier || ' follows a row to tier ' || prev"
           " FROM (SELECT user_id, old_tier, new_tier, lag(new_tier, 1, 1) OVER (PARTITION BY user_id ORDER "
           "BY {})"
           " prev FROM trust_ledger) s WHERE old_tier <> prev OR old_tier = new_tier",
           kTrustOrder)},
  };
}

std::vector<Audit> eligibility() {
  return {
      {"Q24", "INV-ELIGIBILITY-1", "clearance follows the tier exactly", AuditTime::any,
       "capability_profiles,users",
       "SELECT 'user ' || user_id, 'tier ' || tier || ', clearance ' || r::text FROM (SELECT c.user_id,"
       " c.risk_clearance::text[] r, c.trust_tier tier, CASE c.trust_tier WHEN 1 THEN ARRAY['low']"
       " WHEN 4 THEN ARRAY['low','medium','high'] ELSE ARRAY['low','medium'] END want, c.trust_tier <> "
       "u.trust_tier"
       " stale FROM capability_profiles c JOIN users u ON u.id = c.user_id) s"
       " WHERE stale OR NOT (r @> want AND r <@ want)"},
      {"Q25", "INV-ELIGIBILITY-2", "every verified trade rests on a valid license", AuditTime::any,
       "verified_trades,license_verifications",
       "SELECT 'verified trade ' || v.id, 'license ' || l.id || ' is ' || l.status FROM verified_trades v"
       " JOIN license_verifications l ON l.id = v.license_verification_id WHERE l.status <> 'verified'"
       " OR l.expires_at < now() - interval '1 hour' OR l.user_id <> v.user_id OR l.trade <> v.trade OR "
       "l.state <> v.state"},
      {"Q26", "INV-ELIGIBILITY-4", "valid insurance and background check flags have their row",
       AuditTime::any, "capability_profiles,insurance_verifications,background_checks",
       "SELECT 'user ' || c.user_id, 'insurance ' || c.insurance_valid || ', background check ' ||"
       " c.background_check_valid FROM capability_profiles c WHERE (c.insurance_valid AND NOT EXISTS (SELECT "
       "1"
       " FROM insurance_verifications i WHERE i.user_id = c.user_id AND i.status = 'verified' AND "
       "i.expires_at > now() - interval '1 hour'))"
       " OR (c.background_check_valid AND NOT EXISTS (SELECT 1 FROM background_checks b"
       " WHERE b.user_id = c.user_id AND b.status = 'verified' AND b.expires_at > now() - interval '1 "
       "hour'))"},
  };
}

std::vector<Audit> people_and_proof() {
  return {
      {"Q14", "G13", "no task has two open disputes", AuditTime::any, "disputes",
       "SELECT 'task ' || task_id, count(*) || ' open disputes' FROM disputes WHERE state <> 'RESOLVED'"
       " GROUP BY task_id HAVING count(*) > 1"},
      {"Q15", "T6", "a task is DISPUTED exactly while it has an open dispute", AuditTime::any,
       "tasks,disputes",
       "SELECT 'task ' || t.id, t.state || ' with ' || (SELECT count(*) FROM disputes d WHERE d.task_id = "
       "t.id"
       " AND d.state <> 'RESOLVED') || ' open disputes' FROM tasks t WHERE (t.state = 'DISPUTED')"
       " <> EXISTS (SELECT 1 FROM disputes d WHERE d.task_id = t.id AND d.state <> 'RESOLVED')"},
      {"Q16", "D4", "a resolved dispute, its task and its escrow tell the same outcome", AuditTime::any,
       "disputes,tasks,escrows",
       "SELECT 'dispute ' || d.id, coalesce(d.resolution, 'null') || ', action ' ||"
       " coalesce(d.outcome_escrow_action, 'null') || ', task ' || t.state || ', escrow ' || e.state"
       " FROM disputes d JOIN tasks t ON t.id = d.task_id JOIN escrows e ON e.id = d.escrow_id"
       " WHERE d.state = 'RESOLVED' AND ((d.resolution, d.outcome_escrow_action, t.state, e.state) IN"
       " (('HUSTLER_WINS','RELEASE','COMPLETED','RELEASED'),('CLIENT_WINS','REFUND','CANCELLED','REFUNDED'),"
       "('SPLIT','SPLIT','CANCELLED','REFUND_PARTIAL'))) IS NOT TRUE"},
      {"Q17", "AUDIT-3", "a neutral admin resolved every dispute and left an audit row", AuditTime::any,
       "disputes,admin_actions",
       "SELECT 'dispute ' || d.id, 'resolved by ' || coalesce(d.resolved_by::text, 'nobody') FROM disputes d"
       " WHERE d.state = 'RESOLVED' AND (d.resolved_by IS NULL OR d.resolved_by IN (d.poster_id, d.worker_id)"
       " OR NOT EXISTS (SELECT 1 FROM admin_actions a WHERE a.target_dispute_id = d.id))"},
      {"Q18", "NO-SELF", "a taken task has a worker, who is not its poster", AuditTime::any, "tasks",
       "SELECT 'task ' || id, state || ', poster ' || poster_id || ', worker ' || coalesce(worker_id::text, "
       "'null')"
       " FROM tasks WHERE worker_id = poster_id"
       " OR (state IN ('ACCEPTED','PROOF_SUBMITTED','DISPUTED','COMPLETED') AND worker_id IS NULL)"},
      {"Q19", "NO-SELF", "proofs come from the worker and are reviewed by somebody else, with reason",
       AuditTime::any, "proofs,tasks",
       "SELECT 'proof ' || p.id, p.state || ', submitter ' || p.submitter_id || ', worker ' ||"
       " coalesce(t.worker_id::text, 'null') || ', reviewer ' || coalesce(p.reviewed_by::text, 'null')"
       " FROM proofs p JOIN tasks t ON t.id = p.task_id WHERE p.submitter_id IS DISTINCT FROM t.worker_id"
       " OR p.reviewed_by = p.submitter_id OR (p.state IN ('ACCEPTED','REJECTED') AND p.reviewed_at IS NULL)"
       " OR (p.state = 'REJECTED' AND coalesce(p.rejection_reason, '') = '')"},
      {"Q20", "PROOF-PHOTO-1", "every submitted proof has 1 to 5 photos", AuditTime::any,
       "proofs,proof_photos",
       "SELECT 'proof ' || p.id, p.state || ' with ' || count(f.id) || ' photos' FROM proofs p"
       " LEFT JOIN proof_photos f ON f.proof_id = p.id GROUP BY p.id HAVING count(f.id) > 5"
       " OR (p.state IN ('SUBMITTED','ACCEPTED','REJECTED') AND count(f.id) = 0)"},
  };
}

std::vector<Audit> around_the_core() {
  return {
      {"Q21", "LIVE-2", "LIVE tasks cost 1500 cents and are broadcast only when funded", AuditTime::any,
       "tasks,escrows",
       "SELECT 'task ' || t.id, 'LIVE, price ' || t.price || ', broadcast ' ||"
       " coalesce(t.live_broadcast_started_at::text, 'null') || ', funded ' || coalesce(e.funded_at::text, "
       "'null')"
       " FROM tasks t LEFT JOIN escrows e ON e.task_id = t.id WHERE t.mode = 'LIVE' AND (t.price < 1500"
       " OR (t.live_broadcast_started_at IS NOT NULL"
       " AND (e.funded_at IS NULL OR e.funded_at > t.live_broadcast_started_at)))"},
      {"Q27", "MSG-1", "messages pass only between poster and worker while the task runs", AuditTime::any,
       "task_messages,tasks",
       "SELECT 'message ' || m.id, 'task ' || t.id FROM task_messages m JOIN tasks t ON t.id = m.task_id"
       " WHERE m.sender_id NOT IN (t.poster_id, t.worker_id) OR m.receiver_id NOT IN (t.poster_id, "
       "t.worker_id)"
       " OR m.sender_id = m.receiver_id OR length(m.content) > 500 OR cardinality(m.photo_urls) > 3"
       " OR m.created_at < t.accepted_at OR m.created_at > coalesce(t.completed_at, t.cancelled_at, "
       "t.expired_at)"},
      {"Q28", "layer 0", "the ten core triggers exist and are enabled", AuditTime::any, "",
       "SELECT 'trigger ' || want, 'missing or disabled' FROM unnest(ARRAY['task_terminal_guard',"
       "'escrow_terminal_guard','escrow_amount_immutable','xp_requires_released_escrow','xp_ledger_no_delete'"
       ","
       "'badge_no_delete','escrow_released_requires_completed_task','task_completed_requires_accepted_proof',"
       "'trust_tier_audit','admin_actions_no_delete']) want WHERE NOT EXISTS (SELECT 1 FROM pg_trigger g"
       " WHERE g.tgname = want AND g.tgenabled IN ('O','A'))"},
      {"Q31", "RATE-1", "ratings come from the parties of a COMPLETED task, in time", AuditTime::any,
       "task_ratings,tasks",
       "SELECT 'rating ' || r.id, 'task ' || t.id || ' is ' || t.state FROM task_ratings r"
       " JOIN tasks t ON t.id = r.task_id WHERE t.state <> 'COMPLETED' OR r.rater_id = r.ratee_id"
       " OR (r.created_at > t.completed_at + interval '7 days' AND NOT r.is_auto_rated)"
       " OR r.rater_id NOT IN (t.poster_id, t.worker_id) OR r.ratee_id NOT IN (t.poster_id, t.worker_id)"},
  };
}

// Rules of invariants.md that its own list of queries leaves to constraints.
std::vector<Audit> uniqueness() {
  return {
      {"U01", "INV-STRIPE-1", "no processor event was taken note of twice", AuditTime::any,
       "processed_stripe_events",
       "SELECT 'event ' || event_id, count(*) || ' rows' FROM processed_stripe_events GROUP BY event_id"
       " HAVING count(*) > 1"},
      {"U02", "ESCROW-ONE", "no task has more than one escrow", AuditTime::any, "escrows",
       "SELECT 'task ' || task_id, count(*) || ' escrows' FROM escrows GROUP BY task_id HAVING count(*) > 1"},
      {"U03", "INV-BADGE-1", "nobody owns a badge twice", AuditTime::any, "badges",
       "SELECT 'user ' || user_id, count(*) || ' times ' || badge_type FROM badges GROUP BY user_id, "
       "badge_type"
       " HAVING count(*) > 1"},
      {"U04", "state-machines.md §4", "no task has two submitted proofs", AuditTime::any, "proofs",
       "SELECT 'task ' || task_id, count(*) || ' submitted proofs' FROM proofs WHERE state = 'SUBMITTED'"
       " GROUP BY task_id HAVING count(*) > 1"},
  };
}

std::vector<Audit> every_audit() {
  std::vector<Audit> all = core_chain();
  for (const auto& part :
       {experience_and_trust(), eligibility(), people_and_proof(), around_the_core(), payout_audits(),
        safety_audits(), decision_audits(), uniqueness(), photo_audits(), fix_audits(), schema_audits()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

std::span<const Audit> all_audits() {
  static const std::vector<Audit> all = every_audit();
  return all;
}

}  // namespace loadgen
