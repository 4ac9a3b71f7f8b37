#include "reports/load_report.h"

#include <ctime>
#include <nlohmann/json.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "reports/junit.h"
#include "reports/markdown.h"
#include "reports/write_all.h"

namespace reports {
namespace {

using Json = nlohmann::ordered_json;

model::Verdict verdict_of(const std::string& name) {
  return name == "holds"    ? model::Verdict::holds
         : name == "broken" ? model::Verdict::broken
                            : model::Verdict::unknown;
}

void add_item(loadgen::Run& run, std::string group, std::string title, model::Verdict verdict,
              std::string reason) {
  loadgen::Item item;
  item.number = static_cast<int>(run.items.size()) + 1;
  item.group = std::move(group);
  item.title = std::move(title);
  item.verdict = verdict;
  if (!reason.empty()) item.evidence.push_back({"measured", reason, verdict});
  item.reason = std::move(reason);
  run.items.push_back(std::move(item));
}

std::int64_t figure(const Json& latency, const char* key) {
  const auto found = latency.find(key);
  return found == latency.end() || !found->is_number() ? -1 : found->get<std::int64_t>();
}

void add_latencies(loadgen::Run& run, const Json& report) {
  for (const Json& one : report.value("procedures", Json::array())) {
    const std::string phase = one.value("phase", "");
    const Json& latency = one.at("latency_us");
    if (report.at("phases").value(phase, Json::object()).value("kind", "") != "measure") continue;
    run.commands += one.value("ok", std::uint64_t{0}) + one.value("failed", std::uint64_t{0});
    run.latencies.push_back(
        {.name = fmt::format("{} ({})", one.value("name", ""), phase),
         .count = one.value("ok", std::uint64_t{0}) + one.value("failed", std::uint64_t{0}),
         .errors = one.value("failed", std::uint64_t{0}),
         .p50_us = figure(latency, "p50"),
         .p90_us = figure(latency, "p90"),
         .p99_us = figure(latency, "p99"),
         .p999_us = figure(latency, "p99.9"),
         .max_us = figure(latency, "max")});
  }
}

void add_audits(loadgen::Run& run, const Json& report) {
  const auto audits = report.find("audits");
  if (audits == report.end()) return;
  for (const Json& check : audits->at("checks")) {
    if (check.value("verdict", "") == "unknown") continue;  // about tables that this database does not have
    add_item(run, "audits", fmt::format("{} {}", check.value("id", ""), check.value("sentence", "")),
             verdict_of(check.value("verdict", "")), fmt::format("{} rows", check.value("hits", 0)));
  }
  const bool done = audits->value("done", false);
  add_item(run, "audits", "everything at rest, the processor's books against the database",
           done ? model::Verdict::holds : model::Verdict::unknown,
           done ? fmt::format("{} escrows compared", audits->value("books_compared", 0))
                : audits->value("why_not", ""));
  for (const Json& one : audits->at("findings")) {
    model::Finding finding;
    finding.rule = one.value("rule", "");
    finding.spec = one.value("spec", "");
    finding.judge = one.value("judge", "");
    finding.headline = one.value("headline", "");
    finding.expected = one.value("expected", "");
    finding.observed = one.value("observed", "");
    for (const Json& entity : one.at("entities")) finding.entities.push_back(entity.get<std::string>());
    run.findings.push_back(std::move(finding));
  }
}

}  // namespace

loadgen::Run run_of_load(std::string_view report_json) {
  const Json report = Json::parse(report_json);
  const Json& asked = report.at("asked");
  loadgen::Run run;
  run.command = "load";
  run.command_line = report.value("command_line", "");
  run.started_utc = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                                fmt::gmtime(static_cast<std::time_t>(report.value("started_epoch_s", 0.0))));
  run.target = asked.value("target", "");
  run.seed = asked.value("seed", std::uint64_t{0});
  run.seconds = report.value("measured_s", 0.0);
  run.complete = report.value("complete", true);
  run.incomplete_reason = report.value("incomplete_reason", "");
  run.exit_code = report.value("exit_code", 3);
  for (const Json& one : report.at("thresholds")) {
    add_item(run, "thresholds", one.value("threshold", ""), verdict_of(one.value("verdict", "")),
             one.value("measured", ""));
  }
  const Json& generator = report.at("generator");
  const bool valid = generator.value("valid", false);
  add_item(run, "instrument", "the generator kept its own schedule",
           valid ? model::Verdict::holds : model::Verdict::unknown, generator.value("why_invalid", ""));
  if (run.exit_code == 5) run.incomplete_reason = generator.value("why_invalid", "");
  add_audits(run, report);
  add_latencies(run, report);
  for (const auto& [key, value] : report.at("rates").items())
    run.facts.emplace_back("rate: " + key, fmt::format("{:.3f}", value.get<double>()));
  return run;
}

void write_load_report(const std::filesystem::path& dir, std::string_view report_json,
                       std::string_view histogram_log) {
  write_file(dir / "report.json", report_json);
  write_file(dir / "histograms.hlog", histogram_log);
  const loadgen::Run run = run_of_load(report_json);
  write_file(dir / "junit.xml", junit_xml(run, {}));
  write_file(dir / "summary.md", markdown_summary(run, {}));
  write_file(dir / "report.html", load_page(report_json));
  link_as_latest(dir);
}

}  // namespace reports
