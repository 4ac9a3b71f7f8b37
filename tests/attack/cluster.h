// One cluster with the reference schema for the whole program; each damage gets a database of its own.
#pragma once

#include <gtest/gtest.h>

#include <pqxx/pqxx>
#include <set>
#include <string>

#include "loadgen/campaign/attack.h"
#include "loadgen/environment/clone.h"
#include "loadgen/environment/environment.h"

namespace loadgen {

class Cluster : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { postgres_ = new Postgres(start_migrated_postgres(HUSTLE_SERVER_BINARY)); }
  static void TearDownTestSuite() {
    delete postgres_;
    postgres_ = nullptr;
  }

  static void execute(const std::string& url, const std::string& sql) {
    pqxx::connection connection(url);
    pqxx::nontransaction work(connection);
    work.exec(sql);
  }

  static std::set<std::string> rules_broken_by(const std::string& damage, bool concurrent = false) {
    const DatabaseClone damaged(postgres_->url());
    execute(damaged.url(), damage);
    AttackOptions options;
    options.concurrent = concurrent;
    options.all_levels = options.all_orders = false;
    std::set<std::string> rules;
    for (const AttackResult& each : attack_database(damaged.url(), options)) {
      if (each.verdict == AttackVerdict::broken) rules.insert(each.rule);
    }
    return rules;
  }

  static inline Postgres* postgres_ = nullptr;
};

}  // namespace loadgen
