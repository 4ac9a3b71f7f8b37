#include "tests/attack/cluster.h"

#include <pqxx/pqxx>

#include "loadgen/campaign/attack.h"
#include "loadgen/environment/clone.h"

namespace loadgen {

void Cluster::SetUpTestSuite() {
  postgres_ = new Postgres(start_migrated_postgres(HUSTLE_SERVER_BINARY));
}

void Cluster::TearDownTestSuite() {
  delete postgres_;
  postgres_ = nullptr;
}

void Cluster::execute(const std::string& url, const std::string& sql) {
  pqxx::connection connection(url);
  pqxx::nontransaction work(connection);
  work.exec(sql);
}

std::set<std::string> Cluster::rules_broken_by(const std::string& damage, bool concurrent,
                                               const std::string& until) {
  const DatabaseClone damaged(postgres_->url());
  execute(damaged.url(), damage);
  AttackOptions options;
  options.concurrent = concurrent;
  options.all_levels = options.all_orders = false;
  std::set<std::string> rules;
  bool found = false;
  options.broken = [&](const AttackResult& each) { found |= each.rule == until; };
  options.stop = [&] { return found; };
  for (const AttackResult& each : attack_database(damaged.url(), options)) {
    if (each.verdict == AttackVerdict::broken) rules.insert(each.rule);
  }
  return rules;
}

}  // namespace loadgen
