#include "cli/compare.h"

#include <algorithm>
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

struct Flags {
  std::string before, after, target_a, target_b, tolerance = "5", out = "out";
  std::vector<std::string> load;  // behind --
  int rounds = 4;
  bool json = false, quiet = false;
};

void add_flags(CLI::App& app, Flags& flags) {
  app.add_option("a", flags.before,
                 "report folder or report.json of `hustle load`; several with commas between");
  app.add_option("b", flags.after, "the same, of the runs to judge");
  app.add_option("--target-a", flags.target_a, "instead of folders: load this target now ...");
  app.add_option("--target-b", flags.target_b,
                 "... in turn with this one, A B B A; flags of `hustle load` follow --");
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
reports::LoadRun started_run(const Flags& flags, const std::string& target, const fs::path& folder,
                             const std::string& name, const StopSignals& signals) {
  using namespace std::chrono_literals;
  loadgen::ChildOptions options;
  options.command = {fs::read_symlink("/proc/self/exe").string(),
                     "load",
                     "--quiet",
                     "--target",
                     target,
                     "--out",
                     (folder / name).string()};
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
      (is_a ? before : after)
          .push_back(started_run(flags, is_a ? flags.target_a : flags.target_b, folder, name, signals));
    }
  }
}

void check(const Flags& flags) {
  const bool started = !flags.target_a.empty() || !flags.target_b.empty();
  if (started && (!flags.before.empty() || flags.target_a.empty() || flags.target_b.empty())) {
    throw UserMistake("expected either two folders A B, or both --target-a URL and --target-b URL");
  }
  if (!started && flags.after.empty()) throw UserMistake("expected two report folders: hustle compare A B");
  if (!started && !flags.load.empty())
    throw UserMistake("--: flags of a run go with --target-a and --target-b");
  if (started && flags.rounds % 2 != 0) throw UserMistake("--rounds: expected an even number (A B B A)");
  for (const auto& [flag, url] :
       {std::pair("--target-a", &flags.target_a), std::pair("--target-b", &flags.target_b)}) {
    const auto parsed = net::parse_target(*url);
    if (started && !parsed) throw UserMistake(fmt::format("{}: {}", flag, parsed.error()));
  }
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
  if (flags.target_a.empty()) {
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
