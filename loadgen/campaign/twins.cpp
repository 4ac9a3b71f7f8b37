#include "loadgen/campaign/twins.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace loadgen {
namespace {

bool tells(const model::Operation& operation) {
  return operation.outcome.kind != model::Outcome::Kind::unknown && operation.http_status < 500;
}

}  // namespace

model::Finding isolation(std::string headline, std::string expected, std::string observed) {
  model::Finding finding;
  finding.rule = "ISOLATION";
  finding.spec = "operations.md §10 item 23";
  finding.judge = "oracle";
  finding.headline = std::move(headline);
  finding.expected = std::move(expected);
  finding.observed = std::move(observed);
  return finding;
}

std::vector<model::Finding> compare_twins(const CaseRecord& ours, const CaseRecord& theirs) {
  std::vector<model::Finding> findings;
  const auto& mine = ours.history.operations;
  const auto& others = theirs.history.operations;
  for (std::size_t k = 0; k < std::min(mine.size(), others.size()); ++k) {
    if (!tells(mine[k]) || !tells(others[k])) break;
    if (ours.plan.steps[mine[k].step].together.size() > 1 || mine[k].outcome == others[k].outcome) continue;
    findings.push_back(isolation(
        fmt::format("{} answered differently in two runs of the same plan", name(mine[k].command.action)),
        "equal answers", "different answers"));
  }
  return findings;
}

}  // namespace loadgen
