#include "loadgen/attack/eligibility.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "loadgen/attack/verification.h"

namespace loadgen::attack {
namespace {

constexpr std::string_view kLicense = "00000000-0000-4000-8000-000000000071";
constexpr std::string_view kInsurance = "00000000-0000-4000-8000-000000000072";
constexpr std::string_view kCheck = "00000000-0000-4000-8000-000000000073";
constexpr std::string_view kSecondCheck = "00000000-0000-4000-8000-000000000074";
constexpr std::string_view kSecondLicense = "00000000-0000-4000-8000-000000000078";
constexpr std::string_view kTrade = "00000000-0000-4000-8000-000000000075";
constexpr std::string_view kProfile = "00000000-0000-4000-8000-000000000077";
constexpr std::string_view kOwnId = "00000000-0000-4000-8000-000000000076";  // kOwnProfile

const std::map<std::string, Row>& rows_of(const Snapshot& now, const std::string& table) {
  static const std::map<std::string, Row> kNone;
  const auto found = now.find(table);
  return found == now.end() ? kNone : found->second;
}

std::string set(std::string_view table, std::string_view assignment, std::string_view id) {
  return "UPDATE " + std::string(table) + " SET " + std::string(assignment) + " WHERE id = " + sql_quoted(id);
}

constexpr std::string_view kVerified =
    "status = 'verified', verified_at = now(), expires_at = now() + interval '1 day'";

class Forge {
 public:
  explicit Forge(const Catalogue& catalogue) : catalogue_(catalogue) {}

  std::vector<Attempt> all() {
    profiles();
    trades();
    records();
    return std::move(attempts_);
  }

  std::vector<Move> moves() const {
    return {{"tier raised", {"UPDATE users SET trust_tier = 2 WHERE id = " + sql_quoted(ids::kWorker)}},
            {"license revoked", {set("license_verifications", "status = 'failed'", kLicense)}},
            {"license of another trade",
             {license("pending", "WA", kSecondLicense, "electrician"),
              set("license_verifications", kVerified, kSecondLicense)}},
            {"insurance", {insurance("pending"), set("insurance_verifications", kVerified, kInsurance)}},
            {"background check", {check(kCheck, "pending"), set("background_checks", kVerified, kCheck)}},
            {"background check by another provider",
             {check(kSecondCheck, "pending"), set("background_checks", kVerified, kSecondCheck)}}};
  }

  std::vector<StageStatement> qualification() const {
    const std::string mine = " WHERE user_id = " + sql_quoted(ids::kWorker);
    std::vector<StageStatement> all{
        {"R0", insert_statement(
                   catalogue_, "capability_claims",
                   {{"user_id", sql_quoted(ids::kWorker)}, {"role", "'hustler'"}, {"work_state", "'WA'"}})}};
    if (catalogue_.has("users", "onboarding_completed_at"))
      all.push_back({"R0", set("users", "onboarding_completed_at = now()", ids::kWorker)});
    all.push_back({"R1", license()});
    all.push_back({"R1", set("license_verifications", kVerified, kLicense)});
    all.push_back(
        {"R1", unless(profile("1", "'low'", "WA", kOwnId), "SELECT 1 FROM capability_profiles" + mine)});
    if (catalogue_.has("verified_trades"))
      all.push_back({"R1", unless(trade(kOwnId), "SELECT 1 FROM verified_trades" + mine)});
    return all;
  }

 private:
  // INSERT ... VALUES as INSERT ... SELECT of nothing when the row exists.
  static std::string unless(std::string insert, const std::string& exists) {
    constexpr std::string_view kValues = ") VALUES (";
    insert.replace(insert.find(kValues), kValues.size(), ") SELECT ");
    insert.pop_back();
    return insert + " WHERE NOT EXISTS (" + exists + ")";
  }

  void add(std::string_view rule, std::string name, std::string sql) {
    Attempt attempt;
    attempt.rule = rule;
    attempt.name = std::move(name);
    attempt.sql = std::move(sql);
    attempts_.push_back(std::move(attempt));
  }

  std::string license(std::string_view status = "pending", std::string_view state = "WA",
                      std::string_view id = kLicense, std::string_view trade = "plumber") const {
    return insert_statement(catalogue_, "license_verifications",
                            {{"id", sql_quoted(id)},
                             {"user_id", sql_quoted(ids::kWorker)},
                             {"trade", sql_quoted(trade)},
                             {"state", sql_quoted(state)},
                             {"license_number", "'1'"},
                             {"source", "'registry'"},
                             {"status", sql_quoted(status)},
                             {"verified_at", "now()"},
                             {"expires_at", "now() + interval '1 day'"}});
  }
  std::string insurance(std::string_view status) const {
    return insert_statement(catalogue_, "insurance_verifications",
                            {{"id", sql_quoted(kInsurance)},
                             {"user_id", sql_quoted(ids::kWorker)},
                             {"trade", "'plumber'"},
                             {"coverage_amount", "1"},
                             {"source", "'coi_upload'"},
                             {"status", sql_quoted(status)},
                             {"verified_at", "now()"},
                             {"expires_at", "now() + interval '1 day'"}});
  }
  std::string check(std::string_view id, std::string_view status,
                    std::string_view provider = "checkr") const {
    return insert_statement(catalogue_, "background_checks",
                            {{"id", sql_quoted(id)},
                             {"user_id", sql_quoted(ids::kWorker)},
                             {"provider", sql_quoted(provider)},
                             {"status", sql_quoted(status)},
                             {"verified_at", "now()"},
                             {"expires_at", "now() + interval '1 day'"}});
  }
  std::string profile(std::string_view tier, std::string_view clearance, std::string_view state = "WA",
                      std::string_view id = kProfile) const {
    return insert_statement(catalogue_, "capability_profiles",
                            {{"user_id", sql_quoted(ids::kWorker)},
                             {"profile_id", sql_quoted(id)},
                             {"trust_tier", std::string(tier)},
                             {"risk_clearance", "ARRAY[" + std::string(clearance) + "]"},
                             {"location_state", sql_quoted(state)}});
  }
  std::string trade(std::string_view profile = kProfile) const {
    return insert_statement(catalogue_, "verified_trades",
                            {{"id", sql_quoted(kTrade)},
                             {"profile_id", sql_quoted(profile)},
                             {"user_id", sql_quoted(ids::kWorker)},
                             {"trade", "'plumber'"},
                             {"state", "'WA'"},
                             {"license_verification_id", sql_quoted(kLicense)},
                             {"verified_at", "now()"},
                             {"expires_at", "now() + interval '1 day'"},
                             {"verification_method", "'test'"}});
  }

  void profiles() {
    add("INV-ELIGIBILITY-8", "profile written by hand", profile("1", "'low'"));
    add("INV-ELIGIBILITY-1", "clearance above the tier", profile("2", "'low','medium','high'"));
    add("INV-ELIGIBILITY-1", "clearance for critical work", profile("4", "'low','medium','high','critical'"));
    add("INV-ELIGIBILITY-6", "profile in a state that does not exist", profile("1", "'low'", "ZZ"));
    add("INV-ELIGIBILITY-8", "profile claims insurance",
        profile("1", "'low'") +
            "; UPDATE capability_profiles SET insurance_valid = true, background_check_valid = true"
            " WHERE user_id = " +
            sql_quoted(ids::kWorker));
  }

  void trades() {
    const std::string start = profile("1", "'low'") + "; " + license();
    add("INV-ELIGIBILITY-2", "trade on a pending license", start + "; " + trade());
    add("INV-ELIGIBILITY-2", "trade on a license that does not exist",
        profile("1", "'low'") + "; " + trade());
    add("INV-ELIGIBILITY-8", "trade written by hand",
        start + "; " + set("license_verifications", kVerified, kLicense) + "; " + trade());
    add("INV-ELIGIBILITY-4", "insurance without a trade", insurance("pending"));
    add("INV-ELIGIBILITY-4", "verified insurance without a trade", insurance("verified"));
    std::string other;
    for (const StageStatement& each : qualification()) {
      if (each.rule == "R0") other += each.sql + "; ";
    }
    other += license("pending", "WA", kSecondLicense, "electrician") + "; " +
             set("license_verifications", kVerified, kSecondLicense) + "; ";
    for (const char* status : {"pending", "verified"})
      add("INV-ELIGIBILITY-4", fmt::format("{} insurance of another trade than the verified one", status),
          other + insurance(status));
    add("INV-ELIGIBILITY-6", "claim of a state that does not exist",
        insert_statement(
            catalogue_, "capability_claims",
            {{"user_id", sql_quoted(ids::kStranger)}, {"role", "'hustler'"}, {"work_state", "'ZZ'"}}));
    add("INV-ELIGIBILITY-6", "license of a state that does not exist", license("pending", "ZZ"));
  }

  void records() {
    for (const char* provider : {"checkr", "sterling"})
      add("INV-ELIGIBILITY-5", fmt::format("two verified background checks, by checkr and {}", provider),
          check(kCheck, "pending") + "; " + set("background_checks", kVerified, kCheck) + "; " +
              check(kSecondCheck, "pending", provider) + "; " +
              set("background_checks", kVerified, kSecondCheck));
  }

  const Catalogue& catalogue_;
  std::vector<Attempt> attempts_;
};

std::string wanted_clearance(const std::string& tier) {
  if (tier == "1") return R"(["low"])";
  return tier == "4" ? R"(["low","medium","high"])" : R"(["low","medium"])";
}

bool is_verified(const std::map<std::string, Row>& records, const std::string& user) {
  return std::ranges::any_of(records, [&](const auto& entry) {
    return get(entry.second, "user_id") == user && get(entry.second, "status") == "verified";
  });
}

void judge_profile(const Snapshot& now, const std::string& user, const Row& profile,
                   std::vector<Broken>& broken) {
  const auto& users = rows_of(now, "users");
  const auto owner = users.find(user);
  const bool derived = !get(profile, "profile_id").ends_with(kOwnProfile);
  if (get(profile, "risk_clearance") != wanted_clearance(get(profile, "trust_tier"))) {
    broken.push_back({"INV-ELIGIBILITY-1", "profile of " + user + ": tier " + get(profile, "trust_tier") +
                                               " with clearance " + get(profile, "risk_clearance")});
  }
  if (derived && owner != users.end() && get(owner->second, "trust_tier") != get(profile, "trust_tier"))
    broken.push_back({"INV-ELIGIBILITY-8", "profile of " + user + " has another tier than its user"});
  if (get(profile, "insurance_valid") == "true" &&
      !is_verified(rows_of(now, "insurance_verifications"), user))
    broken.push_back(
        {"INV-ELIGIBILITY-4", "profile of " + user + " claims an insurance that nobody verified"});
  if (get(profile, "background_check_valid") == "true" &&
      !is_verified(rows_of(now, "background_checks"), user))
    broken.push_back({"INV-ELIGIBILITY-5", "profile of " + user + " claims a check that nobody verified"});
  if (get(profile, "location_state") == "ZZ")
    broken.push_back({"INV-ELIGIBILITY-6", "profile of " + user + " is in no state of the union"});
  const bool claimed = std::ranges::any_of(rows_of(now, "capability_claims"), [&](const auto& entry) {
    return get(entry.second, "user_id") == user;
  });
  if (!claimed)
    broken.push_back({"INV-ELIGIBILITY-8", "profile of " + user + " rests on no claims: it was not derived"});
}

}  // namespace

std::vector<StageStatement> qualification_statements(const Catalogue& catalogue) {
  if (!catalogue.has("license_verifications") || !catalogue.has("capability_profiles")) return {};
  return Forge(catalogue).qualification();
}

std::vector<Move> qualification_moves(const Catalogue& catalogue) {
  for (const char* table : {"license_verifications", "insurance_verifications", "background_checks"}) {
    if (!catalogue.has(table)) return {};
  }
  if (!catalogue.has("capability_profiles")) return {};
  return Forge(catalogue).moves();
}

std::vector<Attempt> eligibility_attempts(const Catalogue& catalogue, const Stage& stage) {
  if (stage.name != "open_pending" || !catalogue.has("capability_profiles")) return {};
  return Forge(catalogue).all();
}

void judge_eligibility(const Snapshot& now, std::vector<Broken>& broken) {
  bool derived = true;
  for (const auto& [user, profile] : rows_of(now, "capability_profiles")) {
    judge_profile(now, user, profile, broken);
    derived &= !get(profile, "profile_id").ends_with(kOwnProfile);
  }
  if (derived) judge_evidence_is_shown(now, broken);
  const auto& licenses = rows_of(now, "license_verifications");
  for (const auto& [id, trade] : rows_of(now, "verified_trades")) {
    const auto license = licenses.find(get(trade, "license_verification_id"));
    if (license == licenses.end() || (derived && get(license->second, "status") != "verified"))
      broken.push_back({"INV-ELIGIBILITY-2", "trade " + id + " rests on no verified license"});
  }
  for (const auto& [id, license] : licenses) {
    if (get(license, "state") == "ZZ")
      broken.push_back({"INV-ELIGIBILITY-6", "license " + id + " is of no state of the union"});
  }
  for (const auto& [id, claim] : rows_of(now, "capability_claims")) {
    if (get(claim, "work_state") == "ZZ")
      broken.push_back({"INV-ELIGIBILITY-6", "claim " + id + " is of no state of the union"});
  }
  std::map<std::string, int> checks;
  for (const auto& [id, check] : rows_of(now, "background_checks")) {
    if (get(check, "status") == "verified" && ++checks[get(check, "user_id")] > 1)
      broken.push_back({"INV-ELIGIBILITY-5", "user " + get(check, "user_id") + " has two verified checks"});
  }
  std::set<std::pair<std::string, std::string>> trades;
  for (const auto& [id, trade] : rows_of(now, "verified_trades"))
    trades.emplace(get(trade, "user_id"), get(trade, "trade"));
  for (const auto& [id, record] : rows_of(now, "insurance_verifications")) {
    const std::string status = get(record, "status");
    const bool insured = trades.contains({get(record, "user_id"), get(record, "trade")});
    if (status == "pending" && !insured)
      broken.push_back({"INV-ELIGIBILITY-4", "insurance " + id + " is taken without a verified trade"});
  }
}

}  // namespace loadgen::attack
