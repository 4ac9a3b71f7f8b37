#include "loadgen/campaign/case_judge.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "loadgen/campaign/case_count.h"
#include "loadgen/campaign/race_orders.h"
#include "loadgen/histogram.h"
#include "loadgen/histogram_log.h"
#include "model/judge/explain.h"
#include "model/rules/apply.h"
#include "model/rules/reachable.h"

namespace loadgen {
namespace {

// The rule that a refusal stands for (error-codes.md §2).
struct CodeRule {
  model::Code code;
  std::string_view rule, spec;
};
constexpr std::array kCodeRules{CodeRule{model::Code::hx001, "TERM-TASK", "invariants.md §2"},
                                CodeRule{model::Code::hx002, "TERM-ESCROW", "invariants.md §2"},
                                CodeRule{model::Code::hx201, "INV-2", "invariants.md §1"},
                                CodeRule{model::Code::hx301, "INV-3", "invariants.md §1"},
                                CodeRule{model::Code::hx101, "INV-1", "invariants.md §1"},
                                CodeRule{model::Code::hx902, "LIVE-2", "invariants.md §5"},
                                CodeRule{model::Code::hx903, "LIVE-3", "invariants.md §5"},
                                CodeRule{model::Code::hx501, "AUTH", "error-codes.md §4"},
                                CodeRule{model::Code::hx502, "AUTH", "error-codes.md §4"},
                                CodeRule{model::Code::hx503, "ROLE", "error-codes.md §4"},
                                CodeRule{model::Code::hx602, "ACCOUNT-STANDING", "error-codes.md §4"},
                                CodeRule{model::Code::bad_signature, "INV-STRIPE signature", "money.md §4"}};

// What the rules expected of the operation that fits nowhere names the rule, unless it was overtaken by
// others.
void name_rule(model::Finding& finding, const model::Outcome& expected, bool overlapped) {
  if (overlapped) return;
  finding.judge = "oracle";
  finding.rule = "transition";
  finding.spec = "state-machines.md §1-§4";
  for (const CodeRule& entry : kCodeRules) {
    if (expected.kind != model::Outcome::Kind::refused || expected.code != entry.code) continue;
    finding.rule = entry.rule;
    finding.spec = entry.spec;
  }
}

bool overlaps(const model::History& history, const std::vector<std::uint32_t>& component,
              std::uint32_t stuck) {
  const model::Operation& o = history.operations[stuck];
  return std::ranges::any_of(component, [&](std::uint32_t i) {
    const model::Operation& other = history.operations[i];
    return i != stuck && other.invoked_us < o.returned_us && o.invoked_us < other.returned_us;
  });
}

void add_entities(model::Finding& finding, const CaseRecord& record, const model::Command& c) {
  const auto name = [&](std::string_view word, const std::vector<std::string>& ids, std::uint16_t number) {
    if (number < ids.size() && !ids[number].empty())
      finding.entities.push_back(fmt::format("{} {} = {}", word, number, ids[number]));
  };
  name("task", record.ids.tasks, c.task.value);
  name("escrow", record.ids.escrows, c.task.present() ? c.task.value : c.escrow.value);
  name("proof", record.ids.proofs, c.proof.value);
  name("dispute", record.ids.disputes, c.dispute.value);
  name("user", record.ids.users, c.actor.value);
}

model::Finding undecided(const CaseRecord& record, const model::Linearization& search) {
  model::Finding finding;
  finding.verdict = model::Verdict::unknown;
  finding.rule = "linearizability";
  finding.spec = "state-machines.md §5";
  finding.judge = "linearize";
  finding.headline =
      fmt::format("the search for an order of {} calls was given up after {} states: undecided",
                  search.component.size(), search.states);
  finding.story = model::tell(record.plan.start, record.history, search.component);
  return finding;
}

model::Finding broken(const CaseRecord& record, const model::Linearization& search) {
  model::Finding finding = model::finding_of(record.plan.start, record.history, search);
  model::World world = record.plan.start;
  for (const std::uint32_t i : search.prefix) {
    const model::Operation& o = record.history.operations[i];
    model::apply_observed(world, o.command, o.now, o.outcome);
  }
  const model::Operation& stuck = record.history.operations[*search.stuck];
  const model::Outcome expected = model::apply_observed(world, stuck.command, stuck.now, stuck.outcome);
  name_rule(finding, expected, overlaps(record.history, search.component, *search.stuck));
  add_entities(finding, record, stuck.command);
  if (!stuck.note.empty()) finding.evidence.emplace_back("note of the transport", stuck.note);
  return finding;
}

struct LatencyBin {
  Histogram histogram;
  std::uint64_t errors = 0;
};

}  // namespace

std::string manner_of(const model::Finding& finding) {
  std::string manner;
  bool call = false;
  for (const model::StoryLine& line : finding.story) {
    if (!line.wrong) continue;
    manner += line.call.substr(0, line.call.find('('));
    call = true;
  }
  manner += "|" + finding.expected + "|" + finding.observed;
  if (!call) manner += "|" + finding.headline;
  std::erase_if(manner, [](unsigned char c) { return std::isdigit(c) != 0; });
  return manner.substr(0, 400);
}

std::string shape_of(const model::Finding& finding) {
  return finding.judge + "|" + finding.rule + "|" + manner_of(finding);
}

CaseVerdict judge_case(const CaseRecord& record, const model::SearchBudget& budget) {
  CaseVerdict verdict;
  verdict.linearization = model::linearize(record.plan.start, record.history, budget);
  const model::Linearization& search = verdict.linearization;
  for (const model::Finding& breach : record.breaches) {
    verdict.findings.push_back(breach);
    verdict.actions.push_back(model::Action::task_get_by_id);
    for (const model::StoryLine& line : breach.story) {
      const auto action =
          model::value_of<model::Action>(model::kActionNames, line.call.substr(0, line.call.find('(')));
      if (line.wrong && action) verdict.actions.back() = *action;
    }
  }
  if (search.verdict == model::Verdict::broken) {
    verdict.findings.push_back(broken(record, search));
    verdict.actions.push_back(record.history.operations[*search.stuck].command.action);
  } else if (search.verdict == model::Verdict::unknown) {
    verdict.findings.push_back(undecided(record, search));
    verdict.actions.push_back(model::Action::task_get_by_id);
  }
  for (model::Finding& finding : verdict.findings) {
    finding.choices = record.plan.choices;
    finding.scenario = record.plan.scenario;
    finding.seed = record.plan.seed;
  }
  return verdict;
}

struct CaseJudge::Impl {
  mutable std::mutex mutex;
  std::vector<Found> findings;
  Tally tally;
  std::map<std::string, std::uint64_t> scenarios;
  std::array<std::optional<LatencyBin>, model::kActionCount> latencies;
  std::map<model::Cell, std::uint64_t> cells;
  std::vector<AdminEffect> admin_effects;
  std::vector<FinalWorld> final_worlds;
  std::vector<std::chrono::steady_clock::time_point> ended;  // of each of them
  std::vector<CaseJudge::Owner> cases;
  std::unordered_map<std::size_t, std::uint32_t> case_of;  // by hash of an identifier
  std::uint64_t plans = 0, commands = 0, groups = 0, unknown = 0;
  Listener listener;

  void remember(const CaseRecord& record) {
    cases.push_back({record.plan.scenario, record.plan.case_id});
    const auto number = static_cast<std::uint32_t>(cases.size() - 1);
    for (const auto* ids : {&record.ids.tasks, &record.ids.escrows, &record.ids.users, &record.ids.proofs,
                            &record.ids.disputes}) {
      for (const std::string& id : *ids) {
        if (!id.empty()) case_of.emplace(std::hash<std::string>{}(id), number);
      }
    }
  }

  void add(model::Finding finding, const model::Action* action) {
    Found found;
    found.shape = shape_of(finding);
    for (Found& known : findings) {
      if (known.shape != found.shape) continue;
      ++known.times;
      return;
    }
    found.items = items_of(finding, action);
    found.finding = std::move(finding);
    if (listener && found.finding.verdict == model::Verdict::broken) listener(found.finding, commands);
    findings.push_back(std::move(found));
  }
};

CaseJudge::CaseJudge() : impl_(std::make_unique<Impl>()) {}
CaseJudge::~CaseJudge() = default;

std::size_t CaseJudge::judge(const CaseRecord& record, const std::string& drill) {
  const CaseVerdict verdict = judge_case(record);
  const CaseCount counted = count_case(record, verdict.linearization);
  std::optional<FinalWorld> final_world = final_world_of(record, verdict.linearization);
  const std::scoped_lock lock(impl_->mutex);
  Impl& all = *impl_;
  all.remember(record);
  if (final_world) {
    all.final_worlds.push_back(std::move(*final_world));
    all.ended.push_back(std::chrono::steady_clock::now());
  }
  ++all.plans;
  all.commands += record.history.operations.size();
  all.groups += record.groups;
  all.unknown += record.unknown;
  ++all.scenarios[drill.empty() ? record.plan.scenario : "drill: " + drill];
  for (const auto& [key, times] : counted.tally) all.tally[key] += times;
  for (const auto& [cell, times] : counted.cells) all.cells[cell] += times;
  all.admin_effects.insert(all.admin_effects.end(), counted.admin_effects.begin(),
                           counted.admin_effects.end());
  for (const Sample& sample : record.samples) {
    auto& bin = all.latencies[static_cast<std::size_t>(sample.action)];
    if (!bin) bin.emplace();
    bin->histogram.record(sample.micros);
    bin->errors += sample.error ? 1 : 0;
  }
  for (std::size_t i = 0; i < verdict.findings.size(); ++i) {
    all.add(verdict.findings[i], &verdict.actions[i]);
  }
  return verdict.findings.size();
}

void CaseJudge::add(model::Finding finding, const model::Action* action) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->add(std::move(finding), action);
}

void CaseJudge::listen(Listener listener) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->listener = std::move(listener);
}

void CaseJudge::count(const std::string& counter, std::uint64_t times) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->tally[counter] += times;
}

std::optional<CaseJudge::Owner> CaseJudge::owner_of(const std::string& id) const {
  const std::scoped_lock lock(impl_->mutex);
  const auto found = impl_->case_of.find(std::hash<std::string>{}(id));
  if (found == impl_->case_of.end()) return std::nullopt;
  return impl_->cases[found->second];
}

std::uint64_t CaseJudge::findings() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->findings.size();
}

std::vector<Found> CaseJudge::take_findings() {
  const std::scoped_lock lock(impl_->mutex);
  return std::move(impl_->findings);
}

std::vector<FinalWorld> CaseJudge::take_final_worlds() {
  const std::scoped_lock lock(impl_->mutex);
  return std::move(impl_->final_worlds);
}

std::vector<FinalWorld> CaseJudge::ended_worlds(std::size_t& from, std::chrono::milliseconds age,
                                                std::size_t at_most) const {
  const auto latest = std::chrono::steady_clock::now() - age;
  std::vector<FinalWorld> ended;
  const std::scoped_lock lock(impl_->mutex);
  while (from < impl_->final_worlds.size() && impl_->ended[from] <= latest && ended.size() < at_most)
    ended.push_back(impl_->final_worlds[from++]);
  return ended;
}

void CaseJudge::announce(const model::Finding& finding) const {
  const std::scoped_lock lock(impl_->mutex);
  if (impl_->listener) impl_->listener(finding, impl_->commands);
}

Tally CaseJudge::tally() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->tally;
}

std::vector<AdminEffect> CaseJudge::admin_effects() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->admin_effects;
}

void CaseJudge::report_into(Run& run) const {
  const std::scoped_lock lock(impl_->mutex);
  run.plans = impl_->plans;
  run.commands = impl_->commands;
  run.concurrent_groups = impl_->groups;
  run.unknown_outcomes = impl_->unknown;
  run.scenarios.assign(impl_->scenarios.begin(), impl_->scenarios.end());
  for (std::size_t i = 0; i < impl_->latencies.size(); ++i) {
    const auto& bin = impl_->latencies[i];
    if (!bin) continue;
    const Histogram& h = bin->histogram;
    Latency latency;
    latency.name = model::kActionNames[i];
    latency.count = h.count();
    latency.errors = bin->errors;
    latency.p50_us = h.at_percentile(50);
    latency.p90_us = h.at_percentile(90);
    latency.p99_us = h.at_percentile(99);
    latency.p999_us = h.at_percentile(99.9);
    latency.max_us = h.max();
    run.latencies.push_back(std::move(latency));
    run.histograms.emplace_back(std::string(model::kActionNames[i]), encode_histogram(h));
  }
  for (const model::Cell& cell : model::reachable_cells()) {
    const auto hit = impl_->cells.find(cell);
    run.coverage.push_back(described(cell, hit == impl_->cells.end() ? 0 : hit->second));
  }
  for (const std::string& order : all_race_orders()) {
    const auto seen = impl_->tally.find(order);
    run.races.emplace_back(order, seen == impl_->tally.end() ? 0 : seen->second);
  }
}

}  // namespace loadgen
