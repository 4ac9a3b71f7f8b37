#include "cli/compare.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <random>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/arguments.h"
#include "cli/gate.h"
#include "cli/signals.h"
#include "loadgen/environment/children.h"
#include "loadgen/environment/error.h"
#include "net/channel.h"
#include "reports/compare.h"
#include "reports/write_all.h"

namespace cli {
namespace {

namespace fs = std::filesystem;
using Runs = std::vector<reports::LoadRun>;

// What the runs of one side are started against.
struct Side {
  std::string target, database, providers;
};

struct Flags {
  std::string before, after, tolerance = "5", out = "out";
  Side a, b;
  std::vector<std::string> load;  // behind --
  int rounds = 4;
  bool json = false, quiet = false;
};

void add_flags(CLI::App& app, Flags& flags) {
  app.add_option("a", flags.before,
                 "report folder or report.json of `hustle load`; several with commas between");
  app.add_option("b", flags.after, "the same, of the runs to judge");
  app.add_option("--target-a", flags.a.target, "instead of folders: load this target now ...");
  app.add_option("--target-b", flags.b.target,
                 "... in turn with this one, A B B A; flags of `hustle load` follow --");
  app.add_option("--database-a", flags.a.database, "journeys (-- --scenario NAME): A's own PostgreSQL");
  app.add_option("--database-b", flags.b.database, "and B's");
  app.add_option("--providers-a", flags.a.providers, "journeys: A's own fakes (`hustle providers`)");
  app.add_option("--providers-b", flags.b.providers, "and B's");
  app.add_option("--rounds", flags.rounds, "runs on each side, even, so that none is always first")
      ->check(CLI::Range(2, 100));
  app.add_option("--tolerance", flags.tolerance, "a worsening up to this many percent is no regression");
  app.add_option("--out", flags.out, "folder for the report folders of started runs");
  app.add_flag("--json", flags.json, "the comparison as JSON");
  app.add_flag("--quiet", flags.quiet, "no progress");
}

double percent_of(const std::string& text) {
  double value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view rest(end, text.data() + text.size());
  if (error != std::errc{} || !(value >= 0 && value <= 1000) ||
      (!rest.empty() && rest != "%" && rest != " %")) {
    throw UserMistake(fmt::format("--tolerance: expected a percentage such as 5 or 2.5%, got '{}'", text));
  }
  return value / 100;
}

Runs read_runs(const std::string& list) {
  Runs runs;
  for (std::size_t begin = 0; begin <= list.size();) {
    const auto comma = std::min(list.find(',', begin), list.size());
    auto run = reports::read_load_run(list.substr(begin, comma - begin));
    if (!run) throw UserMistake(run.error());
    runs.push_back(std::move(*run));
    begin = comma + 1;
  }
  return runs;
}

// One run of `hustle load` in a process of its own, so that nothing of one run is left for the next.
reports::LoadRun started_run(const Flags& flags, const Side& side, const fs::path& folder,
                             const std::string& name, const StopSignals& signals) {
  using namespace std::chrono_literals;
  loadgen::ChildOptions options;
  options.command = {fs::read_symlink("/proc/self/exe").string(),
                     "load",
                     "--quiet",
                     "--target",
                     side.target,
                     "--out",
                     (folder / name).string()};
  if (!side.database.empty())
    options.command.insert(options.command.end(),
                           {"--database", side.database, "--providers", side.providers});
  options.command.insert(options.command.end(), flags.load.begin(), flags.load.end());
  options.log_file = (folder / (name + ".log")).string();
  loadgen::Child child(std::move(options));
  while (child.read_line(100ms) || !child.exited()) {
    if (signals.stopped()) throw loadgen::EnvironmentError(4, "interrupted");
  }
  const auto ended = child.exited();
  if (ended->code == 2 || ended->code == 3 || ended->signal != 0) {
    throw loadgen::EnvironmentError(ended->code == 2 ? 2 : 3,
                                    fmt::format("run {}: {}", name, child.log_tail(1)));
  }
  for (const auto& entry : fs::directory_iterator(folder / name)) {
    if (!entry.is_directory() || entry.is_symlink()) continue;
    auto run = reports::read_load_run(entry.path());
    if (!run) throw loadgen::EnvironmentError(3, run.error());
    run->name = name;
    return std::move(*run);
  }
  throw loadgen::EnvironmentError(3, fmt::format("run {} left no report", name));
}

void start_runs(const Flags& flags, const fs::path& folder, Runs& before, Runs& after) {
  const StopSignals signals;
  for (int round = 0; round < flags.rounds; ++round) {
    for (const bool first : {true, false}) {
      const bool is_a = first == (round % 2 == 0);
      const std::string name = fmt::format("{}{}", is_a ? "a" : "b", round + 1);
      if (!flags.quiet) fmt::print(stderr, "run {} of {} rounds\n", name, flags.rounds);
      (is_a ? before : after).push_back(started_run(flags, is_a ? flags.a : flags.b, folder, name, signals));
    }
  }
}

bool behind_dashes(const Flags& flags, const std::string& flag) {
  return std::ranges::any_of(
      flags.load, [&](const std::string& each) { return each == flag || each.starts_with(flag + "="); });
}

// Database and fakes of both sides, or of none; what has its own must not be given for both as well.
void check_journeys(const Flags& flags) {
  const std::array<std::pair<const char*, const std::string*>, 4> own{
      {{"--database-a", &flags.a.database},
       {"--database-b", &flags.b.database},
       {"--providers-a", &flags.a.providers},
       {"--providers-b", &flags.b.providers}}};
  const auto missing = std::ranges::find_if(own, [](const auto& each) { return each.second->empty(); });
  const auto given = std::ranges::find_if(own, [](const auto& each) { return !each.second->empty(); });
  const bool scenario = behind_dashes(flags, "--scenario");
  if (given == own.end()) {
    if (scenario && (!behind_dashes(flags, "--database") || !behind_dashes(flags, "--providers")))
      throw UserMistake(
          "--database-a: expected with -- --scenario, as --database-b, --providers-a, --providers-b");
    return;
  }
  if (!scenario)
    throw UserMistake(fmt::format("{}: expected together with -- --scenario NAME", given->first));
  if (missing != own.end())
    throw UserMistake(fmt::format("{}: expected, because {} is given", missing->first, given->first));
  for (const char* flag : {"--database", "--providers"}) {
    if (behind_dashes(flags, flag))
      throw UserMistake(fmt::format("-- {0}: not together with {0}-a and {0}-b", flag));
  }
  for (const auto& [flag, url] : own) {
    const bool database = std::string_view(flag).starts_with("--database");
    const bool good = database ? url->starts_with("postgresql://") || url->starts_with("postgres://")
                               : net::parse_url(*url).has_value();
    if (!good)
      throw UserMistake(fmt::format("{}: expected {}, got '{}'", flag,
                                    database ? "postgresql://user@host:port/name" : "http://host:port",
                                    *url));
  }
}

void check(const Flags& flags) {
  const bool started = !flags.a.target.empty() || !flags.b.target.empty();
  if (started && (!flags.before.empty() || flags.a.target.empty() || flags.b.target.empty())) {
    throw UserMistake("expected either two folders A B, or both --target-a URL and --target-b URL");
  }
  if (!started) {
    for (const auto& [flag, url] :
         {std::pair("--database-a", &flags.a.database), std::pair("--database-b", &flags.b.database),
          std::pair("--providers-a", &flags.a.providers), std::pair("--providers-b", &flags.b.providers)}) {
      if (!url->empty()) throw UserMistake(fmt::format("{}: goes with --target-a and --target-b", flag));
    }
    if (flags.after.empty()) throw UserMistake("expected two report folders: hustle compare A B");
    if (!flags.load.empty()) throw UserMistake("--: flags of a run go with --target-a and --target-b");
    return;
  }
  if (flags.rounds % 2 != 0) throw UserMistake("--rounds: expected an even number (A B B A)");
  for (const auto& [flag, url] :
       {std::pair("--target-a", &flags.a.target), std::pair("--target-b", &flags.b.target)}) {
    const auto parsed = net::parse_target(*url);
    if (!parsed) throw UserMistake(fmt::format("{}: {}", flag, parsed.error()));
  }
  check_journeys(flags);
}

}  // namespace

int run_compare(const std::vector<std::string>& arguments) {
  Flags flags;
  const auto dashes = std::ranges::find(arguments, "--");
  if (dashes != arguments.end()) flags.load.assign(dashes + 1, arguments.end());
  CLI::App app(
      "Compares two sets of load runs: percentiles and throughput, how sure the change is, and whether it is "
      "a regression.",
      "hustle compare");
  add_flags(app, flags);
  if (const auto code = parse_arguments(app, {arguments.begin(), dashes})) return *code;
  check(flags);
  const reports::CompareOptions options{.tolerance = percent_of(flags.tolerance)};
  Runs before, after;
  fs::path folder;
  if (flags.a.target.empty()) {
    before = read_runs(flags.before);
    after = read_runs(flags.after);
  } else {
    folder = reports::make_out_dir(flags.out, "compare", std::random_device{}() % 1'000'000'000);
    start_runs(flags, folder, before, after);
  }
  const reports::Comparison comparison = reports::compare(before, after, options);
  const int exit_code = !comparison.valid ? 5 : comparison.regression() ? 1 : 0;
  const std::string json = reports::comparison_json(comparison, options, exit_code);
  if (!folder.empty()) reports::write_file(folder / "report.json", json);
  fmt::print("{}", flags.json ? json : reports::comparison_text(comparison));
  if (!flags.json) {
    fmt::print("{}, exit code {}\n",
               exit_code == 5   ? "not a valid measurement"
               : exit_code == 1 ? "a regression"
                                : "no regression",
               exit_code);
  }
  std::fflush(stdout);
  return exit_code;
}

}  // namespace cli
