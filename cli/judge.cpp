#include "cli/judge.h"

#include <algorithm>
#include <chrono>
#include <CLI/CLI.hpp>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "loadgen/recorder.h"
#include "model/judge/explain.h"
#include "model/judge/linearize.h"

namespace cli {
namespace {

using nlohmann::json;

struct Judged {
  model::Linearization search;
  double milliseconds = 0;
};

Judged judge(const loadgen::RecordedCase& of, const model::SearchBudget& budget) {
  const auto begin = std::chrono::steady_clock::now();
  Judged judged{.search = model::linearize(of.start, of.history, budget)};
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  judged.milliseconds = took.count();
  return judged;
}

std::string_view word(model::Verdict verdict) {
  switch (verdict) {
    case model::Verdict::holds:
      return "ok";
    case model::Verdict::broken:
      return "violation";
    case model::Verdict::unknown:
      break;
  }
  return "unknown";
}

std::string line_of(const loadgen::RecordedCase& of, std::uint32_t index) {
  const model::Operation& o = of.history.operations[index];
  const bool lost = o.outcome.kind == model::Outcome::Kind::unknown;
  return fmt::format("lane {:<3} {:>9} - {:<9} {}: {} -> {}", o.lane, model::seconds(o.invoked_us),
                     lost ? "never" : model::seconds(o.returned_us),
                     model::describe_actor(of.start, o.command), model::describe_call(o.command),
                     model::describe_answer(o));
}

json as_json(const loadgen::RecordedCase& of, const Judged& judged) {
  const model::Linearization& search = judged.search;
  json out{{"case", of.history.case_id},
           {"operations", of.history.operations.size()},
           {"verdict", word(search.verdict)},
           {"states", search.states},
           {"milliseconds", judged.milliseconds}};
  switch (search.verdict) {
    case model::Verdict::holds:
      out["order"] = search.order;
      break;
    case model::Verdict::broken: {
      const model::Explanation why = model::explain(of.start, of.history, search);
      out["prefix"] = search.prefix;
      out["stuck"] = *search.stuck;
      out["why"] = why.sentence;
      out["expected"] = why.expected;
      out["observed"] = why.observed;
      break;
    }
    case model::Verdict::unknown:
      out["undecided"] = search.component.size();
      break;
  }
  return out;
}

void print(const loadgen::RecordedCase& of, const Judged& judged, std::size_t number) {
  const model::Linearization& search = judged.search;
  fmt::print("history {} (case {}, {} operations): {} - {} states, {:.1f} ms\n", number, of.history.case_id,
             of.history.operations.size(), word(search.verdict), search.states, judged.milliseconds);
  if (search.verdict == model::Verdict::unknown) {
    fmt::print("  the search for an order of {} operations was given up; a longer --time may decide\n",
               search.component.size());
  }
  if (search.verdict != model::Verdict::broken) return;
  fmt::print("  longest legal prefix ({} of the {} operations that can influence one another):\n",
             search.prefix.size(), search.component.size());
  for (const std::uint32_t i : search.prefix) fmt::print("    {}\n", line_of(of, i));
  const model::Explanation why = model::explain(of.start, of.history, search);
  fmt::print("  fits nowhere after it:\n    {}\n  why: {}\n  expected: {}\n  observed: {}\n",
             line_of(of, *search.stuck), why.sentence, why.expected, why.observed);
}

}  // namespace

int run_judge(const std::vector<std::string>& arguments) {
  std::string file, time = "2s";
  model::SearchBudget budget;
  bool as_document = false;
  CLI::App app("Is there an order of each recorded history that the rules allow?", "hustle judge");
  app.add_option("file", file, "histories as JSON lines (docs/histories.md)")->required();
  app.add_option("--time", time, "longest search for one history, such as 2s or 500ms");
  app.add_option("--states", budget.states, "most search states kept for one history");
  app.add_flag("--json", as_document, "the verdicts as one JSON object");
  if (const auto code = parse_arguments(app, arguments)) return *code;
  budget.time = std::chrono::milliseconds(
      std::max<std::int64_t>(1, static_cast<std::int64_t>(parse_seconds("--time", time) * 1000)));
  const auto histories = loadgen::read_histories_file(file);
  if (!histories) throw UserMistake(histories.error());
  json verdicts = json::array();
  bool broken = false, unknown = false;
  for (const loadgen::RecordedCase& of : *histories) {
    const Judged judged = judge(of, budget);
    broken |= judged.search.verdict == model::Verdict::broken;
    unknown |= judged.search.verdict == model::Verdict::unknown;
    if (as_document) {
      verdicts.push_back(as_json(of, judged));
    } else {
      print(of, judged, static_cast<std::size_t>(&of - histories->data()) + 1);
    }
  }
  if (as_document) fmt::print("{}\n", json{{"histories", verdicts}}.dump(2));
  return broken ? 1 : unknown ? 4 : 0;
}

}  // namespace cli
