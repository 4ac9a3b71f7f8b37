// What a case is evidence for: acts of admins, certain and possible (AUDIT-3).
#include "loadgen/campaign/case_count.h"

#include <gtest/gtest.h>

#include "loadgen/campaign/case_judge.h"

namespace loadgen {
namespace {

using model::Action;
using model::Outcome;

// A licence handed in by user 0, and admin 1 deciding about it with this answer.
CaseRecord decided(const Outcome& answer) {
  CaseRecord record;
  model::World& world = record.plan.start;
  world.users.resize(2);
  world.users[1].is_admin = true;
  model::Verification& licence = world.verifications.emplace_back();
  licence.user = {0};
  record.ids.users = {"worker", "admin"};
  model::Operation operation;
  operation.command.action = Action::verification_resolve;
  operation.command.actor = {1};
  operation.command.verification = {0};
  operation.outcome = answer;
  record.history.operations.push_back(operation);
  return record;
}

model::Linearization explained(std::vector<std::uint32_t> order) {
  model::Linearization search;
  search.verdict = model::Verdict::holds;
  search.order = std::move(order);
  return search;
}

// The order that explains a lost answer may do without the call, and yet it may have left its row.
TEST(CaseCount, ALostActOfAnAdminMayHaveItsRow) {
  const CaseCount count = count_case(decided(Outcome::unknown()), explained({}));
  ASSERT_EQ(count.admin_effects.size(), 1U);
  EXPECT_EQ(count.admin_effects[0].admin, "admin");
  EXPECT_EQ(count.admin_effects[0].target, "worker");
  EXPECT_FALSE(count.admin_effects[0].certain);
}

TEST(CaseCount, ARefusedActHasNone) {
  const CaseCount count = count_case(decided(Outcome::refused(model::Code::hx503)), explained({0}));
  EXPECT_TRUE(count.admin_effects.empty());
}

// A history that no order explains is a finding already, and no proof that the admin did nothing.
TEST(CaseCount, AnUnexplainedActOfAnAdminMayHaveItsRow) {
  model::Linearization broken;
  broken.verdict = model::Verdict::broken;
  const CaseCount count = count_case(decided(Outcome::accepted()), broken);
  ASSERT_EQ(count.admin_effects.size(), 1U);
  EXPECT_FALSE(count.admin_effects[0].certain);
}

}  // namespace
}  // namespace loadgen
