// How drills are written down: command by command, the model answers each as it is added.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "loadgen/campaign/drill_plans.h"
#include "model/rules/world.h"
#include "model/vocabulary/command.h"

namespace loadgen::drill {

inline constexpr int kPoster = 0, kWorker = 1, kOther = 2, kAdmin = 3, kPaused = 4, kSuspended = 5,
                     kClerk = 6;

class Builder {
 public:
  Builder(std::string name, std::string variant, model::Instant start, model::Cents price = 5000);

  // About the current task, its event and its proof.
  model::Command command(model::Action action, int actor = -1) const;
  Builder& then(const model::Command& c) { return together({c}); }
  Builder& then(model::Action action, int actor = -1) { return then(command(action, actor)); }
  Builder& together(const std::vector<model::Command>& commands);
  Builder& later(model::Millis duration);
  Builder& at(model::Instant now);                // not earlier than what was said before
  Builder& same_moment();                         // the next command takes no time
  Builder& about(model::Cents, model::Category);  // of the tasks to come
  model::Instant now() const { return now_; }
  Builder& next_proof();
  Builder& extra_proof();  // a slot of its own, so that the next task's proof stays free
  Builder& extra_event();  // a further one of the current task
  Builder& next_task();    // a further task with a proof and an event of its own
  template <class T>
  Builder& with(int who, T model::User::* field, T value) {  // before the first command
    world_.users[static_cast<std::size_t>(who)].*field = value;
    drill_.plan.start.users = world_.users;
    return *this;
  }

  // The usual ways into a task's life.
  Builder& paid();  // at the processor; its event is not delivered
  Builder& funded();
  Builder& submitted();
  Builder& reviewed();
  Builder& disputed();
  Builder& read();
  Drill done() { return std::move(drill_); }

 private:
  Drill drill_;
  model::World world_;
  model::Instant now_;
  model::Cents price_;
  model::Millis pause_ = model::kSecond;  // after the next command
  model::Category category_ = model::Category::errands;
  std::uint16_t task_ = 0, proof_ = 0, event_ = 0;  // what commands are about
};

model::Command resolve(const Builder& b, model::Resolution resolution, int percent = 0, int actor = kAdmin);

// drill_events.cpp: what the processor tells, and what it must not bring about.
void add_webhooks(std::vector<Drill>& drills, model::Instant start);
void add_wrong_content(std::vector<Drill>& drills, model::Instant start);
void add_declined_cards(std::vector<Drill>& drills, model::Instant start);
void add_failed_transfers(std::vector<Drill>& drills, model::Instant start);
void add_exhausted_transfers(std::vector<Drill>& drills, model::Instant start);

// drill_reads.cpp: what was written is read again, by those who may.
void add_lists(std::vector<Drill>& drills, model::Instant start);
void add_profiles(std::vector<Drill>& drills, model::Instant start);

// drill_reputation.cpp: what many completions at chosen instants give (money.md §5-§8).
void add_reputations(std::vector<Drill>& drills, model::Instant start);

// drill_times.cpp: limits of time, to the millisecond.
void add_moments(std::vector<Drill>& drills, model::Instant start);

// drill_credentials.cpp: records in every standing, handed in and decided again (eligibility.md §4).
void add_credentials(std::vector<Drill>& drills, model::Instant start);

// drill_onboarding.cpp: every choice of steps before the end of onboarding (api.md §1.8).
void add_newcomers(std::vector<Drill>& drills, model::Instant start);

}  // namespace loadgen::drill
