// What an attack found is made again by its name, on the damaged and on the repaired schema.
#include "loadgen/campaign/attack_findings.h"

#include <gtest/gtest.h>

#include "loadgen/campaign/attack.h"
#include "loadgen/campaign/export.h"
#include "loadgen/environment/clone.h"
#include "tests/attack/cluster.h"

namespace loadgen {
namespace {

using AttackFindings = Cluster;

constexpr const char* kDamage = "DROP TRIGGER xp_ledger_no_delete ON xp_ledger";

model::Finding first_finding(const std::string& url) {
  AttackOptions options;
  options.concurrent = false;
  bool found = false;
  options.broken = [&](const AttackResult&) { found = true; };
  options.stop = [&] { return found; };
  for (const AttackResult& each : attack_database(url, options)) {
    if (each.verdict == AttackVerdict::broken) return attack_finding(each.rule, {each});
  }
  return {};
}

TEST_F(AttackFindings, AreTriedAgainAloneAndRetriedFromTheCorpus) {
  const DatabaseClone damaged(postgres_->url());
  execute(damaged.url(), kDamage);
  const model::Finding finding = first_finding(damaged.url());
  ASSERT_TRUE(can_attack_again(finding));
  EXPECT_EQ(finding.rule, "LEDGER-XP");
  const AttackResult again = attack_again(damaged.url(), finding);
  EXPECT_EQ(again.verdict, AttackVerdict::broken) << again.evidence;
  EXPECT_EQ(attack_again(postgres_->url(), finding).verdict, AttackVerdict::held);
  ASSERT_TRUE(sql_script(finding));
  EXPECT_NE(sql_script(finding)->find("DELETE FROM xp_ledger"), std::string::npos);

  model::Finding of_calls;
  of_calls.judge = "oracle";
  CaseJudge judge;
  const std::vector<std::pair<std::string, model::Finding>> kept{{"one", finding}, {"calls", of_calls}};
  auto retried = retry_attacks(kept, damaged.url(), judge, {});
  ASSERT_EQ(retried.size(), 1U);
  EXPECT_EQ(retried[0].now, Retried::Now::fails);
  retried = retry_attacks(kept, postgres_->url(), judge, {});
  ASSERT_EQ(retried.size(), 1U);
  EXPECT_EQ(retried[0].now, Retried::Now::fixed);
}

TEST_F(AttackFindings, OfALegalWriteAreTriedAgainToo) {
  const DatabaseClone damaged(postgres_->url());
  execute(damaged.url(),
          "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no'; END$$; "
          "CREATE TRIGGER zz_never BEFORE UPDATE ON disputes FOR EACH ROW EXECUTE FUNCTION never()");
  const model::Finding finding = first_finding(damaged.url());
  ASSERT_TRUE(can_attack_again(finding));
  EXPECT_EQ(attack_again(damaged.url(), finding).verdict, AttackVerdict::broken);
  EXPECT_EQ(attack_again(postgres_->url(), finding).verdict, AttackVerdict::held);
}

TEST_F(AttackFindings, ThatThisVersionDoesNotKnowAreUnknown) {
  model::Finding finding = attack_finding("INV-1", {{"INV-1", "a spell", AttackVerdict::broken, "", ""}});
  EXPECT_EQ(attack_again(postgres_->url(), finding).verdict, AttackVerdict::unknown);
  CaseJudge judge;
  EXPECT_EQ(retry_attacks({{"one", finding}}, postgres_->url(), judge, {}).at(0).now, Retried::Now::skipped);
}

}  // namespace
}  // namespace loadgen
