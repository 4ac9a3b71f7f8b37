#include "loadgen/campaign/static_checks.h"

#include <stdexcept>

#include <fmt/format.h>

#include "loadgen/campaign/attack.h"
#include "loadgen/campaign/migration_check.h"

namespace loadgen {
namespace {

model::Finding finding_of(const AttackResult& result) {
  model::Finding finding;
  finding.rule = result.rule;
  finding.spec = "invariants.md";
  finding.judge = "attack";
  finding.headline = fmt::format("the database itself lets {} be broken: {}", result.rule, result.attempt);
  finding.expected = "refused by the database";
  finding.observed = result.evidence;
  finding.evidence.emplace_back("SQL", result.sql);
  finding.evidence.emplace_back("committed rows", result.evidence);
  return finding;
}

void attack(const StaticContext& context, Impossible& impossible) {
  AttackOptions options;
  options.stop = context.events.interrupted;
  options.progress = [&](std::size_t, std::string_view) { context.events.progress({.phase = "attack"}); };
  try {
    for (const AttackResult& result : attack_database(context.environment.database(), options)) {
      if (result.verdict == AttackVerdict::broken) context.judge.add(finding_of(result));
      if (result.verdict != AttackVerdict::held) continue;
      context.judge.count("attack held");
      if (result.attempt.find("admin_actions") != std::string::npos || result.rule == "AUDIT-5") {
        context.judge.count("attack admin_actions");
      }
    }
  } catch (const std::runtime_error& trouble) {
    impossible["attack held"] = impossible["attack admin_actions"] = trouble.what();
  }
}

}  // namespace

void run_static_checks(const StaticContext& context, Impossible& impossible) {
  context.events.progress({.phase = "migrations"});
  check_migrations(context, impossible);
  if (context.options.attack && !context.events.interrupted()) {
    attack(context, impossible);
  } else {
    impossible["attack held"] = impossible["attack admin_actions"] =
        "the attack on the database was switched off";
  }
}

}  // namespace loadgen
