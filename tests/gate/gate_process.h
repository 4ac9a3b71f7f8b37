// The gate as a process, against private and served environments.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
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

  Child start(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), HUSTLE_BINARY);
    ChildOptions options;
    options.command = std::move(arguments);
    options.log_file = files_.path() + "/log";
    return Child(std::move(options));
  }
  GateRun gate(std::vector<std::string> arguments) {
    const std::string out = files_.path() + "/out";
    arguments.insert(arguments.begin(), {"gate", "--quiet", "--out", out});
    Child child = start(arguments);
    GateRun run;
    run.exit_code = child.wait(std::chrono::seconds(240)).value_or(Exit{.code = -1, .signal = 9}).code;
    run.folder = out + "/latest";
    std::ifstream file(run.folder + "/report.json");
    run.report = json::parse(file, nullptr, false);
    return run;
  }
  // `hustle serve`, ended with the object.
  struct Served {
    Child child;
    std::string target, database, providers;
    std::vector<std::string> flags() const {
      return {"--target", target, "--database", database, "--providers", providers};
    }
    void damage(const std::string& sql) const {
      pqxx::connection connection(database);
      pqxx::nontransaction(connection).exec(sql);
    }
  };
  Served serve() {
    Child child = start({"serve", "--log-level", "error"});
    const json urls = json::parse(child.read_line(std::chrono::seconds(30)).value_or("{}"));
    return {std::move(child), urls.at("target"), urls.at("database"), urls.at("providers")};
  }
  std::string log() const {
    std::ifstream file(files_.path() + "/log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  TempDirectory files_;
};

inline std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace loadgen
