#include <gtest/gtest.h>

#include "model/vocabulary/codes.h"
#include "model/vocabulary/contract.h"

namespace model {
namespace {

TEST(Contract, KnowsEveryProcedureByNameAndByItsVersionedAlias) {
  for (const Procedure& each : all_procedures()) {
    EXPECT_EQ(find_procedure(each.name), &each);
    EXPECT_EQ(find_procedure("v1." + std::string(each.name)), &each);
  }
  EXPECT_EQ(find_procedure("task.update"), nullptr);
}

TEST(Contract, DerivesFaultsForEveryProcedureWithInput) {
  for (const Procedure& each : all_procedures()) {
    EXPECT_FALSE(input_faults(each.action).empty()) << each.name;
  }
}

TEST(Codes, EveryStringLeadsBackToItsCode) {
  EXPECT_EQ(code_of("HX201"), Code::hx201);
  EXPECT_EQ(code_of("VALIDATION_ERROR"), Code::validation_error);
  EXPECT_EQ(code_of("HX999"), std::nullopt);
}

}  // namespace
}  // namespace model
