// The facts of the specification's tables: their notation, and what is noticed when a schema lacks them.
#include "loadgen/attack/schema_facts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "tests/attack/cluster.h"

namespace loadgen {
namespace {

using attack::FactColumn;
using attack::parse_facts;
using attack::TableFacts;

TEST(SchemaFacts, ColumnsSayEverythingOfTheNotation) {
  const TableFacts facts = parse_facts(
      {"things",
       "id uuid! =new @@; state t20! =OPEN {OPEN,DONE} ~; price n5.2 [0.01..]; owner uuid >users- :$worker; "
       "code c2 #2; note t #..500; sum t64! /^[0-9a-f]{64}$/ :encode(sha256($id::bytea), 'hex')",
       "unique owner code where state <> 'DONE'; never state='DONE' note='a b'; kept; updated_at; at "
       "released"});
  ASSERT_EQ(facts.columns.size(), 7U);
  const FactColumn& state = facts.columns[1];
  EXPECT_TRUE(state.required);
  EXPECT_TRUE(state.cyclic);
  EXPECT_EQ(state.length, 20);
  EXPECT_EQ(state.standard, "OPEN");
  EXPECT_EQ(state.words, (std::vector<std::string>{"OPEN", "DONE"}));
  EXPECT_EQ(facts.columns[2].low, "0.01");
  EXPECT_EQ(facts.columns[2].high, "");
  EXPECT_EQ(facts.columns[2].scale, 2);
  EXPECT_EQ(facts.columns[3].references, "users");
  EXPECT_EQ(facts.columns[3].on_delete, FactColumn::OnDelete::unset);
  EXPECT_EQ(facts.columns[3].example, "$worker");
  EXPECT_EQ(facts.columns[4].exactly, 2);
  EXPECT_EQ(facts.columns[5].at_most, 500);
  EXPECT_EQ(facts.columns[6].pattern, "^[0-9a-f]{64}$");
  EXPECT_EQ(facts.columns[6].example, "encode(sha256($id::bytea), 'hex')");
  ASSERT_EQ(facts.keys.size(), 1U);
  EXPECT_EQ(facts.keys[0].columns, (std::vector<std::string>{"owner", "code"}));
  EXPECT_EQ(facts.keys[0].where, "state <> 'DONE'");
  ASSERT_EQ(facts.never.size(), 1U);
  EXPECT_EQ(facts.never[0][1].second, "'a b'");
  EXPECT_TRUE(facts.fixed && facts.remains && facts.untruncated && facts.stamped);
  EXPECT_EQ(facts.stage, "released");
}

TEST(SchemaFacts, WhatIsNotInTheNotationIsRefused) {
  EXPECT_THROW(parse_facts({"things", "id uuid ?", ""}), std::logic_error);
  EXPECT_THROW(parse_facts({"things", "id", ""}), std::logic_error);
  EXPECT_THROW(parse_facts({"things", "id int [1-4]", ""}), std::logic_error);
  EXPECT_THROW(parse_facts({"things", "id int", "sometimes"}), std::logic_error);
}

TEST(SchemaFacts, EveryTableIsToldOnceAndHasAKey) {
  std::set<std::string> tables;
  for (const TableFacts& facts : attack::all_facts()) {
    EXPECT_TRUE(tables.insert(facts.table).second) << facts.table;
    EXPECT_TRUE(std::ranges::any_of(facts.columns, &FactColumn::primary)) << facts.table;
  }
  EXPECT_GE(tables.size(), 55U);
}

struct Lack {
  const char* sql;
  const char* rule;
};

using Facts = Cluster;

// Many at once, each seen by a rule of its own: one database is enough.
TEST_F(Facts, EachLackIsNamedWithItsTable) {
  constexpr Lack kLacks[]{
      {"ALTER TABLE user_strikes DROP CONSTRAINT user_strikes_severity_check", "user_strikes: values"},
      {"DROP TRIGGER user_strikes_no_update ON user_strikes", "user_strikes: kept rows"},
      {"ALTER TABLE user_strikes DROP CONSTRAINT user_strikes_event_unique", "user_strikes: unique rows"},
      {"ALTER TABLE beta_invites DROP CONSTRAINT beta_invites_uses_check", "beta_invites: values"},
      {"ALTER TABLE beta_members DROP CONSTRAINT beta_members_pkey", "beta_members: unique rows"},
      {"ALTER TABLE freeze_switches ALTER COLUMN active DROP NOT NULL", "freeze_switches: required columns"},
      {"ALTER TABLE admin_actions ALTER COLUMN performed_at SET DEFAULT '2000-01-01'",
       "admin_actions: defaults"},
      {"ALTER TABLE admin_actions DROP CONSTRAINT admin_actions_admin_user_id_fkey",
       "admin_actions: references"},
      {"ALTER TABLE transfer_retry_queue ALTER COLUMN amount TYPE numeric", "transfer_retry_queue: values"},
      {"DROP TRIGGER outbox_key_fixed ON outbox_events", "outbox_events: kept rows"},
      {"ALTER TABLE content_reports DROP CONSTRAINT content_reports_once", "content_reports: unique rows"},
      {"DROP TRIGGER task_ratings_updated_at ON task_ratings", "task_ratings: updated_at"},
      {"ALTER TABLE task_ratings DROP CONSTRAINT task_ratings_stars_check", "task_ratings: values"},
      {"ALTER TABLE proof_uploads DROP CONSTRAINT proof_uploads_checksum_sha256_check",
       "proof_uploads: values"},
      {"ALTER TABLE ai_decisions DROP CONSTRAINT ai_decisions_proposal_id_fkey", "ai_decisions: references"},
      {"ALTER TABLE evidence ALTER COLUMN storage_key TYPE varchar(10) USING left(storage_key, 10)",
       "evidence: legal rows"},
      {"ALTER TABLE admin_roles DROP CONSTRAINT admin_roles_role_check; ALTER TABLE admin_roles ADD CHECK "
       "(role IN "
       "('support', 'moderator', 'admin'))",
       "admin_roles: legal rows"},
      {"ALTER TABLE disputes DROP CONSTRAINT disputes_state_check; ALTER TABLE disputes ADD CHECK (state IN "
       "('OPEN', 'RESOLVED', 'ESCALATED'))",
       "disputes: legal rows"},
      {"DROP TRIGGER background_transition_guard ON background_checks", "verification §4.1"},
      {"DROP TRIGGER insurance_recompute ON insurance_verifications", "INV-ELIGIBILITY-8"},
      {"ALTER TABLE escrows DROP CONSTRAINT escrow_amounts_only_in_split", "Q06"},
      {"ALTER TABLE tasks DROP CONSTRAINT tasks_timestamps_match_state", "Q30"},
      {"ALTER TABLE tasks DROP CONSTRAINT tasks_worker_id_fkey", "references"}};
  std::string damage;
  for (const Lack& lack : kLacks) damage += std::string(lack.sql) + "; ";
  const std::set<std::string> rules = rules_broken_by(damage);
  for (const Lack& lack : kLacks) EXPECT_TRUE(rules.contains(lack.rule)) << lack.rule << " for " << lack.sql;
}

// A word that the schema alone knows is tried too, whatever the constraint is called.
TEST_F(Facts, WordsThatTheSchemaSpellsOutAreTried) {
  const auto rules = rules_broken_by(
      "ALTER TABLE content_reports DROP CONSTRAINT content_reports_status_check; ALTER TABLE content_reports "
      "ADD "
      "CONSTRAINT x CHECK (status IN ('pending', 'reviewed', 'resolved', 'dismissed', 'lost'))");
  EXPECT_TRUE(rules.contains("content_reports: values")) << ::testing::PrintToString(rules);
}

}  // namespace
}  // namespace loadgen
