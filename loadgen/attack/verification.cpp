#include "loadgen/attack/verification.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace loadgen::attack {
namespace {

struct Record {
  std::string_view table, id, profile_flag;
};
constexpr std::array kRecords{
    Record{"license_verifications", "00000000-0000-4000-8000-000000000081", ""},
    Record{"insurance_verifications", "00000000-0000-4000-8000-000000000082", "insurance_valid"},
    Record{"background_checks", "00000000-0000-4000-8000-000000000083", "background_check_valid"}};
constexpr std::array<std::string_view, 4> kStatuses{"pending", "verified", "failed", "expired"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kSteps{{{"pending", "verified"},
                                                                               {"pending", "failed"},
                                                                               {"verified", "expired"},
                                                                               {"verified", "failed"},
                                                                               {"failed", "pending"},
                                                                               {"expired", "pending"}}};
constexpr std::string_view kDates = ", verified_at = now(), expires_at = now() + interval '1 day'";

// A column of the profile that holds the latest expiry of the records of a table (ELG-9, §5.2 step 5).
struct Latest {
  std::string_view column, table;
};
constexpr std::array kLatest{Latest{"insurance_expires_at", "insurance_verifications"},
                             Latest{"background_check_expires_at", "background_checks"}};

const std::map<std::string, Row>& rows_of(const Snapshot& now, const std::string& table) {
  static const std::map<std::string, Row> kNone;
  const auto found = now.find(table);
  return found == now.end() ? kNone : found->second;
}

class Records {
 public:
  Records(const Catalogue& catalogue, std::vector<Attempt>& attempts)
      : catalogue_(catalogue), attempts_(attempts) {}

  void all() {
    for (const Record& record : kRecords) {
      if (!catalogue_.has(std::string(record.table))) continue;
      steps(record);
      evidence(record);
    }
    stage_evidence();
    tiers();
    expiries();
  }

 private:
  void add(std::string_view rule, std::string name, std::string sql, std::string shows = "",
           Wanted wanted = Wanted::harmless) {
    Attempt attempt;
    attempt.rule = rule;
    attempt.name = std::move(name);
    attempt.sql = std::move(sql);
    attempt.shows = std::move(shows);
    attempt.wanted = wanted;
    attempts_.push_back(std::move(attempt));
  }

  // Of whatever table of records.
  static Values record_values(std::string_view id, std::string_view trade, std::string_view status) {
    return {{"id", sql_quoted(id)},        {"user_id", sql_quoted(ids::kWorker)},
            {"trade", sql_quoted(trade)},  {"state", "'WA'"},
            {"license_number", "'2'"},     {"provider", "'checkr'"},
            {"coverage_amount", "100000"}, {"source", "'manual_review'"},
            {"status", sql_quoted(status)}};
  }

  std::string insert(const Record& record, std::string_view status) const {
    Values values =
        record_values(record.id, record.table == "license_verifications" ? "roofer" : "plumber", status);
    if (status == "verified") {
      values.emplace_back("verified_at", "now()");
      values.emplace_back("expires_at", "now() + interval '1 day'");
    }
    return insert_statement(catalogue_, std::string(record.table), values);
  }

  static std::string step(const Record& record, std::string_view to) {
    return fmt::format("UPDATE {} SET status = '{}'{} WHERE id = {}", record.table, to,
                       to == "verified" ? kDates : "", sql_quoted(record.id));
  }

  // The legal way to a status.
  std::string reached(const Record& record, std::string_view status) const {
    std::string sql = insert(record, "pending");
    if (status == "verified" || status == "expired") sql += "; " + step(record, "verified");
    if (status == "failed" || status == "expired") sql += "; " + step(record, status);
    return sql;
  }

  void steps(const Record& record) {
    const auto shows = [&](std::string_view status) {
      return fmt::format("SELECT to_jsonb(t) FROM {} t WHERE id = {} AND status::text = '{}'", record.table,
                         sql_quoted(record.id), status);
    };
    for (const std::string_view from : kStatuses) {
      if (from != "pending")
        add("verification §4.1", fmt::format("INSERT {} {}", record.table, from), insert(record, from),
            shows(from));
      for (const std::string_view to : kStatuses) {
        if (from == to) continue;
        const bool legal = std::ranges::find(kSteps, std::pair(from, to)) != kSteps.end();
        add("verification §4.1", fmt::format("UPDATE {} {} -> {}", record.table, from, to),
            reached(record, from) + "; " + step(record, to), legal ? "SELECT 1 WHERE false" : shows(to),
            legal ? Wanted::accepted : Wanted::harmless);
      }
    }
    add("verification §4.1", fmt::format("UPDATE {} verified for another year", record.table),
        fmt::format("{}; UPDATE {} SET expires_at = now() + interval '1 year' WHERE id = {}",
                    reached(record, "verified"), record.table, sql_quoted(record.id)),
        fmt::format("SELECT to_jsonb(t) FROM {} t WHERE id = {} AND expires_at > now() + interval '2 days'",
                    record.table, sql_quoted(record.id)));
  }

  // What the profile says after each change of a record.
  void evidence(const Record& record) {
    const std::string table(record.table);
    const std::string where = " WHERE id = " + sql_quoted(record.id);
    const std::string verified = reached(record, "verified");
    add("INV-ELIGIBILITY-8", "verified " + table, verified);
    for (const char* end : {"failed", "expired"}) {
      add("INV-ELIGIBILITY-3", fmt::format("{} {} after it was verified", table, end),
          verified + "; " + step(record, end));
    }
    add("INV-ELIGIBILITY-8", "DELETE FROM " + table, verified + "; DELETE FROM " + table + where);
    for (const char* column : {"user_id", "trade", "state"}) {
      if (!catalogue_.has(table, column)) continue;
      const std::string value = std::string_view(column) == "user_id" ? sql_quoted(ids::kStranger)
                                : std::string_view(column) == "state" ? "'OR'"
                                                                      : "'carpenter'";
      add("INV-ELIGIBILITY-2", fmt::format("UPDATE {}.{} after it was verified", table, column),
          fmt::format("{}; UPDATE {} SET {} = {}{}", verified, table, column, value, where));
    }
  }

  // The license, trade and profile of the stage itself.
  void stage_evidence() {
    const std::string mine = " WHERE user_id = " + sql_quoted(ids::kWorker);
    for (const char* table : {"verified_trades", "capability_profiles"}) {
      if (!catalogue_.has(table)) continue;
      add("INV-ELIGIBILITY-8", fmt::format("DELETE FROM {}", table),
          fmt::format("DELETE FROM {}{}", table, mine));
      add("INV-ELIGIBILITY-8", fmt::format("TRUNCATE {} CASCADE", table),
          fmt::format("TRUNCATE {} CASCADE", table));
      for (const Column& column : catalogue_.tables.at(table).columns) {
        const std::string without = emptied(table, column, mine);
        if (!without.empty())
          add("INV-ELIGIBILITY-8", fmt::format("UPDATE {}.{} to NULL by hand", table, column.name), without);
        const std::string value = column.references.empty() ? different_value(column) : "";
        if (column.generated || value.empty()) continue;
        add("INV-ELIGIBILITY-8", fmt::format("UPDATE {}.{} by hand", table, column.name),
            fmt::format("UPDATE {} SET {} = {}{}", table, identifier(column.name), value, mine));
      }
    }
    on_no_license();
  }

  // R4: each tier from each other one. The way to the first goes step by step, because tiers are not skipped
  // upwards (eligibility.md §10).
  void tiers() {
    const auto to = [](int tier) {
      return fmt::format("UPDATE users SET trust_tier = {} WHERE id = {}", tier, sql_quoted(ids::kWorker));
    };
    std::string reached_tier;
    for (int from = 1; from <= 4; ++from) {
      if (from > 1) reached_tier += to(from) + "; ";
      for (int next = 1; next <= 4; ++next) {
        if (next == from) continue;
        add("INV-ELIGIBILITY-8",
            fmt::format("UPDATE users of a qualified worker from tier {} to {}", from, next),
            reached_tier + to(next));
      }
    }
  }

  // ELG-9: several records of one worker that expire at different times. The later one comes last, comes
  // first, and is taken back.
  void expiries() {
    if (!catalogue_.has("license_verifications") || !catalogue_.has("insurance_verifications")) return;
    constexpr std::string_view kLicense = "00000000-0000-4000-8000-000000000086";
    constexpr std::string_view kLater = "00000000-0000-4000-8000-000000000088";
    const std::string license = verified("license_verifications", kLicense, "electrician", 90) + "; ";
    const std::string sooner =
        verified("insurance_verifications", "00000000-0000-4000-8000-000000000087", "plumber", 1);
    const std::string later = verified("insurance_verifications", kLater, "electrician", 60);
    latest("two insurances, the later one last", license + sooner + "; " + later, kLatest[0]);
    latest("two insurances, the later one first", license + later + "; " + sooner, kLatest[0]);
    const auto failed = [](std::string_view table, std::string_view id) {
      return fmt::format("; UPDATE {} SET status = 'failed' WHERE id = {}", table, sql_quoted(id));
    };
    latest("two insurances, the later one revoked",
           license + sooner + "; " + later + failed("insurance_verifications", kLater), kLatest[0]);
    if (!catalogue_.has("background_checks")) return;
    const std::string first = verified("background_checks", kRecords[2].id, "", 60);
    latest("a background check", first, kLatest[1]);
    latest("a background check that replaces a revoked one",
           first + failed("background_checks", kRecords[2].id) + "; " +
               verified("background_checks", "00000000-0000-4000-8000-000000000089", "", 1),
           kLatest[1]);
  }

  std::string verified(const std::string& table, std::string_view id, std::string_view trade,
                       int days) const {
    return insert_statement(catalogue_, table, record_values(id, trade, "pending")) +
           fmt::format(
               "; UPDATE {} SET status = 'verified', verified_at = now(), expires_at = now() + interval '{} "
               "days' WHERE id = {}",
               table, days, sql_quoted(id));
  }

  // Asked of the database, because a profile that never says a date looks like one without the column. The
  // day is enough: these records expire weeks apart.
  void latest(const std::string& name, const std::string& sql, const Latest& of) {
    const std::string column(of.column);
    if (!catalogue_.has("capability_profiles", column) ||
        !catalogue_.has("capability_profiles", "profile_id"))
      return;
    add("ELG-9", "INSERT " + name, sql,
        fmt::format(
            "SELECT to_jsonb(p) FROM capability_profiles p WHERE user_id = {} AND right(profile_id::text, "
            "{}) <> '{}' AND {}::date IS DISTINCT FROM (SELECT max(r.expires_at)::date FROM {} r WHERE "
            "r.user_id = p.user_id AND r.status::text = 'verified')",
            sql_quoted(ids::kWorker), kOwnProfile.size(), kOwnProfile, column, of.table));
  }

  // A session that says that it derives may still not derive from nothing.
  void on_no_license() {
    if (!catalogue_.has("verified_trades")) return;
    std::string settings;
    for (const Setting& setting : catalogue_.settings)
      settings += fmt::format("SELECT set_config({}, {}, true); ", sql_quoted(setting.name),
                              sql_quoted(setting.value));
    for (const std::string_view status : {"pending", "failed", "expired"}) {
      const std::string start = reached(kRecords[0], status) + "; " + settings;
      add("INV-ELIGIBILITY-2", fmt::format("INSERT verified_trades on a license that is {}", status),
          start + insert_statement(
                      catalogue_, "verified_trades",
                      {{"id", "'00000000-0000-4000-8000-000000000085'"},
                       {"profile_id", "(SELECT profile_id FROM capability_profiles WHERE user_id = " +
                                          sql_quoted(ids::kWorker) + ")"},
                       {"user_id", sql_quoted(ids::kWorker)},
                       {"trade", "'roofer'"},
                       {"state", "'WA'"},
                       {"license_verification_id", sql_quoted(kRecords[0].id)},
                       {"verified_at", "now()"},
                       {"expires_at", "(SELECT expires_at FROM license_verifications WHERE id = " +
                                          sql_quoted(kRecords[0].id) + ")"},
                       {"verification_method", "'license_scan'"}}));
    }
  }

  const Catalogue& catalogue_;
  std::vector<Attempt>& attempts_;
};

// ELG-9. A date without its time of day is the same date.
void judge_latest(const Snapshot& now, const std::string& user, const Row& profile,
                  std::vector<Broken>& broken) {
  for (const Latest& latest : kLatest) {
    const std::string says = get(profile, latest.column);
    if (says.empty()) continue;
    std::string expected;
    for (const auto& [id, record] : rows_of(now, std::string(latest.table))) {
      if (get(record, "user_id") == user && get(record, "status") == "verified")
        expected = std::max(expected, get(record, "expires_at"));
    }
    const bool same = !expected.empty() && (says.starts_with(expected) || expected.starts_with(says));
    if (!same)
      broken.push_back({"ELG-9", fmt::format("profile of {}: {} is {}, the records say '{}'", user,
                                             latest.column, says, expected)});
  }
}

}  // namespace

std::vector<Attempt> verification_attempts(const Catalogue& catalogue, const Stage& stage) {
  std::vector<Attempt> attempts;
  if (stage.name == "qualified" && catalogue.has("capability_profiles")) Records(catalogue, attempts).all();
  return attempts;
}

void judge_derivation(const Snapshot& before, const Snapshot& after, std::vector<Broken>& broken) {
  for (const char* evidence : {"license_verifications", "insurance_verifications", "background_checks",
                               "capability_claims", "users"}) {
    if (rows_of(before, evidence) != rows_of(after, evidence)) return;
  }
  for (const char* derived : {"capability_profiles", "verified_trades"}) {
    for (const auto& [id, row] : rows_of(before, derived)) {
      const auto now = rows_of(after, derived).find(id);
      if (now == rows_of(after, derived).end() || now->second != row)
        broken.push_back({"INV-ELIGIBILITY-8", fmt::format("{} {} was written by hand", derived, id)});
    }
  }
}

void judge_evidence_is_shown(const Snapshot& now, std::vector<Broken>& broken) {
  const auto verified = [&](const std::string& table, const std::string& user) {
    return std::ranges::any_of(rows_of(now, table), [&](const auto& entry) {
      return get(entry.second, "user_id") == user && get(entry.second, "status") == "verified";
    });
  };
  for (const auto& [user, profile] : rows_of(now, "capability_profiles")) {
    if (get(profile, "profile_id").ends_with(kOwnProfile)) continue;
    judge_latest(now, user, profile, broken);
    for (const Record& record : kRecords) {
      if (record.profile_flag.empty() || !profile.contains(std::string(record.profile_flag))) continue;
      const bool says = get(profile, record.profile_flag) == "true";
      if (says != verified(std::string(record.table), user))
        broken.push_back(
            {"INV-ELIGIBILITY-8", fmt::format("profile of {}: {} is {}, the records say otherwise", user,
                                              record.profile_flag, says)});
    }
    for (const auto& [id, license] : rows_of(now, "license_verifications")) {
      if (get(license, "user_id") != user || get(license, "status") != "verified") continue;
      const bool listed = std::ranges::any_of(rows_of(now, "verified_trades"), [&](const auto& entry) {
        return get(entry.second, "license_verification_id") == id;
      });
      if (!listed) broken.push_back({"INV-ELIGIBILITY-8", fmt::format("license {} opens no trade", id)});
    }
  }
  for (const auto& [id, trade] : rows_of(now, "verified_trades")) {
    const auto& licenses = rows_of(now, "license_verifications");
    const auto license = licenses.find(get(trade, "license_verification_id"));
    if (license == licenses.end()) continue;
    for (const char* column : {"user_id", "trade", "state"}) {
      if (get(trade, column) != get(license->second, column))
        broken.push_back(
            {"INV-ELIGIBILITY-2", fmt::format("trade {} has another {} than its license", id, column)});
    }
  }
}

}  // namespace loadgen::attack
