#include "tests/gate/gate_process.h"

#include <chrono>
#include <fstream>
#include <pqxx/pqxx>
#include <utility>

namespace loadgen {

using namespace std::chrono_literals;

Child GateProcess::start(std::vector<std::string> arguments, Environment environment) {
  arguments.insert(arguments.begin(), HUSTLE_BINARY);
  ChildOptions options;
  options.command = std::move(arguments);
  options.environment = std::move(environment);
  options.log_file = files_.path() + "/log";
  return Child(std::move(options));
}

GateRun GateProcess::gate(std::vector<std::string> arguments) {
  const std::string out = files_.path() + "/out";
  arguments.insert(arguments.begin(), {"gate", "--quiet", "--out", out});
  Child child = start(arguments);
  GateRun run;
  run.exit_code = child.wait(240s).value_or(Exit{.code = -1, .signal = 9}).code;
  run.folder = out + "/latest";
  std::ifstream file(run.folder + "/report.json");
  run.report = json::parse(file, nullptr, false);
  return run;
}

GateProcess::Served GateProcess::serve() {
  Child child = start({"serve", "--log-level", "error"});
  const json urls = json::parse(child.read_line(30s).value_or("{}"));
  return {std::move(child), urls.at("target"), urls.at("database"), urls.at("providers")};
}

void GateProcess::Served::damage(const std::string& sql) const {
  pqxx::connection connection(database);
  pqxx::nontransaction(connection).exec(sql);
}

std::string GateProcess::log() const {
  std::ifstream file(files_.path() + "/log");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace loadgen
