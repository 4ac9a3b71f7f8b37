#include "loadgen/record_json.h"

#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace loadgen {

using nlohmann::json;

namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

template <class Enum, std::size_t N>
Enum one_of(const std::array<std::string_view, N>& names, const json& value, std::string_view field) {
  const auto found =
      value.is_string() ? model::value_of<Enum>(names, value.get_ref<const std::string&>()) : std::nullopt;
  if (!found)
    throw std::invalid_argument(
        fmt::format("{}: expected one of {}, got {}", field, fmt::join(names, ", "), value.dump()));
  return *found;
}

template <class Number>
Number number(const json& value, std::string_view field) {
  const bool fits =
      value.is_number_integer() &&
      value.get<std::int64_t>() >= static_cast<std::int64_t>(std::numeric_limits<Number>::min()) &&
      value.get<std::int64_t>() <= static_cast<std::int64_t>(std::numeric_limits<Number>::max());
  if (!fits)
    throw std::invalid_argument(fmt::format("{}: expected an integer in range, got {}", field, value.dump()));
  return value.get<Number>();
}

// One list of members drives both directions: `visit(name, member, names of its values or nullptr)`.
constexpr const std::array<std::string_view, 0>* kPlain = nullptr;

template <class Visitor, class Value>
void visit_command(Visitor&& visit, Value& c) {
  visit("action", c.action, &model::kActionNames);
  visit("actor", c.actor, kPlain);
  visit("credential", c.credential, &model::kCredentialNames);
  visit("input_fault", c.input_fault, kPlain);
  visit("task", c.task, kPlain);
  visit("escrow", c.escrow, kPlain);
  visit("proof", c.proof, kPlain);
  visit("dispute", c.dispute, kPlain);
  visit("event", c.event, kPlain);
  visit("user", c.user, kPlain);
  visit("price", c.price, kPlain);
  visit("mode", c.mode, &model::kModeNames);
  visit("category", c.category, &model::kCategoryNames);
  visit("requires_proof", c.requires_proof, kPlain);
  visit("deadline_in", c.deadline_in, kPlain);
  visit("photos", c.photos, kPlain);
  visit("trick", c.trick, &model::kPhotoTrickNames);
  visit("picture", c.picture, kPlain);
  visit("photo_age_s", c.photo_age_s, kPlain);
  visit("fix", c.fix.present, kPlain);
  visit("fix_mock", c.fix.mock, kPlain);
  visit("fix_latitude", c.fix.latitude, kPlain);
  visit("fix_longitude", c.fix.longitude, kPlain);
  visit("fix_accuracy_dm", c.fix.accuracy_dm, kPlain);
  visit("fix_age_ms", c.fix.age_ms, kPlain);
  visit("reason", c.reason, &model::kDisputeReasonNames);
  visit("resolution", c.resolution, &model::kResolutionNames);
  visit("split_percent", c.split_percent, kPlain);
  visit("event_type", c.event_type, &model::kEventTypeNames);
  visit("flavour", c.flavour, &model::kEventFlavourNames);
  visit("verification", c.verification, kPlain);
  visit("state", c.state, kPlain);
  visit("risk_answers", c.risk_answers, kPlain);
  visit("latitude_e7", c.place.latitude_e7, kPlain);
  visit("longitude_e7", c.place.longitude_e7, kPlain);
  visit("trade", c.trade, &model::kTradeNames);
  visit("kind", c.kind, &model::kVerificationKindNames);
  visit("approve", c.approve, kPlain);
  visit("valid_for", c.valid_for, kPlain);
  visit("willingness", c.willingness, kPlain);
  visit("feed_mode", c.feed_mode, &model::kFeedModeNames);
  visit("radius_miles", c.radius_miles, kPlain);
  visit("page", c.page, kPlain);
  visit("onboarding_step", c.onboarding_step, &model::kOnboardingStepNames);
  visit("skip_tutorial", c.skip_tutorial, kPlain);
}

template <class Visitor, class Value>
void visit_user(Visitor&& visit, Value& u) {
  visit("status", u.status, &model::kAccountStatusNames);
  visit("live", u.live, &model::kLiveStateNames);
  visit("is_admin", u.is_admin, kPlain);
  visit("can_resolve_disputes", u.can_resolve_disputes, kPlain);
  visit("can_override_escrow", u.can_override_escrow, kPlain);
  visit("has_payout_account", u.has_payout_account, kPlain);
  visit("is_verified", u.is_verified, kPlain);
  visit("tier", u.tier, kPlain);
  visit("home", u.home, kPlain);
  visit("onboarding", u.onboarding, kPlain);
  visit("risk_hundredths", u.risk_hundredths, kPlain);
}

template <class Visitor, class Value>
void visit_answer(Visitor&& visit, Value& a) {
  visit("task", a.task, &model::kTaskStateNames);
  visit("escrow", a.escrow, &model::kEscrowStateNames);
  visit("proof", a.proof, &model::kProofStateNames);
  visit("dispute", a.dispute, &model::kDisputeStateNames);
  visit("resolution", a.resolution, &model::kResolutionNames);
  visit("amount", a.amount, kPlain);
  visit("base_xp", a.base_xp, kPlain);
  visit("multiplier_percent", a.multiplier_percent, kPlain);
  visit("effective_xp", a.effective_xp, kPlain);
  visit("xp_total", a.xp_total, kPlain);
  visit("level", a.level, kPlain);
  visit("streak", a.streak, kPlain);
  visit("tier", a.tier, kPlain);
  visit("badges", a.badges, kPlain);
  visit("absent", a.absent, kPlain);
  visit("feed", a.feed, kPlain);
  visit("failed_checks", a.failed_checks, kPlain);
  visit("capability", a.capability, kPlain);
  visit("verified", a.verified, kPlain);
  visit("waiting", a.waiting, kPlain);
  visit("phase", a.phase, kPlain);
}

struct Writer {
  json& out;

  template <class Tag, class Names>
  void operator()(const char* name, const model::Id<Tag>& id, const Names*) const {
    if (id.present()) out[name] = id.value;
  }
  template <class Enum, class Names>
    requires std::is_enum_v<Enum>
  void operator()(const char* key, const Enum& value, const Names* names) const {
    out[key] = (*names)[static_cast<std::size_t>(value)];
  }
  template <class Enum, class Names>
  void operator()(const char* key, const std::optional<Enum>& value, const Names* names) const {
    if (value) out[key] = (*names)[static_cast<std::size_t>(*value)];
  }
  template <class Number, class Names>
    requires std::is_arithmetic_v<Number>
  void operator()(const char* key, const Number& value, const Names*) const {
    out[key] = value;
  }
};

struct Reader {
  const json& in;

  const json* find(const char* key) const {
    const auto found = in.find(key);
    return found == in.end() ? nullptr : &*found;
  }
  template <class Tag, class Names>
  void operator()(const char* key, model::Id<Tag>& id, const Names*) const {
    if (const json* value = find(key)) id.value = number<std::uint16_t>(*value, key);
  }
  template <class Enum, class Names>
    requires std::is_enum_v<Enum>
  void operator()(const char* key, Enum& value, const Names* names) const {
    if (const json* text = find(key)) value = one_of<Enum>(*names, *text, key);
  }
  template <class Enum, class Names>
  void operator()(const char* key, std::optional<Enum>& value, const Names* names) const {
    if (const json* text = find(key)) value = one_of<Enum>(*names, *text, key);
  }
  template <class Names>
  void operator()(const char* key, bool& value, const Names*) const {
    const json* found = find(key);
    if (found == nullptr) return;
    if (!found->is_boolean()) throw std::invalid_argument(fmt::format("{}: expected true or false", key));
    value = found->get<bool>();
  }
  template <class Number, class Names>
    requires std::is_arithmetic_v<Number>
  void operator()(const char* key, Number& value, const Names*) const {
    if (const json* found = find(key)) value = number<Number>(*found, key);
  }
};

struct Namer {
  json& out;
  template <class Value, class Names>
  void operator()(const char* key, const Value&, const Names*) const {
    out[key] = true;
  }
};

template <class Value, class Visit>
void read_with(const json& in, std::string_view what, Value& value, Visit&& visit) {
  if (!in.is_object()) throw std::invalid_argument(fmt::format("{}: expected an object", what));
  json known = json::object();
  visit(Namer{known}, value);
  for (const auto& [key, unused] : in.items()) {
    if (!known.contains(key)) throw std::invalid_argument(fmt::format("{}.{}: unknown field", what, key));
  }
  visit(Reader{in}, value);
}

// Drops members that say what an empty value says anyway.
json without_defaults(json value, const json& defaults) {
  for (const auto& [key, usual] : defaults.items()) {
    if (key != "action" && value.contains(key) && value[key] == usual) value.erase(key);
  }
  return value;
}

template <class Value, class Visit>
json write_with(const Value& value, Visit&& visit) {
  json out = json::object();
  visit(Writer{out}, value);
  json defaults = json::object();
  visit(Writer{defaults}, Value{});
  return without_defaults(std::move(out), defaults);
}

void expect_object(const json& value, std::string_view what) {
  if (!value.is_object()) throw std::invalid_argument(fmt::format("{}: expected an object", what));
}

const json& member(const json& value, const char* key) {
  const auto found = value.find(key);
  if (found == value.end()) throw std::invalid_argument(fmt::format("{}: missing", key));
  return *found;
}

}  // namespace

json to_json(const model::Command& command) {
  return write_with(command, [](auto visitor, const auto& value) { visit_command(visitor, value); });
}

json to_json(const model::User& user) {
  return write_with(user, [](auto visitor, const auto& value) { visit_user(visitor, value); });
}

json to_json(const model::Outcome& outcome) {
  switch (outcome.kind) {
    case model::Outcome::Kind::accepted:
      return {{"ok", write_with(outcome.answer,
                                [](auto visitor, const auto& value) { visit_answer(visitor, value); })}};
    case model::Outcome::Kind::refused:
      return {{"refused", name(outcome.code)}};
    case model::Outcome::Kind::unknown:
      break;
  }
  return "unknown";
}

json to_json(const model::Operation& operation) {
  return {{"lane", operation.lane},
          {"step", operation.step},
          {"now", operation.now.ms},
          {"invoked_us", operation.invoked_us},
          {"returned_us", operation.returned_us == kNever ? json() : json(operation.returned_us)},
          {"command", to_json(operation.command)},
          {"outcome", to_json(operation.outcome)},
          {"http_status", operation.http_status},
          {"note", operation.note}};
}

model::Command command_from(const json& value) {
  expect_object(value, "command");
  member(value, "action");
  model::Command command;
  read_with(value, "command", command, [](auto visitor, auto& of) { visit_command(visitor, of); });
  return command;
}

model::User user_from(const json& value) {
  model::User user;
  read_with(value, "user", user, [](auto visitor, auto& of) { visit_user(visitor, of); });
  return user;
}

model::Outcome outcome_from(const json& value) {
  if (value == "unknown") return model::Outcome::unknown();
  expect_object(value, "outcome");
  if (value.contains("ok")) {
    model::Answer answer;
    read_with(value["ok"], "outcome.ok", answer, [](auto visitor, auto& of) { visit_answer(visitor, of); });
    return model::Outcome::accepted(answer);
  }
  const json& refused = member(value, "refused");
  const auto code = refused.is_string() ? model::code_of(refused.get<std::string>()) : std::nullopt;
  if (!code)
    throw std::invalid_argument(fmt::format("outcome.refused: expected a code, got {}", refused.dump()));
  return model::Outcome::refused(*code);
}

model::Operation operation_from(const json& value) {
  expect_object(value, "operation");
  model::Operation operation;
  operation.lane = number<std::uint32_t>(member(value, "lane"), "lane");
  if (value.contains("step")) operation.step = number<std::uint32_t>(value["step"], "step");
  operation.now = {number<std::int64_t>(member(value, "now"), "now")};
  operation.invoked_us = number<std::int64_t>(member(value, "invoked_us"), "invoked_us");
  const json& returned = member(value, "returned_us");
  operation.returned_us = returned.is_null() ? kNever : number<std::int64_t>(returned, "returned_us");
  operation.command = command_from(member(value, "command"));
  operation.outcome = outcome_from(member(value, "outcome"));
  if (value.contains("http_status")) operation.http_status = number<int>(value["http_status"], "http_status");
  if (value.contains("note") && value["note"].is_string()) operation.note = value["note"];
  return operation;
}

}  // namespace loadgen
