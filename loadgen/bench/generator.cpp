#include "loadgen/bench/generator.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

#include <fmt/format.h>

#include "loadgen/bench/bare_target.h"
#include "loadgen/bench/run.h"
#include "loadgen/bench/scenarios.h"
#include "loadgen/control.h"
#include "loadgen/database.h"
#include "loadgen/environment/environment.h"
#include "loadgen/environment/error.h"
#include "loadgen/load/raw.h"
#include "net/request.h"

namespace loadgen::bench {
namespace {

constexpr double kPaceRate = 5'000;
constexpr double kMicrosecond = 1e3;

bool stopped(const GeneratorOptions& options) {
  return options.interrupted != nullptr && *options.interrupted;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_of(const rusage& usage) {
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

double own_cpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return cpu_of(usage);
}

std::string wrk_path() {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin" : path;
  while (!rest.empty()) {
    const auto colon = std::min(rest.find(':'), rest.size());
    const std::string file = std::string(rest.substr(0, colon)) + "/wrk";
    if (access(file.c_str(), X_OK) == 0) return file;
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return {};
}

struct WrkRun {
  std::string output;
  double cpu_s = 0;
};

// wait4 tells the processor time of the whole process, in microseconds.
WrkRun run_wrk(const std::string& program, const std::string& url, unsigned connections, double seconds,
               const std::string& header = "Accept: */*") {
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) throw EnvironmentError(3, "wrk cannot be started: no pipe");
  const std::string c = fmt::format("-c{}", connections), d = fmt::format("-d{}s", std::llround(seconds));
  const pid_t child = fork();
  if (child == 0) {
    dup2(pipe[1], 1);
    dup2(pipe[1], 2);
    execl(program.c_str(), "wrk", "-t1", c.c_str(), d.c_str(), "-H", header.c_str(), url.c_str(), nullptr);
    _exit(127);
  }
  ::close(pipe[1]);
  WrkRun run;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = read(pipe[0], buffer.data(), buffer.size())) != 0;) {
    if (got < 0 && errno != EINTR) break;
    if (got > 0) run.output.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(pipe[0]);
  rusage usage{};
  int status = 0;
  while (child > 0 && wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  run.cpu_s = cpu_of(usage);
  if (child < 0 || status != 0 || wrk_requests(run.output) <= 0)
    throw EnvironmentError(3, "wrk failed: " + run.output.substr(0, 200));
  return run;
}

load::RawOptions raw_options(const GeneratorOptions& options, const BareTarget& target) {
  load::RawOptions out{.target = target.url(),
                       .request = {.method = "GET", .target = "/", .headers = {}, .body = {}}};
  out.connections = options.connections;
  out.arrivals.duration_s = std::max(1.0, std::round(options.slice_s));
  out.arrivals.seed = options.seed;
  out.interrupted = options.interrupted;
  return out;
}

void measure_raw(const GeneratorOptions& options, const BareTarget& target, ClientRound& round) {
  load::RawOptions raw = raw_options(options, target);
  raw.closed = true;
  const double before = own_cpu();
  const load::RawResult result = load::run_raw(raw);
  const auto ok = static_cast<double>(result.tally.measured.ok());
  round.raw = ok / std::max(1e-9, own_cpu() - before);
  round.raw_rate = ok / std::max(1e-9, result.seconds);
}

void measure_wrk(const GeneratorOptions& options, const BareTarget& target, const std::string& program,
                 ClientRound& round) {
  const double seconds = std::max(1.0, std::round(options.slice_s));
  const WrkRun run = run_wrk(program, target.url().text() + "/", options.connections, seconds);
  const double requests = wrk_requests(run.output);
  round.wrk = requests / run.cpu_s;
  round.wrk_rate = requests / seconds;
}

// wrk against the reference server: the read that most journeys consist of, of one task again and again. The
// first journeys have posted some.
double server_wrk(const GeneratorOptions& options, const Environment& environment,
                  const std::string& program) {
  const std::string token = Control(environment.providers()).tokens({"bench-reader"}, "valid").at(0);
  const auto tasks = Database(environment.database()).query("SELECT min(id::text) FROM tasks");
  const std::string task = tasks.at(0).at(0).value_or("");
  const std::string url = fmt::format("{}/trpc/task.getById?input={}", environment.target(),
                                      net::percent_encode(fmt::format(R"({{"task_id":"{}"}})", task)));
  const WrkRun run = run_wrk(program, url, options.connections, std::max(1.0, std::round(options.slice_s)),
                             "Authorization: Bearer " + token);
  return wrk_requests(run.output) / run.cpu_s;
}

// Checked journeys against the reference server, in a closed loop as wrk's: requests of the measured phase by
// the generator's thread.
double journeys_per_cpu(const GeneratorOptions& options, const Environment& environment, std::uint64_t seed) {
  const ScenarioOptions asked{.seconds = std::max(3.0, options.slice_s),
                              .seed = seed,
                              .harness = options.harness,
                              .interrupted = options.interrupted};
  const auto text = scenario_report(asked, environment, "load_readers",
                                    {"--connections", std::to_string(options.connections)});
  const auto report = nlohmann::json::parse(text.value_or(""), nullptr, false);
  if (!report.is_object() || report.value("format", "") != "hustle-load") return 0;
  const double cpu = report.at("generator").at("cpu_s");
  return cpu > 0 ? report.at("phases").at("measure").at("ok").get<double>() / cpu : 0;
}

PacingRound measure_pacing(const GeneratorOptions& options, BareTarget& target) {
  load::RawOptions raw = raw_options(options, target);
  raw.arrivals.rate = kPaceRate;
  target.forget();
  const load::RawResult result = load::run_raw(raw);
  const load::PhaseTally& phase = result.tally.measured;
  PacingRound round{
      .send_p99_us = static_cast<double>(phase.lateness.at_percentile(99)),
      .waited = phase.due == 0 ? 0 : static_cast<double>(phase.waited) / static_cast<double>(phase.due),
      .machine_busy = result.watch.machine_busy};
  // One answer for each, in order: the k-th request came when the k-th was due, but for its lateness.
  const auto stamps = target.stamps();
  load::Arrivals schedule(raw.arrivals);
  std::vector<double> late;
  for (const std::int64_t stamp : stamps) {
    const std::int64_t due = schedule.next();
    if (due == load::Arrivals::kEnd) break;
    late.push_back(static_cast<double>(stamp - result.started_monotonic_ns - due) / kMicrosecond);
  }
  std::ranges::sort(late);
  if (!late.empty()) round.arrival_p99_us = late[(late.size() - 1) * 99 / 100];
  const double sent = static_cast<double>(stamps.size()) / raw.arrivals.duration_s;
  round.rate_error = std::abs(sent / kPaceRate - 1);
  return round;
}

GeneratorGoal goal_of(std::string what, std::string unit, std::vector<double> values, double goal,
                      bool at_most) {
  const auto [low, high] = std::ranges::minmax(values);
  return {std::move(what), std::move(unit), median(values), low, high, goal, at_most};
}

void measure_clients(const GeneratorOptions& options, BareTarget& target, GeneratorResult& result) {
  const std::string program = wrk_path();
  if (program.empty()) {
    result.without_wrk = "wrk is not installed (apt-get install wrk)";
    return;
  }
  EnvironmentOptions wanted;
  wanted.object_store = false;
  wanted.test_clock = false;
  wanted.seed = options.seed;
  wanted.harness = options.harness;
  wanted.server = options.server;
  if (options.interrupted != nullptr) wanted.interrupted = [&options] { return stopped(options); };
  const Environment environment = boot(wanted);
  for (int i = 0; i < options.rounds && !stopped(options); ++i) {
    ClientRound round;
    if (i % 2 == 0) measure_raw(options, target, round);
    measure_wrk(options, target, program, round);
    if (i % 2 == 1) measure_raw(options, target, round);
    const auto seed = options.seed + static_cast<std::uint64_t>(i);
    if (i % 2 == 0) round.journeys = journeys_per_cpu(options, environment, seed);
    round.server_wrk = server_wrk(options, environment, program);
    if (i % 2 == 1) round.journeys = journeys_per_cpu(options, environment, seed);
    if (stopped(options)) break;
    options.progress(fmt::format(
        "clients {} of {}: raw {:.0f}, wrk {:.0f}; at the server journeys {:.0f}, wrk {:.0f} requests/CPU-s",
        i + 1, options.rounds, round.raw, round.wrk, round.journeys, round.server_wrk));
    result.clients.push_back(round);
  }
}

}  // namespace

double wrk_requests(const std::string& output) {
  if (output.find("Socket errors") != std::string::npos || output.find("Non-2xx") != std::string::npos)
    return 0;
  const auto at = output.find(" requests in ");
  if (at == std::string::npos) return 0;
  const auto begin = output.rfind('\n', at);
  return std::strtod(output.c_str() + (begin == std::string::npos ? 0 : begin + 1), nullptr);
}

GeneratorResult measure_generator(const GeneratorOptions& options) {
  GeneratorResult result;
  BareTarget target;
  if (options.against_wrk) measure_clients(options, target, result);
  for (int i = 0; options.pacing && i < options.rounds && !stopped(options); ++i) {
    const PacingRound round = measure_pacing(options, target);
    if (stopped(options)) break;
    options.progress(round.usable()
                         ? fmt::format("pacing {} of {}: {:.4f} % off, 99 % sent within {:.0f} us", i + 1,
                                       options.rounds, round.rate_error * 100, round.send_p99_us)
                         : fmt::format("pacing {} of {}: void, the target was too slow for {:.0f} % of them",
                                       i + 1, options.rounds, round.waited * 100));
    result.pacing.push_back(round);
  }
  result.complete = !stopped(options);
  return result;
}

std::vector<GeneratorGoal> goals_of(const GeneratorResult& result) {
  std::vector<GeneratorGoal> goals;
  std::vector<double> raw, journeys, error, sent, arrived;
  for (const ClientRound& round : result.clients) {
    raw.push_back(round.raw / round.wrk);
    journeys.push_back(round.journeys / round.server_wrk);
  }
  for (const PacingRound& round : result.pacing) {
    if (!round.usable()) continue;
    error.push_back(round.rate_error * 100);
    sent.push_back(round.send_p99_us / 1e3);
    arrived.push_back(round.arrival_p99_us / 1e3);
  }
  if (!raw.empty()) {
    goals.push_back(goal_of("raw mode to wrk", "requests/CPU-s", raw, 1.25, false));
    goals.push_back(goal_of("checked journeys to wrk", "requests/CPU-s", journeys, 0.6, false));
  }
  if (!error.empty()) {
    goals.push_back(goal_of("rate error at 5,000/s", "%", error, 0.1, true));
    goals.push_back(goal_of("99 % of sends within", "ms", sent, 0.15, true));
    goals.push_back(goal_of("99 % at the target within", "ms", arrived, 0.3, true));
  }
  return goals;
}

}  // namespace loadgen::bench
