#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "reports/compare.h"
#include "reports/text.h"

namespace reports {
namespace {

using Json = nlohmann::ordered_json;

std::string shown(const Compared& figure, double value) {
  if (figure.figure == "throughput") return fmt::format("{:.1f}/s", value);
  return duration_text(static_cast<std::int64_t>(value));
}

std::string interval_text(const Compared& figure) {
  if (!figure.note.empty()) return figure.note;
  return fmt::format("{:+.1f} % ({:+.1f} to {:+.1f})", figure.change * 100, figure.low * 100,
                     figure.high * 100);
}

}  // namespace

std::string comparison_text(const Comparison& comparison) {
  std::string out;
  for (const Compared& figure : comparison.figures) {
    out += fmt::format("{} {} {} -> {}  {} {}{}\n", pad(plain_line(figure.procedure), 22),
                       pad(figure.figure, 10), pad(shown(figure, figure.before), 11),
                       pad(shown(figure, figure.after), 11), pad(interval_text(figure), 32),
                       change_name(figure.verdict), figure.regression ? ", a REGRESSION" : "");
  }
  for (const std::string& remark : comparison.remarks) out += plain_line(remark) + "\n";
  return out;
}

std::string comparison_json(const Comparison& comparison, const CompareOptions& options, int exit_code) {
  Json figures = Json::array(), remarks = Json::array();
  for (const Compared& figure : comparison.figures) {
    const bool known = figure.note.empty();
    figures.push_back({{"procedure", clean_utf8(figure.procedure)},
                       {"figure", figure.figure},
                       {"before", figure.before},
                       {"after", figure.after},
                       {"change", known ? Json(figure.change) : Json(nullptr)},
                       {"low", known ? Json(figure.low) : Json(nullptr)},
                       {"high", known ? Json(figure.high) : Json(nullptr)},
                       {"verdict", change_name(figure.verdict)},
                       {"regression", figure.regression},
                       {"note", figure.note}});
  }
  for (const std::string& remark : comparison.remarks) remarks.push_back(clean_utf8(remark));
  const Json report{{"format", "hustle-compare"},
                    {"version", 1},
                    {"tolerance", options.tolerance},
                    {"confidence", options.confidence},
                    {"valid", comparison.valid},
                    {"exit_code", exit_code},
                    {"figures", figures},
                    {"remarks", remarks}};
  return report.dump(2) + "\n";
}

}  // namespace reports
