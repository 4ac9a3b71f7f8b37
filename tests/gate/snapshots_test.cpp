// Row digests: every mutation that no single state can show is reported, and legal life is not.
#include <gtest/gtest.h>

#include <algorithm>

#include <fmt/format.h>

#include "loadgen/snapshots.h"
#include "tests/gate/audit_database.h"

namespace {

using namespace gate_test;

struct Mutation {
  std::string check, rule, sql;
};

std::vector<Mutation> mutations() {
  return {
      {"P1", "LEDGER-XP", "UPDATE xp_ledger SET reason = 'other'"},
      {"P1", "LEDGER-XP", "DELETE FROM xp_ledger"},
      {"P1", "LEDGER-XP", "TRUNCATE xp_ledger"},
      {"P1", "INV-BADGE-2", "DELETE FROM badges"},
      {"P1", "INV-BADGE-2", "UPDATE badges SET badge_tier = 2"},
      {"P1", "INV-TRUST-3", "UPDATE trust_ledger SET reason = 'x'"},
      {"P1", "AUDIT-5", "DELETE FROM admin_actions"},
      {"P1", "PRF-13", "DELETE FROM photo_bindings"},
      {"P1", "PRF-13", fmt::format("UPDATE photo_bindings SET proof_id = '{}'", proof(1))},
      {"P1", "GPS evidence", "UPDATE proof_locations SET is_mock = true"},
      {"P1", "GPS evidence", "DELETE FROM proof_locations"},
      {"P2", "INV-4", fmt::format("UPDATE escrows SET amount = 4999 WHERE id = '{}'", escrow(3))},
      {"P2", "TERM-ESCROW", fmt::format("DELETE FROM escrows WHERE id = '{}'", escrow(3))},
      {"P3", "TERM-ESCROW",
       fmt::format("UPDATE escrows SET refund_amount = 1000, release_amount = 4000 WHERE id = '{}'",
                   escrow(1))},
      {"P4", "TERM-TASK", fmt::format("UPDATE tasks SET deadline = now() WHERE id = '{}'", task(0))},
      {"P4", "TERM-TASK", fmt::format("DELETE FROM tasks WHERE id = '{}'", task(1))},
      {"P5", "MODE-FIX", fmt::format("UPDATE tasks SET mode = 'LIVE' WHERE id = '{}'", task(3))},
      {"P5", "MODE-FIX", fmt::format("UPDATE tasks SET requires_proof = false WHERE id = '{}'", task(2))},
      {"P6", "TERM-ESCROW", fmt::format("UPDATE escrows SET state = 'FUNDED' WHERE id = '{}'", escrow(0))},
      {"P6", "TERM-TASK", fmt::format("UPDATE tasks SET state = 'OPEN' WHERE id = '{}'", task(1))},
      {"P6", "TERM-TASK", fmt::format("UPDATE tasks SET state = 'OPEN' WHERE id = '{}'", task(2))},
      {"P6", "TERM-PROOF", fmt::format("UPDATE proofs SET state = 'REJECTED' WHERE id = '{}'", proof(0))},
      {"P7", "TERM-DISPUTE",
       fmt::format("UPDATE disputes SET resolution = 'CLIENT_WINS' WHERE id = '{}'", dispute(1))},
      {"P6", "TERM-DISPUTE", fmt::format("UPDATE disputes SET state = 'OPEN' WHERE id = '{}'", dispute(1))},
  };
}

TEST(Snapshots, EveryMutationIsReportedOnce) {
  for (const Mutation& m : mutations()) {
    const AuditDatabase database;
    loadgen::Snapshots snapshots(database.url());
    EXPECT_TRUE(snapshots.poll().empty());
    EXPECT_TRUE(snapshots.poll().empty()) << "nothing happened";
    database.plant(m.sql);
    const auto breaches = snapshots.poll();
    EXPECT_TRUE(
        std::ranges::any_of(breaches, [&](const auto& b) { return b.check == m.check && b.rule == m.rule; }))
        << m.check << " " << m.rule << ": " << m.sql << " gave " << breaches.size() << " others";
    EXPECT_TRUE(snapshots.poll().empty()) << "reported twice: " << m.sql;
  }
}

TEST(Snapshots, LegalLifeIsSilentEvenWhenPollsMissSteps) {
  const AuditDatabase database;
  loadgen::Snapshots snapshots(database.url());
  EXPECT_TRUE(snapshots.poll().empty());
  const std::uint64_t rows = snapshots.rows();
  EXPECT_GT(rows, 10U);
  database.plant(fmt::format(
      "UPDATE escrows SET state = 'REFUNDED', refunded_at = now(), stripe_refund_id = 're_1' WHERE id = '{}';"
      "UPDATE tasks SET state = 'CANCELLED', cancelled_at = now(), accepted_at = now() WHERE id = '{}';",
      escrow(3), task(3)));
  database.plant(
      fmt::format("UPDATE escrows SET stripe_transfer_id = 'tr_1', updated_at = now() WHERE id = '{}';"
                  "UPDATE badges SET animation_shown_at = now(); UPDATE tasks SET updated_at = now();"
                  "UPDATE proofs SET state = 'ACCEPTED' WHERE id = '{}'",
                  escrow(0), proof(2)));
  EXPECT_TRUE(snapshots.poll().empty());
  EXPECT_EQ(snapshots.rows(), rows);
  EXPECT_EQ(snapshots.polls(), 2U);
}

}  // namespace
