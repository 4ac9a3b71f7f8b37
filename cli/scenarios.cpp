#include "cli/scenarios.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/arguments.h"
#include "sim/scenario.h"

namespace cli {
namespace {

const std::string folder = std::string(HUSTLE_SOURCE_DIR) + "/scenarios";

sim::Scenario load(const std::string& name) {
  auto scenario = sim::load_scenario(name, folder);
  if (!scenario) throw UserMistake(scenario.error());  // names the file or the scenario itself
  return *scenario;
}

int list() {
  for (const std::string& name : sim::scenario_names(folder)) {
    std::printf("%-18s %s\n", name.c_str(), load(name).summary.c_str());
  }
  return 0;
}

int explain(const std::vector<std::string>& names) {
  for (std::size_t index = 0; index < names.size(); ++index) {
    std::printf("%s%s", index == 0 ? "" : "\n", sim::explain_scenario(load(names[index])).c_str());
  }
  return 0;
}

int validate(std::vector<std::string> names) {
  if (names.empty()) names = sim::scenario_names(folder);
  bool valid = true;
  for (const std::string& name : names) {
    if (const auto scenario = sim::load_scenario(name, folder)) {
      std::printf("%s: valid\n", name.c_str());
    } else {
      std::fprintf(stderr, "%s\n", scenario.error().c_str());
      valid = false;
    }
  }
  return valid ? 0 : 2;
}

}  // namespace

int run_scenarios(const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  CLI::App app("What can be played: a name of scenarios/, or the path of a .json file.", "hustle scenarios");
  app.require_subcommand(0, 1);
  app.add_subcommand("list", "names and one line each (the default)");
  CLI::App* explained = app.add_subcommand("explain", "what happens in it, in plain English");
  explained->add_option("NAME", names, "names or files")->required();
  CLI::App* validated =
      app.add_subcommand("validate", "whether files are scenarios; all of scenarios/ by default");
  validated->add_option("FILE", names, "names or files");
  CLI::App* schema = app.add_subcommand("schema", "the JSON schema, for editors");
  if (const auto code = parse_arguments(app, arguments)) return *code;
  if (explained->parsed()) return explain(names);
  if (validated->parsed()) return validate(std::move(names));
  if (schema->parsed()) return std::fputs(sim::scenario_schema().c_str(), stdout) < 0 ? 3 : 0;
  return list();
}

}  // namespace cli
