// What a run comes to, in the words that every report shares.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/run.h"

namespace reports {

struct Tally {  // of the items that --only selected; the others are only counted
  std::size_t holds = 0, broken = 0, unknown = 0, not_selected = 0;
  std::size_t selected() const { return holds + broken + unknown; }
};
Tally tally(const loadgen::Run& run);

std::vector<std::string> broken_rules(const loadgen::Run& run);  // distinct, in order of the findings
std::size_t broken_findings(const loadgen::Run& run);            // findings that are not just undecided

enum class Tone : std::uint8_t { good, bad, unsure };

struct Conclusion {
  Tone tone = Tone::unsure;
  std::string word;    // "READY", "NOT READY"; without items "PASSED", "FAILED", "INCOMPLETE"
  std::string detail;  // "2 rules broken (INV-2, Q07)"; empty when there is nothing to add
  std::string line() const { return detail.empty() ? word : word + ": " + detail; }
};
// READY only with every item of the gate selected and holding, in a complete run with exit code 0:
// "conditionally ready" does not exist (operations.md §10).
Conclusion conclude(const loadgen::Run& run);

std::string_view exit_meaning(int exit_code);   // "a rule is broken"
std::string_view name(model::Verdict verdict);  // "holds", "broken", "unknown"
std::string_view mark(model::Verdict verdict);  // ✔ ✘ ?

}  // namespace reports
