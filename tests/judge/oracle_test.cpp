#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/judge/oracle.h"
#include "model/judge/partition.h"
#include "tests/judge/build.h"

namespace {

using build::command;
using build::Story;
using model::Action;
using model::Outcome;
using model::Verdict;

TEST(Oracle, FollowsASequentialHistory) {
  Story s;
  s.until_proof_accepted();
  s.quietly(command(Action::task_complete, 0));
  const auto result = model::follow(s.start, s.history);
  EXPECT_EQ(result.verdict, Verdict::holds);
  EXPECT_EQ(result.world, s.world);
}

TEST(Oracle, NamesTheFirstWrongAnswer) {
  Story s;
  s.until_funded();
  s.add(command(Action::task_complete, 0), Outcome::accepted(), s.clock + 10, s.clock + 20);
  s.quietly(command(Action::task_get_by_id, 0));
  const auto result = model::follow(s.start, s.history);
  EXPECT_EQ(result.verdict, Verdict::broken);
  EXPECT_EQ(result.first_wrong, 4U);
  EXPECT_EQ(result.expected.code, model::Code::conflict);
}

TEST(Oracle, LostAnswersAndOverlapsAreNotForTheOracle) {
  Story lost;
  lost.until_funded();
  lost.add(command(Action::task_accept, 1), Outcome::unknown(), lost.clock + 1, lost.clock + 2);
  EXPECT_EQ(model::follow(lost.start, lost.history).verdict, Verdict::unknown);
  Story harmless;
  harmless.until_funded();
  harmless.add(command(Action::task_get_by_id, 1), Outcome::unknown(), harmless.clock + 1,
               harmless.clock + 2);
  EXPECT_EQ(model::follow(harmless.start, harmless.history).verdict, Verdict::holds)
      << "a lost read changed nothing";
  Story overlap;
  overlap.until_funded();
  overlap.add(command(Action::task_accept, 1), Outcome::refused(model::Code::conflict), 100, 300);
  overlap.add(command(Action::task_accept, 2), Outcome::refused(model::Code::conflict), 200, 400);
  EXPECT_EQ(model::follow(overlap.start, overlap.history).verdict, Verdict::unknown);
}

TEST(Partition, TasksOfDifferentPeopleAreApart) {
  Story s;
  s.until_funded(0);
  s.until_funded(1);
  s.quietly(command(Action::task_accept, 1, 0));
  s.quietly(command(Action::task_accept, 2, 1));
  EXPECT_EQ(model::partition(s.start, s.history).components.size(), 2U);
}

TEST(Partition, OneWorkerJoinsTasksOnlyWhenHisStandingMatters) {
  Story s;
  s.until_proof_accepted(1, 0);
  s.until_funded(1);
  s.quietly(command(Action::task_accept, 1, 1));
  EXPECT_EQ(model::partition(s.start, s.history).components.size(), 2U) << "nobody asks for his standing yet";
  Story second = s;
  second.quietly(command(Action::proof_submit, 1, 1));
  EXPECT_EQ(model::partition(second.start, second.history).components.size(), 1U)
      << "GPS-7: his second fix is judged by his first";
  s.quietly(command(Action::task_complete, 0, 0));
  EXPECT_EQ(model::partition(s.start, s.history).components.size(), 1U) << "an award reads his total";
}

TEST(Partition, ReadsOfOnePersonJoinHisTasks) {
  Story s;
  s.until_funded(0);
  s.quietly(command(Action::task_accept, 1, 0));
  model::Command xp = command(Action::user_get_xp, 1, 0);
  xp.task = {};
  xp.escrow = {};
  xp.proof = {};
  xp.dispute = {};
  xp.event = {};
  s.quietly(xp);
  xp.actor = model::UserId{2};
  s.quietly(xp);
  EXPECT_EQ(model::partition(s.start, s.history).components.size(), 2U)
      << "worker 1 with the task, worker 2 alone";
}

}  // namespace
