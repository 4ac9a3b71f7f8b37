#include "loadgen/campaign/twins.h"

#include <gtest/gtest.h>

namespace loadgen {
namespace {

using model::Code;
using model::Outcome;

// A case of three calls in a row, with these outcomes.
CaseRecord record(const std::vector<Outcome>& outcomes) {
  CaseRecord made;
  for (std::uint32_t i = 0; i < outcomes.size(); ++i) {
    made.plan.steps.push_back({{}, {{}}});
    model::Operation operation;
    operation.step = i;
    operation.outcome = outcomes[i];
    operation.http_status = outcomes[i].kind == Outcome::Kind::unknown ? 0
                            : outcomes[i].code == Code::internal_error ? 500
                                                                       : 200;
    made.history.operations.push_back(std::move(operation));
  }
  return made;
}

const Outcome kOk = Outcome::accepted();
const Outcome kNo = Outcome::refused(Code::conflict);

TEST(Twins, AnAnswerThatDiffersIsAFinding) {
  EXPECT_TRUE(compare_twins(record({kOk, kOk, kNo}), record({kOk, kOk, kNo})).empty());
  const auto findings = compare_twins(record({kOk, kOk, kNo}), record({kOk, kNo, kNo}));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule, "ISOLATION");
}

// A target that hangs or dies during the two runs is not one that mixes them up.
TEST(Twins, NothingIsAskedAfterALostAnswerOrAServersTrouble) {
  const Outcome lost = Outcome::unknown();
  const Outcome trouble = Outcome::refused(Code::internal_error);
  for (const Outcome& odd : {lost, trouble}) {
    EXPECT_TRUE(compare_twins(record({kOk, kOk, kOk}), record({kOk, odd, kNo})).empty());
    EXPECT_TRUE(compare_twins(record({kOk, odd, kNo}), record({kOk, kOk, kOk})).empty());
    EXPECT_EQ(compare_twins(record({kNo, kOk, kOk}), record({kOk, odd, kNo})).size(), 1U) << "before it";
  }
}

TEST(Twins, CallsThatOverlapMayEndEitherWay) {
  CaseRecord ours = record({kOk, kNo});
  ours.plan.steps[1].together.push_back({});
  EXPECT_TRUE(compare_twins(ours, record({kOk, kOk})).empty());
}

}  // namespace
}  // namespace loadgen
