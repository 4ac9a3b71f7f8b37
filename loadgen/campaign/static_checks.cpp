#include "loadgen/campaign/static_checks.h"

#include <map>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "loadgen/campaign/attack.h"
#include "loadgen/campaign/migration_check.h"

namespace loadgen {
namespace {

// One finding a rule: the first successful attempt tells the story, the others are listed beside it.
model::Finding finding_of(const std::string& rule, const std::vector<AttackResult>& attempts) {
  const AttackResult& first = attempts.front();
  model::Finding finding;
  finding.rule = rule;
  finding.spec = "invariants.md";
  finding.judge = "attack";
  finding.headline = fmt::format("the database itself lets {} be broken ({} {}): {}", rule, attempts.size(),
                                 attempts.size() == 1 ? "way" : "ways", first.attempt);
  finding.expected = first.evidence.starts_with("refused") ? "the code that the specification pins"
                                                           : "refused by the database";
  finding.observed = first.evidence.substr(0, first.evidence.find("committed:"));
  finding.evidence.emplace_back("SQL", first.sql);
  finding.evidence.emplace_back("rows", first.evidence);
  std::string others;
  for (const AttackResult& each : attempts) others += each.attempt + "\n";
  finding.evidence.emplace_back("all attempts that succeeded", others);
  return finding;
}

void attack(const StaticContext& context, Impossible& impossible) {
  AttackOptions options;
  options.all_levels = options.all_orders = false;  // hustle attack tries the others
  options.stop = context.events.interrupted;
  options.progress = [&](std::size_t, std::string_view) { context.events.progress({.phase = "attack"}); };
  std::map<std::string, std::vector<AttackResult>> broken;
  std::set<std::string> announced;
  options.broken = [&](const AttackResult& result) {
    if (announced.insert(result.rule).second) context.judge.announce(finding_of(result.rule, {result}));
  };
  try {
    for (const AttackResult& result : attack_database(context.environment.database(), options)) {
      if (result.verdict == AttackVerdict::broken) broken[result.rule].push_back(result);
      if (result.verdict != AttackVerdict::held) continue;
      context.judge.count("attack held");
      if (result.attempt.find("admin_actions") != std::string::npos || result.rule == "AUDIT-5") {
        context.judge.count("attack admin_actions");
      }
    }
  } catch (const std::runtime_error& trouble) {
    impossible["attack held"] = impossible["attack admin_actions"] = trouble.what();
  }
  for (const auto& [rule, attempts] : broken) context.judge.add(finding_of(rule, attempts));
}

}  // namespace

void run_static_checks(const StaticContext& context, Impossible& impossible) {
  if (context.options.migrations) {
    context.events.progress({.phase = "migrations"});
    check_migrations(context, impossible);
  }
  if (context.options.attack && !context.events.interrupted()) {
    attack(context, impossible);
  } else {
    impossible["attack held"] = impossible["attack admin_actions"] =
        "the attack on the database was switched off";
  }
}

}  // namespace loadgen
