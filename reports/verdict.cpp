#include "reports/verdict.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/text.h"

namespace reports {
namespace {

std::string some_of(const std::vector<std::string>& names, std::size_t most) {
  const auto shown = std::vector<std::string>(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(most, names.size())));
  std::string out = fmt::format("{}", fmt::join(shown, ", "));
  if (names.size() > most) out += fmt::format(", {} more", names.size() - most);
  return out;
}

std::string broken_detail(const loadgen::Run& run, const Tally& items) {
  const auto rules = broken_rules(run);
  if (!rules.empty()) return fmt::format("{} broken ({})", plural(rules.size(), "rule"), some_of(rules, 6));
  if (items.broken > 0) return plural(items.broken, "item") + " BROKEN";
  return std::string(exit_meaning(run.exit_code));
}

std::string unknown_detail(const loadgen::Run& run, const Tally& items) {
  if (!run.complete) {
    return run.incomplete_reason.empty() ? "the run is partial"
                                         : "the run is partial: " + plain_line(run.incomplete_reason);
  }
  if (items.unknown > 0) return plural(items.unknown, "item") + " UNKNOWN";
  const std::size_t undecided = run.findings.size() - broken_findings(run);
  if (undecided > 0) return plural(undecided, "check") + " undecided";
  return std::string(exit_meaning(run.exit_code));
}

}  // namespace

Tally tally(const loadgen::Run& run) {
  Tally out;
  for (const loadgen::Item& item : run.items) {
    if (!item.selected) {
      ++out.not_selected;
      continue;
    }
    switch (item.verdict) {
      case model::Verdict::holds:
        ++out.holds;
        break;
      case model::Verdict::broken:
        ++out.broken;
        break;
      case model::Verdict::unknown:
        ++out.unknown;
        break;
    }
  }
  return out;
}

std::vector<std::string> broken_rules(const loadgen::Run& run) {
  std::vector<std::string> out;
  for (const model::Finding& finding : run.findings) {
    if (finding.verdict == model::Verdict::broken && std::ranges::find(out, finding.rule) == out.end()) {
      out.push_back(plain_line(finding.rule));
    }
  }
  return out;
}

std::size_t broken_findings(const loadgen::Run& run) {
  return static_cast<std::size_t>(
      std::ranges::count(run.findings, model::Verdict::broken, &model::Finding::verdict));
}

Conclusion conclude(const loadgen::Run& run) {
  const Tally items = tally(run);
  const bool gate = !run.items.empty() && run.command != "load";
  if (items.broken > 0 || broken_findings(run) > 0 || run.exit_code == 1) {
    return {Tone::bad, gate ? "NOT READY" : "FAILED", broken_detail(run, items)};
  }
  if (run.exit_code == 2 || run.exit_code == 3 || run.exit_code == 5) {
    const std::string why(run.incomplete_reason.empty() ? exit_meaning(run.exit_code)
                                                        : run.incomplete_reason);
    return {run.exit_code == 5 ? Tone::unsure : Tone::bad, gate ? "NOT READY" : "FAILED", plain_line(why)};
  }
  if (!run.complete || items.unknown > 0 || broken_findings(run) != run.findings.size() ||
      run.exit_code != 0) {
    return {Tone::unsure, gate ? "NOT READY" : "INCOMPLETE", unknown_detail(run, items)};
  }
  if (items.not_selected > 0) {
    return {Tone::good, "PASSED",
            fmt::format("{} of {} selected items hold; {} not judged, so this does not say READY",
                        items.holds, items.selected(), items.not_selected)};
  }
  return {Tone::good, gate ? "READY" : "PASSED", gate ? fmt::format("all {} items hold", items.holds) : ""};
}

std::string_view exit_meaning(int exit_code) {
  switch (exit_code) {
    case 0:
      return "passed";
    case 1:
      return "a rule is broken or a threshold crossed";
    case 2:
      return "a mistake in a flag, a file or the configuration";
    case 3:
      return "could not run to the end";
    case 4:
      return "incomplete: nothing broken, but not everything was judged";
    case 5:
      return "invalid measurement: the generator or the machine set the figures";
    default:
      return "unexpected exit code";
  }
}

std::string_view name(model::Verdict verdict) {
  switch (verdict) {
    case model::Verdict::holds:
      return "holds";
    case model::Verdict::broken:
      return "broken";
    case model::Verdict::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view mark(model::Verdict verdict) {
  switch (verdict) {
    case model::Verdict::holds:
      return "✔";
    case model::Verdict::broken:
      return "✘";
    case model::Verdict::unknown:
      return "?";
  }
  return "?";
}

}  // namespace reports
