#include "loadgen/bench/pgbench.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <thread>

#include <fmt/format.h>

#include "loadgen/bench/processes.h"
#include "loadgen/environment/children.h"
#include "loadgen/environment/error.h"

namespace loadgen::bench {
namespace {

using namespace std::chrono_literals;

constexpr const char* kProgram = "/usr/lib/postgresql/15/bin/pgbench";

std::string script_of(Work work) {
  return fmt::format("{}/tests/peers/pgbench/{}.sql", HUSTLE_SOURCE_DIR, work_name(work));
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

int pgbench_clients(Work work) {
  return work == Work::lifecycle ? 16 : 8;
}

PgbenchRun run_pgbench(Work work, const std::string& database, double seconds, const std::string& log_file) {
  const int whole = std::max(1, static_cast<int>(std::lround(seconds)));
  ChildOptions options;
  options.command = {kProgram, "-n",
                     "-M",     "prepared",
                     "-c",     std::to_string(pgbench_clients(work)),
                     "-j",     "2",
                     "-T",     std::to_string(whole),
                     "-D",     fmt::format("people={}", kPeople),
                     "-D",     fmt::format("now={}", now_ms()),
                     "-f",     script_of(work),
                     database};
  options.log_file = log_file;
  Child child(std::move(options));
  PgbenchRun run{.per_second = 0, .seconds = static_cast<double>(whole), .cpu_s = 0};
  bool none_failed = false;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(whole) + 60s;
  while (std::chrono::steady_clock::now() < deadline) {
    const auto line = child.read_line(200ms);
    if (!line && child.exited()) break;
    if (!line) {
      run.cpu_s = std::max(run.cpu_s, usage_of(child.pid()).cpu_s);
      continue;
    }
    if (line->starts_with("tps = ")) run.per_second = std::strtod(line->c_str() + 6, nullptr);
    if (line->starts_with("number of failed transactions: 0 ")) none_failed = true;
  }
  const auto exit = child.wait(1s);
  if (!exit || !exit->ok() || !none_failed || run.per_second <= 0) {
    throw EnvironmentError(3,
                           fmt::format("pgbench {}: {}; {}", work_name(work),
                                       exit ? exit->text() : std::string("did not end"), child.log_tail(2)));
  }
  return run;
}

}  // namespace loadgen::bench
