#include <algorithm>
#include <iterator>

#include "loadgen/attack/concurrent.h"
#include "loadgen/attack/serial.h"
#include "loadgen/campaign/attack.h"
#include "loadgen/environment/clone.h"

namespace loadgen {

std::string_view name(AttackVerdict verdict) {
  switch (verdict) {
    case AttackVerdict::held:
      return "held";
    case AttackVerdict::broken:
      return "broken";
    case AttackVerdict::not_applicable:
      return "not_applicable";
    case AttackVerdict::unknown:
      return "unknown";
  }
  return "unknown";
}

std::vector<AttackResult> attack_database(const std::string& database_url, const AttackOptions& options) {
  const DatabaseClone copy(database_url);
  std::vector<AttackResult> results = attack::attack_serially(copy.url(), options);
  if (options.concurrent && !(options.stop && options.stop())) {
    std::ranges::move(attack::attack_concurrently(copy.url(), options), std::back_inserter(results));
  }
  return results;
}

}  // namespace loadgen
