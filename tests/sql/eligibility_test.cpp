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
  static std::string insured(const std::string& user) {
    return fmt::format(
        "INSERT INTO insurance_verifications (user_id, trade, coverage_amount, source)"
        " VALUES ('{}', 'plumber', 1, 'coi_upload')",
        user);
  }
  std::string insurance(const std::string& user) { return attempt(insured(user)); }
  std::string of_profile(const std::string& user, std::string_view column) {
    return value(fmt::format("SELECT {} FROM capability_profiles WHERE user_id = '{}'", column, user));
  }
  std::string trades(const std::string& user) {
    return value(fmt::format("SELECT count(*) FROM verified_trades WHERE user_id = '{}'", user));
  }
  // What recompute derives, but for its stamps; ids included, so that nothing may be written anew.
  std::string derived(const std::string& user) {
    return value(fmt::format(
        "SELECT to_jsonb(c) - 'derived_at' - 'updated_at' || jsonb_build_object('trades',"
        " (SELECT jsonb_agg(to_jsonb(v) ORDER BY v.id) FROM verified_trades v WHERE v.user_id = c.user_id))"
        " FROM capability_profiles c WHERE user_id = '{}'",
        user));
  }
  // Of this user with a license of a plumber, whatever its status.
  static std::string trade_by_hand(const std::string& user) {
    return fmt::format(
        "INSERT INTO verified_trades (profile_id, user_id, trade, state, license_verification_id,"
        " verified_at, expires_at, verification_method) SELECT profile_id, p.user_id, 'plumber', 'WA', l.id,"
        " now(), l.expires_at, 'test' FROM capability_profiles p JOIN license_verifications l USING (user_id)"
        " WHERE user_id = '{}'",
        user);
  }
};

// INV-ELIGIBILITY-8, T-ELG-06: insert and update of each derived table, and their removal.
TEST_F(Eligibility, DerivedTablesAreNotWrittenByHand) {
  const std::string user = worker();
  license(user);
  EXPECT_EQ(attempt(trade_by_hand(user)), "HX606");  // INV-ELIGIBILITY-2: the license is pending
  change("license_verifications", user, kVerified);
  const std::string before = derived(user);
  EXPECT_EQ(attempt(trade_by_hand(user)), "HX609");
  EXPECT_EQ(change("verified_trades", user, "verification_method = 'portfolio'"), "HX609");
  EXPECT_EQ(change("verified_trades", user, "expires_at = expires_at + interval '1 year'"), "HX606");
  EXPECT_EQ(change("verified_trades", user, "state = 'OR'"), "HX606");
  EXPECT_EQ(change("capability_profiles", user, "insurance_valid = true"), "HX609");
  EXPECT_EQ(change("capability_profiles", user, "background_check_valid = true"), "HX609");
  for (const char* table : {"capability_profiles", "verified_trades"}) {
    EXPECT_EQ(attempt(fmt::format("DELETE FROM {} WHERE user_id = '{}'", table, user)), "HX609");
    EXPECT_EQ(attempt(fmt::format("TRUNCATE {} CASCADE", table)), "HX609");
  }
  EXPECT_EQ(attempt(fmt::format("INSERT INTO capability_profiles (user_id, trust_tier, location_state)"
                                " VALUES ('{}', 1, 'WA')",
                                new_user())),
            "HX609");
  EXPECT_EQ(derived(user), before);
}

// INV-ELIGIBILITY-1, T-ELG-07: clearance is the tier's, exactly, also for who says that he recomputes.
TEST_F(Eligibility, ClearanceIsThatOfTheTier) {
  const std::string user = worker();
  const std::string other = new_user();
  for (const char* as : {"", "SELECT set_config('hustle.recompute', 'on', true); "}) {
    for (const auto& [tier, clearance] : {std::pair{1, "{low,medium}"},
                                          {2, "{low,medium,high}"},
                                          {2, "{low}"},
                                          {3, "{low,medium,high}"},
                                          {4, "{low,medium,high,critical}"},
                                          {4, "{low,medium}"}}) {
      const std::string what = fmt::format("trust_tier = {}, risk_clearance = '{}'", tier, clearance);
      EXPECT_EQ(
          attempt(fmt::format("{}UPDATE capability_profiles SET {} WHERE user_id = '{}'", as, what, user)),
          "HX605")
          << what;
      EXPECT_EQ(attempt(fmt::format("{}INSERT INTO capability_profiles (user_id, trust_tier, risk_clearance,"
                                    " location_state) VALUES ('{}', {}, '{}', 'WA')",
                                    as, other, tier, clearance)),
                "HX605")
          << what;
    }
  }
  EXPECT_EQ(of_profile(user, "risk_clearance"), "{low}");
  EXPECT_EQ(of_profile(other, "risk_clearance"), "");
}

// INV-ELIGIBILITY-4, T-ELG-08: by SQL alone, an insurance rests on a verified trade of its own user, of its
// own trade, until the instant at which that ends.
TEST_F(Eligibility, InsuranceRestsOnAVerifiedTrade) {
  const std::string user = worker();
  EXPECT_EQ(insurance(user), "HX608");
  license(user);
  EXPECT_EQ(insurance(user), "HX608");  // a pending license opens no trade
  change("license_verifications", user, kVerified);
  EXPECT_EQ(insurance(worker()), "HX608");
  EXPECT_EQ(
      attempt(fmt::format("INSERT INTO insurance_verifications (user_id, trade, coverage_amount, source)"
                          " VALUES ('{}', 'electrician', 1, 'coi_upload')",
                          user)),
      "HX608");
  const auto at = [&](std::string_view past, const std::string& sql) {
    return attempt(fmt::format(
        "SELECT set_config('hustle.now', (SELECT expires_at + interval '{}' FROM license_verifications"
        " WHERE user_id = '{}')::text, true); {}",
        past, user, sql));
  };
  EXPECT_EQ(at("0", insured(user)), "HX608");  // no job has run
  EXPECT_EQ(at("-1 millisecond", insured(user)), "");
  const std::string approval = fmt::format(
      "UPDATE insurance_verifications SET status = 'verified', verified_at = domain_now(),"
      " expires_at = domain_now() + interval '1 year' WHERE user_id = '{}'",
      user);
  EXPECT_EQ(at("0", approval), "HX608");
  change("license_verifications", user, "status = 'failed'");
  EXPECT_EQ(attempt(approval), "HX608");
  EXPECT_EQ(of_profile(user, "insurance_valid"), "f");
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
}

// T-ELG-19: the same trade in two states is two trades, and the end of one leaves the other.
TEST_F(Eligibility, OneTradeInTwoStatesIsTwoTrades) {
  const std::string user = worker();
  for (const char* state : {"WA", "OR"}) EXPECT_EQ(license(user, state), "");
  EXPECT_EQ(license(user, "OR"), "23505");
  EXPECT_EQ(change("license_verifications", user, kVerified), "");
  const auto states = [&] {
    return value(
        fmt::format("SELECT string_agg(trade || ':' || state, ' ' ORDER BY state) FROM verified_trades"
                    " WHERE user_id = '{}'",
                    user));
  };
  EXPECT_EQ(states(), "plumber:OR plumber:WA");
  EXPECT_EQ(of_profile(user, "verification_status"),
            R"({"plumber:OR": "verified", "plumber:WA": "verified"})");
  EXPECT_EQ(of_profile(user, "(SELECT count(*) FROM jsonb_object_keys(expires_at))"), "2");
  EXPECT_EQ(attempt(fmt::format("UPDATE license_verifications SET status = 'failed'"
                                " WHERE user_id = '{}' AND state = 'OR'",
                                user)),
            "");
  EXPECT_EQ(states(), "plumber:WA");
  EXPECT_EQ(of_profile(user, "verification_status"), R"({"plumber:OR": "failed", "plumber:WA": "verified"})");
}

// R4: the tier moves the clearance, up and down, with one row of the trust ledger each.
TEST_F(Eligibility, RecomputeFollowsTheTier) {
  const std::string user = worker();
  EXPECT_EQ(attempt(fmt::format("UPDATE users SET trust_tier = 2 WHERE id = '{}'", user)), "");
  EXPECT_EQ(of_profile(user, "risk_clearance"), "{low,medium}");
  EXPECT_EQ(attempt(fmt::format("UPDATE users SET trust_tier = 1 WHERE id = '{}'", user)), "");
  EXPECT_EQ(of_profile(user, "risk_clearance"), "{low}");
  EXPECT_EQ(value(fmt::format("SELECT count(*) FROM trust_ledger WHERE user_id = '{}'", user)), "2");
}

// T-ELG-09: a second recompute, at once or later, moves nothing but its stamps, trust_tier_updated_at
// included.
TEST_F(Eligibility, RecomputeRepeatsItself) {
  const std::string user = worker();
  for (const char* state : {"WA", "OR"}) license(user, state);
  change("license_verifications", user, kVerified);
  insurance(user);
  change("insurance_verifications", user, kVerified);
  run(fmt::format("INSERT INTO background_checks (user_id, provider) VALUES ('{}', 'checkr')", user));
  change("background_checks", user, kVerified);
  run(fmt::format("UPDATE users SET trust_tier = 2 WHERE id = '{}'", user));
  const std::string before = derived(user);
  EXPECT_NE(before.find("plumber"), std::string::npos);
  for (const char* at : {"now()", "now() + interval '23 hours'"})
    EXPECT_EQ(attempt(fmt::format("SELECT recompute_capability('{}', {})", user, at)), "");
  EXPECT_EQ(derived(user), before);
}

// T-ELG-10, §4.4 rule 2: a recompute that fails takes the change of the record, or of the tier, back with it.
TEST_F(Eligibility, NoChangeWithoutItsRecompute) {
  const std::string user = worker();
  license(user);
  const std::string before = derived(user);
  run(
      fmt::format("CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS"
                  " $$ BEGIN RAISE EXCEPTION 'no disk' USING ERRCODE = '53100'; END $$;"
                  "CREATE TRIGGER fails BEFORE UPDATE ON capability_profiles FOR EACH ROW"
                  " WHEN (NEW.user_id = '{}') EXECUTE FUNCTION fails()",
                  user));
  EXPECT_EQ(change("license_verifications", user, kVerified), "53100");
  EXPECT_EQ(license(user, "OR"), "53100");
  EXPECT_EQ(attempt(fmt::format("UPDATE users SET trust_tier = 2 WHERE id = '{}'", user)), "53100");
  run("DROP TRIGGER fails ON capability_profiles; DROP FUNCTION fails()");
  EXPECT_EQ(value(fmt::format(
                "SELECT string_agg(status, ' ') FROM license_verifications WHERE user_id = '{}'", user)),
            "pending");
  EXPECT_EQ(value(fmt::format("SELECT trust_tier FROM users WHERE id = '{}'", user)), "1");
  EXPECT_EQ(derived(user), before);
}

}  // namespace
}  // namespace sql_test
