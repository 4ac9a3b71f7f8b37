#include "loadgen/campaign/drills.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "loadgen/campaign/drill_plans.h"
#include "loadgen/campaign/faults.h"
#include "loadgen/campaign/twins.h"
#include "loadgen/database.h"
#include "sim/interpret.h"
#include "sim/scenario.h"

namespace loadgen {
namespace {

model::Instant wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

// A score is a row that nobody asks for by a call: without a table for it there is nothing to obey.
bool has_scores(const DrillContext& context) {
  return !Database(context.environment.database())
              .query("SELECT 1 WHERE to_regclass('fraud_risk_scores') IS NOT NULL")
              .empty();
}

void run_plans(const DrillContext& context) {
  const bool clock = context.environment.facts().test_clock;
  std::vector<Drill> drills = all_drills(wall_clock());
  if (!has_scores(context)) std::erase_if(drills, [](const Drill& d) { return d.name == kRiskDrill; });
  std::map<std::string, std::string> names;  // by scenario
  for (const Drill& drill : drills) names[drill.plan.scenario] = drill.name;
  std::size_t at = 0;
  const auto next = [&]() -> std::optional<sim::Plan> {
    while (at < drills.size() && drills[at].plan.needs_clock && !clock) ++at;
    if (at == drills.size()) return std::nullopt;
    return std::move(drills[at++].plan);
  };
  const auto done = [&](const CaseRecord& record) {
    const std::string& name = names.at(record.plan.scenario);
    const std::size_t wrong = context.judge.judge(record, name);
    if (record.complete) {
      context.judge.count("drill " + name);
    } else if (wrong == 0) {  // what was answered does not say why it broke off
      throw std::runtime_error(fmt::format("drill {}: {}", name, record.cut_short));
    }
  };
  const Ended ended = context.executor.run(next, done, {.stop = context.interrupted, .progress = {}});
  if (ended.why == Ended::Why::target_died) throw std::runtime_error(ended.message);
}

// What goes wrong with the processor's calls of the server, once each, on the next call.
constexpr std::array kFaults{ProcessorFault{"transfers.create", "lost_answer"},
                             ProcessorFault{"transfers.create", "error_500"},
                             ProcessorFault{"transfers.create", "error_500_stored"},
                             ProcessorFault{"transfers.create", "rate_limit"},
                             ProcessorFault{"transfers.create", "refuse"},
                             ProcessorFault{"refunds.create", "lost_answer"},
                             ProcessorFault{"refunds.create", "error_500"},
                             ProcessorFault{"refunds.create", "error_500_stored"},
                             ProcessorFault{"refunds.create", "rate_limit"}};

// What was answered is judged first.
void stop_if_gone(const CaseRecord& record) {
  if (record.target_gone) throw std::runtime_error(record.cut_short);
}

void run_faults(const DrillContext& context, Impossible& impossible) {
  for (const ProcessorFault& fault : kFaults) {
    if (context.interrupted()) return;
    if (!set_fault(context.environment.providers(), fault, 1)) {
      impossible["drill processor faults"] =
          fmt::format("the providers refuse the fault {} {}", fault.operation, fault.kind);
      continue;
    }
    const std::string variant = fmt::format("{} {}", fault.operation, fault.kind);
    const Drill drill = fault.operation == "transfers.create" ? payout_drill(wall_clock(), variant)
                                                              : refund_drill(wall_clock(), variant);
    const CaseRecord record = context.executor.run_one(drill.plan);
    context.judge.judge(record, "processor faults");
    stop_if_gone(record);
    context.judge.count("drill processor faults");
  }
}

std::vector<sim::Plan> sample_plans(const DrillContext& context, model::Instant start) {
  std::vector<sim::Plan> plans;
  const auto scenario = sim::load_scenario("happy_path", context.options.scenario_folder);
  if (!scenario) throw std::runtime_error(scenario.error());
  plans.reserve(12);
  for (std::uint64_t i = 0; i < 12; ++i)
    plans.push_back(sim::plan_case(*scenario, context.options.seed, 1'000'000 + i, start));
  return plans;
}

std::string checksum(const std::vector<sim::Plan>& plans) {
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
  for (const sim::Plan& plan : plans) {
    for (const char c : sim::describe(plan)) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  return fmt::format("{:016x}", hash);
}

// One after the other, as long as the target answers.
std::vector<CaseRecord> run_all(Executor& executor, const std::vector<sim::Plan>& plans) {
  std::vector<CaseRecord> records;
  records.reserve(plans.size());
  for (const sim::Plan& plan : plans) {
    records.push_back(executor.run_one(plan));
    if (records.back().target_gone) break;
  }
  return records;
}

// All plans twice at the same moment.
void run_twins(const DrillContext& context) {
  const model::Instant start = wall_clock();
  const std::vector<sim::Plan> plans = sample_plans(context, start);
  const std::string first = checksum(plans);
  const std::string again = checksum(sample_plans(context, start));
  if (first != again) context.judge.add(isolation("the same seed gave different plans", first, again));
  context.judge.count("drill same seed same plans");
  Executor other({.endpoints = {context.environment.target(), context.environment.database(),
                                context.environment.providers(), context.environment.facts().test_clock},
                  .workers = 1});
  std::vector<CaseRecord> theirs;
  std::exception_ptr trouble;
  std::jthread twin([&] {
    try {
      theirs = run_all(other, plans);
    } catch (...) {
      trouble = std::current_exception();
    }
  });
  const std::vector<CaseRecord> ours = run_all(context.executor, plans);
  twin.join();
  if (trouble) std::rethrow_exception(trouble);
  for (const auto& records : {std::span(ours), std::span<const CaseRecord>(theirs)}) {
    for (const CaseRecord& record : records) context.judge.judge(record, "two parallel runs");
  }
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    for (model::Finding& finding : compare_twins(ours[i], theirs[i])) context.judge.add(std::move(finding));
  }
  stop_if_gone(ours.back());
  stop_if_gone(theirs.back());
  context.judge.count("drill two parallel runs");
}

// The server is restarted so long after the drill has begun. False: it was too early, and the answer to a
// call that creates something was lost.
bool restart_in_the_middle(const DrillContext& context, Watch& watch, std::chrono::milliseconds after) {
  const Drill drill = review_timeout_drill(wall_clock());
  std::exception_ptr trouble;
  CaseRecord record;
  std::jthread runner([&] {
    try {
      record = context.executor.run_one(drill.plan);
    } catch (...) {
      trouble = std::current_exception();
    }
  });
  std::this_thread::sleep_for(after);
  watch.expect_silence(true);
  context.environment.restart_server();
  watch.expect_silence(false);
  runner.join();
  if (trouble) std::rethrow_exception(trouble);
  context.judge.judge(record, drill.name);
  stop_if_gone(record);
  if (record.complete) context.judge.count("drill " + drill.name);
  return record.complete;
}

// The 48 hours of the review window survive a restart of the server.
void run_restart(const DrillContext& context, Impossible& impossible, Watch& watch) {
  if (!context.environment.facts().test_clock || context.interrupted()) return;
  if (!context.environment.owns_server()) {
    impossible["drill review timeout after restart"] = "the server is not ours to restart";
    return;
  }
  for (const int after : {150, 300, 600}) {  // ms: a busy machine takes its time
    if (restart_in_the_middle(context, watch, std::chrono::milliseconds(after))) return;
  }
}

}  // namespace

void run_drills(const DrillContext& context, Impossible& impossible, Watch& watch) {
  Timeline& timeline = context.timeline;
  timeline.during("drills", [&] { run_plans(context); });
  if (!context.interrupted()) timeline.during("processor faults", [&] { run_faults(context, impossible); });
  if (!context.interrupted()) timeline.during("two parallel runs", [&] { run_twins(context); });
  timeline.during("restart", [&] { run_restart(context, impossible, watch); });
}

}  // namespace loadgen
