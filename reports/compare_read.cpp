#include <fstream>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/histogram_log.h"
#include "reports/compare.h"

namespace reports {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::uintmax_t kLargest = 256U << 20;  // bytes of one file

std::expected<std::string, std::string> contents(const fs::path& path) {
  std::error_code trouble;
  const auto size = fs::file_size(path, trouble);
  if (trouble) return std::unexpected(fmt::format("{}: {}", path.string(), trouble.message()));
  if (size > kLargest) return std::unexpected(fmt::format("{}: larger than a report may be", path.string()));
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return std::unexpected(fmt::format("{}: cannot be read", path.string()));
  return text;
}

double number(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

std::string text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Json& part(const Json& object, const char* name) {
  static const Json none;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() ? *found : none;
}

// Warm-ups and cool-downs are no measurement. Null when the phase is none, or unknown.
const Json& measured_phase(const Json& report, const std::string& name) {
  const Json& phase = part(part(report, "phases"), name.c_str());
  static const Json none;
  return phase.is_object() && text(phase, "kind") == "measure" ? phase : none;
}

std::expected<void, std::string> read_procedures(const Json& report, LoadRun& run) {
  for (const Json& each : part(report, "procedures")) {
    if (!each.is_object() || measured_phase(report, text(each, "phase")).is_null()) continue;
    const std::string name = text(each, "name");
    const auto histogram = loadgen::decode_histogram(text(each, "histogram"));
    if (!histogram) return std::unexpected(fmt::format("procedures, {}: {}", name, histogram.error()));
    if (histogram->count() == 0) continue;
    Latencies& latencies = run.procedures[name];
    latencies.histogram.merge(*histogram);
    for (const auto& [percentile, samples] : part(part(each, "latency_us"), "effective_samples").items()) {
      if (samples.is_number() && samples.get<double>() > 0)
        latencies.effective[percentile] += samples.get<double>();
    }
  }
  if (run.procedures.empty()) return std::unexpected("no measured procedure with an answer in it");
  return {};
}

void read_series(const Json& report, LoadRun& run) {
  for (const Json& each : part(report, "series")) {
    if (!each.is_object()) continue;
    const Json& phase = measured_phase(report, text(each, "phase"));
    const double second = number(each, "second");
    const bool whole =
        !phase.is_null() && second >= number(phase, "from_s") && second + 1 <= number(phase, "to_s");
    if (whole) run.ok_per_second.push_back(number(each, "ok"));
  }
}

bool truth(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || !found->is_boolean() || found->get<bool>();
}

}  // namespace

std::expected<LoadRun, std::string> read_load_run(const fs::path& path) {
  const fs::path file = fs::is_directory(path) ? path / "report.json" : path;
  const auto text = contents(file);
  if (!text) return std::unexpected(text.error());
  const Json report = Json::parse(*text, nullptr, false);
  if (!report.is_object() || report.value("format", Json()) != "hustle-load") {
    return std::unexpected(file.string() +
                           ": expected a report of `hustle load` (\"format\": \"hustle-load\")");
  }
  LoadRun run;
  run.name = path.string();
  run.complete = truth(report, "complete");
  const auto generator = report.find("generator");
  if (generator != report.end() && generator->is_object()) run.valid = truth(*generator, "valid");
  read_series(report, run);
  if (const auto read = read_procedures(report, run); !read) {
    return std::unexpected(file.string() + ": " + read.error());
  }
  return run;
}

}  // namespace reports
