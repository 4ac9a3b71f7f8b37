#include "loadgen/recorder.h"

#include <fmt/format.h>
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
            {"events", of.start.events.size()}}}};
}

void read_slots(const json& slots, model::World& start) {
  constexpr std::size_t kMost = 60'000;
  const auto count = [&](const char* key) {
    const json& value = slots.at(key);
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
}

RecordedCase header_from(const json& value) {
  if (!value.is_object() || value.value("hustle_history", 0) != kFormat) {
    throw std::invalid_argument(
        fmt::format("expected the header of a history ({{\"hustle_history\":{},…}})", kFormat));
  }
  RecordedCase of;
  of.scenario = value.at("scenario").get<std::string>();
  of.seed = value.at("seed").get<std::uint64_t>();
  of.history.case_id = value.at("case").get<std::uint64_t>();
  of.choices = value.at("choices").get<std::vector<std::uint32_t>>();
  of.started = {value.at("started").get<std::int64_t>()};
  for (const json& user : value.at("users")) of.start.users.push_back(user_from(user));
  read_slots(value.at("slots"), of.start);
  return of;
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

std::expected<RecordedCase, std::string> read_history(std::istream& in) {
  RecordedCase of;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    const json value = json::parse(line, nullptr, false);
    if (value.is_discarded()) return std::unexpected(fmt::format("line {}: expected a JSON object", number));
    try {
      if (number == 1) {
        of = header_from(value);
      } else {
        of.history.operations.push_back(operation_from(value));
      }
    } catch (const std::exception& error) {  // std::invalid_argument, or a type error of the JSON library
      return std::unexpected(fmt::format("line {}: {}", number, error.what()));
    }
  }
  if (of.start.users.empty())
    return std::unexpected("line 1: expected the header of a history, found an empty file");
  return of;
}

std::expected<RecordedCase, std::string> read_history_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::unexpected(path + ": cannot be read");
  auto of = read_history(file);
  if (!of) return std::unexpected(path + ": " + of.error());
  return of;
}

}  // namespace loadgen
