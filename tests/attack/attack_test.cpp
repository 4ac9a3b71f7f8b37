// The attack against the reference schema, intact and damaged: what it must hold, what it must find, by which
// name.
#include "loadgen/campaign/attack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <pqxx/pqxx>

#include "loadgen/attack/rules.h"
#include "loadgen/environment/clone.h"
#include "loadgen/environment/error.h"
#include "tests/attack/cluster.h"

namespace loadgen {
namespace {

using Attack = Cluster;

TEST_F(Attack, ReferenceSchemaHoldsEverythingSeriallyAndInPairs) {
  AttackOptions options;
  options.all_levels = false;
  const auto results = attack_database(postgres_->url(), options);
  int held = 0;
  for (const AttackResult& each : results) {
    EXPECT_NE(each.verdict, AttackVerdict::broken) << each.rule << ": " << each.attempt << "\n"
                                                   << each.evidence;
    EXPECT_NE(each.verdict, AttackVerdict::unknown) << each.attempt << ": " << each.evidence;
    held += each.verdict == AttackVerdict::held ? 1 : 0;
  }
  EXPECT_GT(held, 4000);
  // Both sessions in turn, not only one held while the other runs to its end.
  const auto in_turn = [](const AttackResult& each) {
    return each.attempt.find("in the order 1212") != std::string::npos;
  };
  EXPECT_GE(std::ranges::count_if(results, in_turn), 10);
  const auto pair = std::ranges::find_if(results, in_turn);
  const auto turn = [&](const char* session, std::size_t from) { return pair->sql.find(session, from); };
  const std::size_t first = turn("-- session 1 (goes on", 0);
  ASSERT_NE(first, std::string::npos) << pair->sql;
  EXPECT_NE(turn("-- session 2 (goes on", first), std::string::npos) << pair->sql;
}

// Each breach is told while the attack still runs, once it is certain.
TEST_F(Attack, TellsABreachAsSoonAsItIsCertain) {
  const DatabaseClone damaged(postgres_->url());
  execute(damaged.url(), "DROP TRIGGER xp_ledger_no_delete ON xp_ledger");
  AttackOptions options;
  options.concurrent = false;
  bool told = false;
  options.broken = [&](const AttackResult& each) { told |= each.rule == "LEDGER-XP"; };
  options.stop = [&] { return told; };
  bool listed = false;
  for (const AttackResult& each : attack_database(damaged.url(), options))
    listed |= each.rule == "LEDGER-XP" && each.verdict == AttackVerdict::broken;
  EXPECT_TRUE(told);
  EXPECT_TRUE(listed);
}

TEST_F(Attack, LeavesTheOriginalWithoutARowAndWithoutACopy) {
  AttackOptions options;
  options.concurrent = false;
  attack_database(postgres_->url(), options);
  pqxx::connection connection(postgres_->url());
  pqxx::nontransaction work(connection);
  EXPECT_EQ(work.exec1("SELECT count(*) FROM users")[0].as<int>(), 0);
  EXPECT_EQ(work.exec1("SELECT count(*) FROM pg_database WHERE datname LIKE 'hustle_clone%'")[0].as<int>(),
            0);
}

TEST_F(Attack, ACopyThatCannotBeMadeSaysWhy) {
  try {
    const DatabaseClone missing(postgres_->url() + "_missing");
    FAIL() << "there is nothing to copy";
  } catch (const EnvironmentError& error) {
    EXPECT_NE(std::string(error.what()).find("does not exist"), std::string::npos) << error.what();
  }
}

TEST_F(Attack, StopsWhenAsked) {
  AttackOptions options;
  int asked = 0;
  options.stop = [&] { return ++asked > 10; };
  EXPECT_LT(attack_database(postgres_->url(), options).size(), 20U);
}

// A function with a part of its text replaced: a guard that keeps its name and most of its sense.
std::string edited(const std::string& function, const std::string& part, const std::string& by) {
  return "DO $d$ BEGIN EXECUTE replace(pg_get_functiondef('" + function + "'::regproc), $p$" + part +
         "$p$, $b$" + by + "$b$); END $d$; ";
}

struct Damage {
  const char* title;
  std::string sql;
  const char* rule;  // one of the rules that must be named
  bool concurrent = false;
};

void PrintTo(const Damage& damage, std::ostream* out) {
  *out << damage.title;
}

class Damaged : public Cluster, public ::testing::WithParamInterface<Damage> {};

TEST_P(Damaged, IsFoundByTheNameOfItsRule) {
  const std::set<std::string> rules = rules_broken_by(GetParam().sql, GetParam().concurrent, GetParam().rule);
  EXPECT_TRUE(rules.contains(GetParam().rule)) << "broken rules named: " << ::testing::PrintToString(rules);
}

constexpr const char* kTier = "SELECT trust_tier INTO v_tier FROM users WHERE id = p_user;";
constexpr const char* kDeriving = "PERFORM set_config('hustle.recompute', 'on', true);";

constexpr const char* kNothing =
    "CREATE OR REPLACE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS "
    "$$BEGIN RETURN NEW; END$$; ";

INSTANTIATE_TEST_SUITE_P(
    Schema, Damaged,
    ::testing::Values(
        Damage{"INV-1 trigger dropped", "DROP TRIGGER xp_requires_released_escrow ON xp_ledger", "INV-1"},
        Damage{"INV-2 trigger disabled",
               "ALTER TABLE escrows DISABLE TRIGGER escrow_released_requires_completed_task", "INV-2"},
        Damage{"INV-3 trigger dropped", "DROP TRIGGER task_completed_requires_accepted_proof ON tasks",
               "INV-3"},
        Damage{"INV-4 trigger dropped", "DROP TRIGGER escrow_amount_immutable ON escrows", "INV-4"},
        Damage{"INV-5 unique constraint dropped",
               "ALTER TABLE xp_ledger DROP CONSTRAINT xp_ledger_escrow_unique", "INV-5"},
        Damage{"TERM-TASK trigger dropped", "DROP TRIGGER task_terminal_guard ON tasks", "TERM-TASK"},
        Damage{"TERM-ESCROW trigger dropped", "DROP TRIGGER escrow_terminal_guard ON escrows", "TERM-ESCROW"},
        Damage{"task edges unguarded", "DROP TRIGGER task_transition_guard ON tasks", "life cycle"},
        Damage{"escrow edges unguarded", "DROP TRIGGER escrow_transition_guard ON escrows", "life cycle"},
        Damage{"proof edges unguarded", "DROP TRIGGER trigger_proof_transition_guard ON proofs",
               "TERM-PROOF"},
        Damage{"dispute edges unguarded", "DROP TRIGGER dispute_transition_guard ON disputes",
               "TERM-DISPUTE"},
        Damage{"XP rows deletable", "DROP TRIGGER xp_ledger_no_delete ON xp_ledger", "LEDGER-XP"},
        Damage{"XP rows truncatable", "DROP TRIGGER xp_ledger_no_truncate ON xp_ledger", "LEDGER-XP"},
        Damage{"badges deletable", "DROP TRIGGER badge_no_delete ON badges", "INV-BADGE-2"},
        Damage{"audit rows editable", "DROP TRIGGER admin_actions_no_update ON admin_actions", "AUDIT-5"},
        Damage{"tier history not written", "DROP TRIGGER trust_tier_audit ON users", "AUDIT-2"},
        Damage{"second escrow per task", "ALTER TABLE escrows DROP CONSTRAINT escrows_task_id_key",
               "ESCROW-ONE"},
        Damage{"second open dispute", "DROP INDEX disputes_one_open_per_task", "Q14"},
        Damage{"own task acceptable", "ALTER TABLE tasks DROP CONSTRAINT tasks_worker_is_not_poster",
               "NO-SELF"},
        Damage{"own proof reviewable", "ALTER TABLE proofs DROP CONSTRAINT proofs_reviewer_is_not_submitter",
               "NO-SELF"},
        Damage{"cheap tasks", "ALTER TABLE tasks DROP CONSTRAINT tasks_price_check", "INV-4"},
        Damage{"live broadcast without money", "DROP TRIGGER live_task_escrow_check ON tasks", "LIVE-1"},
        Damage{"two accounts for one sign-in", "ALTER TABLE users DROP CONSTRAINT users_firebase_uid_key",
               "identity"},
        Damage{"events forgettable", "DROP TRIGGER stripe_event_no_delete ON processed_stripe_events",
               "INV-STRIPE-1"},
        Damage{"the payment of held money forgettable",
               edited("escrow_transition_check", "coalesce(NEW.stripe_payment_intent_id, '')",
                      "NEW.stripe_payment_intent_id"),
               "money.md §2"},
        Damage{"demands droppable",
               edited("task_transition_check", "NEW.required_trade,",
                      "coalesce(NEW.required_trade, OLD.required_trade),"),
               "P5"},
        Damage{"verdicts droppable",
               edited("proof_transition_check", "frozen.updated_at := NEW.updated_at;",
                      "frozen.updated_at := NEW.updated_at; IF NEW.reviewed_at IS NULL THEN "
                      "frozen.reviewed_at := NULL; END IF;"),
               "Q19"},
        Damage{
            "comments droppable",
            "DROP TRIGGER rating_no_update ON task_ratings; CREATE TRIGGER rating_no_update BEFORE UPDATE ON "
            "task_ratings FOR EACH ROW WHEN (NEW.stars <> OLD.stars OR NEW.comment <> OLD.comment OR "
            "NEW.task_id <> OLD.task_id OR NEW.rater_id <> OLD.rater_id OR NEW.ratee_id <> OLD.ratee_id) "
            "EXECUTE FUNCTION refuse_always('HX809')",
            "task_ratings: kept rows"},
        Damage{
            "demotions not derived",
            "DROP TRIGGER trust_tier_recompute ON users; CREATE TRIGGER trust_tier_recompute AFTER UPDATE OF "
            "trust_tier ON users FOR EACH ROW WHEN (NEW.trust_tier > OLD.trust_tier) EXECUTE FUNCTION "
            "recompute_after_tier()",
            "INV-ELIGIBILITY-8"},
        Damage{"tier read before the profile is locked",
               edited("recompute_capability", kTier, "") +
                   edited("recompute_capability", kDeriving, std::string(kDeriving) + kTier),
               "INV-ELIGIBILITY-8", true},
        Damage{"proofs that do not wait for the end of their task",
               edited("proof_transition_check", "FOR NO KEY UPDATE", "FOR KEY SHARE"), "P1", true},
        Damage{"proofs of ended tasks",
               edited("proof_transition_check", "task_state IN ('ACCEPTED', 'PROOF_SUBMITTED')",
                      "task_state <> 'OPEN'"),
               "P1"},
        Damage{"the first insurance to expire is shown",
               edited("recompute_capability", "max(expires_at) INTO v_insured",
                      "min(expires_at) INTO v_insured"),
               "ELG-9"},
        Damage{
            "expiry of insurances not shown",
            edited("recompute_capability", "insurance_expires_at = v_insured", "insurance_expires_at = NULL"),
            "ELG-9"}));

TEST_F(Attack, NoticesAWeakenedGuardThatKeepsItsName) {
  const auto rules = rules_broken_by(std::string(kNothing) +
                                     "DROP TRIGGER escrow_terminal_guard ON escrows; "
                                     "CREATE TRIGGER escrow_terminal_guard BEFORE UPDATE ON escrows "
                                     "FOR EACH ROW EXECUTE FUNCTION nothing()");
  EXPECT_TRUE(rules.contains("TERM-ESCROW")) << ::testing::PrintToString(rules);
}

TEST_F(Attack, ASchemaThatRefusesLegalWritesFailsToo) {
  const auto rules = rules_broken_by(
      "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no'; END$$; "
      "CREATE TRIGGER zz_never BEFORE UPDATE ON escrows FOR EACH ROW EXECUTE FUNCTION never()");
  EXPECT_TRUE(rules.contains("E1")) << ::testing::PrintToString(rules);
}

TEST_F(Attack, FillsRequiredColumnsOfForeignSchemas) {
  EXPECT_EQ(rules_broken_by("ALTER TABLE tasks ADD COLUMN haste integer NOT NULL DEFAULT 0; "
                            "ALTER TABLE tasks ALTER COLUMN haste DROP DEFAULT; "
                            "ALTER TABLE escrows ADD COLUMN owner uuid REFERENCES users(id); "
                            "ALTER TABLE escrows ALTER COLUMN owner SET NOT NULL"),
            std::set<std::string>{});
}

TEST_F(Attack, HarmlessChangesRaiseNoAlarm) {
  EXPECT_EQ(rules_broken_by("CREATE INDEX more ON tasks (title); ALTER TABLE users ADD COLUMN nickname text; "
                            "ALTER TRIGGER proof_no_truncate ON proofs RENAME TO another_name"),
            std::set<std::string>{});
}

// One session has done everything before the other one writes: at READ COMMITTED that is a serial order.
TEST_F(Attack, FindsWhatOnlyAnOldSnapshotBreaks) {
  const DatabaseClone damaged(postgres_->url());
  execute(damaged.url(), edited("held_escrow", "FOR SHARE", "FOR KEY SHARE"));
  const auto attempt = [](const char* order, const char* level) {
    return std::string("open_funded: accepted (T2) || refund without cancellation in the order ") + order +
           " at " + level;
  };
  const std::string waiting = attempt("2112", "READ COMMITTED");
  const std::string old = attempt("2211", "REPEATABLE READ");
  AttackOptions options;
  options.all_levels = options.all_orders = false;
  options.repeatable_read = true;
  options.only = {waiting, old, attempt("2211", "READ COMMITTED"), attempt("2211", "SERIALIZABLE")};
  std::map<std::string, AttackResult> tried;
  for (const AttackResult& each : attack_database(damaged.url(), options)) {
    if (options.only.contains(each.attempt)) tried[each.attempt] = each;
  }
  ASSERT_EQ(tried.size(), 2U);
  EXPECT_EQ(tried[waiting].verdict, AttackVerdict::held);
  EXPECT_EQ(tried[old].verdict, AttackVerdict::broken);
  EXPECT_EQ(tried[old].rule, "Q07");
  EXPECT_NE(tried[old].sql.find("REPEATABLE READ;\nSELECT 1;\n"), std::string::npos) << tried[old].sql;
}

// Write skew: without the trigger's lock, two legal writes end in an illegal pair.
TEST_F(Attack, FindsAPairThatOnlyTwoSessionsCanBreak) {
  const auto rules = rules_broken_by(
      "DROP INDEX disputes_one_open_per_task; "
      "CREATE FUNCTION polite() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
      "IF EXISTS (SELECT 1 FROM disputes d WHERE d.task_id = NEW.task_id AND d.state <> 'RESOLVED') THEN "
      "RAISE EXCEPTION USING ERRCODE = '23505', MESSAGE = 'one open dispute'; END IF; RETURN NEW; END$$; "
      "ALTER TABLE disputes DISABLE TRIGGER dispute_insert_guard; "
      "CREATE TRIGGER polite BEFORE INSERT ON disputes FOR EACH ROW EXECUTE FUNCTION polite()",
      true);
  EXPECT_TRUE(rules.contains("Q14")) << ::testing::PrintToString(rules);
}

}  // namespace
}  // namespace loadgen
