#include "cli/replay.h"

#include <chrono>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/gate.h"
#include "cli/signals.h"
#include "loadgen/campaign/attack_findings.h"
#include "loadgen/campaign/export.h"
#include "loadgen/campaign/findings.h"
#include "loadgen/campaign/reproduce.h"
#include "loadgen/environment/environment.h"
#include "reports/json.h"
#include "sim/interpret.h"
#include "sim/scenario.h"

namespace cli {
namespace {

constexpr int kTimes = 5;
constexpr int kTimesForRaces = 40;
constexpr int kWorkers = 8;  // overlapping calls are played several times at once

model::Instant wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

loadgen::PlanMaker plan_of(const model::Finding& finding) {
  if (finding.scenario.empty()) {
    throw UserMistake(
        "this finding belongs to no single case (it was seen in the database or in the health of the "
        "target)");
  }
  std::vector<sim::Scenario> scenarios;
  if (!finding.scenario.starts_with("drill:")) {
    auto scenario = sim::load_scenario(finding.scenario, scenario_folder());
    if (!scenario) throw UserMistake(scenario.error());
    scenario->name = finding.scenario;
    scenarios.push_back(std::move(*scenario));
  }
  auto plan = loadgen::plan_of(finding, scenarios);
  if (!plan)
    throw UserMistake(
        fmt::format("this finding has no choices, or names an unknown drill: '{}'", finding.scenario));
  return std::move(*plan);
}

void export_to(const std::string& folder, const model::Finding& finding) {
  std::string scenario_text;
  std::optional<sim::Plan> plan;
  if (!finding.scenario.empty()) {
    plan = plan_of(finding)(wall_clock());
    const bool path = finding.scenario.ends_with(".json");
    std::ifstream file(path ? finding.scenario : scenario_folder() + "/" + finding.scenario + ".json");
    scenario_text.assign(std::istreambuf_iterator<char>(file), {});
  }
  const auto files = loadgen::export_finding(finding, plan, scenario_text);
  if (files.empty()) throw UserMistake("this finding has neither a case nor SQL: there is nothing to export");
  std::error_code trouble;
  std::filesystem::create_directories(folder, trouble);
  for (const loadgen::ExportFile& each : files) {
    const std::filesystem::path path = std::filesystem::path(folder) / each.name;
    std::ofstream out(path);
    if (!(out << each.text)) throw UserMistake(fmt::format("--export: {} cannot be written", path.string()));
    out.close();
    if (each.executable) std::filesystem::permissions(path, std::filesystem::perms(0755));
    fmt::print("{}\n", path.string());
  }
}

// The attempt of an attack once more, on a copy of the schema.
int replay_attack(const model::Finding& finding, std::string database) {
  const StopSignals signals;
  std::optional<loadgen::Postgres> own;
  if (database.empty()) {
    const auto sibling = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "hustle-server";
    database = own.emplace(loadgen::start_migrated_postgres(sibling.string())).url();
  }
  const loadgen::AttackResult now =
      loadgen::attack_again(database, finding, [&] { return signals.stopped(); });
  const bool broken = now.verdict == loadgen::AttackVerdict::broken;
  if (broken || now.verdict == loadgen::AttackVerdict::held) {
    fmt::print("{}: {} {}\n{}\n", broken ? "still fails" : "no longer fails", finding.rule, now.attempt,
               now.evidence);
    return broken ? 1 : 0;
  }
  fmt::print("cannot be tried on this schema: {} {}\n{}\n", finding.rule, now.attempt, now.evidence);
  return 4;
}

}  // namespace

int run_replay(const std::vector<std::string>& arguments) {
  loadgen::EnvironmentOptions options;
  std::string file, folder;
  int times = 0;
  CLI::App app("Runs the case of a finding again and says whether it still fails.", "hustle replay");
  app.add_option("finding", file, "out/.../findings/N.json")->required();
  app.add_option("--times", times,
                 "attempts before it counts as gone (default: 5; 40 where calls overlap, because a race does "
                 "not go wrong every time)")
      ->check(CLI::Range(1, 10000));
  app.add_option(
      "--export", folder,
      "writes the finding there as scripts (psql, curl) and as scenario with choices; runs nothing");
  app.add_option("--target", options.target, "a backend that already runs, http://host:port");
  app.add_option("--database", options.database, "its PostgreSQL, postgresql://user@host:port/name");
  app.add_option("--providers", options.providers, "its fake providers");
  if (const auto code = parse_arguments(app, arguments)) return *code;
  const auto finding = reports::read_finding(file);
  if (!finding) throw UserMistake(finding.error());
  if (!folder.empty()) {
    export_to(folder, *finding);
    return 0;
  }
  if (loadgen::can_attack_again(*finding)) return replay_attack(*finding, options.database.value_or(""));
  const loadgen::PlanMaker plan = plan_of(*finding);
  if (times == 0) times = loadgen::has_groups(plan(wall_clock())) ? kTimesForRaces : kTimes;
  const StopSignals signals;
  options.interrupted = [&] { return signals.stopped(); };
  loadgen::Environment environment = loadgen::boot(options);
  const loadgen::Endpoints endpoints{environment.target(), environment.database(), environment.providers(),
                                     environment.facts().test_clock};
  loadgen::Executor executor({.endpoints = endpoints, .workers = kWorkers});
  loadgen::Chance chance;
  const auto seen = loadgen::reproduce({executor, endpoints, options.interrupted}, plan, *finding,
                                       static_cast<std::uint64_t>(times), chance,
                                       std::chrono::steady_clock::time_point::max());
  if (seen) {
    fmt::print("{}\n", sim::describe(seen->record.plan));
    fmt::print("still fails (attempt {}): {} {}\nexpected: {}\nobserved: {}\n", chance.runs,
               seen->finding.rule, seen->finding.headline, seen->finding.expected, seen->finding.observed);
    return 1;
  }
  fmt::print("no longer fails: {} {} ({} attempts)\n", finding->rule, finding->headline, chance.runs);
  return signals.stopped() ? 4 : 0;
}

}  // namespace cli
