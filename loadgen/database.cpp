#include "loadgen/database.h"

#include <array>
#include <pqxx/pqxx>
#include <stdexcept>
#include <string_view>

namespace loadgen {
namespace {

// schema.md §1: what the money core cannot be judged without.
constexpr std::array<std::string_view, 36> kCoreColumns{"users.id",
                                                        "users.trust_tier",
                                                        "users.xp_total",
                                                        "users.current_level",
                                                        "users.stripe_connect_id",
                                                        "tasks.id",
                                                        "tasks.poster_id",
                                                        "tasks.worker_id",
                                                        "tasks.price",
                                                        "tasks.state",
                                                        "tasks.mode",
                                                        "tasks.requires_proof",
                                                        "tasks.accepted_at",
                                                        "tasks.completed_at",
                                                        "escrows.id",
                                                        "escrows.task_id",
                                                        "escrows.amount",
                                                        "escrows.state",
                                                        "escrows.refund_amount",
                                                        "escrows.release_amount",
                                                        "escrows.stripe_payment_intent_id",
                                                        "escrows.funded_at",
                                                        "escrows.released_at",
                                                        "escrows.refunded_at",
                                                        "proofs.task_id",
                                                        "proofs.state",
                                                        "proofs.submitter_id",
                                                        "disputes.task_id",
                                                        "disputes.state",
                                                        "xp_ledger.escrow_id",
                                                        "xp_ledger.effective_xp",
                                                        "trust_ledger.new_tier",
                                                        "badges.badge_type",
                                                        "processed_stripe_events.event_id",
                                                        "admin_roles.user_id",
                                                        "admin_actions.action_type"};

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

Row row_of(const pqxx::row& from) {
  Row row;
  row.reserve(from.size());
  for (const auto& field : from) {
    if (field.is_null()) {
      row.emplace_back();
    } else {
      row.emplace_back(field.c_str());
    }
  }
  return row;
}

}  // namespace

struct Database::Impl {
  explicit Impl(const std::string& url) : connection(url) {
    pqxx::nontransaction settings(connection);
    settings.exec("SET default_transaction_read_only = on");
    settings.exec("SET statement_timeout = '30s'");
    settings.exec("SET timezone = 'UTC'");
  }
  bool has_tables(pqxx::dbtransaction& work, std::string_view names) {
    while (!names.empty()) {
      const std::size_t comma = names.find(',');
      const std::string table(names.substr(0, comma));
      if (work.exec_params1("SELECT to_regclass($1) IS NULL", table)[0].as<bool>()) return false;
      names = comma == std::string_view::npos ? std::string_view{} : names.substr(comma + 1);
    }
    return true;
  }
  AuditResult ask(pqxx::dbtransaction& work, const Audit& audit);
  pqxx::connection connection;
};

AuditResult Database::Impl::ask(pqxx::dbtransaction& work, const Audit& audit) {
  AuditResult result;
  result.audit = &audit;
  if (!has_tables(work, audit.tables)) {
    result.reason = "not in this database: one of " + std::string(audit.tables);
    return result;
  }
  try {
    pqxx::subtransaction attempt(work, "audit");
    const pqxx::result rows = attempt.exec(audit.sql);
    for (const auto& row : rows) {
      if (result.hits.size() < kHitsKept) result.hits.push_back({row[0].c_str(), row[1].c_str()});
    }
    result.hit_count = rows.size();
    result.verdict = rows.empty() ? model::Verdict::holds : model::Verdict::broken;
    attempt.commit();
  } catch (const pqxx::sql_error& e) {
    result.reason = first_line(e.what());
  }
  return result;
}

Database::Database(const std::string& url) {
  try {
    impl_ = std::make_unique<Impl>(url);
  } catch (const pqxx::failure& e) {
    throw std::runtime_error("database " + url + ": " + first_line(e.what()));
  }
}
Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

int Database::version() const {
  return impl_->connection.server_version();
}

std::vector<std::string> Database::missing_columns() {
  std::vector<std::string> missing;
  for (const std::string_view name : kCoreColumns) {
    const std::size_t dot = name.find('.');
    const auto rows = query(
        "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped",
        {std::string(name.substr(0, dot)), std::string(name.substr(dot + 1))});
    if (rows.empty()) missing.emplace_back(name);
  }
  return missing;
}

std::vector<AuditResult> Database::audit(AuditTime moment, std::string_view rule) {
  try {
    pqxx::transaction<pqxx::repeatable_read> work(impl_->connection);
    work.exec("SET TRANSACTION READ ONLY");
    std::vector<AuditResult> results;
    for (const Audit& audit : all_audits()) {
      if (!rule.empty() && audit.rule != rule) continue;
      if (audit.time == AuditTime::any || moment == AuditTime::quiet)
        results.push_back(impl_->ask(work, audit));
    }
    return results;
  } catch (const pqxx::failure& e) {
    throw std::runtime_error("database: " + first_line(e.what()));
  }
}

std::vector<Row> Database::query(const std::string& sql, const std::vector<std::string>& parameters) {
  try {
    pqxx::nontransaction work(impl_->connection);
    const pqxx::result rows = parameters.empty()
                                  ? work.exec(sql)
                                  : work.exec_params(sql, pqxx::prepare::make_dynamic_params(parameters));
    std::vector<Row> result;
    result.reserve(rows.size());
    for (const auto& row : rows) result.push_back(row_of(row));
    return result;
  } catch (const pqxx::failure& e) {
    throw std::runtime_error("database: " + first_line(e.what()));
  }
}

}  // namespace loadgen
