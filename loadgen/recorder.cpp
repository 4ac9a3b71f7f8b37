#include "loadgen/recorder.h"

#include <fmt/format.h>
#include <algorithm>
#include <fstream>
#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <stdexcept>

#include "loadgen/record_json.h"

namespace loadgen {

using nlohmann::json;

namespace {

constexpr int kFormat = 1;

json header_of(const RecordedCase& of) {
  json users = json::array();
  for (const model::User& user : of.start.users) users.push_back(to_json(user));
  return {{"hustle_history", kFormat},
          {"scenario", of.scenario},
          {"seed", of.seed},
          {"case", of.history.case_id},
          {"choices", of.choices},
          {"started", of.started.ms},
          {"users", users},
          {"slots",
           {{"tasks", of.start.tasks.size()},
            {"proofs", of.start.proofs.size()},
            {"disputes", of.start.disputes.size()},
            {"events", of.start.events.size()},
            {"verifications", of.start.verifications.size()},
            {"pictures", of.start.pictures.size()}}}};
}

template <class Value>
Value member(const json& value, const char* key, std::string_view expected) {
  try {
    return value.at(key).get<Value>();
  } catch (const json::exception&) {
    throw std::invalid_argument(fmt::format("{}: expected {}, got {}", key, expected,
                                            value.contains(key) ? value[key].dump() : "nothing"));
  }
}

void read_slots(const json& slots, model::World& start) {
  constexpr std::size_t kMost = 60'000;
  const auto count = [&](const char* key) {
    const auto value = slots.is_object() && slots.contains(key) ? slots[key] : json();
    if (!value.is_number_unsigned() || value.get<std::size_t>() > kMost) {
      throw std::invalid_argument(fmt::format("slots.{}: expected an integer from 0 to {}", key, kMost));
    }
    return value.get<std::size_t>();
  };
  start.tasks.resize(count("tasks"));
  start.escrows.resize(start.tasks.size());
  start.proofs.resize(count("proofs"));
  start.disputes.resize(count("disputes"));
  start.events.resize(count("events"));
  if (slots.contains("verifications")) start.verifications.resize(count("verifications"));
  if (slots.contains("pictures")) start.pictures.resize(count("pictures"));
}

// What only a replay needs (scenario, seed, case, choices, started) may be left out.
RecordedCase header_from(const json& value) {
  if (!value.is_object() || value.value("hustle_history", json()) != kFormat) {
    throw std::invalid_argument(fmt::format(
        "hustle_history: expected the header of a history ({{\"hustle_history\":{},…}})", kFormat));
  }
  RecordedCase of;
  const auto whole = "a whole number";
  if (value.contains("scenario")) of.scenario = member<std::string>(value, "scenario", "a text");
  if (value.contains("seed")) of.seed = member<std::uint64_t>(value, "seed", whole);
  if (value.contains("case")) of.history.case_id = member<std::uint64_t>(value, "case", whole);
  if (value.contains("choices"))
    of.choices = member<std::vector<std::uint32_t>>(value, "choices", "a list of whole numbers");
  if (value.contains("started")) of.started = {member<std::int64_t>(value, "started", whole)};
  const json users = member<json::array_t>(value, "users", "a list of users, at least one");
  if (users.empty()) throw std::invalid_argument("users: expected a list of users, at least one");
  for (const json& user : users) of.start.users.push_back(user_from(user));
  read_slots(member<json>(value, "slots", "an object"), of.start);
  return of;
}

model::Operation checked_operation(const json& value) {
  model::Operation operation = operation_from(value);
  if (operation.returned_us < operation.invoked_us) {
    throw std::invalid_argument(fmt::format("returned_us: expected at least invoked_us ({}), got {}",
                                            operation.invoked_us, operation.returned_us));
  }
  return operation;
}

}  // namespace

RecordedCase recorded(const CaseRecord& record) {
  const sim::Plan& plan = record.plan;
  const model::Instant started = plan.steps.empty() ? model::Instant{0} : plan.steps.front().now;
  return {plan.scenario, plan.seed, plan.choices, started, plan.start, record.history};
}

void write_history(std::ostream& out, const RecordedCase& of) {
  out << header_of(of).dump() << '\n';
  for (const model::Operation& operation : of.history.operations) {
    out << to_json(operation).dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
  }
}

std::expected<std::vector<RecordedCase>, std::string> read_histories(std::istream& in) {
  std::vector<RecordedCase> all;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const json value = json::parse(line, nullptr, false);
    if (value.is_discarded()) return std::unexpected(fmt::format("line {}: expected a JSON object", number));
    try {
      if (all.empty() || (value.is_object() && value.contains("hustle_history"))) {
        all.push_back(header_from(value));
      } else {
        all.back().history.operations.push_back(checked_operation(value));
      }
    } catch (const std::exception& error) {  // std::invalid_argument, or a type error of the JSON library
      return std::unexpected(fmt::format("line {}: {}", number, error.what()));
    }
  }
  if (all.empty()) return std::unexpected("line 1: expected the header of a history, found an empty file");
  for (RecordedCase& of : all)
    std::ranges::stable_sort(of.history.operations, {}, &model::Operation::invoked_us);
  return all;
}

std::expected<std::vector<RecordedCase>, std::string> read_histories_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::unexpected(path + ": cannot be read");
  auto all = read_histories(file);
  if (!all) return std::unexpected(path + ": " + all.error());
  return all;
}

std::expected<RecordedCase, std::string> read_history(std::istream& in) {
  auto all = read_histories(in);
  if (!all) return std::unexpected(all.error());
  if (all->size() != 1) return std::unexpected(fmt::format("expected one history, found {}", all->size()));
  return std::move(all->front());
}

}  // namespace loadgen
