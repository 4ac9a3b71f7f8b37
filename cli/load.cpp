#include "cli/load.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/arguments.h"
#include "cli/load_scenario.h"
#include "cli/load_view.h"
#include "cli/signals.h"
#include "loadgen/load/metrics.h"
#include "loadgen/load/report.h"
#include "reports/load_report.h"
#include "reports/write_all.h"

namespace cli {
namespace {

namespace load = loadgen::load;

struct Flags {
  std::string scenario, target, database, providers;
  std::string request = "GET /health", body, arrivals = "constant", body_has, seed, out = "out";
  std::string time = "10s", warmup = "2s", timeout = "10s", think;
  std::vector<std::string> headers, thresholds;
  double rate = 1000;
  unsigned users = 0, connections = 64, threads = 0;
  int status = 0, metrics_port = -1;
  bool insecure = false, abort = false, json = false, quiet = false;
};

// Flags of one kind of run, refused in the other.
constexpr std::array kRawOnly{"--request", "--header", "--body",   "--arrivals",
                              "--users",   "--think",  "--status", "--body-has"};
constexpr std::array kScenarioOnly{"--database", "--providers", "--abort"};

void add_flags(CLI::App& app, Flags& flags) {
  app.option_defaults()->always_capture_default();
  app.add_option("--scenario", flags.scenario,
                 "journeys of a scenario with a load part, name or file, instead of one request repeated");
  app.add_option("--target", flags.target,
                 "what to load: http://host:port, https://host:port, unix:/path (a scenario without it: a "
                 "private environment)");
  app.add_option("--database", flags.database, "scenario: the target's PostgreSQL, for accounts and audits");
  app.add_option("--providers", flags.providers, "scenario: the target's fakes (`hustle providers`)");
  app.add_flag("--insecure", flags.insecure, "https: any certificate will do");
  app.add_flag("--abort", flags.abort, "scenario: end at the first threshold that is crossed");
  app.add_option("--metrics-port", flags.metrics_port,
                 "the live run for Prometheus, on 127.0.0.1; 0: any port")
      ->check(CLI::Range(0, 65'535));
  app.add_option("--request", flags.request, "method and path, such as 'GET /health'");
  app.add_option("--header", flags.headers, "'Name: value'; may be repeated");
  app.add_option("--body", flags.body, "the request's body; @FILE reads it");
  app.add_option(
      "--rate", flags.rate,
      "open loop: requests per second, the highest of the curve; scenario: its highest rate becomes "
      "this one");
  app.add_option("--arrivals", flags.arrivals,
                 "constant, poisson, ramp, step, spike, day; ramp-poisson and so on");
  app.add_option("--users", flags.users, "closed loop instead: as many users, one connection each")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--think", flags.think,
                 "closed loop: pause between an answer and the next request, 0s by default");
  app.add_option("--connections", flags.connections, "kept alive, one request in flight on each")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--threads", flags.threads, "default: one, two from 50,000 requests per second on")
      ->check(CLI::Range(1, 256));
  app.add_option("--time", flags.time, "how long to measure");
  app.add_option("--warmup", flags.warmup, "before it, in a phase of its own; 0s for none");
  app.add_option("--timeout", flags.timeout, "of one request, from its send");
  app.add_option("--status", flags.status, "status of a success (default: 200 to 299)")
      ->check(CLI::Range(200, 599));
  app.add_option("--body-has", flags.body_has, "text that a success has in its body");
  app.add_option("--threshold", flags.thresholds,
                 "'p95 < 200 ms', 'errors < 1 %', 'rate > 950'; may be repeated");
  app.add_option("--seed", flags.seed, "of Poisson arrivals (default: a new one, printed)");
  app.add_option("--out", flags.out, "folder for the report folders");
  app.add_flag("--json", flags.json, "the report as JSON on standard output instead of the summary");
  app.add_flag("--quiet", flags.quiet, "no progress");
}

// Unlike parse_seconds, nothing is a time too: no warm-up, no pause.
double seconds_or_none(const std::string& flag, const std::string& text) {
  const bool none = text.empty() || text == "0" || text == "0s" || text == "0ms";
  return none ? 0 : parse_seconds(flag, text);
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 0x7F; });
}

std::string body_of(const std::string& given) {
  if (!given.starts_with('@')) return given;
  std::ifstream stream(given.substr(1), std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream.good() && !stream.eof()) {
    throw UserMistake(fmt::format("--body: cannot read the file '{}'", given.substr(1)));
  }
  return text;
}

net::Request request_of(const Flags& flags, const net::Url& target) {
  const std::size_t space = flags.request.find(' ');
  const std::string method = flags.request.substr(0, space);
  const std::string path = space == std::string::npos ? "" : flags.request.substr(space + 1);
  const bool word =
      !method.empty() && std::ranges::all_of(method, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!word || !path.starts_with('/') || path.find(' ') != std::string::npos || has_control(path)) {
    throw UserMistake(fmt::format("--request: expected a method and a path such as 'GET /health', got '{}'",
                                  flags.request));
  }
  net::Request request{
      .method = method, .target = target.path + path, .headers = {}, .body = body_of(flags.body)};
  for (const std::string& header : flags.headers) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos || colon == 0 || has_control(header)) {
      throw UserMistake(fmt::format("--header: expected 'Name: value', got '{}'", header));
    }
    const std::size_t value = header.find_first_not_of(' ', colon + 1);
    request.headers.add(header.substr(0, colon), value == std::string::npos ? "" : header.substr(value));
  }
  return request;
}

load::RawOptions options_of(const Flags& flags) {
  if (flags.target.empty()) throw UserMistake("--target: expected what to load, or --scenario");
  const auto target = net::parse_target(flags.target);
  if (!target) throw UserMistake(fmt::format("--target: {}", target.error()));
  const auto arrivals = load::parse_arrivals(flags.arrivals);
  if (!arrivals) throw UserMistake(fmt::format("--arrivals: {}", arrivals.error()));
  if (!(flags.rate > 0) || flags.rate > 10e6) {
    throw UserMistake(fmt::format("--rate: expected a number from above 0 to 10000000, got {}", flags.rate));
  }
  const bool closed = flags.users > 0;
  if (!closed && !flags.think.empty())
    throw UserMistake("--think: expected together with --users (closed loop)");
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  // A thread more steals a core from a target on the same machine: only where one core cannot do it.
  const unsigned usual = !closed && flags.rate >= 50'000 ? std::min(2U, cores) : 1;
  return {.target = target->url,
          .tls = target->tls,
          .socket_path = target->socket_path,
          .verify = !flags.insecure,
          .request = request_of(flags, target->url),
          .arrivals = {.curve = arrivals->first,
                       .spacing = arrivals->second,
                       .rate = flags.rate,
                       .duration_s = parse_seconds("--time", flags.time),
                       .warmup_s = seconds_or_none("--warmup", flags.warmup),
                       .seed = parse_seed(flags.seed)},
          .closed = closed,
          .think_s = seconds_or_none("--think", flags.think),
          .connections = closed ? flags.users : flags.connections,
          .threads = flags.threads > 0 ? flags.threads : usual,
          .timeout_s = parse_seconds("--timeout", flags.timeout),
          .status = flags.status,
          .body_has = flags.body_has};
}

std::vector<load::Threshold> thresholds_of(const Flags& flags) {
  std::vector<load::Threshold> out;
  for (const std::string& text : flags.thresholds) {
    const auto threshold = load::parse_threshold(text);
    if (!threshold) throw UserMistake(fmt::format("--threshold: {}", threshold.error()));
    const auto known =
        flags.scenario.empty() ? load::check_raw_threshold(*threshold) : std::expected<void, std::string>();
    if (!known) throw UserMistake(fmt::format("--threshold: {}", known.error()));
    out.push_back(*threshold);
  }
  return out;
}

// Which kind of run it is, and that no flag belongs to the other.
void check_kind(const CLI::App& app, const Flags& flags) {
  const auto refuse = [&](auto& names, const char* why) {
    for (const char* name : names) {
      if (app.count(name) > 0) throw UserMistake(fmt::format("{}: {}", name, why));
    }
  };
  if (flags.scenario.empty()) {
    refuse(kScenarioOnly, "expected together with --scenario");
  } else {
    refuse(kRawOnly, "not together with --scenario, which says what is sent");
  }
}

int run_scenario(const CLI::App& app, const Flags& flags, const std::vector<std::string>& arguments) {
  const auto given = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
  };
  if (app.count("--rate") > 0 && !(flags.rate > 0 && flags.rate <= 1e6))
    throw UserMistake(fmt::format("--rate: expected a number from above 0 to 1000000, got {}", flags.rate));
  ScenarioFlags out{.scenario = flags.scenario,
                    .target = given(flags.target),
                    .database = given(flags.database),
                    .providers = given(flags.providers),
                    .thresholds = thresholds_of(flags),
                    .rate = app.count("--rate") > 0 ? flags.rate : 0,
                    .measure_s = app.count("--time") > 0 ? parse_seconds("--time", flags.time) : 0,
                    .warmup_s = app.count("--warmup") > 0 ? seconds_or_none("--warmup", flags.warmup) : -1,
                    .timeout_s = parse_seconds("--timeout", flags.timeout),
                    .connections = flags.connections,
                    .threads = std::max(1U, flags.threads),
                    .seed = parse_seed(flags.seed),
                    .insecure = flags.insecure,
                    .abort = flags.abort,
                    .json = flags.json,
                    .quiet = flags.quiet,
                    .out = flags.out,
                    .command_line = told_command_line("load", arguments)};
  if (flags.metrics_port >= 0) out.metrics_port = static_cast<std::uint16_t>(flags.metrics_port);
  return run_load_scenario(out);
}

}  // namespace

int run_load(const std::vector<std::string>& arguments) {
  Flags flags;
  CLI::App app(
      "Sends one request again and again, or a scenario's journeys, at a rate of its own, and counts latency "
      "from the moment something was due. Exit codes: 0 thresholds kept, 1 crossed or a rule broken, 2 a "
      "wrong "
      "flag, 3 no target, 4 incomplete, 5 the generator was the bottleneck.",
      "hustle load");
  add_flags(app, flags);
  if (const auto code = parse_arguments(app, arguments)) return *code;
  check_kind(app, flags);
  if (!flags.scenario.empty()) return run_scenario(app, flags, arguments);
  load::RawOptions options = options_of(flags);
  const std::vector<load::Threshold> thresholds = thresholds_of(flags);
  const StopSignals signals;
  options.interrupted = &signals.flag();
  reports::check_out_dir(flags.out);
  if (!flags.quiet) fmt::print(stderr, "seed {}\n", options.arrivals.seed);
  std::optional<load::MetricsPage> metrics;
  if (flags.metrics_port >= 0) metrics.emplace(static_cast<std::uint16_t>(flags.metrics_port));
  if (metrics && !flags.quiet) fmt::print(stderr, "metrics http://127.0.0.1:{}/metrics\n", metrics->port());
  const double whole_s = options.arrivals.warmup_s + options.arrivals.duration_s;
  LoadView view(flags.quiet);
  options.progress = [&](const load::RawProgress& progress) {
    view.show(progress, whole_s);
    if (metrics) metrics->show(load::metrics_text(progress));
  };
  const load::RawResult result = load::run_raw(options);
  const load::Judgement judgement = load::judge(options, result, thresholds);
  const load::Told told{.command_line = told_command_line("load", arguments),
                        .options = options,
                        .result = result,
                        .judgement = judgement};
  const std::string json = load::report_json(told);
  fmt::print("{}", flags.json ? json : load::report_console(told));  // even when the disk is full by now
  std::fflush(stdout);
  const auto folder = reports::make_out_dir(flags.out, "load", options.arrivals.seed);
  reports::write_load_report(folder, json, load::histograms_log(result));
  if (!flags.json) fmt::print("report    {}\n", folder.string());
  std::fflush(stdout);
  return judgement.exit_code;
}

}  // namespace cli
