#include "loadgen/bench/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace loadgen::bench {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::string>;

struct Table {
  std::string title;
  Row head;
  std::vector<Row> rows;
};

double middle(const Contender& contender, double Figure::* figure) {
  std::vector<double> values;
  values.reserve(contender.rounds.size());
  for (const Figure& each : contender.rounds) values.push_back(each.*figure);
  return median(std::move(values));
}

double middle_us(const Contender& contender, std::int64_t Figure::* figure) {
  std::vector<double> values;
  values.reserve(contender.rounds.size());
  for (const Figure& each : contender.rounds) values.push_back(static_cast<double>(each.*figure));
  return median(std::move(values));
}

std::string number(double value, const char* none = "–") {
  if (value <= 0) return none;
  return value >= 100  ? fmt::format("{:.0f}", value)
         : value >= 10 ? fmt::format("{:.1f}", value)
                       : fmt::format("{:.2f}", value);
}

std::string verdict(const Ratio& ratio) {
  if (!ratio.goal) return "";
  return ratio.met() ? "met" : "missed";
}

Table ratio_table(const BenchResult& result) {
  Table table{"Ratios of hustle-server", {"work", "figure", "against", "ratio", "rounds", "goal", ""}, {}};
  for (const Ratio& ratio : result.ratios) {
    table.rows.push_back(
        {std::string(work_name(ratio.work)), ratio.what, ratio.against, number(ratio.middle),
         fmt::format("{} to {}", number(ratio.low), number(ratio.high)),
         ratio.goal ? fmt::format("{} {}", ratio.at_most ? "≤" : "≥", number(*ratio.goal)) : "",
         verdict(ratio)});
  }
  return table;
}

Table figure_table(const BenchResult& result) {
  Table table{"Figures (medians of the rounds)",
              {"work", "who", "per second", "server CPU µs", "Postgres CPU µs", "client CPU µs", "p50 ms",
               "p99 ms", "memory MiB", "failures"},
              {}};
  for (const WorkResult& work : result.works) {
    for (const Contender& contender : work.contenders) {
      std::uint64_t failures = 0;
      for (const Figure& figure : contender.rounds) failures += figure.failures;
      table.rows.push_back({std::string(work_name(work.work)), contender.name,
                            number(middle(contender, &Figure::per_second)),
                            number(middle(contender, &Figure::server_cpu_us)),
                            number(middle(contender, &Figure::postgres_cpu_us)),
                            number(middle(contender, &Figure::client_cpu_us)),
                            number(middle_us(contender, &Figure::p50_us) / 1e3),
                            number(middle_us(contender, &Figure::p99_us) / 1e3),
                            number(middle(contender, &Figure::memory_mib)), std::to_string(failures)});
    }
  }
  return table;
}

Table micro_table(const std::vector<Micro>& micro) {
  Table table{"Inner loops (Google Benchmark)", {"benchmark", "ns", "per second"}, {}};
  for (const Micro& each : micro) {
    table.rows.push_back({each.name, number(each.nanoseconds), number(each.items_per_second)});
  }
  return table;
}

std::string milliseconds(double us) {
  return number(us / 1e3, "too few");
}

Table scenario_table(const std::vector<ScenarioRun>& scenarios) {
  Table table{"Load scenarios, durable",
              {"scenario", "phase", "journeys", "clean", "requests/s", "errors %", "p50 ms", "p95 ms",
               "p99 ms", "feed.get p95 ms", "findings", ""},
              {}};
  for (const ScenarioRun& run : scenarios) {
    for (const ScenarioPhase& phase : run.phases) {
      const char* verdict = run.exit_code == 0   ? "met"
                            : run.exit_code == 4 ? "incomplete"
                            : run.exit_code == 5 ? "not valid"
                                                 : "missed";
      table.rows.push_back({run.name, phase.phase, std::to_string(phase.journeys),
                            std::to_string(phase.clean), number(phase.requests_per_second),
                            number(phase.errors * 100, "0"), milliseconds(phase.p50_us),
                            milliseconds(phase.p95_us), milliseconds(phase.p99_us),
                            milliseconds(phase.feed_p95_us), std::to_string(run.findings), verdict});
    }
  }
  return table;
}

Table generator_table(const GeneratorResult& generator) {
  Table table{"The generator", {"what", "measured", "rounds", "goal", ""}, {}};
  for (const GeneratorGoal& goal : goals_of(generator)) {
    const std::string unit = goal.at_most ? " " + goal.unit : "";
    table.rows.push_back({goal.what, fmt::format("{:.3g}{}", goal.measured, unit),
                          fmt::format("{:.3g} to {:.3g}", goal.low, goal.high),
                          fmt::format("{} {:.3g}{}", goal.at_most ? "≤" : "≥", goal.goal, unit),
                          goal.met() ? "met" : "missed"});
  }
  return table;
}

Json generator_json(const GeneratorResult& generator) {
  Json clients = Json::array(), pacing = Json::array(), goals = Json::array();
  for (const ClientRound& round : generator.clients) {
    clients.push_back({{"raw_per_cpu_s", round.raw},
                       {"journeys_per_cpu_s", round.journeys},
                       {"server_wrk_per_cpu_s", round.server_wrk},
                       {"wrk_per_cpu_s", round.wrk},
                       {"raw_per_second", round.raw_rate},
                       {"wrk_per_second", round.wrk_rate}});
  }
  for (const PacingRound& round : generator.pacing) {
    pacing.push_back({{"rate_error", round.rate_error},
                      {"send_p99_us", round.send_p99_us},
                      {"arrival_p99_us", round.arrival_p99_us},
                      {"waited", round.waited},
                      {"usable", round.usable()},
                      {"machine_busy", round.machine_busy}});
  }
  for (const GeneratorGoal& goal : goals_of(generator)) {
    goals.push_back({{"what", goal.what},
                     {"unit", goal.unit},
                     {"measured", goal.measured},
                     {"low", goal.low},
                     {"high", goal.high},
                     {"goal", goal.goal},
                     {"at_most", goal.at_most},
                     {"met", goal.met()}});
  }
  return {{"clients", clients}, {"pacing", pacing}, {"goals", goals}, {"without_wrk", generator.without_wrk}};
}

Table fact_table(const BenchResult& result) {
  Table table{"Machine and settings", {"what", ""}, {}};
  for (const auto& [name, value] : result.facts) table.rows.push_back({name, value});
  return table;
}

std::vector<Table> tables(const Told& told) {
  std::vector<Table> all;
  if (!told.result.works.empty()) all = {ratio_table(told.result), figure_table(told.result)};
  if (!told.scenarios.empty()) all.push_back(scenario_table(told.scenarios));
  if (!goals_of(told.generator).empty()) all.push_back(generator_table(told.generator));
  if (!told.micro.empty()) all.push_back(micro_table(told.micro));
  if (!told.result.facts.empty()) all.push_back(fact_table(told.result));
  return all;
}

// What a reader must know before the figures.
std::vector<std::string> remarks(const Told& told) {
  std::vector<std::string> out;
  if (!told.result.complete) out.emplace_back("Partial: the run was interrupted.");
  if (!told.result.without_node.empty())
    out.push_back("The Node peer was not measured: " + told.result.without_node + ".");
  if (!told.generator.without_wrk.empty())
    out.push_back("The generator was not measured against wrk: " + told.generator.without_wrk + ".");
  const auto slow = std::ranges::count(told.generator.pacing, false, &PacingRound::usable);
  if (slow > 0)
    out.push_back(
        fmt::format("Pacing: {} of {} rounds are void, since the bare target itself was too slow "
                    "(a busy machine).",
                    slow, told.generator.pacing.size()));
  for (const WorkResult& work : told.result.works) {
    for (const Contender& contender : work.contenders) {
      if (contender.first_failure.empty()) continue;
      out.push_back(fmt::format("{} failed in {}: {}", contender.name, work_name(work.work),
                                contender.first_failure.substr(0, contender.first_failure.find('\r'))));
    }
  }
  for (const ScenarioRun& run : told.scenarios) {
    if (!run.why_invalid.empty())
      out.push_back(fmt::format("{} is not a valid measurement: {}.", run.name, run.why_invalid));
    for (const std::string& missed : run.missed) out.push_back(fmt::format("{}: {}.", run.name, missed));
  }
  return out;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '|' || static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return text;
}

Json scenario_json(const ScenarioRun& run) {
  Json phases = Json::array();
  for (const ScenarioPhase& phase : run.phases) {
    phases.push_back({{"phase", phase.phase},
                      {"journeys", phase.journeys},
                      {"clean", phase.clean},
                      {"requests_per_second", phase.requests_per_second},
                      {"errors", phase.errors},
                      {"p50_us", phase.p50_us},
                      {"p95_us", phase.p95_us},
                      {"p99_us", phase.p99_us},
                      {"feed_p95_us", phase.feed_p95_us}});
  }
  return {{"name", run.name},     {"exit_code", run.exit_code}, {"why_invalid", run.why_invalid},
          {"checks", run.checks}, {"findings", run.findings},   {"missed", run.missed},
          {"phases", phases}};
}

}  // namespace

std::string report_json(const Told& told) {
  Json works = Json::array(), ratios = Json::array(), micro = Json::array(), facts = Json::object(),
       scenarios = Json::array();
  for (const WorkResult& work : told.result.works) {
    Json contenders = Json::array();
    for (const Contender& contender : work.contenders) {
      Json rounds = Json::array();
      for (const Figure& figure : contender.rounds) {
        rounds.push_back({{"per_second", figure.per_second},
                          {"server_cpu_us", figure.server_cpu_us},
                          {"postgres_cpu_us", figure.postgres_cpu_us},
                          {"client_cpu_us", figure.client_cpu_us},
                          {"p50_us", figure.p50_us},
                          {"p99_us", figure.p99_us},
                          {"memory_mib", figure.memory_mib},
                          {"failures", figure.failures}});
      }
      contenders.push_back({{"name", contender.name}, {"rounds", rounds}});
    }
    works.push_back({{"work", work_name(work.work)}, {"contenders", contenders}});
  }
  for (const Ratio& ratio : told.result.ratios) {
    ratios.push_back({{"work", work_name(ratio.work)},
                      {"figure", ratio.what},
                      {"against", ratio.against},
                      {"ratio", ratio.middle},
                      {"low", ratio.low},
                      {"high", ratio.high},
                      {"goal", ratio.goal ? Json(*ratio.goal) : Json(nullptr)},
                      {"at_most", ratio.at_most},
                      {"met", ratio.met()}});
  }
  for (const Micro& each : told.micro) {
    micro.push_back(
        {{"name", each.name}, {"ns", each.nanoseconds}, {"items_per_second", each.items_per_second}});
  }
  for (const ScenarioRun& run : told.scenarios) scenarios.push_back(scenario_json(run));
  for (const auto& [name, value] : told.result.facts) facts[name] = value;
  const Json report{{"format", "hustle-bench"},
                    {"version", kBenchReportVersion},
                    {"command_line", told.command_line},
                    {"started_utc", told.started_utc},
                    {"seed", told.seed},
                    {"complete", told.result.complete},
                    {"exit_code", told.exit_code},
                    {"facts", facts},
                    {"remarks", remarks(told)},
                    {"ratios", ratios},
                    {"works", works},
                    {"scenarios", scenarios},
                    {"generator", generator_json(told.generator)},
                    {"micro", micro}};
  return report.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string report_markdown(const Told& told) {
  std::string out =
      fmt::format("# Benchmark\n\n`{}` · {} · seed {}\n", told.command_line, told.started_utc, told.seed);
  for (const std::string& remark : remarks(told)) out += "\n" + one_line(remark) + "\n";
  for (const Table& table : tables(told)) {
    out += fmt::format("\n## {}\n\n|", table.title);
    for (const std::string& cell : table.head) out += " " + cell + " |";
    out += "\n|";
    for (std::size_t i = 0; i < table.head.size(); ++i) out += "---|";
    for (const Row& row : table.rows) {
      out += "\n|";
      for (const std::string& cell : row) out += " " + one_line(cell) + " |";
    }
    out += "\n";
  }
  return out;
}

std::string report_html(const Told& told) {
  std::string out =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>Hustle benchmark</title><style>"
      "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1a1f24;"
      "background:#fff}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
      "th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #d9dee3}"
      ".met{color:#0a6b3d}.missed{color:#a3201d;font-weight:600}code{font-size:.9em}"
      "@media(prefers-color-scheme:dark){body{background:#14181c;color:#e4e8ec}th,td{border-color:#333b43}"
      ".met{color:#5fd39a}.missed{color:#ff8a80}}</style><h1>Benchmark</h1>";
  out += fmt::format("<p><code>{}</code> · {} · seed {}</p>", escaped(told.command_line),
                     escaped(told.started_utc), told.seed);
  for (const std::string& remark : remarks(told)) out += "<p><strong>" + escaped(remark) + "</strong></p>";
  for (const Table& table : tables(told)) {
    out += "<h2>" + escaped(table.title) + "</h2><table><thead><tr>";
    for (const std::string& cell : table.head) out += "<th>" + escaped(cell) + "</th>";
    out += "</tr></thead><tbody>";
    for (const Row& row : table.rows) {
      out += "<tr>";
      for (const std::string& cell : row) {
        const bool tone = cell == "met" || cell == "missed";
        out += (tone ? "<td class=\"" + cell + "\">" : std::string("<td>")) + escaped(cell) + "</td>";
      }
      out += "</tr>";
    }
    out += "</tbody></table>";
  }
  return out + "</html>\n";
}

}  // namespace loadgen::bench
