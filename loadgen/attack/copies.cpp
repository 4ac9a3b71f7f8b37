#include "loadgen/attack/copies.h"

#include <array>
#include <nlohmann/json.hpp>
#include <ranges>
#include <stdexcept>

#include "net/sign.h"

namespace loadgen::attack {
namespace {

struct Watched {
  std::string_view table, key;
  std::string_view scope;  // the column that carries the prefix of a case
};
constexpr std::array kWatched{Watched{"transfer_retry_queue", "id", "worker_id"},
                              Watched{"users", "id", "id"},
                              Watched{"tasks", "id", "id"},
                              Watched{"escrows", "id", "id"},
                              Watched{"proofs", "id", "id"},
                              Watched{"proof_photos", "id", "id"},
                              Watched{"disputes", "id", "id"},
                              Watched{"xp_ledger", "id", "id"},
                              Watched{"trust_ledger", "id", "user_id"},
                              Watched{"badges", "id", "user_id"},
                              Watched{"admin_actions", "id", "id"},
                              Watched{"capability_claims", "id", "user_id"},
                              Watched{"capability_profiles", "user_id", "user_id"},
                              Watched{"verified_trades", "id", "user_id"},
                              Watched{"license_verifications", "id", "user_id"},
                              Watched{"insurance_verifications", "id", "user_id"},
                              Watched{"background_checks", "id", "user_id"},
                              Watched{"photo_bindings", "checksum_sha256", "worker_id"},
                              Watched{"proof_uploads", "storage_key", "user_id"},
                              Watched{"proof_locations", "proof_id", "user_id"},
                              Watched{"fraud_events", "id", "user_id"},
                              Watched{"processed_stripe_events", "event_id", "event_id"}};

// By range, so that the primary key serves it however many cases the database holds.
std::string scope_of(const Watched& table, const std::string& prefix) {
  const std::string column(table.scope);
  if (column == "event_id") {
    return prefix == kIdPrefix ? " WHERE event_id LIKE 'evt_attack%'"
                               : " WHERE event_id LIKE '" + prefix.substr(0, 8) + "%'";
  }
  return " WHERE " + column + " BETWEEN '" + prefix + "-000000000000' AND '" + prefix + "-ffffffffffff'";
}

}  // namespace

std::string random_prefix() {
  return net::random_hex(4) + "-0000-4000-8000";
}

std::string script_of(const std::vector<StageStatement>& statements) {
  std::string script;
  for (const StageStatement& each : statements) {
    if (!each.sql.empty()) script += each.sql + ";\n";
  }
  return script;
}

// cast, then the stages from the first to this one
std::vector<StageStatement> path_to(const Catalogue& catalogue, std::string_view name) {
  std::vector<std::string_view> path;
  for (std::string_view at = name; !at.empty(); at = stage(at).parent) path.push_back(at);
  std::vector<StageStatement> all = cast_statements(catalogue);
  for (const std::string_view each : path | std::views::reverse) {
    for (StageStatement& statement : stage_statements(catalogue, each)) all.push_back(std::move(statement));
  }
  return all;
}

std::string under_prefix(std::string sql, const std::string& prefix) {
  for (auto at = sql.find(kIdPrefix); at != std::string::npos; at = sql.find(kIdPrefix, at)) {
    sql.replace(at, kIdPrefix.size(), prefix);
    at += prefix.size();
  }
  for (const std::string_view word : {"@attack.invalid", "evt_attack"}) {
    for (auto at = sql.find(word); at != std::string::npos; at = sql.find(word, at + word.size() + 9)) {
      sql.insert(at, prefix.substr(0, 8) + ".");  // "'evt_attack'" becomes "'1234abcd.evt_attack'"
    }
  }
  return sql;
}

std::string difference(const Snapshot& before, const Snapshot& after) {
  std::string text;
  for (const auto& [table, rows] : after) {
    const auto old = before.find(table);
    for (const auto& [id, row] : rows) {
      if (old != before.end() && old->second.contains(id) && old->second.at(id) == row) continue;
      text += table + " " + nlohmann::json(row).dump() + "\n";
    }
  }
  for (const auto& [table, rows] : before) {
    for (const auto& [id, row] : rows) {
      const auto now = after.find(table);
      if (now == after.end() || !now->second.contains(id)) text += table + " " + id + ": no row any more\n";
    }
  }
  return text;
}

Snapshot snapshot(Session& session, const Catalogue& catalogue, const std::string& prefix) {
  std::string sql;
  for (const Watched& each : kWatched) {
    if (!catalogue.has(std::string(each.table))) continue;
    sql += (sql.empty() ? "" : " UNION ALL ") + std::string("SELECT '") + std::string(each.table) + "', " +
           std::string(each.key) + "::text, to_jsonb(t)::text FROM " + std::string(each.table) + " t";
    sql += scope_of(each, prefix);
  }
  Snapshot result;
  const Answer answer = session.run(sql);
  if (!answer.ok) throw std::runtime_error("database: snapshot failed: " + answer.message);
  for (const auto& row : answer.rows) {
    Row& cells = result[row[0]][row[1]];
    for (const auto& [column, value] : nlohmann::json::parse(row[2]).items()) {
      if (!value.is_null()) cells[column] = value.is_string() ? value.get<std::string>() : value.dump();
    }
  }
  return result;
}

}  // namespace loadgen::attack
