#include "loadgen/bench/scenarios.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/bench/processes.h"
#include "loadgen/environment/environment.h"
#include "loadgen/environment/error.h"

namespace loadgen::bench {
namespace {

using json = nlohmann::ordered_json;  // phases stay in their order

double number(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

ScenarioPhase phase_of(const json& report, const std::string& name, const json& phase) {
  const json& latency = phase.at("latency_us");
  const double ok = number(phase, "ok"), failed = number(phase, "failed");
  const double seconds = number(phase, "to_s") - number(phase, "from_s");
  ScenarioPhase out{.scenario = report.at("asked").at("scenario"),
                    .phase = name,
                    .journeys = phase.at("journeys").at("due"),
                    .clean = phase.at("journeys").at("clean"),
                    .requests_per_second = seconds > 0 ? ok / seconds : 0,
                    .errors = ok + failed > 0 ? failed / (ok + failed) : 0,
                    .p50_us = number(latency, "p50"),
                    .p95_us = number(latency, "p95"),
                    .p99_us = number(latency, "p99")};
  for (const json& procedure : report.at("procedures")) {
    if (procedure.at("name") == "feed.get" && procedure.at("phase") == name)
      out.feed_p95_us = number(procedure.at("latency_us"), "p95");
  }
  return out;
}

}  // namespace

std::optional<std::string> scenario_report(const ScenarioOptions& options, const Environment& environment,
                                           const std::string& name, const std::vector<std::string>& flags) {
  ChildOptions child_options;
  child_options.command = {
      options.harness.empty() ? std::filesystem::read_symlink("/proc/self/exe").string() : options.harness,
      "load",
      "--scenario",
      name,
      "--target",
      environment.target(),
      "--database",
      environment.database(),
      "--providers",
      environment.providers(),
      "--time",
      fmt::format("{}s", options.seconds),
      "--warmup",
      fmt::format("{}s", std::max(1.0, options.seconds / 5)),
      "--seed",
      std::to_string(options.seed),
      "--out",
      environment.log_directory() + "/runs",
      "--json",
      "--quiet"};
  child_options.command.insert(child_options.command.end(), flags.begin(), flags.end());
  child_options.log_file = environment.log_directory() + "/" + name + ".log";
  Child child(std::move(child_options));
  const auto text =
      output_of(child, [&] { return options.interrupted != nullptr && options.interrupted->load(); });
  if (text && text->empty()) throw EnvironmentError(3, fmt::format("{}: {}", name, child.log_tail(1)));
  return text;
}

ScenarioRun read_scenario_run(const std::string& text) {
  const json report = json::parse(text, nullptr, false);
  if (!report.is_object() || report.value("format", "") != "hustle-load")
    throw EnvironmentError(3, "a load run printed no report");
  ScenarioRun run{.name = report.at("asked").at("scenario"),
                  .exit_code = report.at("exit_code"),
                  .why_invalid = report.at("generator").at("why_invalid"),
                  .checks = report.at("audits").at("checks").size(),
                  .findings = report.at("audits").at("findings").size()};
  if (!report.at("audits").at("done").get<bool>())
    run.missed.push_back("not audited: " + report.at("audits").at("why_not").get<std::string>());
  for (const json& one : report.at("thresholds")) {
    if (one.at("verdict") != "holds")
      run.missed.push_back(fmt::format("{}: {}", one.at("threshold").get<std::string>(),
                                       one.at("measured").get<std::string>()));
  }
  for (const auto& [name, phase] : report.at("phases").items()) {
    if (phase.at("kind") == "measure") run.phases.push_back(phase_of(report, name, phase));
  }
  return run;
}

std::vector<ScenarioRun> run_scenarios(const ScenarioOptions& options) {
  EnvironmentOptions wanted;
  wanted.object_store = false;  // journeys send keys only
  wanted.durable = true;
  wanted.test_clock = false;
  wanted.seed = options.seed;
  wanted.harness = options.harness;
  wanted.server = options.server;
  if (options.interrupted != nullptr) wanted.interrupted = [&options] { return options.interrupted->load(); };
  const Environment environment = boot(wanted);
  std::vector<ScenarioRun> runs;
  for (const std::string& name : options.names) {
    const auto report = scenario_report(options, environment, name);
    if (!report) break;
    runs.push_back(read_scenario_run(*report));
    options.progress(fmt::format("scenario {}: exit code {}", name, runs.back().exit_code));
  }
  return runs;
}

}  // namespace loadgen::bench
