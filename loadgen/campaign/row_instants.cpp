#include "loadgen/campaign/row_instants.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace loadgen {
namespace {

constexpr std::size_t kWorldsPerQuery = 1000;

// When something ends, and what a camera says, are no instants of calls. Tables with an instant, their
// columns with one, and those that name who or what the row is about.
constexpr std::string_view kTables =
    "WITH roots(name) AS (VALUES ('tasks'), ('escrows'), ('proofs'), ('disputes'), ('users')),"
    " moments AS (SELECT c.oid, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
    "   WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped"
    "     AND a.atttypid = 'timestamptz'::regtype AND a.attname ~ '_at$'"
    "     AND a.attname !~ '(expires|captured)_at$'"
    "     AND c.relname NOT IN ('outbox_events', 'transfer_retry_queue')),"
    " owners AS (SELECT c.oid, 'id' AS attname FROM pg_class c JOIN roots r ON r.name = c.relname"
    "   WHERE c.relnamespace = 'public'::regnamespace"
    "   UNION SELECT k.conrelid, a.attname FROM pg_constraint k JOIN roots r ON k.confrelid = "
    "to_regclass(r.name)"
    "     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]"
    "   WHERE k.contype = 'f' AND cardinality(k.conkey) = 1)"
    " SELECT m.oid::regclass, string_agg(DISTINCT quote_ident(m.attname), ','),"
    "   string_agg(DISTINCT quote_ident(o.attname), ',')"
    " FROM moments m JOIN owners o ON o.oid = m.oid GROUP BY m.oid ORDER BY 1";

// All columns with an instant of a call. 'seed' where rows of a new marketplace stand; 'clock' where the real
// clock may stand as well: in defaults, in what the outbox does, in rows that the harness itself has written,
// and in tables that are a backend's own business.
constexpr std::string_view kAllMoments =
    "WITH called(name) AS (SELECT unnest(string_to_array('tasks task_ratings escrows proofs proof_photos"
    " proof_uploads proof_locations proof_inspections photo_bindings photo_inspections fraud_events evidence"
    " disputes xp_ledger trust_ledger badges processed_stripe_events admin_actions transfer_retry_queue"
    " license_verifications verified_trades insurance_verifications background_checks onboarding_progress"
    " beta_members beta_reservations content_moderation_queue content_reports content_appeals submission_keys"
    " poster_cancellations biometric_consents user_strikes strike_removals user_risk_facts fraud_risk_scores"
    " override_approvals money_overrides feature_flags rate_hits marketplace_rules city_zones ai_events"
    " ai_jobs ai_proposals ai_decisions', ' ')))"
    " SELECT c.oid::regclass, quote_ident(a.attname), CASE WHEN c.relname = 'freeze_switches' THEN 'seed'"
    "  WHEN a.attname = 'updated_at' OR c.relname NOT IN (SELECT name FROM called) THEN 'clock' ELSE '' END"
    " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
    " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped"
    "   AND a.atttypid = 'timestamptz'::regtype AND a.attname ~ '_at$'"
    "   AND a.attname !~ '^(next_retry_at|available_at|.*(expires|captured)_at)$' ORDER BY 1, 2";

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find(',', from), text.size());
    parts.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

std::int64_t number_in(const Row& row, std::size_t column) {
  const std::string text = row[column].value_or("0");
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

struct Table {
  std::string name;
  std::vector<std::string> moments, owners;
};

// One row per instant that is not null: its column, its millisecond, and the identifiers of its owners.
std::string query_of(const Table& table) {
  std::string values, mine;
  for (const std::string& moment : table.moments)
    values += fmt::format("{}('{}', r.{})", values.empty() ? "" : ", ", moment, moment);
  for (const std::string& owner : table.owners)
    mine += fmt::format("{}r.{} = ANY($1::uuid[])", mine.empty() ? "" : " OR ", owner);
  return fmt::format(
      "SELECT v.name, floor(extract(epoch FROM v.at) * 1000)::bigint, concat_ws(',', r.{})"
      " FROM {} r, LATERAL (VALUES {}) v(name, at)"
      " WHERE ({}) AND v.at > to_timestamp($2::numeric / 1000) AND v.at > clock_timestamp()",
      fmt::join(table.owners, ", r."), table.name, values, mine);
}

struct Cases {
  std::unordered_map<std::string, const FinalWorld*> by_id;
  std::string ids;  // an array literal
  model::Instant first{INT64_MAX};
};

Cases cases_of(std::span<const FinalWorld> worlds) {
  Cases cases;
  for (const FinalWorld& world : worlds) {
    if (world.calls.empty()) continue;
    cases.first = std::min(cases.first, world.calls.front());
    for (const std::string& id : world.ids) {
      cases.by_id.emplace(id, &world);
      cases.ids += (cases.ids.empty() ? "" : ",") + id;
    }
  }
  cases.ids = "{" + cases.ids + "}";
  return cases;
}

model::Finding finding_of(const Table& table, const std::string& column, model::Instant at,
                          const FinalWorld& world, const std::string& owners) {
  model::Finding finding;
  finding.rule = kRowInstantsRule;
  finding.spec = "schema.md §1";
  finding.judge = kFinalWorldJudge;
  finding.headline = fmt::format("{}.{} tells of an instant at which nobody called", table.name, column);
  finding.expected = "the instant of one of the case's calls";
  const model::Millis late = at.ms - world.calls.back().ms;
  finding.observed =
      fmt::format("{}.{} {} the last call", table.name, column, late > 0 ? "after" : "between the first and");
  for (const std::string& owner : split(owners)) finding.entities.push_back("row of " + owner);
  finding.evidence.emplace_back("instant", fmt::format("{} ms, {} ms after the last call", at.ms, late));
  return finding;
}

void audit_table(Database& database, const Table& table, const Cases& cases,
                 std::vector<model::Finding>& findings) {
  for (const Row& row : database.query(query_of(table), {cases.ids, std::to_string(cases.first.ms)})) {
    const std::string owners = row[2].value_or("");
    const model::Instant at{number_in(row, 1)};
    for (const std::string& owner : split(owners)) {
      const auto found = cases.by_id.find(owner);
      if (found == cases.by_id.end()) continue;
      const FinalWorld& world = *found->second;
      if (at > world.calls.front() && !std::ranges::binary_search(world.calls, at))
        findings.push_back(finding_of(table, row[0].value_or(""), at, world, owners));
      break;
    }
  }
}

std::vector<Table> tables_of(Database& database) {
  std::vector<Table> tables;
  for (const Row& row : database.query(std::string(kTables)))
    tables.push_back({row[0].value_or(""), split(row[1].value_or("")), split(row[2].value_or(""))});
  return tables;
}

}  // namespace

std::int64_t count_row_instants_after(Database& database, model::Instant now) {
  std::int64_t later = 0;
  for (const Table& table : tables_of(database)) {
    for (const std::string& moment : table.moments) {
      const std::string sql = fmt::format(
          "SELECT count(*) FROM {} WHERE {} > greatest(to_timestamp(($1::numeric + 1) / 1000), "
          "clock_timestamp())",
          table.name, moment);
      later += number_in(database.query(sql, {std::to_string(now.ms)}).front(), 0);
    }
  }
  return later;
}

std::vector<model::Finding> audit_row_instants(Database& database, std::span<const FinalWorld> worlds) {
  const std::vector<Table> tables = tables_of(database);
  std::vector<model::Finding> findings;
  while (!worlds.empty()) {
    const auto part = worlds.first(std::min(kWorldsPerQuery, worlds.size()));
    worlds = worlds.subspan(part.size());
    const Cases cases = cases_of(part);
    for (const Table& table : tables) audit_table(database, table, cases, findings);
  }
  return findings;
}

std::vector<model::Finding> audit_all_instants(Database& database, std::span<const model::Millis> calls,
                                               model::Instant began) {
  std::vector<model::Finding> findings;
  for (const Row& column : database.query(std::string(kAllMoments))) {
    const std::string name = column[0].value_or("") + "." + column[1].value_or("");
    const std::string sql = fmt::format(
        "SELECT count(*), min({0}) FROM {1} WHERE {0} IS NOT NULL AND NOT floor(extract(epoch FROM {0}) * "
        "1000)::bigint = "
        "ANY($1::bigint[]){2}",
        column[1].value_or(""), column[0].value_or(""),
        column[2] == "clock" ? fmt::format(" AND {} > clock_timestamp()", column[1].value_or(""))
        : column[2] == "seed"
            ? fmt::format(" AND {} > to_timestamp({}::numeric / 1000)", column[1].value_or(""), began.ms)
            : "");
    const Row row = database.query(sql, {fmt::format("{{{}}}", fmt::join(calls, ","))}).front();
    if (number_in(row, 0) == 0) continue;
    model::Finding finding;
    finding.rule = kRowInstantsRule;
    finding.spec = "schema.md §1";
    finding.judge = kFinalWorldJudge;
    finding.headline = fmt::format("{} tells of an instant at which nobody called", name);
    finding.expected = "the instant of a call";
    finding.observed = fmt::format("{} holds another one", name);
    finding.evidence.emplace_back("rows",
                                  fmt::format("{}, first {}", row[0].value_or(""), row[1].value_or("")));
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace loadgen
