// error-codes.md §4: when a request has several faults, the earliest step answers. Every pair of neighbouring
// steps, and the codes of each step.
#include <gtest/gtest.h>

#include <vector>

#include "model/vocabulary/contract.h"
#include "tests/model/scenes.h"

namespace model {
namespace {

using enum Action;

std::string_view answer_to(World world, const Command& command, Instant now = kStart) {
  return verdict(apply(world, command, now));
}

// Mutations and queries that name something, each with all of its faults at once: no token, bad input,
// unknown id, paused account, wrong actor, terminal state.
struct Call {
  Action action;
  std::string_view terminal;  // step 6 for the right actor
  UserId right;
};
const std::vector<Call> kMutations{
    {task_accept, "HX001", kStranger},  {task_submit_proof, "HX001", kWorker},
    {proof_submit, "HX001", kWorker},   {task_complete, "HX001", kPoster},
    {task_cancel, "HX001", kPoster},    {escrow_create_intent, "HX001", kPoster},
    {escrow_release, "HX002", kPoster}, {escrow_refund, "HX002", kPoster},
    {proof_accept, "HX001", kPoster},   {proof_reject, "HX001", kPoster},
    {dispute_create, "HX001", kPoster}, {dispute_resolve, "CONFLICT", kAdmin},
};

Command with_unknown_ids(Command command) {
  command.task = TaskId{2};  // free record
  command.escrow = EscrowId{2};
  command.proof = ProofId{999};
  command.dispute = DisputeId{999};
  return command;
}

TEST(Precedence, EachStepHidesAllLaterOnes) {
  for (const Call& call : kMutations) {
    World world = world_in(Scene::completed_by_dispute);
    const UserId wrong = call.action == task_accept ? kPoster : call.right == kPoster ? kStranger : kPoster;
    Command command = with_unknown_ids(ask(world, call.action, wrong));
    command.input_fault = 1;
    for (User& user : world.users) user.status = AccountStatus::paused;
    command.credential = Credential::none;
    EXPECT_EQ(answer_to(world, command), "HX501") << name(call.action);  // step 1
    command.credential = Credential::expired;
    EXPECT_EQ(answer_to(world, command), "HX502") << name(call.action);
    command.credential = Credential::valid;
    EXPECT_EQ(answer_to(world, command), "VALIDATION_ERROR") << name(call.action);  // step 2
    command.input_fault = 0;
    EXPECT_EQ(answer_to(world, command), "NOT_FOUND") << name(call.action);  // step 3
    command = ask(world, call.action, wrong);
    if (command.proof.value >= world.proofs.size() || call.action == proof_submit) command.proof = ProofId{1};
    EXPECT_EQ(answer_to(world, command), "HX602") << name(call.action);  // step 4
    for (User& user : world.users) user.status = AccountStatus::suspended;
    EXPECT_EQ(answer_to(world, command), "HX602") << name(call.action);
    for (User& user : world.users) user.status = AccountStatus::active;
    EXPECT_EQ(answer_to(world, command), "HX503") << name(call.action);  // step 5
    command.actor = call.right;
    EXPECT_EQ(answer_to(world, command), call.terminal) << name(call.action);  // step 6
  }
}

TEST(Precedence, EveryBadCredentialIsHx502) {
  World world = world_in(Scene::open_funded);
  for (std::size_t i = 2; i < kCredentialNames.size(); ++i) {
    for (std::size_t action = 0; action < kProcedureCount; ++action) {
      Command command = ask(world, static_cast<Action>(action), kWorker);
      command.credential = static_cast<Credential>(i);
      EXPECT_EQ(answer_to(world, command), "HX502") << kCredentialNames[i] << " " << kActionNames[action];
    }
  }
}

TEST(Precedence, EveryInputFaultIsAValidationErrorForEveryProcedure) {
  World world = world_in(Scene::submitted);
  for (std::size_t action = 0; action < kProcedureCount; ++action) {
    Command command = ask(world, static_cast<Action>(action), kPoster);
    for (std::size_t fault = 1; fault <= input_faults(command.action).size(); ++fault) {
      command.input_fault = static_cast<std::uint8_t>(fault);
      EXPECT_EQ(answer_to(world, command), "VALIDATION_ERROR") << kActionNames[action] << " " << fault;
    }
  }
}

// Reads stay open to PAUSED and SUSPENDED accounts (step 4: mutations only).
TEST(Precedence, StandingDoesNotCloseReads) {
  World world = world_in(Scene::submitted);
  world.users[kWorker.value].status = AccountStatus::suspended;
  for (const Action action :
       {task_get_by_id, task_list, escrow_get_by_task_id, proof_get_by_task_id, dispute_get_by_task_id,
        user_get_profile, user_get_xp, user_get_badges, user_get_trust_tier}) {
    EXPECT_EQ(answer_to(world, ask(world, action, kWorker)), "ok") << name(action);
  }
  for (const Action action : {task_create, user_update_profile}) {
    EXPECT_EQ(answer_to(world, ask(world, action, kWorker)), "HX602") << name(action);
  }
}

// T1, LIVE-2, C-M9: prices, deadlines, photo counts and split percentages at their bounds.
TEST(Precedence, InputBounds) {
  const World world = empty_world();
  struct Create {
    Mode mode;
    Cents price;
    Millis deadline_in;
    std::string_view answer;
  };
  for (const Create& each : std::vector<Create>{{Mode::standard, 500, kDay, "ok"},
                                                {Mode::standard, 499, kDay, "VALIDATION_ERROR"},
                                                {Mode::standard, 0, kDay, "VALIDATION_ERROR"},
                                                {Mode::standard, -1, kDay, "VALIDATION_ERROR"},
                                                {Mode::standard, 100'000'000, kDay, "ok"},
                                                {Mode::standard, 100'000'001, kDay, "VALIDATION_ERROR"},
                                                {Mode::live, 1500, kDay, "ok"},
                                                {Mode::live, 1499, kDay, "HX902"},
                                                {Mode::live, 400, kDay, "HX902"},
                                                {Mode::standard, 500, 1, "ok"},
                                                {Mode::standard, 500, 0, "VALIDATION_ERROR"},
                                                {Mode::live, 1499, -1, "HX902"},
                                                {Mode::standard, 499, -1, "VALIDATION_ERROR"}}) {
    Command command = ask(world, task_create, kPoster);
    command.mode = each.mode;
    command.price = each.price;
    command.deadline_in = each.deadline_in;
    EXPECT_EQ(answer_to(world, command), each.answer) << each.price << " " << each.deadline_in;
  }
  const World accepted = world_in(Scene::accepted);  // T3: 1-5 photos
  for (const auto& [photos, answer] : std::vector<std::pair<int, std::string_view>>{
           {0, "VALIDATION_ERROR"}, {1, "ok"}, {5, "ok"}, {6, "VALIDATION_ERROR"}}) {
    Command command = ask(accepted, task_submit_proof, kWorker);
    command.photos = static_cast<std::uint8_t>(photos);
    EXPECT_EQ(answer_to(accepted, command), answer) << photos;
  }
  const World disputed = world_in(Scene::disputed);  // E8: 1-99
  for (const auto& [percent, answer] : std::vector<std::pair<int, std::string_view>>{
           {0, "VALIDATION_ERROR"}, {1, "ok"}, {99, "ok"}, {100, "VALIDATION_ERROR"}}) {
    Command command = ask(disputed, dispute_resolve, kAdmin);
    command.resolution = Resolution::split;
    command.split_percent = static_cast<std::uint8_t>(percent);
    EXPECT_EQ(answer_to(disputed, command), answer) << percent;
  }
}

// LIVE-3 is a chain rule (step 7): after own task and terminal state, before the state mismatch.
TEST(Precedence, LiveStateIsAskedBeforeTheTaskState) {
  World world = empty_world();
  Command create = ask(world, task_create, kPoster);
  create.mode = Mode::live;
  must(world, create);
  EXPECT_EQ(answer_to(world, ask(world, task_accept, kPoster)), "HX503");
  EXPECT_EQ(answer_to(world, ask(world, task_accept, kWorker)), "HX903");  // not funded either
  fund(world);
  for (const auto& [state, answer] :
       std::vector<std::pair<LiveState, std::string_view>>{{LiveState::off, "HX903"},
                                                           {LiveState::cooldown, "HX903"},
                                                           {LiveState::paused, "HX903"},
                                                           {LiveState::active, "ok"}}) {
    world.users[kWorker.value].live = state;
    EXPECT_EQ(answer_to(world, ask(world, task_accept, kWorker)), answer) << name(state);
  }
  must(world, task_accept, kWorker);
  EXPECT_EQ(answer_to(world, ask(world, task_accept, kStranger)), "HX903");
  must(world, task_cancel, kPoster);
  EXPECT_EQ(answer_to(world, ask(world, task_accept, kStranger)), "HX001");
}

// T2: the deadline may not have passed; the expiry job's own comparison is deadline < now.
TEST(Precedence, AcceptAtTheDeadlineButNotAfterIt) {
  const World world = world_in(Scene::open_funded);
  const Instant deadline = world.tasks[kTask.value].deadline;
  EXPECT_EQ(deadline, kStart + kDay);
  EXPECT_EQ(answer_to(world, ask(world, task_accept, kWorker), deadline), "ok");
  EXPECT_EQ(answer_to(world, ask(world, task_accept, kWorker), deadline + 1), "CONFLICT");
}

// api.md §1.2: an admin needs can_override_escrow; nobody releases money to himself (NO-SELF).
TEST(Precedence, AdminsMoveMoneyOnlyWithTheirRight) {
  World world = world_in(Scene::completed_unpaid);
  world.users[kAdmin.value].can_override_escrow = false;
  EXPECT_EQ(answer_to(world, ask(world, escrow_release, kAdmin)), "HX503");
  EXPECT_EQ(answer_to(world, ask(world, escrow_refund, kAdmin)), "HX503");
  world.users[kWorker.value].is_admin = world.users[kWorker.value].can_override_escrow = true;
  EXPECT_EQ(answer_to(world, ask(world, escrow_release, kWorker)), "HX503");
}

// D4: the resolver needs can_resolve_disputes and may not be a party, admin or not.
TEST(Precedence, DisputesAreResolvedByNeutralAdminsOnly) {
  World world = world_in(Scene::disputed);
  for (const UserId party : {kPoster, kWorker}) {
    world.users[party.value].is_admin = world.users[party.value].can_resolve_disputes = true;
    EXPECT_EQ(answer_to(world, ask(world, dispute_resolve, party)), "HX503");
  }
  world.users[kAdmin.value].can_resolve_disputes = false;
  EXPECT_EQ(answer_to(world, ask(world, dispute_resolve, kAdmin)), "HX503");
}

// Ids outside the world are unknown entities, callers outside it nobody.
TEST(Precedence, IdsOutsideTheWorldAreUnknown) {
  const World world = world_in(Scene::submitted);
  for (const Call& call : kMutations) {
    Command command = ask(world, call.action, call.right);
    command.task = TaskId{500};
    command.escrow = EscrowId{500};
    command.proof = ProofId{};
    command.dispute = DisputeId{};
    EXPECT_EQ(answer_to(world, command), "NOT_FOUND") << name(call.action);
    command.actor = UserId{77};
    EXPECT_EQ(answer_to(world, command), "HX501") << name(call.action);
  }
  Command badges = ask(world, user_get_badges, kWorker);
  badges.user = UserId{77};
  EXPECT_EQ(answer_to(world, badges), "HX504");
}

// A plan that creates into a taken or missing record is told so, and nothing changes.
TEST(Precedence, ATakenRecordIsThePlansMistake) {
  World world = world_in(Scene::accepted_after_rejection);
  Command submit = ask(world, task_submit_proof, kWorker);
  submit.proof = ProofId{0};
  EXPECT_EQ(answer_to(world, submit), "INTERNAL_ERROR");
  Command create = ask(world, task_create, kPoster);
  EXPECT_EQ(answer_to(world, create), "INTERNAL_ERROR");
  create.task = TaskId{500};
  EXPECT_EQ(answer_to(world, create), "INTERNAL_ERROR");
}

}  // namespace
}  // namespace model
