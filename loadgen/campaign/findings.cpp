#include "loadgen/campaign/findings.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "loadgen/campaign/drill_plans.h"
#include "loadgen/campaign/trial.h"
#include "sim/interpret.h"
#include "sim/shrink.h"
#include "sim/shrink_story.h"

namespace loadgen {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kFindingsShrunk = 6;
constexpr std::uint64_t kMeasuringRuns = 20;  // of a case with overlapping calls
constexpr std::uint64_t kFailuresMeasured = 5;

model::Instant wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

const sim::Scenario* scenario_of(const model::Finding& finding, const std::vector<sim::Scenario>& scenarios) {
  for (const sim::Scenario& scenario : scenarios) {
    if (scenario.name == finding.scenario) return &scenario;
  }
  return nullptr;
}

// Every UUID that the finding names, in its entities or in the rows that it shows.
std::vector<std::string> identifiers(const model::Finding& finding) {
  constexpr std::size_t kLength = 36;
  std::string text = fmt::format("{}", fmt::join(finding.entities, "\n"));
  for (const auto& [name, evidence] : finding.evidence) text += "\n" + evidence;
  std::vector<std::string> found;
  for (std::size_t i = 0; i + kLength <= text.size(); ++i) {
    if (text[i + 8] != '-' || text[i + 13] != '-' || text[i + 18] != '-' || text[i + 23] != '-') continue;
    const std::string id = text.substr(i, kLength);
    if (id.find_first_not_of("0123456789abcdef-") == std::string::npos) found.push_back(id);
  }
  return found;
}

// The smallest case so far, and how often it fails.
class Shrinking {
 public:
  Shrinking(model::Finding& finding, PlanMaker plan, const ShrinkContext& context, Clock::time_point deadline)
      : finding_(finding),
        wanted_(finding),
        plan_(std::move(plan)),
        context_(context),
        deadline_(deadline),
        first_(plan_(wall_clock())) {}

  void run() {
    if (!measure()) {
      finding_.evidence.emplace_back("shrinking", "did not fail again on its own: the case as it was found");
      return;
    }
    sim::can_be_told(first_) ? shrink_calls() : shrink_choices();
    best_->finding.seed = wanted_.seed;
    if (has_groups(best_->record.plan))
      best_->finding.evidence.emplace_back(
          "how often", fmt::format("failed in {} of {} runs", chance_.failures, chance_.runs));
    finding_ = std::move(best_->finding);
  }

 private:
  // Whether it fails again at all, and how often.
  bool measure() {
    const bool chancy = has_groups(first_);
    best_ = reproduce(context_.again, plan_, wanted_, chancy ? kMostRuns : 2, chance_, deadline_);
    while (chancy && best_ && chance_.runs < kMeasuringRuns && chance_.failures < kFailuresMeasured &&
           Clock::now() < deadline_) {
      reproduce(context_.again, plan_, wanted_, 1, chance_, deadline_);
    }
    if (!chancy && best_) chance_ = {.failures = 1, .runs = 1};
    return best_.has_value();
  }

  bool fails(const PlanMaker& plan) {
    Chance chance;
    const std::uint64_t runs = has_groups(plan(wall_clock())) ? runs_needed(chance_) : 1;
    auto smaller = reproduce(context_.again, plan, wanted_, runs, chance, deadline_);
    if (!smaller) return false;
    chance_ = {.failures = chance_.failures + chance.failures, .runs = chance_.runs + chance.runs};
    best_ = std::move(smaller);
    return true;
  }

  sim::ShrinkBudget budget() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
    return {.time = std::max(left, std::chrono::milliseconds(0))};
  }

  bool fails_as(const sim::Story& story) {
    return fails([&, choices = sim::choices_of(story)](model::Instant start) {
      return sim::interpret(story_, choices, start);
    });
  }

  // First without what came after the wrong call and what has nothing to do with it, then call by call.
  void shrink_calls() {
    sim::Story story = sim::story_of(first_);
    const std::size_t before = story.calls.size();
    sim::Story told = sim::with_calls(story, told_calls(best_->record, best_->finding));
    if (told.calls.size() < before && fails_as(told)) story = std::move(told);
    const sim::ShrunkStory shrunk =
        sim::shrink_story(std::move(story), [&](const sim::Story& s) { return fails_as(s); }, budget());
    best_->finding.choices = sim::choices_of(shrunk.story);
    best_->finding.scenario = sim::kStoryScenario;
    say(shrunk, fmt::format("{} calls became {}", before, shrunk.story.calls.size()));
  }

  void shrink_choices() {
    const auto& scenarios = context_.scenarios;
    const sim::Scenario* scenario = scenario_of(wanted_, scenarios);
    sim::Shrunk shrunk{.choices = wanted_.choices};
    if (scenario != nullptr) {
      const auto still_fails = [&](const std::vector<std::uint32_t>& choices) {
        return fails([&](model::Instant start) { return sim::interpret(*scenario, choices, start); });
      };
      shrunk = sim::shrink(wanted_.choices, still_fails, budget());
    }
    best_->finding.choices = shrunk.choices;
    best_->finding.scenario = wanted_.scenario;
    say(shrunk, fmt::format("{} choices became {}", wanted_.choices.size(), shrunk.choices.size()));
  }

  template <class Shrunk>
  void say(const Shrunk& shrunk, const std::string& what) {
    best_->finding.evidence.emplace_back(
        "shrinking",
        fmt::format("{}: {} of {} attempts failed the same way{}", what, shrunk.successes, shrunk.attempts,
                    shrunk.minimal ? "; none of the calls can be left out"
                                   : "; the best when the time was over, not minimal"));
  }

  // Positions in the plan of the calls that the finding's story tells.
  static std::vector<std::size_t> told_calls(const CaseRecord& record, const model::Finding& finding) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> places;  // step and lane
    for (const model::Operation& o : record.history.operations) {
      const bool told = std::ranges::any_of(finding.story, [&](const model::StoryLine& line) {
        return line.lane == o.lane && line.from_us == o.invoked_us;
      });
      if (told && !after_the_wrong(finding, o)) places.emplace_back(o.step, o.lane);
    }
    std::vector<std::size_t> kept;
    std::size_t position = 0;
    for (std::uint32_t step = 0; step < record.plan.steps.size(); ++step) {
      for (std::uint32_t lane = 0; lane < record.plan.steps[step].together.size(); ++lane, ++position) {
        if (std::ranges::find(places, std::pair(step, lane)) != places.end()) kept.push_back(position);
      }
    }
    return kept;
  }

  static bool after_the_wrong(const model::Finding& finding, const model::Operation& o) {
    return std::ranges::any_of(
        finding.story, [&](const model::StoryLine& line) { return line.wrong && o.invoked_us > line.to_us; });
  }

  model::Finding& finding_;
  const model::Finding wanted_;
  const PlanMaker plan_;
  const ShrinkContext& context_;
  const Clock::time_point deadline_;
  const sim::Plan first_;
  const sim::Scenario story_ = *sim::load_scenario(std::string(sim::kStoryScenario), "");
  std::optional<Reproduced> best_;
  Chance chance_;
};

}  // namespace

void attach_cases(std::vector<Found>& found, const CaseJudge& judge,
                  const std::vector<sim::Scenario>& scenarios, std::uint64_t seed) {
  for (Found& each : found) {
    model::Finding& finding = each.finding;
    if (!finding.scenario.empty()) continue;
    for (const std::string& id : identifiers(finding)) {
      const auto owner = judge.owner_of(id);
      if (!owner) continue;
      finding.scenario = owner->scenario;
      finding.seed = seed;
      const sim::Scenario* scenario = scenario_of(finding, scenarios);
      if (scenario != nullptr)
        finding.choices = sim::plan_case(*scenario, seed, owner->case_id, wall_clock()).choices;
      break;
    }
  }
}

std::optional<PlanMaker> plan_of(const model::Finding& finding, const std::vector<sim::Scenario>& scenarios) {
  if (finding.scenario.starts_with("drill:")) {
    if (!drill_plan(finding.scenario, wall_clock())) return std::nullopt;
    return [name = finding.scenario](model::Instant start) { return *drill_plan(name, start); };
  }
  const sim::Scenario* known = scenario_of(finding, scenarios);
  if (finding.choices.empty() || (known == nullptr && finding.scenario != sim::kStoryScenario))
    return std::nullopt;
  sim::Scenario scenario = known != nullptr ? *known : *sim::load_scenario(finding.scenario, "");
  return
      [scenario = std::move(scenario), choices = finding.choices, seed = finding.seed](model::Instant start) {
        sim::Plan plan = sim::interpret(scenario, choices, start);
        plan.seed = seed;
        return plan;
      };
}

void shrink_findings(std::vector<Found>& found, const ShrinkContext& context) {
  std::vector<std::pair<model::Finding*, PlanMaker>> cases;
  for (Found& each : found) {
    if (each.finding.verdict != model::Verdict::broken) continue;
    if (auto plan = plan_of(each.finding, context.scenarios)) cases.emplace_back(&each.finding, *plan);
  }
  // What calls and answers show is run again in no time; rows and books need the target to come to rest.
  std::ranges::stable_sort(cases, {}, [](const auto& each) {
    return std::pair(!seen_in_history(*each.first), each.first->story.size());
  });
  if (cases.size() > kFindingsShrunk) cases.resize(kFindingsShrunk);
  Clock::time_point end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                             std::chrono::duration<double>(context.seconds));
  std::size_t left = cases.size();
  for (auto& [finding, plan] : cases) {
    if (context.again.interrupted()) return;
    const Clock::time_point now = Clock::now();
    const Clock::time_point deadline = now + (end - now) / static_cast<int>(left--);
    try {
      Shrinking(*finding, plan, context, deadline).run();
    } catch (const std::exception& trouble) {
      finding->evidence.emplace_back("shrinking", fmt::format("given up: {}", trouble.what()));
      return;
    }
  }
}

void excuse_server_errors(std::vector<Found>& found) {
  for (Found& each : found) {
    model::Finding& finding = each.finding;
    const bool answer = finding.judge == "contract" && finding.observed.starts_with("HTTP 5");
    const bool health = finding.rule == "OPS-1" && finding.observed.starts_with("5");
    if (!answer && !health) continue;
    finding.verdict = model::Verdict::unknown;
    finding.headline += " (the database died in this run, and a server without one can answer nothing else)";
  }
}

}  // namespace loadgen
