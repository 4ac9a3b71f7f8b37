// What accepted commands answer (answers.h), and which observed answers pass for them (error-codes.md §3,
// §4).
#include "model/rules/answers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "model/vocabulary/contract.h"
#include "tests/model/scenes.h"

namespace model {
namespace {

using enum Action;

std::vector<AnswerField> filled(const Answer& answer) {
  std::vector<AnswerField> fields;
  const auto add = [&](AnswerField field, bool set) {
    if (set) fields.push_back(field);
  };
  add(AnswerField::task, answer.task.has_value());
  add(AnswerField::escrow, answer.escrow.has_value());
  add(AnswerField::proof, answer.proof.has_value());
  add(AnswerField::dispute, answer.dispute.has_value());
  add(AnswerField::resolution, answer.resolution.has_value());
  add(AnswerField::amount, answer.amount != -1);
  add(AnswerField::base_xp, answer.base_xp != -1);
  add(AnswerField::multiplier_percent, answer.multiplier_percent != -1);
  add(AnswerField::effective_xp, answer.effective_xp != -1);
  add(AnswerField::xp_total, answer.xp_total != -1);
  add(AnswerField::level, answer.level != -1);
  add(AnswerField::streak, answer.streak != -1);
  add(AnswerField::tier, answer.tier != -1);
  add(AnswerField::badges, answer.badges != -1);
  add(AnswerField::absent, answer.absent);
  add(AnswerField::failed_checks, answer.failed_checks != -1);
  add(AnswerField::capability, answer.capability != -1);
  add(AnswerField::verifications, answer.verified != -1 && answer.waiting != -1);
  add(AnswerField::phase, answer.phase != -1);
  return fields;
}

// In every scene and for every caller, an accepted command fills listed fields only, and all of them unless
// they are optional there (no proof yet, no resolution yet, null).
TEST(Answers, FillWhatTheTableLists) {
  for (std::size_t scene = 0; scene < kSceneNames.size(); ++scene) {
    for (std::size_t a = 0; a < kActionCount; ++a) {
      const auto action = static_cast<Action>(a);
      for (const UserId actor : kPeople) {
        World world = world_in(static_cast<Scene>(scene));
        Command command = ask(world, action, actor);
        if (action == task_create) command.task = TaskId{1};
        const Outcome outcome = apply(world, command, kStart);
        if (outcome.kind != Outcome::Kind::accepted) continue;
        const std::vector<AnswerField> got = filled(outcome.answer);
        for (const AnswerField field : got) {
          EXPECT_TRUE(std::ranges::any_of(
              kAnswerFields,
              [&](const AnswerRow& row) { return row.action == action && row.field == field; }))
              << name(action) << " fills field " << static_cast<int>(field);
        }
        for (const AnswerRow& row : kAnswerFields) {
          const bool may_lack = outcome.answer.absent || row.field == AnswerField::absent ||
                                row.field == AnswerField::resolution || row.field == AnswerField::proof;
          if (row.action != action || may_lack) continue;
          EXPECT_NE(std::ranges::find(got, row.field), got.end()) << name(action) << " lacks " << row.path;
        }
      }
    }
  }
}

const Field* member(std::span<const Field> fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &Field::name);
  return found == fields.end() ? nullptr : &*found;
}

// Every path of the table leads to a field of the contract.
TEST(Answers, ComeFromFieldsOfTheContract) {
  for (const AnswerRow& row : kAnswerFields) {
    std::span<const Field> fields = procedure(row.action).output;
    if (row.field == AnswerField::absent) {
      EXPECT_TRUE(procedure(row.action).output_nullable) << name(row.action);
      continue;
    }
    std::string_view path = row.path;
    while (!path.empty()) {
      const std::size_t dot = path.find('.');
      const Field* const field = member(fields, path.substr(0, dot));
      ASSERT_NE(field, nullptr) << name(row.action) << " " << row.path;
      fields = field->members;
      path = dot == std::string_view::npos ? "" : path.substr(dot + 1);
    }
  }
}

TEST(Answers, OfReadsShowTheWorld) {
  World world = world_in(Scene::cancelled_split);
  const Answer task = must(world, task_get_by_id, kStranger);
  EXPECT_EQ(task.task, TaskState::cancelled);
  EXPECT_EQ(task.escrow, EscrowState::refund_partial);
  EXPECT_EQ(task.proof, ProofState::rejected);
  EXPECT_EQ(task.amount, 5000);
  const Answer dispute = must(world, dispute_get_by_task_id, kWorker);
  EXPECT_EQ(dispute.dispute, DisputeState::resolved);
  EXPECT_EQ(dispute.resolution, Resolution::split);
  world = world_in(Scene::disputed);
  EXPECT_FALSE(must(world, dispute_get_by_task_id, kAdmin).resolution.has_value());
  world = world_in(Scene::accepted);
  EXPECT_TRUE(must(world, proof_get_by_task_id, kWorker).absent);
  EXPECT_TRUE(must(world, dispute_get_by_task_id, kPoster).absent);
  EXPECT_FALSE(must(world, task_get_by_id, kPoster).proof.has_value());
  world = world_in(Scene::completed);
  const Answer profile = must(world, user_get_profile, kWorker);
  EXPECT_EQ(profile.xp_total, 50);
  EXPECT_EQ(profile.level, 1);
  EXPECT_EQ(profile.streak, 1);
  EXPECT_EQ(profile.tier, 1);
  EXPECT_EQ(must(world, user_get_badges, kWorker).badges, 1);
  Command others = ask(world, user_get_badges, kStranger);
  EXPECT_EQ(must(world, others).badges, 0);
  others.user = kWorker;
  EXPECT_EQ(must(world, others).badges, 1);
}

struct Leeway {
  Action action;
  Cents price;
  Code due, given;
  bool passes;
};

TEST(Acceptable, GrantsTheLeewaysOfTheSpecificationAndNoOther) {
  using enum Code;
  const std::vector<Leeway> table{
      {task_cancel, 5000, hx001, conflict, true},  // step 6: "AC only says CONFLICT"
      {escrow_release, 5000, hx002, conflict, true},
      {task_cancel, 5000, conflict, hx001, false},
      {task_cancel, 5000, hx001, hx002, false},
      {escrow_release, 5000, hx201, conflict, false},
      {task_complete, 5000, hx301, conflict, false},
      {task_accept, 5000, conflict, hx609, true},  // steps 8 and 9
      {task_complete, 5000, conflict, hx609, false},
      {task_accept, 5000, hx912, hx609, true},  // ELG-16 is a part of the predicate
      {task_accept, 5000, hx913, hx609, true},
      {task_accept, 5000, hx609, hx912, false},
      {escrow_get_by_task_id, 5000, not_found, hx503, true},  // decision 10
      {proof_get_by_task_id, 5000, not_found, hx503, true},
      {dispute_get_by_task_id, 5000, not_found, hx503, true},
      {task_accept, 5000, not_found, hx503, false},
      {escrow_get_by_task_id, 5000, hx503, not_found, false},
      {user_get_badges, 5000, hx504, not_found, true},  // §3
      {user_get_badges, 5000, not_found, hx504, false},
      {task_accept, 5000, hx602, hx503, true},  // step 4: any 403
      {task_accept, 5000, hx602, hx609, true},
      {task_accept, 5000, hx602, conflict, false},
      {task_accept, 5000, hx503, hx602, false},
      {task_create, 400, hx902, validation_error, true},  // too low for every mode
      {task_create, 1499, hx902, validation_error, false},
      {task_create, 400, validation_error, hx902, false},
      {task_create, 5000, hx501, hx502, false},
      {task_accept, 5000, conflict, internal_error, false},
  };
  for (const Leeway& each : table) {
    const Command command{.action = each.action, .price = each.price};
    EXPECT_EQ(acceptable(command, Outcome::refused(each.due), Outcome::refused(each.given)), each.passes)
        << name(each.action) << " " << name(each.due) << " " << name(each.given);
    if (each.passes) EXPECT_TRUE(acceptable(Outcome::refused(each.due), Outcome::refused(each.given)));
  }
}

TEST(Acceptable, TakesUnknownForAnythingAndAnswersFieldByField) {
  const Outcome refused = Outcome::refused(Code::conflict);
  const Outcome paid = Outcome::accepted(
      {.task = TaskState::completed, .base_xp = 50, .multiplier_percent = 100, .effective_xp = 50});
  EXPECT_TRUE(acceptable(refused, Outcome::unknown()));
  EXPECT_TRUE(acceptable(paid, Outcome::unknown()));
  EXPECT_FALSE(acceptable(paid, refused));
  EXPECT_FALSE(acceptable(refused, paid));
  EXPECT_TRUE(acceptable(paid, paid));
  Outcome other = paid;
  other.answer.effective_xp = 51;
  EXPECT_FALSE(acceptable(paid, other));
  other = Outcome::accepted({.task = TaskState::completed});  // xp_awarded? is optional
  EXPECT_TRUE(acceptable(paid, other));
  EXPECT_FALSE(acceptable(other, paid));
}

}  // namespace
}  // namespace model
