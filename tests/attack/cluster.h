// One cluster with the reference schema for the whole program; each damage gets a database of its own.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "loadgen/environment/environment.h"

namespace loadgen {

class Cluster : public ::testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

  static void execute(const std::string& url, const std::string& sql);
  // No further than the first breach of the rule `until`; empty: to the end.
  static std::set<std::string> rules_broken_by(const std::string& damage, bool concurrent = false,
                                               const std::string& until = "");

  static inline Postgres* postgres_ = nullptr;
};

}  // namespace loadgen
