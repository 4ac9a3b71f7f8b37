#include "loadgen/campaign/static_checks.h"

#include <map>
#include <set>
#include <stdexcept>

#include "loadgen/campaign/attack.h"
#include "loadgen/campaign/attack_findings.h"
#include "loadgen/campaign/config_check.h"
#include "loadgen/campaign/migration_check.h"

namespace loadgen {
namespace {

void attack(const StaticContext& context, Impossible& impossible) {
  AttackOptions options;
  options.all_levels = options.all_orders = false;  // hustle attack tries the others
  options.repeatable_read = true;
  options.stop = context.events.interrupted;
  std::map<std::string, std::vector<AttackResult>> broken;
  std::set<std::string> announced;
  options.broken = [&](const AttackResult& result) {
    if (announced.insert(result.rule).second) context.judge.announce(attack_finding(result.rule, {result}));
  };
  try {
    context.retried = retry_attacks(context.options.corpus, context.environment.database(), context.judge,
                                    context.events.interrupted);
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
  for (const auto& [rule, attempts] : broken) context.judge.add(attack_finding(rule, attempts));
}

}  // namespace

// The attack comes first: it sees a missing guard after a moment, wherever it is.
void run_static_checks(const StaticContext& context, Impossible& impossible) {
  if (context.options.attack) {
    context.timeline.during("attack", [&] { attack(context, impossible); });
  } else {
    impossible["attack held"] = impossible["attack admin_actions"] =
        "the attack on the database was switched off";
  }
  if (!context.options.checks.empty()) return;
  if (context.options.migrations && !context.events.interrupted())
    context.timeline.during("migrations", [&] { check_migrations(context, impossible); });
  if (!context.events.interrupted())
    context.timeline.during("configuration", [&] { check_configuration(context, impossible); });
}

}  // namespace loadgen
