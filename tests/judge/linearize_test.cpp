#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "tests/judge/chance.h"

namespace {

using build::command;
using build::Story;
using model::Action;
using model::Code;
using model::EscrowState;
using model::Outcome;
using model::TaskState;
using model::Verdict;
using testing::HasSubstr;

Outcome accepted() {
  model::Answer answer;
  answer.task = TaskState::accepted;
  return Outcome::accepted(answer);
}

// What a read of task 0 answers now, or once worker 1 has accepted it.
Outcome read_task(const Story& s, bool after_accept) {
  model::World world = s.world;
  if (after_accept) model::apply(world, command(Action::task_accept, 1), build::kNoon);
  return model::apply(world, command(Action::task_get_by_id, 0), build::kNoon);
}

TEST(Linearize, SequentialHistoryHolds) {
  Story s;
  s.until_proof_accepted();
  EXPECT_EQ(s.quietly(command(Action::task_complete, 0)).kind, Outcome::Kind::accepted);
  const auto result = s.judge();
  EXPECT_EQ(result.verdict, Verdict::holds);
  EXPECT_EQ(result.order.size(), s.history.operations.size());
}

TEST(Linearize, TwoOverlappingAcceptsOneWinsInEitherOrder) {
  for (const bool first_wins : {true, false}) {
    Story s;
    s.until_funded();
    s.add(command(Action::task_accept, 1), first_wins ? accepted() : Outcome::refused(Code::conflict), 100,
          200);
    s.add(command(Action::task_accept, 2), first_wins ? Outcome::refused(Code::conflict) : accepted(), 110,
          190);
    EXPECT_EQ(s.judge().verdict, Verdict::holds);
  }
}

TEST(Linearize, TwoAcceptedAcceptsFitNowhere) {
  Story s;
  s.until_funded();
  s.add(command(Action::task_accept, 1), accepted(), 1'000'000, 1'204'000);
  s.add(command(Action::task_accept, 2), accepted(), 1'100'000, 1'190'000);
  const auto result = s.judge();
  ASSERT_EQ(result.verdict, Verdict::broken);
  ASSERT_TRUE(result.stuck.has_value());
  EXPECT_EQ(result.prefix.size(), 5U) << "everything but one of the two accepts";
  const model::Finding finding = model::finding_of(s.start, s.history, result);
  EXPECT_EQ(finding.rule, "linearizability");
  EXPECT_THAT(finding.headline, HasSubstr("task.accept(task 0"));
  EXPECT_THAT(finding.headline, HasSubstr("CONFLICT"));
  EXPECT_EQ(std::ranges::count_if(finding.story, &model::StoryLine::wrong), 1);
}

TEST(Linearize, RealTimeOrderBinds) {
  Story s;
  s.until_funded();
  s.add(command(Action::task_accept, 1), accepted(), 100, 110);
  s.add(command(Action::task_get_by_id, 0), read_task(s, false), 105, 120);
  EXPECT_EQ(s.judge().verdict, Verdict::holds) << "the read overlaps the accept";
  s.history.operations.back().invoked_us = 111;
  EXPECT_EQ(s.judge().verdict, Verdict::broken) << "the read began after the accept had answered";
}

TEST(Linearize, ReleaseAndRefundBothAnsweredExplainsWhy) {
  Story s;
  s.until_funded();
  s.quietly(command(Action::task_accept, 1));
  model::Answer cancelled;
  cancelled.task = TaskState::cancelled;
  cancelled.escrow = EscrowState::refunded;
  s.add(command(Action::task_cancel, 0), Outcome::accepted(cancelled), 1'000'000, 1'204'000);
  model::Answer submitted;
  submitted.task = TaskState::proof_submitted;
  submitted.proof = model::ProofState::submitted;
  s.add(command(Action::proof_submit, 1), Outcome::accepted(submitted), 1'210'000, 1'300'000);
  const auto result = s.judge();
  ASSERT_EQ(result.verdict, Verdict::broken);
  const auto why = model::explain(s.start, s.history, result);
  EXPECT_THAT(why.sentence, HasSubstr("task.cancel(task 0"));
  EXPECT_THAT(why.sentence, HasSubstr("at 1.204 s, so task 0 is CANCELLED"));
  EXPECT_THAT(why.sentence, HasSubstr("before proof.submit"));
  EXPECT_THAT(why.sentence, HasSubstr("began at 1.210 s"));
  EXPECT_THAT(why.sentence, HasSubstr("HX001"));
}

TEST(Linearize, LostAnswerMayHaveTakenEffectOrNot) {
  for (const bool effect : {true, false}) {
    Story s;
    s.until_funded();
    s.add(command(Action::task_accept, 1), Outcome::unknown(), 100, 150);
    s.add(command(Action::task_get_by_id, 0), read_task(s, effect), 1000, 1010);
    EXPECT_EQ(s.judge().verdict, Verdict::holds) << effect;
  }
}

TEST(Linearize, LostAnswerMayTakeEffectMuchLaterButOnlyOnce) {
  Story s;
  s.until_funded();
  s.add(command(Action::task_accept, 1), Outcome::unknown(), 100, 150);
  s.add(command(Action::task_get_by_id, 0), read_task(s, false), 1000, 1010);
  s.add(command(Action::task_get_by_id, 0), read_task(s, true), 2000, 2010);
  EXPECT_EQ(s.judge().verdict, Verdict::holds);
  s.add(command(Action::task_get_by_id, 0), read_task(s, false), 3000, 3010);
  EXPECT_EQ(s.judge().verdict, Verdict::broken) << "it cannot be taken back";
}

// A job answers alike whether it found anything: what it did may be due to a call whose answer was lost, so
// it must not be placed before that call merely because it fits there too.
TEST(Linearize, JobMayOweItsEffectToALostCall) {
  Story s;
  s.until_funded();
  s.quietly(command(Action::task_accept, 1));
  s.quietly(command(Action::proof_submit, 1));
  s.add(command(Action::proof_reject, 0), Outcome::unknown(), 1000, 1010);
  s.add(command(Action::job_task_expiry, -1), Outcome::accepted(), 2000, 2010).now =
      build::kNoon + 49 * 3'600'000LL;
  s.add(command(Action::task_accept, 2), Outcome::refused(model::Code::hx001), 3000, 3010);
  EXPECT_EQ(s.judge().verdict, Verdict::holds) << "rejected, so accepted again, so expired";
  s.add(command(Action::task_cancel, 0), Outcome::accepted(), 4000, 4010);
  EXPECT_EQ(s.judge().verdict, Verdict::broken) << "and then it is final";
}

TEST(Linearize, LostAnswerCannotTakeEffectBeforeItsInvocation) {
  Story s;
  s.until_funded();
  s.add(command(Action::task_get_by_id, 0), read_task(s, true), 100, 150);
  s.add(command(Action::task_accept, 1), Outcome::unknown(), 200, 250);
  EXPECT_EQ(s.judge().verdict, Verdict::broken);
}

TEST(Linearize, ParallelDuplicateWebhooksAreOneEffect) {
  Story s;
  for (const Action a : {Action::task_create, Action::escrow_create_intent}) s.quietly(command(a, 0));
  s.quietly(command(Action::processor_pay, -1));
  for (int i = 0; i < 20; ++i)
    s.add(command(Action::webhook_deliver, -1), Outcome::accepted(), 100 + i, 300 + i);
  EXPECT_EQ(s.judge().verdict, Verdict::holds);
}

TEST(Linearize, HundredParallelCompletesHaveOneWinner) {
  for (const int winners : {1, 2}) {
    Story s;
    s.until_proof_accepted();
    model::World after = s.world;
    const Outcome won = model::apply(after, command(Action::task_complete, 0), build::kNoon);
    for (int i = 0; i < 100; ++i) {
      s.add(command(Action::task_complete, 0), i < winners ? won : Outcome::refused(Code::hx001), 1000 + i,
            2000 - i);
    }
    EXPECT_EQ(s.judge().verdict, winners == 1 ? Verdict::holds : Verdict::broken);
  }
}

TEST(Linearize, ExperienceOfTwoTasksOfOneWorkerIsOneComponent) {
  Story s;
  s.until_proof_accepted(1, 0);
  s.until_proof_accepted(1, 1);
  model::World one = s.world;
  const Outcome first = model::apply(one, command(Action::task_complete, 0, 0), build::kNoon);
  const Outcome second = model::apply(one, command(Action::task_complete, 0, 1), build::kNoon);
  ASSERT_NE(first, second) << "the second award decays";
  model::World other = s.world;
  const Outcome lost_update = model::apply(other, command(Action::task_complete, 0, 1), build::kNoon);
  s.add(command(Action::task_complete, 0, 0), first, 1000, 2000);
  s.add(command(Action::task_complete, 0, 1), second, 1000, 2000);
  EXPECT_EQ(s.judge().verdict, Verdict::holds);
  s.history.operations.back().outcome = lost_update;
  EXPECT_EQ(s.judge().verdict, Verdict::broken) << "both awards computed from the same total";
}

TEST(Linearize, TimeBudgetGivesUnknownNeverHolds) {
  // Thirty lost accepts by different people on tasks whose reads contradict every order: a large search.
  build::ChanceOptions options;
  options.operations = 400;
  options.clients = 40;
  options.tasks = 1;
  options.workers = 20;
  options.lost_percent = 60;
  build::Happened h = build::happened(options, 5);
  model::Operation impossible = h.history.operations.front();
  impossible.command = command(Action::task_get_by_id, 0);
  impossible.invoked_us = 10'000'000;
  impossible.returned_us = 10'000'001;
  model::Answer answer;
  answer.task = TaskState::disputed;
  answer.escrow = EscrowState::released;
  impossible.outcome = Outcome::accepted(answer);
  h.history.operations.push_back(impossible);
  const auto result = model::linearize(h.start, h.history, {.states = 50, .time = std::chrono::seconds(10)});
  EXPECT_EQ(result.verdict, Verdict::unknown);
  EXPECT_TRUE(result.order.empty());
  EXPECT_FALSE(result.component.empty());
}

// Every order that respects real time, by brute force: lost operations also left out.
bool exists_order(const model::World& world, const model::History& h, std::vector<bool>& done) {
  std::int64_t earliest = INT64_MAX;
  bool finished = true;
  for (std::size_t i = 0; i < h.operations.size(); ++i) {
    if (done[i] || h.operations[i].outcome.kind == Outcome::Kind::unknown) continue;
    finished = false;
    earliest = std::min(earliest, h.operations[i].returned_us);
  }
  if (finished) return true;
  for (std::size_t i = 0; i < h.operations.size(); ++i) {
    const model::Operation& o = h.operations[i];
    if (done[i] || o.invoked_us > earliest) continue;
    model::World next = world;
    if (!model::acceptable(o.command, model::apply_observed(next, o.command, o.now, o.outcome), o.outcome))
      continue;
    done[i] = true;
    if (exists_order(next, h, done)) return true;
    done[i] = false;
  }
  return false;
}

TEST(Linearize, AgreesWithBruteForceOnSmallHistories) {
  int broken = 0;
  int holds = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    build::ChanceOptions options;
    options.operations = 9;
    options.clients = 4;
    options.tasks = 2;
    options.workers = 2;
    options.lost_percent = 15;
    options.jobs = seed % 3 == 0;
    build::Happened h = build::happened(options, seed);
    // Begin with one funded task, so that there is something to fight over.
    for (const auto& [action, actor] : {std::pair{Action::task_create, 0},
                                        {Action::escrow_create_intent, 0},
                                        {Action::processor_pay, -1},
                                        {Action::webhook_deliver, -1}}) {
      model::apply(h.start, command(action, actor), build::kNoon);
    }
    model::World world = h.start;
    for (model::Operation& o :
         h.history.operations) {  // answers of one sequential order, some of them spoiled
      if (o.outcome.kind != Outcome::Kind::unknown) o.outcome = model::apply(world, o.command, o.now);
    }
    std::mt19937_64 random(seed);
    if (seed % 2 == 0) {
      auto& ops = h.history.operations;
      std::swap(ops[random() % ops.size()].outcome, ops[random() % ops.size()].outcome);
      for (model::Operation& o : ops) {
        if (o.outcome.kind == Outcome::Kind::unknown) o.returned_us = INT64_MAX;
        if (o.outcome.kind != Outcome::Kind::unknown && o.returned_us == INT64_MAX)
          o.returned_us = o.invoked_us + 300;
      }
    }
    std::vector<bool> done(h.history.operations.size(), false);
    const bool possible = exists_order(h.start, h.history, done);
    const auto result = model::linearize(h.start, h.history);
    ASSERT_EQ(result.verdict, possible ? Verdict::holds : Verdict::broken) << "seed " << seed;
    (possible ? holds : broken)++;
  }
  EXPECT_GT(broken, 20);
  EXPECT_GT(holds, 100);
}

TEST(Linearize, WhateverHappenedHolds) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    build::ChanceOptions options;
    options.lost_percent = seed % 3 == 0 ? 8 : 0;
    options.jobs = seed % 2 == 0;
    const build::Happened h = build::happened(options, seed);
    const auto result = model::linearize(h.start, h.history);
    ASSERT_EQ(result.verdict, Verdict::holds) << "seed " << seed;
    model::World world = h.start;  // and the order that it found really explains every answer
    for (const std::uint32_t i : result.order) {
      const model::Operation& o = h.history.operations[i];
      ASSERT_TRUE(model::acceptable(o.command, model::apply(world, o.command, o.now), o.outcome))
          << "seed " << seed;
    }
  }
}

TEST(Linearize, HostileHistoryOfFiftyClientsIsDecided) {
  build::ChanceOptions options;
  options.operations = 1700;
  options.clients = 50;
  options.tasks = 12;
  options.workers = 8;
  const build::Happened h = build::happened(options, 42);
  EXPECT_EQ(model::linearize(h.start, h.history).verdict, Verdict::holds);
}

}  // namespace
