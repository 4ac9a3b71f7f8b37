#include <fmt/format.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/scenario.h"
#include "sim/scenario_table.h"
#include "sim/story.h"

namespace sim {
namespace {

using nlohmann::json;

struct Wrong {  // thrown inside this file only, turned into the error value at its edge
  std::string line;
};

[[noreturn]] void wrong(const std::string& path, const std::string& expected, const json& got) {
  std::string shown = got.dump();
  if (shown.size() > 40) shown = shown.substr(0, 37) + "...";
  throw Wrong{fmt::format("{}: expected {}, got {}", path.empty() ? "scenario" : path, expected, shown)};
}

void check_integer(const json& value, double min, double max, const std::string& path) {
  const std::string expected = fmt::format("an integer from {:.0f} to {:.0f}", min, max);
  if (!value.is_number_integer()) wrong(path, expected, value);
  const double number = value.get<double>();
  if (number < min || number > max) wrong(path, expected, value);
}

void check_range(const json& value, const ScenarioField& field, const std::string& path) {
  if (!value.is_object()) wrong(path, "an object with min and max", value);
  for (const auto& [key, unused] : value.items()) {
    if (key != "min" && key != "max")
      throw Wrong{fmt::format("{}.{}: unknown field, expected min and max", path, key)};
  }
  for (const char* end : {"min", "max"}) {
    if (!value.contains(end)) throw Wrong{fmt::format("{}.{}: missing", path, end)};
    check_integer(value[end], field.min, field.max, path + "." + end);
  }
  if (value["min"] > value["max"]) {
    wrong(path + ".max", fmt::format("at least min ({})", value["min"].dump()), value["max"]);
  }
}

void check_races(const json& value, const std::string& path) {
  if (!value.is_array()) wrong(path, "a list of race names", value);
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool known = value[i].is_string() &&
                       std::ranges::find(kRaceNames, value[i].get<std::string>()) != kRaceNames.end();
    if (!known)
      wrong(fmt::format("{}[{}]", path, i), fmt::format("one of {}", fmt::join(kRaceNames, ", ")), value[i]);
  }
}

void check_texts(const json& value, const std::string& path) {
  if (!value.is_array()) wrong(path, "a list of texts", value);
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!value[i].is_string()) wrong(fmt::format("{}[{}]", path, i), "a text", value[i]);
  }
}

void check_numbers(const json& value, const ScenarioField& field, const std::string& path) {
  if (!value.is_array() || value.empty()) wrong(path, "a list of numbers", value);
  for (std::size_t i = 0; i < value.size(); ++i)
    check_integer(value[i], field.min, field.max, fmt::format("{}[{}]", path, i));
}

void read_object(Scenario& into, const json& value, std::span<const ScenarioField> fields,
                 const std::string& path);

void read_list(Scenario& into, const json& value, const ScenarioField& field, const std::string& path) {
  if (!value.is_array()) wrong(path, "a list of objects", value);
  for (std::size_t i = 0; i < value.size(); ++i) {
    field.set(into, value[i]);
    read_object(into, value[i], field.members, fmt::format("{}[{}]", path, i));
  }
}

void read_field(Scenario& into, const json& value, const ScenarioField& field, const std::string& path) {
  switch (field.shape) {
    case Shape::text:
      if (!value.is_string() || value.get<std::string>().size() < static_cast<std::size_t>(field.min) ||
          value.get<std::string>().size() > static_cast<std::size_t>(field.max)) {
        wrong(path, fmt::format("a text of {:.0f} to {:.0f} characters", field.min, field.max), value);
      }
      break;
    case Shape::integer:
      check_integer(value, field.min, field.max, path);
      break;
    case Shape::number:
      if (!value.is_number() || value.get<double>() <= field.min) {
        wrong(path, fmt::format("a number > {:.0f}", field.min), value);
      }
      if (value.get<double>() > field.max) wrong(path, fmt::format("a number <= {:.0f}", field.max), value);
      break;
    case Shape::boolean:
      if (!value.is_boolean()) wrong(path, "true or false", value);
      break;
    case Shape::range:
      check_range(value, field, path);
      break;
    case Shape::choice:
      if (!value.is_string() ||
          std::ranges::find(field.choices, value.get<std::string>()) == field.choices.end()) {
        wrong(path, fmt::format("one of {}", fmt::join(field.choices, ", ")), value);
      }
      break;
    case Shape::text_list:
      check_texts(value, path);
      break;
    case Shape::race_list:
      check_races(value, path);
      break;
    case Shape::number_list:
      check_numbers(value, field, path);
      break;
    case Shape::object:
      if (field.set != nullptr) field.set(into, value);
      return read_object(into, value, field.members, path);
    case Shape::object_list:
      return read_list(into, value, field, path);
  }
  field.set(into, value);
}

void read_object(Scenario& into, const json& value, std::span<const ScenarioField> fields,
                 const std::string& path) {
  if (!value.is_object()) wrong(path, "an object", value);
  const std::string prefix = path.empty() ? "" : path + ".";
  for (const auto& [key, unused] : value.items()) {
    if (std::ranges::find(fields, key, &ScenarioField::name) == fields.end()) {
      std::vector<std::string_view> names;
      for (const ScenarioField& field : fields) names.push_back(field.name);
      throw Wrong{
          fmt::format("{}{}: unknown field, expected one of {}", prefix, key, fmt::join(names, ", "))};
    }
  }
  for (const ScenarioField& field : fields) {
    const std::string field_path = prefix + std::string(field.name);
    const auto found = value.find(field.name);
    if (found != value.end()) {
      read_field(into, *found, field, field_path);
    } else if (field.required) {
      throw Wrong{fmt::format("{}: missing ({})", field_path, field.says)};
    }
  }
}

void check_load(const Load& load) {
  const auto measured = [](const LoadPhase& phase) { return phase.kind == "measure"; };
  if (load.phases.empty()) throw Wrong{"load.phases: expected at least one phase, got none"};
  if (std::ranges::none_of(load.phases, measured))
    throw Wrong{"load.phases: expected at least one of kind \"measure\", got none"};
  for (std::size_t i = 0; i < load.phases.size(); ++i) {
    const auto same = [&](const LoadPhase& other) { return other.name == load.phases[i].name; };
    if (std::ranges::find_if(load.phases, same) != load.phases.begin() + static_cast<std::ptrdiff_t>(i))
      throw Wrong{fmt::format("load.phases[{}].name: expected a name of its own, got \"{}\"", i,
                              load.phases[i].name)};
  }
  if (load.populations.empty()) throw Wrong{"load.populations: expected at least one, got none"};
  const bool arrive =
      std::ranges::any_of(load.populations, [](const Population& one) { return one.share > 0; });
  for (std::size_t i = 0; i < load.phases.size(); ++i) {
    if ((load.phases[i].rate > 0) != arrive)
      throw Wrong{fmt::format("load.phases[{}].rate: expected {}", i,
                              arrive ? "a number, because populations with a share arrive"
                                     : "none, because all populations are users")};
  }
  for (std::size_t i = 0; i < load.populations.size(); ++i) {
    const Population& one = load.populations[i];
    if ((one.share > 0) == (one.users > 0))
      throw Wrong{fmt::format("load.populations[{}]: expected either share or users, got {}", i,
                              one.users > 0 ? "both" : "neither")};
    if (one.think_seconds > 0 && one.users == 0)
      throw Wrong{fmt::format("load.populations[{}].think_seconds: expected together with users", i)};
    if (std::ranges::all_of(load.populations[i].weights, [](std::int64_t weight) { return weight == 0; }))
      throw Wrong{
          fmt::format("load.populations[{}].journeys: expected at least one weight above 0, got none", i)};
  }
}

// Rules between fields that the table cannot say.
void check_together(const Scenario& scenario, bool has_steps) {
  if (scenario.load) check_load(*scenario.load);
  if (!has_steps && scenario.load) return;
  if (!has_steps) throw Wrong{"steps: missing (relative weights of what happens next)"};
  const Steps& s = scenario.steps;
  const std::int64_t sum = s.progress + s.cancel + s.dispute + s.read + s.wrong_actor + s.wrong_state +
                           s.unknown_id + s.bad_credential + s.bad_input + s.race + s.webhook_trouble +
                           s.expiry + s.review_timeout + s.payout;
  if (sum == 0) throw Wrong{"steps: expected at least one weight above 0, got none"};
  if (!scenario.needs.clock && (s.expiry > 0 || s.review_timeout > 0)) {
    throw Wrong{
        "needs.clock: expected true because steps.expiry or steps.review_timeout is above 0, got false"};
  }
}

// The library's words begin with an id of its own and name itself; line and column are what helps.
std::expected<json, std::string> read_json(std::string_view text) {
  try {
    return json::parse(text);
  } catch (const json::parse_error& error) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(error.byte, text.size()));
    return std::unexpected(fmt::format("scenario: expected JSON, got something else in line {}",
                                       1 + std::count(text.begin(), end, '\n')));
  }
}

std::string stem_of(const std::string& path) {
  return std::filesystem::path(path).stem().string();
}

}  // namespace

std::expected<Scenario, std::string> parse_scenario(std::string_view text) {
  const auto value = read_json(text);
  if (!value) return std::unexpected(value.error());
  try {
    Scenario scenario;
    read_object(scenario, *value, scenario_fields(), "");
    check_together(scenario, value->contains("steps"));
    if (!value->contains("steps")) scenario.steps.progress = 1;  // as a plan: the happy path
    return scenario;
  } catch (const Wrong& mistake) {
    return std::unexpected(mistake.line);
  }
}

std::expected<Scenario, std::string> load_scenario(const std::string& name_or_path,
                                                   const std::string& folder) {
  if (name_or_path == kStoryScenario) {
    Scenario scenario;
    scenario.name = name_or_path;
    scenario.summary = "The calls of a finding";
    scenario.explanation = "Calls that were written down, not drawn.";
    scenario.told = true;
    return scenario;
  }
  const bool is_path = name_or_path.ends_with(".json") || name_or_path.find('/') != std::string::npos;
  const std::string path = is_path ? name_or_path : folder + "/" + name_or_path + ".json";
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    if (is_path) return std::unexpected(fmt::format("{}: expected a scenario file, found none", path));
    return std::unexpected(fmt::format("scenario {}: unknown, expected one of {} or the path of a .json file",
                                       name_or_path, fmt::join(scenario_names(folder), ", ")));
  }
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  auto scenario = parse_scenario(text.str());
  if (!scenario) return std::unexpected(path + ": " + scenario.error());
  if (scenario->name != stem_of(path)) {
    return std::unexpected(fmt::format("{}: name: expected \"{}\" like the file, got \"{}\"", path,
                                       stem_of(path), scenario->name));
  }
  return scenario;
}

std::vector<std::string> scenario_names(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string file = entry.path().filename().string();
    if (file.ends_with(".json") && !file.ends_with(".schema.json")) names.push_back(stem_of(file));
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace sim
