#include "loadgen/campaign/drill_builder.h"
#include "model/vocabulary/limits.h"

namespace loadgen::drill {

using model::Action;
using model::Command;
using model::Instant;

namespace {

constexpr model::Millis kDeadlineIn = Command{}.deadline_in;
const char* const kName = "to the moment";

// At the deadline a task may still be taken and does not expire; a moment later it is the other way round.
void add_deadlines(std::vector<Drill>& drills, Instant start) {
  for (const bool late : {false, true}) {
    Builder accept(kName, late ? "accepted too late" : "accepted at the deadline", start);
    const Instant deadline = accept.now() + kDeadlineIn;
    accept.funded().at(deadline + (late ? 1 : 0)).then(Action::task_accept, kWorker);
    drills.push_back(accept.read().done());
  }
  for (const bool taken : {false, true}) {
    Builder expire(kName, taken ? "an accepted task expires" : "an open task expires", start);
    const Instant deadline = expire.now() + kDeadlineIn;
    expire.funded();
    if (taken) expire.then(Action::task_accept, kWorker);
    for (const model::Millis past : {-1, 0, 1}) {
      // Read right away, on the same clock: nothing else happens in between.
      expire.at(deadline + past).same_moment().then(Action::job_task_expiry);
      expire.same_moment().then(Action::task_get_by_id, kPoster);
    }
    drills.push_back(expire.read().done());
  }
}

// Decisions 3 and 4: 48 hours are not over at their end.
void add_reviews(std::vector<Drill>& drills, Instant start) {
  for (const bool accepted : {false, true}) {
    Builder b(kName, accepted ? "an accepted proof waits" : "a proof waits", start);
    b.funded().then(Action::task_accept, kWorker);
    Instant from = b.now();
    b.then(Action::proof_submit, kWorker);
    if (accepted) {
      from = b.now();
      b.then(Action::proof_accept, kPoster);
    }
    for (const model::Millis past : {-1, 0, 1}) {
      b.at(from + model::limits::kReviewWindow + past).same_moment().then(Action::job_review_timeout);
      b.same_moment().then(Action::task_get_by_id, kPoster);
    }
    drills.push_back(b.read().done());
  }
}

// The job against those who still move the task: whoever is first holds it, and nobody fails.
void add_expiry_races(std::vector<Drill>& drills, Instant start) {
  constexpr int kTasks = 20;
  Builder b(kName, "expiry against everybody", start);
  std::vector<std::vector<Command>> groups;
  for (int i = 0; i < kTasks; ++i) {
    if (i > 0) b.next_task();
    b.funded().then(Action::task_accept, kWorker);
    groups.push_back({b.command(Action::job_task_expiry), b.command(Action::task_cancel, kPoster),
                      b.command(Action::proof_submit, kWorker), b.command(Action::job_task_expiry)});
  }
  b.at(b.now() + kDeadlineIn);
  for (const std::vector<Command>& group : groups) b.together(group);
  drills.push_back(b.read().done());
}

}  // namespace

void add_moments(std::vector<Drill>& drills, Instant start) {
  add_deadlines(drills, start);
  add_reviews(drills, start);
  add_expiry_races(drills, start);
}

}  // namespace loadgen::drill
