// Guards that are blind for some rows: every telling of the story is attacked, not only the usual one.
#include "loadgen/attack/variants.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "loadgen/attack/session.h"
#include "loadgen/campaign/schema_damages.h"
#include "tests/attack/cluster.h"

namespace loadgen {
namespace {

struct Blind {
  const char* title;
  const char* trigger;  // "escrow_amount_immutable BEFORE UPDATE OF amount ON escrows"
  const char* where;    // it still looks there
  const char* function;
  const char* rule;
};

void PrintTo(const Blind& blind, std::ostream* out) {
  *out << blind.title;
}

class Variants : public Cluster, public ::testing::WithParamInterface<Blind> {};

TEST_P(Variants, GuardBlindForSomeRowsIsFound) {
  const Blind& blind = GetParam();
  const std::string trigger(blind.trigger);
  const std::string name = trigger.substr(0, trigger.find(' '));
  const std::string table = trigger.substr(trigger.rfind(' ') + 1);
  const std::set<std::string> rules =
      rules_broken_by("DROP TRIGGER " + name + " ON " + table + "; CREATE TRIGGER " + trigger +
                      " FOR EACH ROW WHEN (" + blind.where + ") EXECUTE FUNCTION " + blind.function);
  EXPECT_TRUE(rules.contains(blind.rule)) << ::testing::PrintToString(rules);
}

constexpr const char* kAmount = "escrow_amount_immutable BEFORE UPDATE OF amount ON escrows";
constexpr const char* kTerminal = "task_terminal_guard BEFORE UPDATE ON tasks";
constexpr const char* kRelease = "escrow_released_requires_completed_task BEFORE UPDATE OF state ON escrows";
constexpr const char* kAction = "admin_actions_no_update BEFORE UPDATE ON admin_actions";

INSTANTIATE_TEST_SUITE_P(
    Schema, Variants,
    ::testing::Values(
        Blind{"low amounts", kAmount, "OLD.amount > 1000", "escrow_amount_check()", "INV-4"},
        Blind{"high amounts", kAmount, "OLD.amount < 1000000", "escrow_amount_check()", "INV-4"},
        Blind{"odd amounts", kAmount, "OLD.amount % 2 = 0", "escrow_amount_check()", "INV-4"},
        Blind{"one amount that the guard names", kAmount, "OLD.amount <> 77700", "escrow_amount_check()",
              "INV-4"},
        Blind{"smaller than before", kAmount, "NEW.amount > OLD.amount", "escrow_amount_check()", "INV-4"},
        Blind{"LIVE tasks", kTerminal, "OLD.mode = 'STANDARD'", "task_terminal_check()", "TERM-TASK"},
        Blind{"no deadline", kTerminal, "OLD.deadline IS NOT NULL", "task_terminal_check()", "TERM-TASK"},
        Blind{"a category that the guard names", kTerminal, "OLD.category IS DISTINCT FROM 'pets'",
              "task_terminal_check()", "TERM-TASK"},
        Blind{"no proof required", kTerminal, "OLD.requires_proof", "task_terminal_check()", "TERM-TASK"},
        Blind{"payments of cents", kRelease, "NEW.amount >= 501", "require_completed_task()", "INV-2"},
        Blind{"acts about nobody", kAction, "OLD.target_user_id IS NOT NULL", "refuse_always('HX801')",
              "AUDIT-5"}));

using Tellings = Cluster;

TEST_F(Tellings, CoverWhatTheSpecificationLeavesFree) {
  attack::Session session(postgres_->url());
  const attack::Catalogue catalogue = attack::read_catalogue(session);
  std::set<std::string> risks;
  std::set<long> cents;
  std::set<bool> live, proof, again;
  for (const attack::Variant& each : attack::variants_of(catalogue)) {
    cents.insert(each.cents);
    live.insert(each.live);
    proof.insert(each.requires_proof);
    again.insert(each.tried_before);
    EXPECT_LT(each.refund, each.cents) << each.name;
    EXPECT_FALSE(each.live && each.cents < 1500) << each.name;
    for (const auto& [column, value] : each.also.at("tasks")) {
      if (column == "risk_level") risks.insert(value);
    }
  }
  EXPECT_EQ(risks, (std::set<std::string>{"'low'", "'medium'", "'high'", "'critical'", "NULL"}));
  EXPECT_TRUE(cents.contains(500) && cents.contains(1500) && *cents.rbegin() > 10'000'000);
  EXPECT_TRUE(std::ranges::any_of(cents, [](long each) { return each % 2 == 1; }));
  EXPECT_EQ(live.size() + proof.size() + again.size(), 6U);
}

using Damages = Cluster;

TEST_F(Damages, FollowFromTheSeedAndCanBeMade) {
  const auto damages = draw_damages(postgres_->url(), 60, 7);
  ASSERT_EQ(damages.size(), 60U);
  std::set<std::string> kinds, statements;
  attack::Session session(postgres_->url());
  int made = 0;
  for (const SchemaDamage& each : damages) {
    kinds.insert(each.kind);
    statements.insert(each.sql);
    made += session.run("BEGIN; " + each.sql).ok ? 1 : 0;
    session.run("ROLLBACK");
  }
  EXPECT_EQ(kinds,
            (std::set<std::string>{"check", "function", "reference", "required", "trigger", "unique"}));
  EXPECT_EQ(statements.size(), damages.size());
  EXPECT_GE(made, 50);
  EXPECT_EQ(draw_damages(postgres_->url(), 60, 7).back().sql, damages.back().sql);
  EXPECT_NE(draw_damages(postgres_->url(), 60, 8).back().sql, damages.back().sql);
  for (const SchemaDamage& each : draw_damages(postgres_->url(), 5, 7, "trigger"))
    EXPECT_EQ(each.kind, "trigger");
}

}  // namespace
}  // namespace loadgen
