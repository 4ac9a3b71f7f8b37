// Every invariant notices its own violation, and none complains about a legal world.
#include "model/judge/invariants.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/model/scenes.h"

namespace model {
namespace {

struct Violation {
  std::string_view id;
  Scene scene;
  std::function<void(World&)> spoil;
};

Escrow& escrow(World& world) {
  return world.escrows[kEscrow.value];
}
Task& task(World& world) {
  return world.tasks[kTask.value];
}

const std::vector<Violation> kViolations{
    {"INV-1", Scene::accepted, [](World& w) { escrow(w).xp_multiplier = 100; }},
    {"INV-1", Scene::cancelled_split, [](World& w) { escrow(w).xp_multiplier = 100; }},
    {"INV-2", Scene::submitted, [](World& w) { escrow(w).state = EscrowState::released; }},
    {"INV-3", Scene::completed, [](World& w) { w.proofs[0].state = ProofState::rejected; }},
    {"INV-4", Scene::open_funded, [](World& w) { ++escrow(w).amount; }},
    {"Q06", Scene::cancelled_split, [](World& w) { ++escrow(w).refund_amount; }},
    {"Q06", Scene::completed, [](World& w) { escrow(w).release_amount = 1; }},
    {"ESCROW-PARTIAL", Scene::cancelled_split,
     [](World& w) { ++escrow(w).refund_amount, --escrow(w).release_amount; }},
    {"Q07", Scene::accepted, [](World& w) { escrow(w).state = EscrowState::refunded; }},
    {"Q07", Scene::disputed, [](World& w) { escrow(w).state = EscrowState::funded; }},
    {"Q07", Scene::cancelled_assigned, [](World& w) { escrow(w).state = EscrowState::funded; }},
    {"INV-XP-4", Scene::completed, [](World& w) { --w.users[kWorker.value].xp_total; }},
    {"INV-XP-4", Scene::completed, [](World& w) { ++w.users[kWorker.value].level; }},
    {"Q09", Scene::completed,
     [](World& w) {
       w.tasks[1] = w.tasks[0];
       w.escrows[1] = w.escrows[0];
     }},
    {"Q11", Scene::completed, [](World& w) { ++escrow(w).effective_xp; }},
    {"Q11", Scene::completed, [](World& w) { escrow(w).xp_multiplier = 150; }},
    {"Q12", Scene::completed, [](World& w) { escrow(w).xp_multiplier = 0; }},
    {"Q13", Scene::accepted, [](World& w) { escrow(w).captured = false; }},
    {"Q13", Scene::accepted, [](World& w) { escrow(w).has_intent = false; }},
    {"Q14", Scene::disputed, [](World& w) { w.disputes[1] = w.disputes[0]; }},
    {"Q15", Scene::disputed, [](World& w) { w.disputes[0].state = DisputeState::resolved; }},
    {"Q15", Scene::disputed, [](World& w) { task(w).state = TaskState::accepted; }},
    {"Q15", Scene::cancelled_client_wins, [](World& w) { task(w).open_dispute = DisputeId{0}; }},
    {"Q16", Scene::cancelled_client_wins,
     [](World& w) { w.disputes[0].resolution = Resolution::hustler_wins; }},
    {"Q17", Scene::cancelled_client_wins, [](World& w) { w.disputes[0].resolved_by = kPoster; }},
    {"Q17", Scene::cancelled_client_wins, [](World& w) { w.disputes[0].resolved_by = kStranger; }},
    {"Q18", Scene::accepted, [](World& w) { task(w).worker = kPoster; }},
    {"Q18", Scene::accepted, [](World& w) { task(w).worker = UserId{}; }},
    {"Q19", Scene::submitted, [](World& w) { w.proofs[0].submitter = kStranger; }},
    {"Q19", Scene::proof_accepted, [](World& w) { w.proofs[0].reviewer = kWorker; }},
    {"Q19", Scene::proof_accepted, [](World& w) { w.proofs[0].reviewed = Instant{}; }},
    {"Q21", Scene::open_pending, [](World& w) { task(w).price = 499; }},
    {"Q21", Scene::open_pending, [](World& w) { task(w).price = 1499, task(w).mode = Mode::live; }},
    {"PROOF-ONE", Scene::accepted_after_rejection,
     [](World& w) { w.proofs[0].state = ProofState::submitted; }},
    {"PROOF-ATTEMPTS", Scene::submitted, [](World& w) { task(w).attempts = 0; }},
    {"CONSERVATION", Scene::completed, [](World& w) { escrow(w).captured = false; }},
    {"CONSERVATION", Scene::cancelled_split, [](World& w) { ++escrow(w).release_amount; }},
    {"LATE-CAPTURE", Scene::completed, [](World& w) { escrow(w).late_capture_refund = true; }},
    {"TIER", Scene::accepted, [](World& w) { w.users[kWorker.value].tier = 5; }},
};

TEST(Invariants, NoticeTheirOwnViolation) {
  for (const Violation& violation : kViolations) {
    World world = world_in(violation.scene);
    ASSERT_TRUE(all_hold(world)) << violation.id;
    violation.spoil(world);
    const std::vector<BrokenInvariant> broken = broken_invariants(world);
    EXPECT_TRUE(std::ranges::find(broken, violation.id, &BrokenInvariant::id) != broken.end())
        << violation.id << " in " << kSceneNames[static_cast<std::size_t>(violation.scene)];
    EXPECT_FALSE(all_hold(world));
  }
}

TEST(Invariants, EachHasAViolationHereAndTellsItsRule) {
  std::set<std::string_view> seen;
  for (const Violation& violation : kViolations) seen.insert(violation.id);
  std::set<std::string_view> ids;
  for (const Invariant& rule : all_invariants()) {
    EXPECT_TRUE(seen.contains(rule.id)) << rule.id;
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    EXPECT_TRUE(rule.sentence.ends_with(".")) << rule.id;
    EXPECT_TRUE(rule.spec.contains(".md")) << rule.id;
  }
}

TEST(Invariants, NameTheOffendingRecord) {
  World world = world_in(Scene::open_funded);
  ++escrow(world).amount;
  const std::vector<BrokenInvariant> broken = broken_invariants(world);
  ASSERT_EQ(broken.size(), 1U);
  EXPECT_EQ(broken.front().id, "INV-4");
  EXPECT_EQ(broken.front().entity, "escrow 0");
}

TEST(Invariants, HoldInEveryScene) {
  for (std::size_t i = 0; i < kSceneNames.size(); ++i) {
    EXPECT_TRUE(broken_invariants(world_in(static_cast<Scene>(i))).empty()) << kSceneNames[i];
  }
  EXPECT_TRUE(all_hold(World{}));
}

}  // namespace
}  // namespace model
