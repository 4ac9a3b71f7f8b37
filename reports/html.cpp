#include "reports/html.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "loadgen/histogram_log.h"
#include "reports/json.h"
#include "reports/page_fill.h"
#include "reports/page_parts.h"
#include "reports/story_text.h"
#include "reports/text.h"
#include "reports/verdict.h"

namespace reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kToldInFull = 200;        // findings; the page lists the others by headline
constexpr std::size_t kEvidenceMax = 16 << 10;  // bytes of one piece of evidence

void shorten(Json& finding, std::size_t index) {
  const std::string file = fmt::format("findings/{}.json", index + 1);
  if (index >= kToldInFull) {
    finding["story"] = finding["evidence"] = finding["entities"] = Json::array();
    finding["elsewhere"] = file;
  }
  finding.erase("choices");
  for (Json& evidence : finding["evidence"]) {
    const auto& text = evidence["text"].get_ref<const std::string&>();
    if (text.size() > kEvidenceMax) {
      evidence["text"] = clean_utf8(text.substr(0, kEvidenceMax)) + "\n… cut here, complete in " + file;
    }
  }
}

// Latency at growing percentiles for the curve, in microseconds; empty when the payload cannot be read.
Json curve(std::string_view payload) {
  static constexpr std::array kPercent{0.0,  10.0, 25.0, 50.0, 75.0,  90.0,  95.0,
                                       97.5, 99.0, 99.5, 99.9, 99.95, 99.99, 100.0};
  Json out = Json::array();
  const auto histogram = loadgen::decode_histogram(payload);
  if (!histogram || histogram->count() == 0) return out;
  for (const double percent : kPercent) {
    // A percentile that no value lies beyond would only repeat the maximum.
    const double beyond = static_cast<double>(histogram->count()) * (100 - percent) / 100;
    if (percent == 100 || beyond >= 1) out.push_back({percent, histogram->at_percentile(percent)});
  }
  return out;
}

Json page_data(const loadgen::Run& run, const std::filesystem::path& out_dir) {
  Json data = to_json(run);
  const Conclusion conclusion = conclude(run);
  data["verdict"]["tone"] = conclusion.tone == Tone::good  ? "good"
                            : conclusion.tone == Tone::bad ? "bad"
                                                           : "unsure";
  data["verdict"]["exit_meaning"] = exit_meaning(run.exit_code);
  data["out_dir"] = clean_utf8(out_dir.string());
  for (std::size_t i = 0; i < run.findings.size(); ++i) {
    shorten(data["findings"][i], i);
    data["findings"][i]["replay"] = clean_utf8(replay_command(run.findings[i], out_dir, i));
  }
  data.erase("histograms");
  data["curves"] = Json::array();
  for (const auto& [tag, payload] : run.histograms) {
    Json points = curve(payload);
    if (!points.empty()) data["curves"].push_back({{"name", clean_utf8(tag)}, {"points", points}});
  }
  return data;
}

}  // namespace

std::string html_report(const loadgen::Run& run, const std::filesystem::path& out_dir) {
  const std::string title = fmt::format("{} · Hustle {} {}", conclude(run).word, run.command, run.seed);
  return fill_page(title, kPageScript, script_safe(page_data(run, out_dir)));
}

}  // namespace reports
