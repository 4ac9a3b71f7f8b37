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

// Warm-ups and cool-downs are no measurement; "_service" is the view with coordinated omission.
bool is_measured(std::string_view tag) {
  return !tag.starts_with("warm") && !tag.starts_with("cool") && !tag.ends_with("_service");
}

// "Tag=measured,2.000,10.000,12.5,HISTFAAA…"
std::expected<void, std::string> read_line(const std::string& line, LoadRun& run) {
  if (line.empty() || line.starts_with("#") || line.starts_with("\"")) return {};
  std::string tag = "all";
  std::size_t at = 0;
  if (line.starts_with("Tag=")) {
    at = std::min(line.find(','), line.size());
    tag = line.substr(4, at - 4);
    ++at;
  }
  const auto payload = line.rfind(',');
  if (payload == line.npos || payload < at) return std::unexpected("expected a line of the HdrHistogram log");
  if (!is_measured(tag)) return {};
  const auto histogram = loadgen::decode_histogram(std::string_view(line).substr(payload + 1));
  if (!histogram) return std::unexpected(histogram.error());
  if (histogram->count() > 0) run.latencies[tag].merge(*histogram);
  return {};
}

std::expected<void, std::string> read_log(const fs::path& path, LoadRun& run) {
  const auto text = contents(path);
  if (!text) return std::unexpected(text.error());
  std::size_t begin = 0;
  for (int number = 1; begin < text->size(); ++number) {
    const auto end = std::min(text->find('\n', begin), text->size());
    if (const auto read = read_line(text->substr(begin, end - begin), run); !read) {
      return std::unexpected(fmt::format("{}:{}: {}", path.string(), number, read.error()));
    }
    begin = end + 1;
  }
  if (run.latencies.empty()) return std::unexpected(path.string() + ": no measured latencies in it");
  return {};
}

double number(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

// Whole seconds of the measured time: the warm-up's, and the last one, are left out.
void read_series(const Json& report, LoadRun& run) {
  const auto series = report.find("series");
  if (series == report.end() || !series->is_array()) return;
  const auto asked = report.find("asked");
  const double warmup_s = asked != report.end() && asked->is_object() ? number(*asked, "warmup_s") : 0;
  std::vector<std::pair<double, double>> seconds;
  for (const Json& each : *series) {
    if (!each.is_object() || number(each, "second") < warmup_s) continue;
    seconds.emplace_back(number(each, "ok"), number(each, "mean_us"));
  }
  if (!seconds.empty()) seconds.pop_back();
  for (const auto& [ok, mean_us] : seconds) {
    run.ok_per_second.push_back(ok);
    run.mean_us.push_back(mean_us);
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
  if (const auto read = read_log(file.parent_path() / "histograms.hlog", run); !read) {
    return std::unexpected(read.error());
  }
  loadgen::Histogram all;
  for (const auto& [name, histogram] : run.latencies) all.merge(histogram);
  run.design_effect = design_effect_of(all, run.ok_per_second, run.mean_us);
  return run;
}

}  // namespace reports
