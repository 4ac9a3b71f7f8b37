// What PostgreSQL would do again in every statement if the SQL were written differently (docs/hacking.md).
#include <gtest/gtest.h>

#include <string>

#include "tests/server/stage.h"

namespace server_tests {
namespace {

std::string plan_of(const std::string& expression) {
  return shared_stage().sql("EXPLAIN (VERBOSE, FORMAT JSON) SELECT " + expression +
                            " FROM tasks t JOIN users u ON u.id = t.poster_id");
}

// A function in SQL that is not inlined is parsed and planned again by each statement that calls it.
TEST(Plans, SmallSqlFunctionsAreInlined) {
  for (const char* expression :
       {"api.iso(t.created_at)", "api.refused('CONFLICT', t.title, NULL)", "api.user_summary(u)",
        "api.role_rank(t.title)", "api.status_at(t.state, t.deadline, now())",
        "api.in_seattle(t.location_lat, t.location_lng)",
        "api.capability_gaps(t, true, 'WA', 1, '{low}', '{}', '{}', false)",
        "api.takeable_gaps(t, 'FUNDED', u.id, true, 'OFF', now())"}) {
    const std::string plan = plan_of(expression);
    EXPECT_NE(plan.find("Output"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("api."), std::string::npos) << expression << "\n" << plan;
  }
}

// The functions that every money call uses and that read a table keep their plans, as plpgsql does.
TEST(Plans, LookupsKeepTheirPlans) {
  EXPECT_EQ(
      shared_stage().sql(
          "SELECT coalesce(string_agg(p.proname, ' '), '') FROM pg_proc p JOIN pg_language l ON l.oid = "
          "p.prolang"
          " WHERE p.pronamespace = 'api'::regnamespace AND l.lanname <> 'plpgsql' AND p.proname IN ('flag', "
          "'is_closed', 'withheld', 'capability', 'worker_record', 'award_badges', 'outbox_claim', "
          "'transfer_has_failed', 'classify_task')"),
      "");
}

// The stored text of every CHECK of a table is read again by each statement that writes to the table.
TEST(Plans, ChecksOfBusyTablesAreShort) {
  EXPECT_EQ(shared_stage().sql(
                "SELECT coalesce(string_agg(conname, ' '), '') FROM pg_constraint WHERE contype = 'c' AND "
                "length(conbin) > 1200 AND conrelid IN ('tasks'::regclass, 'escrows'::regclass, "
                "'proofs'::regclass, 'users'::regclass, 'outbox_events'::regclass)"),
            "");
}

}  // namespace
}  // namespace server_tests
