// The gate as a process, against private and served environments.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "loadgen/environment/children.h"
#include "loadgen/environment/temp_directory.h"

namespace loadgen {

using nlohmann::json;

struct GateRun {
  int exit_code = -1;
  json report;
  std::string folder;
  std::set<std::string> rules() const {
    std::set<std::string> found;
    for (const json& f : report.value("findings", json::array())) found.insert(f.value("rule", ""));
    return found;
  }
};

class GateProcess : public testing::Test {
 protected:
  GateProcess() : files_("/tmp") {}

  using Environment = std::vector<std::pair<std::string, std::string>>;
  Child start(std::vector<std::string> arguments, Environment environment = {});  // hustle with these
  GateRun gate(std::vector<std::string> arguments);  // to its end, with its report
  // `hustle serve`, ended with the object.
  struct Served {
    Child child;
    std::string target, database, providers;
    std::vector<std::string> flags() const {
      return {"--target", target, "--database", database, "--providers", providers};
    }
    void damage(const std::string& sql) const;
  };
  Served serve();
  std::string log() const;  // standard error of everything that was started
  TempDirectory files_;
};

inline std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace loadgen
