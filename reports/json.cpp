#include "reports/json.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "reports/text.h"
#include "reports/verdict.h"

namespace reports {
namespace {

using Json = nlohmann::ordered_json;

Json pairs(const std::vector<std::pair<std::string, std::string>>& list) {
  Json out = Json::array();
  for (const auto& [key, text] : list) out.push_back({{"name", clean_utf8(key)}, {"text", clean_utf8(text)}});
  return out;
}

Json strings(const std::vector<std::string>& list) {
  Json out = Json::array();
  for (const std::string& text : list) out.push_back(clean_utf8(text));
  return out;
}

Json to_json(const loadgen::Item& item) {
  Json evidence = Json::array();
  for (const loadgen::Evidence& e : item.evidence) {
    evidence.push_back(
        {{"name", clean_utf8(e.name)}, {"verdict", name(e.verdict)}, {"text", clean_utf8(e.text)}});
  }
  return {{"number", item.number},
          {"group", clean_utf8(item.group)},
          {"title", clean_utf8(item.title)},
          {"verdict", name(item.verdict)},
          {"reason", clean_utf8(item.reason)},
          {"scope", clean_utf8(item.scope)},
          {"selected", item.selected},
          {"evidence", evidence}};
}

Json to_json(const loadgen::Latency& l) {
  return {{"name", clean_utf8(l.name)}, {"count", l.count},   {"errors", l.errors},   {"p50_us", l.p50_us},
          {"p90_us", l.p90_us},         {"p99_us", l.p99_us}, {"p999_us", l.p999_us}, {"max_us", l.max_us}};
}

// One-line errors of the reader: the member that is wrong and what it should be.
struct Wrong : std::runtime_error {
  using std::runtime_error::runtime_error;
};

const nlohmann::json& member(const nlohmann::json& in, const char* key) {
  if (!in.is_object()) throw Wrong(std::string("expected an object that holds \"") + key + '"');
  const auto found = in.find(key);
  if (found == in.end()) throw Wrong(std::string("member \"") + key + "\" is missing");
  return *found;
}

std::string text_of(const nlohmann::json& in, const char* key) {
  const auto& value = member(in, key);
  if (!value.is_string()) throw Wrong(std::string("member \"") + key + "\" must be a string");
  return value.get<std::string>();
}

const nlohmann::json& list_of(const nlohmann::json& in, const char* key) {
  const auto& value = member(in, key);
  if (!value.is_array()) throw Wrong(std::string("member \"") + key + "\" must be a list");
  return value;
}

template <class Number>
Number number_of(const nlohmann::json& value, const char* key) {
  const bool whole = value.is_number_unsigned() || (std::is_signed_v<Number> && value.is_number_integer());
  if (!whole || !std::in_range<Number>(value.get<std::int64_t>())) {
    throw Wrong(std::string("member \"") + key + "\" must be a whole number in range");
  }
  return value.get<Number>();
}

std::uint64_t seed_of(const nlohmann::json& in) {
  const auto& value = member(in, "seed");
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();  // written by hand
  const std::string digits = value.is_string() ? value.get<std::string>() : "";
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seed);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    throw Wrong("member \"seed\" must be a whole number of 64 bits");
  }
  return seed;
}

model::Verdict verdict_of(const nlohmann::json& in) {
  const std::string word = text_of(in, "verdict");
  for (const auto verdict : {model::Verdict::holds, model::Verdict::broken, model::Verdict::unknown}) {
    if (word == name(verdict)) return verdict;
  }
  throw Wrong("member \"verdict\" must be holds, broken or unknown");
}

model::StoryLine story_line(const nlohmann::json& in) {
  const auto& wrong = member(in, "wrong");
  if (!wrong.is_boolean()) throw Wrong("member \"wrong\" must be true or false");
  return {.lane = number_of<std::uint32_t>(member(in, "lane"), "lane"),
          .from_us = number_of<std::int64_t>(member(in, "from_us"), "from_us"),
          .to_us = number_of<std::int64_t>(member(in, "to_us"), "to_us"),
          .actor = text_of(in, "actor"),
          .call = text_of(in, "call"),
          .answer = text_of(in, "answer"),
          .wrong = wrong.get<bool>()};
}

model::Finding finding_of(const nlohmann::json& in) {
  if (text_of(in, "schema") != "hustle/finding/1")
    throw Wrong("member \"schema\" must be \"hustle/finding/1\"");
  model::Finding out;
  out.verdict = verdict_of(in);
  out.rule = text_of(in, "rule");
  out.spec = text_of(in, "spec");
  out.judge = text_of(in, "judge");
  out.headline = text_of(in, "headline");
  out.expected = text_of(in, "expected");
  out.observed = text_of(in, "observed");
  for (const auto& entity : list_of(in, "entities")) {
    if (!entity.is_string()) throw Wrong("member \"entities\" must be a list of strings");
    out.entities.push_back(entity.get<std::string>());
  }
  for (const auto& line : list_of(in, "story")) out.story.push_back(story_line(line));
  for (const auto& e : list_of(in, "evidence"))
    out.evidence.emplace_back(text_of(e, "name"), text_of(e, "text"));
  for (const auto& choice : list_of(in, "choices")) {
    out.choices.push_back(number_of<std::uint32_t>(choice, "choices"));
  }
  out.scenario = text_of(in, "scenario");
  out.seed = seed_of(in);
  return out;
}

}  // namespace

Json to_json(const model::Finding& finding) {
  Json story = Json::array();
  for (const model::StoryLine& line : finding.story) {
    story.push_back({{"lane", line.lane},
                     {"from_us", line.from_us},
                     {"to_us", line.to_us},
                     {"actor", clean_utf8(line.actor)},
                     {"call", clean_utf8(line.call)},
                     {"answer", clean_utf8(line.answer)},
                     {"wrong", line.wrong}});
  }
  return {{"schema", "hustle/finding/1"},
          {"verdict", name(finding.verdict)},
          {"rule", clean_utf8(finding.rule)},
          {"spec", clean_utf8(finding.spec)},
          {"judge", clean_utf8(finding.judge)},
          {"headline", clean_utf8(finding.headline)},
          {"expected", clean_utf8(finding.expected)},
          {"observed", clean_utf8(finding.observed)},
          {"entities", strings(finding.entities)},
          {"story", story},
          {"evidence", pairs(finding.evidence)},
          {"scenario", clean_utf8(finding.scenario)},
          {"seed", std::to_string(finding.seed)},
          {"choices", finding.choices}};
}

namespace {

std::string_view word(loadgen::Retried::Now now) {
  switch (now) {
    case loadgen::Retried::Now::skipped:
      return "skipped";
    case loadgen::Retried::Now::fails:
      return "still fails";
    case loadgen::Retried::Now::fixed:
      return "fixed";
  }
  return "skipped";
}

Json retried(const loadgen::Run& run) {
  Json list = Json::array();
  for (const loadgen::Retried& each : run.retried) {
    list.push_back({{"name", clean_utf8(each.name)},
                    {"rule", clean_utf8(each.rule)},
                    {"headline", clean_utf8(each.headline)},
                    {"now", word(each.now)},
                    {"runs", each.runs}});
  }
  return list;
}

Json phases(const loadgen::Run& run) {
  Json list = Json::array();
  for (const loadgen::Phase& each : run.phases)
    list.push_back({{"name", clean_utf8(each.name)}, {"from_s", each.from_s}, {"took_s", each.took_s}});
  return list;
}

}  // namespace

Json to_json(const loadgen::Run& run) {
  const Conclusion conclusion = conclude(run);
  Json items = Json::array(), findings = Json::array(), latencies = Json::array();
  Json coverage = Json::array(), scenarios = Json::array(), histograms = Json::array();
  for (const auto& item : run.items) items.push_back(to_json(item));
  for (const auto& finding : run.findings) findings.push_back(to_json(finding));
  for (const auto& latency : run.latencies) latencies.push_back(to_json(latency));
  for (const auto& c : run.coverage) {
    coverage.push_back({{"state", c.state},
                        {"command", c.command},
                        {"actor", c.actor},
                        {"outcome", c.outcome},
                        {"hits", c.hits}});
  }
  Json races = Json::array();
  for (const auto& [order, times] : run.races) races.push_back({{"order", order}, {"times", times}});
  for (const auto& [scenario, plans] : run.scenarios)
    scenarios.push_back({{"name", scenario}, {"plans", plans}});
  for (const auto& [tag, payload] : run.histograms)
    histograms.push_back({{"tag", tag}, {"payload", payload}});
  return {
      {"schema", "hustle/report/1"},
      {"verdict", {{"word", conclusion.word}, {"detail", conclusion.detail}, {"exit_code", run.exit_code}}},
      {"command", clean_utf8(run.command)},
      {"command_line", without_passwords(clean_utf8(run.command_line))},
      {"started_utc", run.started_utc},
      {"seconds", run.seconds},
      {"seed", std::to_string(run.seed)},
      {"complete", run.complete},
      {"incomplete_reason", clean_utf8(run.incomplete_reason)},
      {"target", without_passwords(clean_utf8(run.target))},
      {"database", without_passwords(clean_utf8(run.database))},
      {"providers", without_passwords(clean_utf8(run.providers))},
      {"server_version", clean_utf8(run.server_version)},
      {"plans", run.plans},
      {"commands", run.commands},
      {"concurrent_groups", run.concurrent_groups},
      {"unknown_outcomes", run.unknown_outcomes},
      {"items", items},
      {"findings", findings},
      {"retried", retried(run)},
      {"phases", phases(run)},
      {"latencies", latencies},
      {"coverage", coverage},
      {"races", races},
      {"scenarios", scenarios},
      {"facts", pairs(run.facts)},
      {"assumptions", strings(run.assumptions)},
      {"histograms", histograms}};
}

std::string finding_json(const model::Finding& finding) {
  return to_json(finding).dump(2) + "\n";
}
std::string report_json(const loadgen::Run& run) {
  return to_json(run).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::expected<model::Finding, std::string> parse_finding(const std::string& text) {
  const auto in = nlohmann::json::parse(text, nullptr, false);
  if (in.is_discarded()) return std::unexpected("not JSON");
  try {
    return finding_of(in);
  } catch (const Wrong& wrong) {
    return std::unexpected(wrong.what());
  }
}

std::expected<model::Finding, std::string> read_finding(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    return std::unexpected(path.string() + ": is a directory, not a finding");
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::unexpected(path.string() + ": " + std::strerror(errno));
  std::ostringstream text;
  text << in.rdbuf();
  auto finding = parse_finding(text.str());
  if (!finding) return std::unexpected(path.string() + ": " + finding.error());
  return finding;
}

}  // namespace reports
