#include "cli/bench.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <random>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/arguments.h"
#include "cli/gate.h"
#include "cli/signals.h"
#include "loadgen/bench/report.h"
#include "loadgen/environment/temp_directory.h"
#include "reports/write_all.h"

namespace cli {
namespace {

namespace bench = loadgen::bench;
using bench::Work;

constexpr std::array kWorks{Work::ping, Work::read, Work::create, Work::lifecycle};

struct Flags {
  std::string only, peers, time = "3s", load_time = "20s", seed, filter, out = "out";
  int rounds = 4;
  unsigned connections = 64;
  double micro_time = 0.2;
  bool strict = false, json = false, quiet = false;
};

void add_flags(CLI::App& app, Flags& flags) {
  app.add_option("--only", flags.only,
                 "out of ping,read,create,lifecycle,load,wrk,pacing,micro (default: all)");
  app.add_option("--peers", flags.peers,
                 "out of pgbench,node, or none (default: both, Node when it is installed)");
  app.add_option("--time", flags.time, "of one contender in one round");
  app.add_option("--load-time", flags.load_time, "of the measured phases of each load scenario");
  app.add_option("--rounds", flags.rounds, "forward and backward in turn")->check(CLI::Range(1, 1000));
  app.add_option("--connections", flags.connections, "to the servers")->check(CLI::Range(1, 10'000));
  app.add_option("--seed", flags.seed, "who meets whom (default: a new one, printed)");
  app.add_option("--micro-filter", flags.filter, "regular expression of Google Benchmark");
  app.add_option("--micro-time", flags.micro_time, "least seconds of one micro benchmark")
      ->check(CLI::Range(0.01, 60.0));
  app.add_flag("--strict", flags.strict, "exit code 1 when a goal of docs/bench.md is missed");
  app.add_option("--out", flags.out, "folder for the report folders");
  app.add_flag("--json", flags.json, "the report as JSON on standard output instead of Markdown");
  app.add_flag("--quiet", flags.quiet, "no progress");
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto comma = std::min(text.find(',', begin), text.size());
    words.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return words;
}

struct Asked {
  std::vector<Work> works;
  bool load = false, wrk = false, pacing = false, micro = false;
};

Asked asked_of(const std::string& only) {
  if (only.empty()) return {{kWorks.begin(), kWorks.end()}, true, true, true, true};
  Asked asked;
  const std::array<std::pair<std::string_view, bool*>, 4> others{
      {{"load", &asked.load}, {"wrk", &asked.wrk}, {"pacing", &asked.pacing}, {"micro", &asked.micro}}};
  for (const std::string& word : words_of(only)) {
    const auto work = std::ranges::find(kWorks, word, bench::work_name);
    const auto other = std::ranges::find(others, word, [](const auto& each) { return each.first; });
    if (work != kWorks.end()) {
      asked.works.push_back(*work);
    } else if (other != others.end()) {
      *other->second = true;
    } else {
      throw UserMistake(fmt::format(
          "--only: expected some of ping,read,create,lifecycle,load,wrk,pacing,micro, got '{}'", word));
    }
  }
  return asked;
}

void read_peers(const std::string& text, bench::BenchOptions& options) {
  if (text.empty()) return;
  options.pgbench = options.node = false;
  for (const std::string& word : words_of(text)) {
    if (word == "pgbench") {
      options.pgbench = true;
    } else if (word == "node") {
      options.node = options.node_required = true;
    } else if (word != "none") {
      throw UserMistake(fmt::format("--peers: expected some of pgbench,node, or none, got '{}'", word));
    }
  }
}

std::uint64_t seed_of(const std::string& text) {
  if (text.empty()) return std::random_device{}() % 1'000'000'000;
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw UserMistake(fmt::format("--seed: expected a whole number, got '{}'", text));
  }
  return seed;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> buffer{};
  return {buffer.data(), std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::vector<bench::Micro> measure_inner_loops(const Flags& flags) {
  const auto program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "tests" / "hustle_bench";
  const loadgen::TempDirectory scratch("/tmp");
  return bench::run_micro(program, flags.filter, flags.micro_time, scratch.path() + "/bench.log");
}

std::vector<bench::ScenarioRun> measure_scenarios(const bench::BenchOptions& options, const Flags& flags) {
  options.progress("the load scenarios, on a durable cluster");
  return bench::run_scenarios({.seconds = parse_seconds("--load-time", flags.load_time),
                               .seed = options.seed,
                               .interrupted = options.interrupted,
                               .progress = options.progress});
}

bench::GeneratorResult measure_generator(const bench::BenchOptions& options, const Asked& asked) {
  if (!asked.wrk && !asked.pacing) return {};
  options.progress("the generator, against a bare target");
  return bench::measure_generator({.against_wrk = asked.wrk,
                                   .pacing = asked.pacing,
                                   .slice_s = options.slice_s,
                                   .rounds = options.rounds,
                                   .connections = options.connections,
                                   .seed = options.seed,
                                   .interrupted = options.interrupted,
                                   .progress = options.progress});
}

// A broken rule under load is a broken rule, whatever was measured.
int exit_code_of(const bench::BenchResult& result, const std::vector<bench::ScenarioRun>& scenarios,
                 const bench::GeneratorResult& generator, bool strict) {
  if (std::ranges::any_of(scenarios, [](const bench::ScenarioRun& run) { return run.findings > 0; }))
    return 1;
  if (!result.complete) return 4;
  const auto missed_goal = [](const auto& goal) { return !goal.met(); };
  const bool missed = std::ranges::any_of(result.ratios, missed_goal) ||
                      std::ranges::any_of(bench::goals_of(generator), missed_goal);
  return strict && missed ? 1 : 0;
}

}  // namespace

int run_bench(const std::vector<std::string>& arguments) {
  Flags flags;
  CLI::App app(
      "Measures the server against pgbench and the Node peer in one run, the load scenarios and the inner "
      "loops.",
      "hustle bench");
  add_flags(app, flags);
  if (const auto code = parse_arguments(app, arguments)) return *code;
  bench::BenchOptions options;
  const Asked asked = asked_of(flags.only);
  options.works = asked.works;
  read_peers(flags.peers, options);
  options.slice_s = parse_seconds("--time", flags.time);
  parse_seconds("--load-time", flags.load_time);  // a mistake is told before minutes of measuring
  options.rounds = flags.rounds;
  options.connections = flags.connections;
  options.seed = seed_of(flags.seed);
  const StopSignals signals;
  options.interrupted = &signals.flag();
  reports::check_out_dir(flags.out);
  if (!flags.quiet) {
    fmt::print(stderr, "seed {}\n", options.seed);
    options.progress = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  }
  const std::string started = utc_now();
  bench::BenchResult result = options.works.empty() ? bench::BenchResult{} : bench::run_bench(options);
  const auto scenarios =
      asked.load && result.complete ? measure_scenarios(options, flags) : std::vector<bench::ScenarioRun>{};
  const auto generator = result.complete ? measure_generator(options, asked) : bench::GeneratorResult{};
  result.complete = result.complete && !signals.stopped();
  const auto inner =
      asked.micro && result.complete ? measure_inner_loops(flags) : std::vector<bench::Micro>{};
  const int exit_code = exit_code_of(result, scenarios, generator, flags.strict);
  const bench::Told told{.command_line = told_command_line("bench", arguments),
                         .started_utc = started,
                         .seed = options.seed,
                         .result = result,
                         .micro = inner,
                         .scenarios = scenarios,
                         .generator = generator,
                         .exit_code = exit_code};
  const auto folder = reports::make_out_dir(flags.out, "bench", options.seed);
  const std::string json = bench::report_json(told), markdown = bench::report_markdown(told);
  reports::write_file(folder / "report.json", json);
  reports::write_file(folder / "summary.md", markdown);
  reports::write_file(folder / "report.html", bench::report_html(told));
  fmt::print("{}", flags.json ? json : markdown + fmt::format("\nreport {}\n", folder.string()));
  std::fflush(stdout);
  return exit_code;
}

}  // namespace cli
