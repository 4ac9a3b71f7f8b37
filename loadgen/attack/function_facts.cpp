#include "loadgen/attack/function_facts.h"

#include <array>

#include <fmt/format.h>

namespace loadgen::attack {
namespace {

struct Calculation {
  std::string_view function, values;  // (input, output), ...
};
constexpr std::array kCalculations{
    Calculation{
        "calculate_level",
        "(-1, 1), (0, 1), (99, 1), (100, 2), (299, 2), (300, 3), (699, 3), (700, 4), (1499, 4), (1500, 5), "
        "(2699, 5), (2700, 6), (4499, 6), (4500, 7), (6999, 7), (7000, 8), (10499, 8), (10500, 9), "
        "(18499, 9), (18500, 10), (1000000, 10)"},
    Calculation{
        "calculate_xp_decay",
        "(0, 1.0000), (50, 0.9793), (100, 0.9603), (300, 0.8977), (700, 0.8127), (1000, 0.7686), "
        "(1500, 0.7153), (2700, 0.6377), (4500, 0.5746), (7000, 0.5255), (10500, 0.4853), (18500, 0.4367), "
        "(50000, 0.3693)"},
    Calculation{"calculate_streak_multiplier",
                "(0, 1.00), (2, 1.00), (3, 1.10), (6, 1.10), (7, 1.20), (13, 1.20), (14, 1.30), (29, 1.30), "
                "(30, 1.50), (365, 1.50)"}};

}  // namespace

std::vector<Attempt> function_attempts(const Stage& stage) {
  std::vector<Attempt> attempts;
  if (stage.name != "open_pending") return attempts;
  for (const Calculation& each : kCalculations) {
    Attempt attempt;
    attempt.rule = "money.md §5";
    attempt.name = fmt::format("CALL {} at its edges", each.function);
    attempt.sql = fmt::format("SELECT {}(0)", each.function);
    attempt.shows = fmt::format(
        "SELECT '{0}(' || input || ') is ' || {0}(input) || ', not ' || output FROM (VALUES {1}) v(input, "
        "output) "
        "WHERE {0}(input) IS DISTINCT FROM output",
        each.function, each.values);
    attempts.push_back(std::move(attempt));
  }
  return attempts;
}

}  // namespace loadgen::attack
