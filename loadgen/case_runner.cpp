#include "loadgen/case_runner.h"

#include <fmt/format.h>
#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace loadgen {

using model::Action;
using model::Command;
using model::Operation;

namespace {

// A target that was killed refuses connections; one that lets so many calls in a row go unanswered hangs.
constexpr int kSilentSteps = 3;
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

bool is_processor(Action action) {
  return action == Action::processor_pay || action == Action::processor_cancel_intent;
}

bool is_read(Action action) {
  return model::is_procedure(action) && model::procedure(action).kind == model::Kind::query;
}

// Brings something into being that later commands name.
bool creates(Action action) {
  return action == Action::task_create || action == Action::escrow_create_intent ||
         action == Action::task_submit_proof || action == Action::proof_submit ||
         action == Action::dispute_create || action == Action::verification_submit_license ||
         action == Action::verification_submit_insurance ||
         action == Action::verification_initiate_background_check;
}

std::size_t first_closing_read(const sim::Plan& plan) {
  std::size_t at = plan.steps.size();
  while (at > 0 && plan.steps[at - 1].together.size() == 1 &&
         is_read(plan.steps[at - 1].together.front().command.action)) {
    --at;
  }
  return at;
}

class Runner {
 public:
  Runner(HttpTarget& target, sim::Plan plan, std::span<const Person> people) : target_(target) {
    record_.plan = std::move(plan);
    const sim::Plan& of = record_.plan;
    record_.history.case_id = of.case_id;
    state_.people = people;
    state_.number = of.case_id * 8 + of.seed % 1009;
    for (const Person& person : people) {
      if (of.start.users.at(state_.ids.users.size()).is_admin) state_.memory.admins.insert(person.id);
      state_.ids.users.push_back(person.id);
    }
    state_.ids.tasks.resize(of.start.tasks.size());
    state_.ids.escrows.resize(of.start.tasks.size());
    state_.ids.intents.resize(of.start.tasks.size());
    state_.ids.proofs.resize(of.start.proofs.size());
    state_.ids.disputes.resize(of.start.disputes.size());
    state_.ids.events.resize(of.start.events.size());
    state_.ids.verifications.resize(of.start.verifications.size());
  }

  CaseRecord run() {
    const sim::Plan& plan = record_.plan;
    const std::size_t closing = first_closing_read(plan);
    std::size_t at = 0;
    while (at < plan.steps.size() && !record_.target_gone) {
      run_step(plan.steps[at], static_cast<std::uint32_t>(at));
      ++at;
      // A lost creation may or may not have happened, and nobody knows its id: go straight to the closing
      // reads.
      if (lost_creation_ && at < closing) {
        cut_short("the answer to a creating call was lost");
        at = closing;
      }
    }
    if (record_.target_gone) cut_short("the target refuses connections");
    std::ranges::stable_sort(record_.history.operations, {}, &Operation::invoked_us);
    if (!state_.issued_key.empty()) target_.foreign_key = state_.issued_key;
    record_.ids = std::move(state_.ids);
    return std::move(record_);
  }

 private:
  std::int64_t micros(SteadyTime at) const {
    return std::chrono::duration_cast<std::chrono::microseconds>(at - target_.began).count();
  }

  void cut_short(std::string why) {
    if (!record_.complete) return;
    record_.complete = false;
    record_.cut_short = std::move(why);
  }

  model::Instant clock_of(const sim::Step& step) const {
    if (target_.options.endpoints.test_clock) return step.now;
    const auto real = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::milliseconds>(real).count()};
  }

  void run_step(const sim::Step& step, std::uint32_t index) {
    const model::Instant now = clock_of(step);
    std::vector<net::Request> requests;
    std::vector<Operation> operations;
    for (std::uint32_t lane = 0; lane < step.together.size(); ++lane) {
      const Command& command = step.together[lane].command;
      Operation operation{.lane = lane, .step = index, .now = now, .command = command, .note = {}};
      if (is_processor(command.action)) {
        run_at_processor(std::move(operation));
        continue;
      }
      if (auto request = prepare(target_, state_, command, now)) {
        requests.push_back(std::move(*request));
        operations.push_back(std::move(operation));
      } else if (!model::is_made_for_delivery(command.event_type)) {
        operation.invoked_us = operation.returned_us = micros(std::chrono::steady_clock::now());
        operation.outcome = model::Outcome::refused(model::Code::not_found);
        operation.note = "the processor has no such event; nothing was sent";
        keep(std::move(operation));
      }
    }
    if (requests.empty()) return;
    if (requests.size() > 1) ++record_.groups;
    const std::vector<Shot> shots = shoot(target_, requests);
    for (std::size_t i = 0; i < shots.size(); ++i) {
      // Places are asked for before the race begins, when the sender may not be the task's worker yet. Alone,
      // a submission must be given its places.
      const bool race = shots.size() > 1;
      finish(std::move(operations[i]), shots[i], race);
    }
    const bool silent =
        std::ranges::none_of(shots, [](const Shot& shot) { return shot.response.has_value(); });
    target_.silent_steps = silent ? target_.silent_steps + 1 : 0;
    if (target_.silent_steps < kSilentSteps) return;
    record_.target_gone = true;
    cut_short(fmt::format("no answer to {} calls in a row", kSilentSteps));
  }

  void run_at_processor(Operation operation) {
    operation.invoked_us = micros(std::chrono::steady_clock::now());
    operation.outcome = perform_at_processor(target_, state_, operation.command);
    operation.returned_us = micros(std::chrono::steady_clock::now());
    keep(std::move(operation));
  }

  void finish(Operation operation, const Shot& shot, bool race) {
    record_.target_gone |= shot.target_gone;
    if (shot.target_gone) return;  // certainly not arrived: it never happened
    operation.invoked_us = micros(shot.sent);
    operation.returned_us = micros(shot.received);
    std::vector<std::string> breaches, misread;
    if (shot.response) {
      Decoded decoded = take_in(target_, state_, operation.command, operation.now, *shot.response);
      operation.outcome = decoded.outcome;
      operation.http_status = shot.response->status;
      breaches = std::move(decoded.breaches);
      misread = std::move(decoded.misread);
      std::ranges::move(std::exchange(state_.beside, {}), std::back_inserter(breaches));
      operation.note = fmt::format("{}", fmt::join(breaches, "; "));
    } else {
      operation.note = shot.trouble;
    }
    const bool lost = operation.outcome.kind == model::Outcome::Kind::unknown;
    record_.samples.push_back({operation.command.action, operation.returned_us - operation.invoked_us, lost});
    if (lost) {
      operation.returned_us = kNever;
      ++record_.unknown;
      lost_creation_ |= creates(operation.command.action);
      state_.memory.uncertain |= operation.command.action == Action::task_create;
    }
    if (!breaches.empty()) report(operation, wire_breach(operation, breaches), shot.response->body);
    if (!misread.empty()) report(operation, reading_breach(operation, misread), shot.response->body);
    if (race) operation.command = as_sent(state_, operation.command, operation.now);
    keep(std::move(operation));
  }

  void keep(Operation operation) { record_.history.operations.push_back(std::move(operation)); }

  static model::Finding wire_breach(const Operation& operation, const std::vector<std::string>& breaches) {
    model::Finding finding;
    finding.rule = "wire contract";
    finding.spec = "protocols.md §1.3, api.md §1, error-codes.md §1";
    finding.judge = "contract";
    finding.headline =
        fmt::format("{} breaks the wire contract: {}", name(operation.command.action), breaches.front());
    finding.expected = "an answer of the contract table";
    finding.observed = operation.note;
    return finding;
  }

  static model::Finding reading_breach(const Operation& operation, const std::vector<std::string>& misread) {
    model::Finding finding;
    finding.rule = "read as written";
    finding.spec = "api.md §0-§1";
    finding.judge = "readback";
    finding.headline =
        fmt::format("{} shows what nobody wrote: {}", name(operation.command.action), misread.front());
    finding.expected = "what was written, to those who may see it";
    finding.observed = misread.front().substr(0, misread.front().find_first_of(":[ "));
    return finding;
  }

  void report(const Operation& operation, model::Finding finding, const std::string& body) {
    const Command& command = operation.command;
    const sim::Plan& plan = record_.plan;
    if (command.task.value < state_.ids.tasks.size() && !state_.ids.tasks[command.task.value].empty()) {
      finding.entities.push_back("task " + state_.ids.tasks[command.task.value]);
    }
    const std::string actor =
        command.actor.present() ? fmt::format("user {}", command.actor.value) : "processor or clock";
    finding.story.push_back({.lane = operation.lane,
                             .from_us = operation.invoked_us,
                             .to_us = operation.returned_us,
                             .actor = actor,
                             .call = std::string(name(command.action)),
                             .answer = fmt::format("{}", operation.http_status),
                             .wrong = true});
    finding.evidence.emplace_back("body", body.substr(0, 2000));
    finding.choices = plan.choices;
    finding.scenario = plan.scenario;
    finding.seed = plan.seed;
    record_.breaches.push_back(std::move(finding));
  }

  HttpTarget& target_;
  CaseState state_;
  CaseRecord record_;
  bool lost_creation_ = false;
};

}  // namespace

CaseRecord run_case(HttpTarget& target, sim::Plan plan, std::span<const Person> people) {
  return Runner(target, std::move(plan), people).run();
}

}  // namespace loadgen
