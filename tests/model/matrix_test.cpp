// Every cell of the result matrices of state-machines.md §1-§4: call x situation x actor. The tables below
// are typed from the specification; nothing in them is computed by the rules.
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "model/judge/invariants.h"
#include "tests/model/scenes.h"

namespace model {
namespace {

using enum Action;

struct Row {
  Action action;
  UserId actor;
  std::string_view cells;
};

// ok; F HX503 (wrong actor, before the state is looked at); N NOT_FOUND; C CONFLICT; 1 HX001; 2 HX002; 201;
// 301. Wrong actors get F in every cell; N where a proof or dispute must be named and none exists, or where a
// stranger reads private objects (decision 10).
// clang-format off
const std::vector<Row> kMatrix{
    //                            OP  OF  OR  AC  AR  PS  PA  DI  CO  CH  Cb  Ca  Cc  Cs  Eb  Ea  CF
    {task_accept, kPoster,       "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {task_accept, kWorker,       "C   ok  C   C   C   C   C   C   1   1   1   1   1   1   1   1   1"},
    {task_accept, kStranger,     "C   ok  C   C   C   C   C   C   1   1   1   1   1   1   1   1   1"},
    {task_accept, kAdmin,        "C   ok  C   C   C   C   C   C   1   1   1   1   1   1   1   1   1"},
    {task_submit_proof, kPoster, "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {task_submit_proof, kWorker, "F   F   F   ok  ok  C   C   C   1   1   F   1   1   1   F   1   1"},
    {task_submit_proof, kStranger, "F F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {task_submit_proof, kAdmin,  "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {proof_submit, kPoster,      "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {proof_submit, kWorker,      "F   F   F   ok  ok  C   C   C   1   1   F   1   1   1   F   1   1"},
    {proof_submit, kStranger,    "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {proof_submit, kAdmin,       "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {proof_request_upload, kPoster, "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {proof_request_upload, kWorker, "F   F   F   ok  ok  C   C   C   1   1   F   1   1   1   F   1   1"},
    {proof_request_upload, kStranger, "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {proof_request_upload, kAdmin, "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {proof_accept, kPoster,      "N   N   N   N   C   ok  C   C   1   1   N   1   1   1   N   1   1"},
    {proof_accept, kWorker,      "N   N   N   N   F   F   F   F   F   F   N   F   F   F   N   F   F"},
    {proof_accept, kStranger,    "N   N   N   N   F   F   F   F   F   F   N   F   F   F   N   F   F"},
    {proof_accept, kAdmin,       "N   N   N   N   F   F   F   F   F   F   N   F   F   F   N   F   F"},
    {proof_reject, kPoster,      "N   N   N   N   C   ok  C   C   1   1   N   1   1   1   N   1   1"},
    {proof_reject, kWorker,      "N   N   N   N   F   F   F   F   F   F   N   F   F   F   N   F   F"},
    {proof_reject, kStranger,    "N   N   N   N   F   F   F   F   F   F   N   F   F   F   N   F   F"},
    {proof_reject, kAdmin,       "N   N   N   N   F   F   F   F   F   F   N   F   F   F   N   F   F"},
    {task_complete, kPoster,     "C   C   C   C   C   301 ok  C   1   1   1   1   1   1   1   1   1"},
    {task_complete, kWorker,     "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {task_complete, kStranger,   "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {task_complete, kAdmin,      "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {task_cancel, kPoster,       "ok  ok  ok  ok  ok  C   C   C   1   1   1   1   1   1   1   1   1"},
    {task_cancel, kWorker,       "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {task_cancel, kStranger,     "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {task_cancel, kAdmin,        "ok  ok  ok  ok  ok  C   C   C   1   1   1   1   1   1   1   1   1"},
    {dispute_create, kPoster,    "C   C   C   C   ok  ok  ok  C   1   1   1   1   1   1   1   1   1"},
    {dispute_create, kWorker,    "F   F   F   C   ok  ok  ok  C   1   1   F   1   1   1   F   1   1"},
    {dispute_create, kStranger,  "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {dispute_create, kAdmin,     "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {dispute_resolve, kPoster,   "N   N   N   N   N   N   N   F   N   F   N   N   F   F   N   N   N"},
    {dispute_resolve, kWorker,   "N   N   N   N   N   N   N   F   N   F   N   N   F   F   N   N   N"},
    {dispute_resolve, kStranger, "N   N   N   N   N   N   N   F   N   F   N   N   F   F   N   N   N"},
    {dispute_resolve, kAdmin,    "N   N   N   N   N   N   N   ok  N   C   N   N   C   C   N   N   N"},
    {escrow_create_intent, kPoster, "ok C 2   C   C   C   C   C   1   1   1   1   1   1   1   1   1"},
    {escrow_create_intent, kWorker, "F F  F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {escrow_create_intent, kStranger, "F F F  F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {escrow_create_intent, kAdmin, "F F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {escrow_release, kPoster,    "201 201 2   201 201 201 201 201 2   2   2   2   2   2   2   2   ok"},
    {escrow_release, kWorker,    "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {escrow_release, kStranger,  "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {escrow_release, kAdmin,     "201 201 2   201 201 201 201 201 2   2   2   2   2   2   2   2   V"},
    {escrow_refund, kPoster,     "C   C   2   C   C   C   C   C   2   2   2   2   2   2   2   2   C"},
    {escrow_refund, kWorker,     "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {escrow_refund, kStranger,   "F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F   F"},
    {escrow_refund, kAdmin,      "C   C   2   C   C   C   C   C   2   2   2   2   2   2   2   2   C"},
    {task_get_by_id, kPoster,    "ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok"},
    {task_get_by_id, kWorker,    "ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok"},
    {task_get_by_id, kStranger,  "ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok"},
    {task_get_by_id, kAdmin,     "ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok"},
    {escrow_get_by_task_id, kPoster, "ok ok ok ok ok ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok"},
    {escrow_get_by_task_id, kWorker, "N N  N   ok  ok  ok  ok  ok  ok  ok  N   ok  ok  ok  N   ok  ok"},
    {escrow_get_by_task_id, kStranger, "N N N  N   N   N   N   N   N   N   N   N   N   N   N   N   N"},
    {escrow_get_by_task_id, kAdmin, "ok ok ok ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok"},
    {proof_get_by_task_id, kPoster, "ok ok ok ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok"},
    {proof_get_by_task_id, kWorker, "N N  N   ok  ok  ok  ok  ok  ok  ok  N   ok  ok  ok  N   ok  ok"},
    {proof_get_by_task_id, kStranger, "N N N  N   N   N   N   N   N   N   N   N   N   N   N   N   N"},
    {proof_get_by_task_id, kAdmin, "ok ok ok ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok"},
    {dispute_get_by_task_id, kPoster, "ok ok ok ok ok ok ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok"},
    {dispute_get_by_task_id, kWorker, "N N N  ok  ok  ok  ok  ok  ok  ok  N   ok  ok  ok  N   ok  ok"},
    {dispute_get_by_task_id, kStranger, "N N N N  N   N   N   N   N   N   N   N   N   N   N   N   N"},
    {dispute_get_by_task_id, kAdmin, "ok ok ok ok ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok"},
};
// clang-format on

std::string_view spelled_out(const std::string& cell) {
  if (cell == "ok") return "ok";
  if (cell == "F") return "HX503";
  if (cell == "N") return "NOT_FOUND";
  if (cell == "C") return "CONFLICT";
  if (cell == "1") return "HX001";
  if (cell == "2") return "HX002";
  if (cell == "V") return "VALIDATION_ERROR";  // SAF-21: a command tells no reason
  if (cell == "201") return "HX201";
  if (cell == "301") return "HX301";
  return "unknown cell";
}

class ResultMatrix : public testing::TestWithParam<Row> {};

TEST_P(ResultMatrix, AnswersAsTheSpecificationSays) {
  const Row& row = GetParam();
  std::istringstream cells{std::string(row.cells)};
  for (std::size_t column = 0; column < kSceneNames.size(); ++column) {
    std::string cell;
    ASSERT_TRUE(cells >> cell) << "row too short";
    World world = world_in(static_cast<Scene>(column));
    const World before = world;
    const Outcome outcome = apply(world, ask(world, row.action, row.actor), kStart + kMinute);
    EXPECT_EQ(verdict(outcome), spelled_out(cell))
        << name(row.action) << " by " << kPeopleNames[row.actor.value] << " in " << kSceneNames[column];
    if (outcome.kind == Outcome::Kind::refused) EXPECT_EQ(world, before) << kSceneNames[column];
    EXPECT_TRUE(broken_invariants(world).empty())
        << broken_invariants(world).front().id << kSceneNames[column];
  }
  std::string rest;
  EXPECT_FALSE(cells >> rest) << "row too long";
}

INSTANTIATE_TEST_SUITE_P(Every, ResultMatrix, testing::ValuesIn(kMatrix), [](const auto& row) {
  std::string text =
      std::string(name(row.param.action)) + "_by_" + std::string(kPeopleNames[row.param.actor.value]);
  for (char& letter : text) letter = letter == '.' ? '_' : letter;
  return text;
});

// Creation and own data need no situation; everything else that concerns a task has a row per actor.
TEST(ResultMatrixTable, HasARowForEveryProcedureAndActor) {
  std::vector<Action> without_situation{task_create, task_list,       user_get_profile,   user_update_profile,
                                        user_get_xp, user_get_badges, user_get_trust_tier};
  for (std::size_t i = 0; i < kProcedureCount; ++i) {  // what concerns the marketplace and no task
    const auto action = static_cast<Action>(i);
    if (name(action).starts_with("admin.") || name(action).starts_with("moderation.") ||
        name(action).starts_with("beta.") || (action >= feed_get && action <= onboarding_complete))
      without_situation.push_back(action);
  }
  EXPECT_EQ(kMatrix.size(), (kProcedureCount - without_situation.size()) * kPeople.size());
}

// A successful call's effects on the four machines ("" = no such object).
struct Effect {
  Action action;
  UserId actor;
  Scene scene;
  std::string_view task, escrow, proof, dispute, edges;
};

const std::vector<Effect> kEffects{
    {task_accept, kWorker, Scene::open_funded, "ACCEPTED", "FUNDED", "", "", "T2"},
    {task_submit_proof, kWorker, Scene::accepted, "PROOF_SUBMITTED", "FUNDED", "SUBMITTED", "", "T3 P1"},
    {proof_submit, kWorker, Scene::accepted_after_rejection, "PROOF_SUBMITTED", "FUNDED", "SUBMITTED", "",
     "T3 P1"},
    {proof_reject, kPoster, Scene::submitted, "ACCEPTED", "FUNDED", "REJECTED", "", "T4 P3"},
    {proof_accept, kPoster, Scene::submitted, "PROOF_SUBMITTED", "FUNDED", "ACCEPTED", "", "P2"},
    {task_complete, kPoster, Scene::proof_accepted, "COMPLETED", "RELEASED", "ACCEPTED", "", "T5 E3"},
    {dispute_create, kWorker, Scene::submitted, "DISPUTED", "LOCKED_DISPUTE", "SUBMITTED", "OPEN",
     "T6 E5 D1"},
    {dispute_create, kPoster, Scene::proof_accepted, "DISPUTED", "LOCKED_DISPUTE", "ACCEPTED", "OPEN",
     "T6 E5 D1"},
    {dispute_create, kPoster, Scene::accepted_after_rejection, "DISPUTED", "LOCKED_DISPUTE", "REJECTED",
     "OPEN", "T7 E5 D1"},
    {dispute_resolve, kAdmin, Scene::disputed, "COMPLETED", "RELEASED", "ACCEPTED", "RESOLVED",
     "T8 E6 P5 D4"},
    {task_cancel, kPoster, Scene::open_pending, "CANCELLED", "REFUNDED", "", "", "T10 E2"},
    {task_cancel, kAdmin, Scene::open_funded, "CANCELLED", "REFUNDED", "", "", "T10 E4"},
    {task_cancel, kPoster, Scene::open_refunded, "CANCELLED", "REFUNDED", "", "", "T10"},
    {task_cancel, kPoster, Scene::accepted, "CANCELLED", "REFUNDED", "", "", "T11 E4"},
    {task_cancel, kAdmin, Scene::accepted_after_rejection, "CANCELLED", "REFUNDED", "REJECTED", "", "T11 E4"},
    {escrow_create_intent, kPoster, Scene::open_pending, "OPEN", "PENDING", "", "", "no edge"},
    {escrow_release, kPoster, Scene::completed_unpaid, "COMPLETED", "RELEASED", "ACCEPTED", "", "E3"},
};

TEST(ResultMatrixEffects, MoveTheFourMachinesAlongTheirEdges) {
  for (const Effect& effect : kEffects) {
    World world = world_in(effect.scene);
    must(world, effect.action, effect.actor);
    const Task& task = world.tasks[kTask.value];
    EXPECT_EQ(name(task.state), effect.task) << effect.edges;
    EXPECT_EQ(name(world.escrows[kEscrow.value].state), effect.escrow) << effect.edges;
    EXPECT_EQ(task.latest_proof.present() ? name(world.proofs[task.latest_proof.value].state) : "",
              effect.proof)
        << effect.edges;
    EXPECT_EQ(task.latest_dispute.present() ? name(world.disputes[task.latest_dispute.value].state) : "",
              effect.dispute)
        << effect.edges;
  }
}

}  // namespace
}  // namespace model
