#include "cli/gate.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <span>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/arguments.h"
#include "cli/corpus.h"
#include "cli/signals.h"
#include "loadgen/campaign/gate.h"
#include "loadgen/campaign/items.h"
#include "loadgen/environment/environment.h"
#include "loadgen/side/side_schedule.h"
#include "reports/console.h"
#include "reports/json.h"
#include "reports/progress.h"
#include "reports/write_all.h"

namespace cli {
namespace {

struct Flags {
  loadgen::GateOptions gate;
  loadgen::EnvironmentOptions environment;
  std::string seed, time = "60s", shrink = "30s", only, checks, out = "out", corpus;
  bool json = false, quiet = false, no_attack = false, no_corpus = false;
};

// Names out of `known`, separated by commas.
std::vector<std::string> split_names(std::string_view flag, std::string_view what, const std::string& text,
                                     std::span<const std::string_view> known) {
  std::vector<std::string> names;
  std::stringstream stream(text);
  for (std::string name; std::getline(stream, name, ',');) {
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    if (std::ranges::find(known, name) == known.end()) {
      throw UserMistake(
          fmt::format("{}: expected {} out of {}, got '{}'", flag, what, fmt::join(known, ","), name));
    }
    names.push_back(name);
  }
  return names;
}

std::optional<int> read_flags(const std::vector<std::string>& arguments, Flags& flags) {
  CLI::App app(
      "Drives randomized plans against a backend, judges everything, and says which of the 30 items hold.",
      "hustle gate");
  app.add_option("--scenario", flags.gate.scenarios,
                 "scenario name or JSON file; may be repeated (default: the mix of the money core)");
  app.add_option("--seed", flags.seed, "the only randomness of the run (default: a new one, printed)");
  app.add_option("--time", flags.time, "driving time, such as 60s or 5m");
  app.add_option("--only", flags.only, "groups of items: money,proof,safety,ai,analytics,ops,abuse,cost");
  app.add_option("--checks", flags.checks,
                 "only these checks of the side stage, and no driving: wire,payouts,... (docs/gate.md)");
  app.add_option("--target", flags.environment.target, "a backend that already runs, http://host:port");
  app.add_option("--database", flags.environment.database,
                 "its PostgreSQL, postgresql://user@host:port/name");
  app.add_option("--providers", flags.environment.providers, "its fake providers (`hustle providers`)");
  app.add_option("--shrink-time", flags.shrink, "for making the stories of all findings shorter");
  app.add_option("--workers", flags.gate.workers, "cases at the same time")->check(CLI::Range(1, 256));
  app.add_option("--out", flags.out, "folder for the report folders");
  app.add_option("--corpus", flags.corpus,
                 "folder of findings that are kept and retried first (default: corpus/ in the --out folder)");
  app.add_flag("--no-corpus", flags.no_corpus, "neither retry nor keep findings");
  app.add_flag("--no-attack", flags.no_attack, "leave out the attack on a clone of the database");
  app.add_flag("--json", flags.json, "the report as JSON on standard output instead of the summary");
  app.add_flag("--quiet", flags.quiet, "no progress");
  if (const auto code = parse_arguments(app, arguments)) return code;
  flags.gate.seed = parse_seed(flags.seed);
  flags.gate.seconds = parse_seconds("--time", flags.time);
  flags.gate.shrink_seconds = parse_seconds("--shrink-time", flags.shrink);
  flags.gate.only = split_names("--only", "groups", flags.only, loadgen::all_groups());
  flags.gate.checks = split_checks(flags.checks);
  flags.gate.attack = !flags.no_attack;
  if (flags.corpus.empty()) flags.corpus = flags.out + "/corpus";
  if (!flags.no_corpus) flags.gate.corpus = read_corpus(flags.corpus);
  flags.gate.scenario_folder = scenario_folder();
  flags.gate.command_line = told_command_line("gate", arguments);
  flags.environment.seed = flags.gate.seed;
  flags.environment.providers_optional = true;
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> facts_of(const loadgen::Environment& environment) {
  return {{"environment", environment.owns_server() ? "private" : "given"},
          {"test clock", environment.facts().test_clock ? "yes" : "no"},
          {"boot", fmt::format("{} ms", environment.boot_time().count())},
          {"processors", std::to_string(sysconf(_SC_NPROCESSORS_ONLN))}};
}

void print(const Flags& flags, const loadgen::Run& run, const std::filesystem::path& folder) {
  if (flags.json) {
    fmt::print("{}\n", reports::report_json(run));
  } else {
    fmt::print("{}", reports::console_summary(run, folder, reports::console_style(STDOUT_FILENO)));
  }
  std::fflush(stdout);
}

// What was found is told even when the disk has filled up meanwhile.
void leave_report(const Flags& flags, const loadgen::Run& run) {
  std::filesystem::path folder;
  try {
    folder = reports::make_out_dir(flags.out, "gate", run.seed);
    reports::write_all(run, folder);
  } catch (const std::runtime_error&) {
    print(flags, run, {});
    throw;
  }
  print(flags, run, folder);
}

}  // namespace

std::vector<std::string> split_checks(const std::string& text) {
  std::vector<std::string_view> known = loadgen::side_check_names();
  known.push_back(loadgen::kAttackCheck);
  return split_names("--checks", "checks", text, known);
}

std::string scenario_folder() {
  return std::string(HUSTLE_SOURCE_DIR) + "/scenarios";
}

int run_gate(const std::vector<std::string>& arguments) {
  Flags flags;
  if (const auto code = read_flags(arguments, flags)) return *code;
  const StopSignals signals;
  flags.environment.interrupted = [&] { return signals.stopped(); };
  reports::check_out_dir(flags.out);
  if (!flags.quiet) fmt::print(stderr, "seed {}\n", flags.gate.seed);
  loadgen::Environment environment = loadgen::boot(flags.environment);
  reports::Progress progress(std::cerr, isatty(STDERR_FILENO) != 0);
  const auto begin = std::chrono::steady_clock::now();
  loadgen::GateEvents events;
  events.interrupted = [&] { return signals.stopped(); };
  events.progress = [&](const loadgen::GateProgress& p) {
    if (flags.quiet) return;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    const bool driving = p.phase == "driving";
    progress.update({.elapsed_s = driving ? p.elapsed_s : elapsed.count(),
                     .budget_s = driving ? p.budget_s : 0,
                     .plans = p.plans,
                     .commands = p.commands,
                     .findings = p.findings,
                     .note = driving ? "" : std::string(p.phase)});
  };
  loadgen::Run run = loadgen::run_gate(flags.gate, environment, events);
  progress.finish();
  run.facts = facts_of(environment);
  leave_report(flags, run);
  if (!flags.no_corpus) update_corpus(flags.corpus, run);
  return run.exit_code;
}

}  // namespace cli
