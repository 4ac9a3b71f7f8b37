#include "loadgen/bench/micro.h"

#include <unistd.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/bench/processes.h"
#include "loadgen/environment/error.h"

namespace loadgen::bench {

using namespace std::chrono_literals;

std::vector<Micro> run_micro(const std::string& program, const std::string& filter, double min_time_s,
                             const std::string& log_file) {
  if (access(program.c_str(), X_OK) != 0)
    throw EnvironmentError(3, program + " not found: build it (./hustle bench does)");
  ChildOptions options;
  options.command = {program, "--benchmark_format=json", fmt::format("--benchmark_min_time={}", min_time_s)};
  if (!filter.empty()) options.command.push_back("--benchmark_filter=" + filter);
  options.log_file = log_file;
  Child child(std::move(options));
  const auto deadline = std::chrono::steady_clock::now() + 15min;
  const auto text = output_of(child, [&] { return std::chrono::steady_clock::now() >= deadline; });
  const auto exit = child.wait(1s);
  const auto report = nlohmann::json::parse(text.value_or(""), nullptr, false);
  if (!exit || !exit->ok() || !report.is_object() || !report.contains("benchmarks")) {
    throw EnvironmentError(3, "the micro benchmarks failed: " + child.log_tail(1));
  }
  static const std::map<std::string, double> kUnits{{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
  std::vector<Micro> out;
  for (const auto& each : report["benchmarks"]) {
    if (each.value("run_type", "") != "iteration" || each.value("error_occurred", false)) continue;
    const auto unit = kUnits.find(each.value("time_unit", "ns"));
    out.push_back({each.value("name", ""),
                   each.value("cpu_time", 0.0) * (unit == kUnits.end() ? 1 : unit->second),
                   each.value("items_per_second", 0.0)});
  }
  return out;
}

}  // namespace loadgen::bench
