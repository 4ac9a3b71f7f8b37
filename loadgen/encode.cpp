#include "loadgen/encode.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include <fmt/format.h>

#include "loadgen/field_values.h"
#include "net/sign.h"

namespace loadgen {

using model::Command;
using nlohmann::json;

std::string iso_text(model::Instant at) {
  using namespace std::chrono;
  const auto days_part = floor<days>(sys_time<milliseconds>(milliseconds(at.ms)));
  const year_month_day date(days_part);
  const hh_mm_ss time(milliseconds(at.ms) - days_part.time_since_epoch());
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int(date.year()), unsigned(date.month()),
                     unsigned(date.day()), time.hours().count(), time.minutes().count(),
                     time.seconds().count(), time.subseconds().count());
}

std::string id_or_random(const std::vector<std::string>& ids, std::uint16_t slot) {
  if (slot < ids.size() && !ids[slot].empty()) return ids[slot];
  return net::random_uuid();
}

json input_of(const Command& command, const Bindings& ids, model::Instant now, std::uint64_t number) {
  const model::Procedure& procedure = model::procedure(command.action);
  Command base = command;
  if (command.input_fault != 0)
    base.fix = {};  // the spoiled field is the only bad one: its name is asked for
  const FieldSource from{base, ids, now, number};
  json input = json::object();
  for (const model::Field& field : procedure.input) {
    if (field.added) continue;
    json value = value_of(field, from);
    if (!value.is_null()) input[std::string(field.name)] = std::move(value);
  }
  if (command.input_fault != 0)
    spoil(input, model::input_faults(command.action).at(command.input_fault - 1U));
  return input;
}

net::Request request_of(const Command& command, const Bindings& ids, const std::string& token,
                        model::Instant now, bool clock, std::uint64_t number, const std::string& base_path) {
  const model::Procedure& procedure = model::procedure(command.action);
  const std::string input = input_of(command, ids, now, number).dump();
  net::Request request;
  request.target = fmt::format("{}/trpc/{}", base_path, procedure.name);
  switch (procedure.kind) {
    case model::Kind::query:
      request.method = "GET";
      if (input != "{}" || !procedure.input_optional)
        request.target += "?input=" + net::percent_encode(input);
      break;
    case model::Kind::mutation:
      request.method = "POST";
      request.headers.add("content-type", "application/json");
      request.body = input;
      break;
  }
  if (!token.empty()) request.headers.add("authorization", "Bearer " + token);
  if (clock) request.headers.add("x-hustle-now", std::to_string(now.ms));
  return request;
}

std::string plain_input(model::Action action, const Bindings& ids, model::Instant now, std::uint64_t number) {
  model::Command command;
  command.action = action;
  command.task = model::TaskId{0};
  command.escrow = model::EscrowId{0};
  command.proof = model::ProofId{0};
  command.dispute = model::DisputeId{0};
  command.user = model::UserId{0};
  command.price = 5000;
  return input_of(command, ids, now, number).dump();
}

}  // namespace loadgen
