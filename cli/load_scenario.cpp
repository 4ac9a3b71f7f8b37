#include "cli/load_scenario.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/gate.h"
#include "cli/load_view.h"
#include "cli/signals.h"
#include "loadgen/environment/environment.h"
#include "loadgen/environment/error.h"
#include "loadgen/load/journey_report.h"
#include "loadgen/load/metrics.h"
#include "reports/load_report.h"
#include "reports/write_all.h"

namespace cli {
namespace {

namespace load = loadgen::load;

// A phase may become shorter than any arrival, but not nothing.
void rescale(sim::Load& plan, const std::string& kind, double seconds) {
  double sum = 0;
  for (const sim::LoadPhase& phase : plan.phases) sum += phase.kind == kind ? phase.seconds : 0;
  for (sim::LoadPhase& phase : plan.phases) {
    if (phase.kind == kind) phase.seconds *= std::max(seconds, 1e-3) / sum;
  }
}

sim::Scenario scenario_of(const ScenarioFlags& flags) {
  auto scenario = sim::load_scenario(flags.scenario, scenario_folder());
  if (!scenario) throw UserMistake(fmt::format("--scenario: {}", scenario.error()));
  if (!scenario->load) {
    throw UserMistake(fmt::format(
        "--scenario {}: expected a scenario with the part \"load\", got one without", flags.scenario));
  }
  sim::Load& plan = *scenario->load;
  if (flags.measure_s > 0) rescale(plan, "measure", flags.measure_s);
  if (flags.warmup_s >= 0) rescale(plan, "warm-up", flags.warmup_s);
  if (flags.rate > 0) {
    double highest = 0;
    for (const sim::LoadPhase& phase : plan.phases) highest = std::max(highest, phase.rate);
    if (highest <= 0)
      throw UserMistake(fmt::format("--rate: nobody arrives in {}, all are users", scenario->name));
    for (sim::LoadPhase& phase : plan.phases) phase.rate *= flags.rate / highest;
  }
  plan.abort |= flags.abort;
  return std::move(*scenario);
}

std::vector<load::Threshold> thresholds_of(const ScenarioFlags& flags, const sim::Load& plan) {
  std::vector<load::Threshold> out;
  for (std::size_t i = 0; i < plan.thresholds.size(); ++i) {
    const auto one = load::parse_threshold(plan.thresholds[i]);
    if (!one)
      throw UserMistake(
          fmt::format("--scenario {}: load.thresholds[{}]: {}", flags.scenario, i, one.error()));
    out.push_back(*one);
  }
  out.insert(out.end(), flags.thresholds.begin(), flags.thresholds.end());
  if (const auto known = load::check_thresholds(out, plan); !known)
    throw UserMistake(fmt::format("--threshold: {}", known.error()));
  return out;
}

net::TargetAddress address_of(const std::string& text) {
  const auto target = net::parse_target(text);
  if (!target) throw UserMistake(fmt::format("--target: {}", target.error()));
  return *target;
}

// What we start ourselves; a target behind TLS or a Unix socket is reached by the generator alone.
std::optional<loadgen::Environment> boot(const ScenarioFlags& flags, const StopSignals& signals) {
  const bool plain = !flags.target || flags.target->starts_with("http://");
  if (!plain) {
    if (!flags.database)
      throw UserMistake("--database: expected together with --target, for accounts and audits");
    if (!flags.providers)
      throw UserMistake("--providers: expected together with --target, for tokens and payments");
    loadgen::check_database(*flags.database);
    loadgen::check_providers(*flags.providers);
    return std::nullopt;
  }
  loadgen::EnvironmentOptions options;
  options.target = flags.target;
  options.database = flags.database;
  options.providers = flags.providers;
  options.test_clock = false;    // as it runs in earnest
  options.object_store = false;  // journeys send keys only: the store is not what is measured
  options.seed = flags.seed;
  options.interrupted = [&signals] { return signals.stopped(); };
  return loadgen::boot(options);
}

}  // namespace

int run_load_scenario(const ScenarioFlags& flags) {
  load::JourneyOptions options{.scenario = scenario_of(flags), .verify = !flags.insecure};
  options.thresholds = thresholds_of(flags, *options.scenario.load);
  options.connections = flags.connections;
  options.threads = flags.threads;
  options.timeout_s = flags.timeout_s;
  options.seed = flags.seed;
  if (flags.target) options.target = address_of(*flags.target);
  const StopSignals signals;
  options.interrupted = &signals.flag();
  reports::check_out_dir(flags.out);
  if (!flags.quiet) fmt::print(stderr, "seed {}\n", flags.seed);
  std::optional<load::MetricsPage> metrics;
  if (flags.metrics_port) metrics.emplace(*flags.metrics_port);
  if (metrics && !flags.quiet) fmt::print(stderr, "metrics http://127.0.0.1:{}/metrics\n", metrics->port());
  const auto environment = boot(flags, signals);
  if (environment) options.target = address_of(environment->target());
  options.database = environment ? environment->database() : *flags.database;
  options.providers = environment ? environment->providers() : *flags.providers;
  load::JourneyResult result = [&] {
    LoadView view(flags.quiet);
    options.progress = [&](const load::JourneyProgress& progress) {
      view.show(progress);
      if (metrics) metrics->show(load::metrics_text(progress));
    };
    return load::run_journeys(options);
  }();
  const load::JourneyJudgement judgement = load::judge(options, result);
  const load::JourneyTold told{flags.command_line, options, result, judgement};
  const std::string json = load::report_json(told);
  fmt::print("{}", flags.json ? json : load::report_console(told));  // even when the disk is full by now
  std::fflush(stdout);
  const auto folder = reports::make_out_dir(flags.out, "load", flags.seed);
  reports::write_load_report(folder, json, load::histograms_log(told));
  if (!flags.json) fmt::print("report    {}\n", folder.string());
  std::fflush(stdout);
  return judgement.exit_code;
}

}  // namespace cli
