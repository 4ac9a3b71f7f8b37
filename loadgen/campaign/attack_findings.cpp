#include "loadgen/campaign/attack_findings.h"

#include <algorithm>

#include <fmt/format.h>

namespace loadgen {
namespace {

constexpr std::string_view kAttempt = "attempt";

std::string attempt_of(const model::Finding& finding) {
  const auto named =
      std::ranges::find(finding.evidence, kAttempt, &std::pair<std::string, std::string>::first);
  return named == finding.evidence.end() ? std::string() : named->second;
}

AttackOptions options_for(std::set<std::string, std::less<>> attempts, std::function<bool()> stop) {
  AttackOptions options;
  options.concurrent = std::ranges::any_of(
      attempts, [](const std::string& name) { return name.find(" || ") != std::string::npos; });
  options.only = std::move(attempts);
  options.stop = std::move(stop);
  return options;
}

// Of several results of one name the broken one counts.
const AttackResult* result_of(const std::vector<AttackResult>& results, const std::string& attempt) {
  const AttackResult* found = nullptr;
  for (const AttackResult& each : results) {
    if (each.attempt == attempt && (found == nullptr || each.verdict == AttackVerdict::broken)) found = &each;
  }
  return found;
}

}  // namespace

model::Finding attack_finding(const std::string& rule, const std::vector<AttackResult>& attempts) {
  const AttackResult& first = attempts.front();
  model::Finding finding;
  finding.rule = rule;
  finding.spec = "invariants.md";
  finding.judge = "attack";
  finding.headline = fmt::format("the database itself lets {} be broken ({} {}): {}", rule, attempts.size(),
                                 attempts.size() == 1 ? "way" : "ways", first.attempt);
  finding.expected = first.evidence.starts_with("refused") ? "the code that the specification pins"
                                                           : "refused by the database";
  if (first.evidence.find("the specification allows it") != std::string::npos) finding.expected = "accepted";
  finding.observed = first.evidence.substr(0, first.evidence.find("committed:"));
  finding.evidence.emplace_back("SQL", first.sql);
  finding.evidence.emplace_back("rows", first.evidence);
  std::string others;
  for (const AttackResult& each : attempts) others += each.attempt + "\n";
  finding.evidence.emplace_back("all attempts that succeeded", others);
  finding.evidence.emplace_back(kAttempt, first.attempt);
  return finding;
}

bool can_attack_again(const model::Finding& finding) {
  return finding.judge == "attack" && !attempt_of(finding).empty();
}

AttackResult attack_again(const std::string& database_url, const model::Finding& finding,
                          std::function<bool()> stop) {
  const std::string attempt = attempt_of(finding);
  const auto results = attack_database(database_url, options_for({attempt}, std::move(stop)));
  const AttackResult* found = result_of(results, attempt);
  return found != nullptr ? *found : AttackResult{finding.rule, attempt, AttackVerdict::unknown, "", ""};
}

std::vector<Retried> retry_attacks(const std::vector<std::pair<std::string, model::Finding>>& kept,
                                   const std::string& database_url, CaseJudge& judge,
                                   const std::function<bool()>& interrupted) {
  std::vector<Retried> retried;
  std::set<std::string, std::less<>> attempts;
  for (const auto& [name, finding] : kept) {
    if (can_attack_again(finding)) attempts.insert(attempt_of(finding));
  }
  if (attempts.empty()) return retried;
  const auto results = attack_database(database_url, options_for(attempts, interrupted));
  for (const auto& [name, finding] : kept) {
    if (!can_attack_again(finding)) continue;
    Retried& each =
        retried.emplace_back(Retried{.name = name, .rule = finding.rule, .headline = finding.headline});
    const AttackResult* found = result_of(results, attempt_of(finding));
    if (found == nullptr || found->verdict == AttackVerdict::unknown) continue;
    each.runs = 1;
    each.now = found->verdict == AttackVerdict::broken ? Retried::Now::fails : Retried::Now::fixed;
    if (each.now == Retried::Now::fixed) continue;
    model::Finding again = attack_finding(found->rule, {*found});
    again.evidence.emplace_back("corpus", name + ".json still fails");
    judge.add(std::move(again));
  }
  return retried;
}

}  // namespace loadgen
