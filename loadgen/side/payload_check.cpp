// Limits of what a call may carry (safety-and-abuse.md §4, T-SAF-22): every text, number and list of the
// contract table at its limit and one past it; size, depth, members and batch likewise.
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "model/vocabulary/contract.h"
#include "model/vocabulary/limits.h"

namespace loadgen {
namespace {

using model::Field;
using model::FieldType;
using model::Procedure;
using nlohmann::json;

constexpr std::string_view kSpec = "safety-and-abuse.md §4, payload limits";
constexpr std::size_t kMembersMax = 1000;

class Payloads {
 public:
  explicit Payloads(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(1, 1)) {}

  void run() {
    for (const Procedure& procedure : model::all_procedures()) {
      for (const Field& field : procedure.input) {
        try_field(procedure, field);
        try_nul(procedure, field);
      }
    }
    try_size();
    try_depth();
    try_members();
    try_batch();
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety payloads", "payload limits", kSpec, what, expected, observed);
  }

  json well_formed(const Procedure& procedure) const {
    model::Command command;
    command.action = procedure.action;
    command.price = 5000;
    command.resolution = model::Resolution::split;
    command.split_percent = 50;
    return input_of(command, {}, client_.now, 7);
  }

  // Sends an input that is well formed but for `field`, which is `value`. Whether the server finds fault with
  // it.
  bool faulty(const Procedure& procedure, const Field& field, json value) {
    json input = well_formed(procedure);
    input[std::string(field.name)] = std::move(value);
    const Reply reply = client_.call(procedure.name, input.dump(), people_.posters[0].token);
    const std::string named = reply.text("/error/data/field");
    const bool blocked = reply.message == "CONTENT_BLOCKED";
    return !blocked && (reply.hx == "VALIDATION_ERROR" || reply.hx == "HX902") &&
           named.substr(0, named.find_first_of(".[")) == field.name;
  }

  void at_limit(const Procedure& procedure, const Field& field, const std::string& what, json good,
                json bad) {
    expect(fmt::format("{}.{} {}", procedure.name, field.name, what), "taken",
           faulty(procedure, field, std::move(good)) ? "refused" : "taken");
    expect(fmt::format("{}.{} one past {}", procedure.name, field.name, what), "refused",
           faulty(procedure, field, std::move(bad)) ? "refused" : "taken");
  }

  // Postgres cannot hold U+0000: whoever takes such a text finds out too late (error-codes.md §4 step 2).
  void try_nul(const Procedure& procedure, const Field& field) {
    const bool list = field.type == FieldType::text_list;
    if (!list && field.type != FieldType::text && field.type != FieldType::key) return;
    const std::string text("a\0b", 3);
    json input = well_formed(procedure);
    input[std::string(field.name)] = list ? json::array({"proofs/7/0.jpg", text}) : json(text);
    const Reply reply = client_.call(procedure.name, input.dump(), people_.posters[0].token);
    expect(fmt::format("{}.{} with a character of code zero", procedure.name, field.name),
           "an answer below 500",
           reply.status > 0 && reply.status < 500 ? "an answer below 500" : told(reply));
  }

  void try_field(const Procedure& procedure, const Field& field) {
    const auto most = static_cast<std::size_t>(field.max);
    // A cursor is only taken from whoever it was given to, whatever its length.
    const bool opaque = field.name == "pagination_cursor";
    if (field.type == FieldType::text && field.max > 0 && !opaque) {
      at_limit(procedure, field, fmt::format("of {} characters", most), std::string(most, 'a'),
               std::string(most + 1, 'a'));
      std::string umlauts;  // characters are counted, not bytes
      for (std::size_t i = 0; i < most; ++i) umlauts += "\xC3\xBC";
      at_limit(procedure, field, fmt::format("of {} two-byte characters", most), umlauts,
               umlauts + "\xC3\xBC");
    } else if (field.type == FieldType::key) {
      at_limit(procedure, field, fmt::format("of {} characters", most), std::string(most, '~'),
               std::string(most + 1, '~'));
      at_limit(procedure, field, "from the first printable character, past it a control", " key", "\x1Fkey");
      at_limit(procedure, field, "to the last printable character, past it a control", "key~", "key\x7F");
      at_limit(procedure, field, "of ASCII, past it a letter with dots", "key u", "key \xC3\xBC");
    } else if (field.type == FieldType::integer) {
      at_limit(procedure, field, fmt::format("= {}", field.max), field.max, field.max + 1);
      // A LIVE price has a floor of its own; the field's own floor is STANDARD's.
      at_limit(procedure, field, fmt::format("= {}", field.min), field.min, field.min - 1);
      at_limit(procedure, field, "a whole number, past it a fraction", field.min,
               static_cast<double>(field.min) + 0.5);
    } else if (field.type == FieldType::text_list) {
      const auto list = [](std::size_t n) {
        json items = json::array();
        for (std::size_t i = 0; i < n; ++i) items.push_back(fmt::format("proofs/7/{}.jpg", i));
        return items;
      };
      at_limit(procedure, field, fmt::format("of {} items", most), list(most), list(most + 1));
    } else if (field.type == FieldType::object_list && field.max > 0) {
      const json one = well_formed(procedure)[std::string(field.name)].at(0);
      at_limit(procedure, field, fmt::format("of {} items", most), json(most, one), json(most + 1, one));
      for (const Field& member : field.members) {
        if (member.type != FieldType::integer) continue;
        const auto with = [&](std::int64_t value) {
          json changed = one;
          changed[std::string(member.name)] = value;
          return json::array({changed});
        };
        at_limit(procedure, field, fmt::format("with {} = {}", member.name, member.max), with(member.max),
                 with(member.max + 1));
        at_limit(procedure, field, fmt::format("with {} = {}", member.name, member.min), with(member.min),
                 with(member.min - 1));
      }
    }
  }

  Reply profile(const std::string& body) {
    return client_.call("user.updateProfile", body, people_.posters[0].token);
  }

  void try_size() {
    const std::string small = R"({"full_name":"Ana Adams"})";
    expect("a body of exactly the limit", "ok",
           told(profile(small + std::string(model::limits::kBodyMax - small.size(), ' '))));
    expect(
        "a body of one byte more", "413",
        std::to_string(profile(small + std::string(model::limits::kBodyMax - small.size() + 1, ' ')).status));
  }

  // Too deep for the reader, or merely not what the field wants: both are refused, but only one names the
  // field.
  void try_depth() {
    for (const int depth : {model::limits::kJsonDepthMax, model::limits::kJsonDepthMax + 1, 10'000}) {
      const int inner = depth - 1;
      const std::string bomb = "{\"full_name\":" + std::string(static_cast<std::size_t>(inner), '[') +
                               std::string(static_cast<std::size_t>(inner), ']') + "}";
      const Reply reply = profile(bomb);
      expect(
          fmt::format("JSON of depth {}", depth),
          fmt::format("VALIDATION_ERROR {}", depth <= model::limits::kJsonDepthMax ? "full_name" : "input"),
          fmt::format("{} {}", reply.hx, reply.text("/error/data/field")));
    }
  }

  void try_members() {
    for (const std::size_t members : {kMembersMax, 50 * kMembersMax}) {
      std::string body = "{\"full_name\":\"Ana Adams\"";
      for (std::size_t i = 0; i < members; ++i) body += fmt::format(",\"m{}\":1", i);
      expect(fmt::format("{} members too many", members), "VALIDATION_ERROR", profile(body + "}").hx);
    }
  }

  void try_batch() {
    for (const int size : {model::limits::kBatchMax, model::limits::kBatchMax + 1}) {
      std::string path = "/trpc/user.updateProfile";
      std::string body = R"({"0":{"full_name":"Ana Adams"})";
      for (int i = 1; i < size; ++i) {
        path += ",user.updateProfile";
        body += fmt::format(R"(,"{}":{{"full_name":"Ana Adams"}})", i);
      }
      const Reply reply = client_.post(path + "?batch=1", body + "}",
                                       {{"authorization", "Bearer " + people_.posters[0].token}});
      expect(fmt::format("a batch of {}", size), size <= model::limits::kBatchMax ? "200" : "400",
             std::to_string(reply.status));
    }
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_payloads(const SafetyStage& stage) {
  Payloads(stage).run();
}

}  // namespace loadgen
