// INV-ELIGIBILITY-1 to -8 at the layer of the database (eligibility.md §3, §4.1), each refusal with its code.
#include <fmt/format.h>

#include "tests/sql/database_fixture.h"

namespace sql_test {
namespace {

constexpr std::string_view kVerified =
    "status = 'verified', verified_at = now(), expires_at = now() + interval '1 day'";

class Eligibility : public SqlTest {
 protected:
  std::string worker() {
    const std::string user = new_user();
    attempt(
        fmt::format("INSERT INTO capability_claims (user_id, role, work_state) VALUES ('{0}', 'both', 'WA');"
                    "UPDATE users SET onboarding_completed_at = now() WHERE id = '{0}';"
                    "SELECT recompute_capability('{0}')",
                    user));
    return user;
  }
  std::string license(const std::string& user, std::string_view state = "WA") {
    return attempt(
        fmt::format("INSERT INTO license_verifications (user_id, trade, state, license_number, source)"
                    " VALUES ('{}', 'plumber', '{}', '1', 'registry')",
                    user, state));
  }
  std::string change(std::string_view table, const std::string& user, std::string_view what) {
    return attempt(fmt::format("UPDATE {} SET {} WHERE user_id = '{}'", table, what, user));
  }
  std::string insurance(const std::string& user) {
    return attempt(
        fmt::format("INSERT INTO insurance_verifications (user_id, trade, coverage_amount, source)"
                    " VALUES ('{}', 'plumber', 1, 'coi_upload')",
                    user));
  }
  std::string of_profile(const std::string& user, std::string_view column) {
    return value(fmt::format("SELECT {} FROM capability_profiles WHERE user_id = '{}'", column, user));
  }
  std::string trades(const std::string& user) {
    return value(fmt::format("SELECT count(*) FROM verified_trades WHERE user_id = '{}'", user));
  }
};

// INV-ELIGIBILITY-8, T-ELG-06; INV-ELIGIBILITY-1, T-ELG-07.
TEST_F(Eligibility, DerivedTablesAreNotWrittenByHand) {
  const std::string user = worker();
  EXPECT_EQ(change("capability_profiles", user, "insurance_valid = true"), "HX609");
  EXPECT_EQ(change("capability_profiles", user, "risk_clearance = '{low,medium,high}'"), "HX605");
  EXPECT_EQ(change("capability_profiles", user, "trust_tier = 2"), "HX605");
  EXPECT_EQ(attempt(fmt::format("DELETE FROM capability_profiles WHERE user_id = '{}'", user)), "HX609");
  EXPECT_EQ(attempt("TRUNCATE verified_trades"), "HX609");
  license(user);
  EXPECT_EQ(attempt(fmt::format(
                "INSERT INTO verified_trades (profile_id, user_id, trade, state, license_verification_id,"
                " verified_at, verification_method) SELECT profile_id, p.user_id, 'plumber', 'WA', l.id,"
                " now(), 'test' FROM capability_profiles p JOIN license_verifications l USING (user_id)"
                " WHERE user_id = '{}'",
                user)),
            "HX606");
}

// Verification rule 2: every change of a record is followed by the recompute in its transaction (FM-149).
TEST_F(Eligibility, RecordsCarryTheirTrades) {
  const std::string user = worker();
  EXPECT_EQ(license(user), "");
  EXPECT_EQ(trades(user), "0");
  EXPECT_EQ(insurance(user), "HX608");
  EXPECT_EQ(change("license_verifications", user, kVerified), "");
  EXPECT_EQ(trades(user), "1");
  EXPECT_EQ(insurance(user), "");
  EXPECT_EQ(of_profile(user, "insurance_valid"), "f");
  EXPECT_EQ(change("insurance_verifications", user, kVerified), "");
  EXPECT_EQ(of_profile(user, "insurance_valid"), "t");
  EXPECT_EQ(change("license_verifications", user, "status = 'failed'"), "");
  EXPECT_EQ(trades(user), "0");
}

// §4.1: no skip of pending, no way back from verified but expired and failed, no silent extension.
TEST_F(Eligibility, RecordsFollowTheStatusMachine) {
  const std::string user = worker();
  license(user);
  EXPECT_EQ(change("license_verifications", user, "status = 'expired'"), "23514");
  change("license_verifications", user, kVerified);
  EXPECT_EQ(change("license_verifications", user, "status = 'pending'"), "23514");
  EXPECT_EQ(change("license_verifications", user, "expires_at = now() + interval '9 years'"), "23514");
  EXPECT_EQ(change("license_verifications", user, "status = 'expired'"), "");
  EXPECT_EQ(change("license_verifications", user, kVerified), "23514");
  EXPECT_EQ(change("license_verifications", user, "status = 'pending'"), "");
  EXPECT_EQ(license(user, "ZZ"), "23514");  // INV-ELIGIBILITY-6
  EXPECT_EQ(license(user, "OR"), "");       // T-ELG-19: the same trade in two states
}

// R4 and idempotence (T-ELG-09): the tier moves the clearance, a second recompute moves nothing.
TEST_F(Eligibility, RecomputeFollowsTheTierAndRepeatsItself) {
  const std::string user = worker();
  EXPECT_EQ(attempt(fmt::format("UPDATE users SET trust_tier = 2 WHERE id = '{}'", user)), "");
  EXPECT_EQ(of_profile(user, "risk_clearance"), "{low,medium}");
  const std::string_view row =
      "row(profile_id, trust_tier, trust_tier_updated_at, risk_clearance, expires_at)";
  const std::string before = of_profile(user, row);
  EXPECT_EQ(attempt(fmt::format("SELECT recompute_capability('{}')", user)), "");
  EXPECT_EQ(of_profile(user, row), before);
}

}  // namespace
}  // namespace sql_test
