#include "loadgen/field_values.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "net/sign.h"
#include "sim/people.h"

namespace loadgen {

using model::Command;
using nlohmann::json;

namespace {

using Source = FieldSource;

// Uploaded beforehand (uploads.h); otherwise keys that nobody has issued.
json photo_keys(const Source& from) {
  json keys = json::array();
  for (std::size_t i = 0; i < from.command.photos; ++i)
    keys.push_back(i < from.ids.photo_keys.size() ? from.ids.photo_keys[i]
                                                  : fmt::format("proofs/{}/{}.jpg", from.number, i + 1));
  return keys;
}

json degrees(model::DegreesE7 value) {
  return json(value / 1e7);
}

json upload_files(const Source& from) {
  json files = json::array();
  for (int i = 0; i < std::clamp<int>(from.command.photos, 1, 5); ++i) {
    files.push_back({{"photo_type", "result"},
                     {"content_type", "image/jpeg"},
                     {"size_bytes", 200'000},
                     {"checksum_sha256", net::hex(net::sha256(fmt::format("{} {}", from.number, i)))}});
  }
  return files;
}

json if_fixed(const Source& from, json value) {
  return from.command.fix.present ? std::move(value) : json();
}

json place_name(const Source& from) {
  return fmt::format("{} block, Seattle", 100 * (1 + from.number % 80));
}

// Varies from call to call, and is the same when a call is repeated.
std::uint64_t variant(const Source& from) {
  std::uint64_t mixed = static_cast<std::uint64_t>(from.now.ms) / 1000 + from.number * 977;
  mixed ^= mixed >> 7;
  mixed *= 0x9E3779B97F4A7C15ULL;
  return mixed >> 32;
}

// The standard is meant as well when the field is left out (api.md): half of the callers do.
template <class T>
json or_none(const Source& from, const T& value, const T& standard) {
  return value == standard && variant(from) / 128 % 2 == 0 ? json() : json(value);
}

// A list of one poster's tasks: a list of everybody's would grow with the run. Mostly narrowed to what the
// task that the command names has in common with them.
json tasks_of_one(const Source& from) {
  const Command& c = from.command;
  json filter{{"poster_id", id_or_random(from.ids.users, c.user.present() ? c.user.value : c.actor.value)}};
  switch (variant(from) % 8) {
    case 1:
      filter["min_price"] = c.price;
      break;
    case 2:
      filter["max_price"] = c.price;
      break;
    case 3:
      filter["mode"] = name(c.mode);
      break;
    case 4:
      filter["category"] = name(c.category);
      break;
    case 5:
      filter["state"] = name(model::TaskState::open);
      break;
    case 6:
      filter["state"] = {name(model::TaskState::completed), name(model::TaskState::cancelled)};
      break;
    case 7:
      filter["mode"] = name(c.mode);
      filter["min_price"] = filter["max_price"] = c.price;
      break;
    default:
      break;
  }
  if (variant(from) / 256 % 8 == 0 && from.ids.users.size() > 1)
    filter["worker_id"] = from.ids.users[variant(from) / 2048 % from.ids.users.size()];
  return filter;
}

// None, one or two pictures of a dispute.
json evidence_keys(const Source& from) {
  json keys = json::array();
  for (std::uint64_t i = 0; i < variant(from) / 512 % 3; ++i)
    keys.push_back(fmt::format("evidence/{}/{}.jpg", from.number, i));
  return keys.empty() ? json() : keys;
}

json list_order(const Source& from) {
  switch (variant(from) / 8 % 4) {
    case 1:
      return {{"field", "created_at"}, {"direction", "asc"}};
    case 2:
      return {{"field", "price"}, {"direction", "asc"}};
    case 3:
      return {{"field", "deadline"}, {"direction", "desc"}};
    default:
      return {};
  }
}

json list_page(const Source& from) {
  switch (variant(from) / 32 % 4) {
    case 1:
      return {{"limit", 1}};
    case 2:
      return {{"limit", 1}, {"offset", 1}};
    case 3:
      return {{"limit", 2}};
    default:
      return {};
  }
}

json place_of(const model::GeoPoint& place) {
  return {{"latitude", place.latitude()}, {"longitude", place.longitude()}};
}

// A place for task.create and feed.get, each in its own shape.
json location(const Source& from) {
  if (from.command.action != model::Action::feed_get) return place_name(from);
  return from.command.place.present() ? place_of(from.command.place) : json();
}

json latitude(const Source& from) {
  return from.command.place.present() ? degrees(from.command.place.latitude_e7) : json();
}
json longitude(const Source& from) {
  return from.command.place.present() ? degrees(from.command.place.longitude_e7) : json();
}

template <std::size_t N>
json named_bits(const std::array<std::string_view, N>& names, unsigned bits, bool all) {
  json values = json::object();
  for (std::size_t i = 0; i < N; ++i) {
    const bool set = (bits >> i & 1U) != 0;
    if (set || all) values[std::string(names[i])] = set;
  }
  return values;
}

json trade(const Source& from) {
  return name(from.command.trade == model::Trade::none ? model::Trade::electrician : from.command.trade);
}

bool is(const Source& from, model::Action action) {
  return from.command.action == action;
}

json limit(const Source& from) {
  if (is(from, model::Action::feed_get)) return from.command.page > 0 ? json(from.command.page) : json();
  return variant(from) % 2 == 0 ? json() : json(1 + variant(from) % 3);
}

json once_in(const Source& from, unsigned times, const char* text) {
  return variant(from) / 256 % times == 0 ? json(text) : json();
}

// Which of a profile's three fields an update names: never none.
std::uint64_t profile_part(const Source& from) {
  return variant(from) / 1024 % 6;
}

// Claims grant nothing (eligibility.md §2.1), so everybody may make them.
bool claims(const Source& from) {
  return variant(from) / 8192 % 2 == 0;
}

struct FieldValue {
  std::string_view name;
  json (*value)(const Source&);  // a null leaves an optional field out
};

const std::array kValues{
    FieldValue{"task_id",
               [](const Source& s) { return json(id_or_random(s.ids.tasks, s.command.task.value)); }},
    FieldValue{"escrow_id",
               [](const Source& s) { return json(id_or_random(s.ids.escrows, s.command.escrow.value)); }},
    FieldValue{"proof_id",
               [](const Source& s) { return json(id_or_random(s.ids.proofs, s.command.proof.value)); }},
    FieldValue{"dispute_id",
               [](const Source& s) { return json(id_or_random(s.ids.disputes, s.command.dispute.value)); }},
    FieldValue{"title", [](const Source& s) { return json(sim::task_title(s.command.category, s.number)); }},
    FieldValue{"description",
               [](const Source& s) { return json(sim::task_description(s.command.category, s.number)); }},
    FieldValue{"location", location},
    FieldValue{"location_lat", latitude},
    FieldValue{"location_lng", longitude},
    FieldValue{"location_state",
               [](const Source& s) {
                 return s.command.state == 0 ? json() : json(model::kUsStateNames.at(s.command.state));
               }},
    FieldValue{"risk_answers",
               [](const Source& s) {
                 const unsigned bits = s.command.risk_answers;
                 return or_none(s, named_bits(model::kRiskAnswerNames, bits, bits == 0),
                                named_bits(model::kRiskAnswerNames, 0, true));
               }},
    FieldValue{"category", [](const Source& s) { return json(name(s.command.category)); }},
    FieldValue{"price", [](const Source& s) { return json(s.command.price); }},
    FieldValue{"deadline", [](const Source& s) { return json(iso_text(s.now + s.command.deadline_in)); }},
    FieldValue{"mode",
               [](const Source& s) { return or_none(s, name(s.command.mode), name(Command{}.mode)); }},
    FieldValue{"requires_proof", [](const Source& s) { return or_none(s, s.command.requires_proof, true); }},
    FieldValue{"photo_urls", photo_keys},
    FieldValue{"files", upload_files},
    FieldValue{"gps_lat", [](const Source& s) { return if_fixed(s, degrees(s.command.fix.latitude)); }},
    FieldValue{"gps_lng", [](const Source& s) { return if_fixed(s, degrees(s.command.fix.longitude)); }},
    FieldValue{"gps_accuracy_m",
               [](const Source& s) { return if_fixed(s, s.command.fix.accuracy_dm / 10.0); }},
    FieldValue{
        "gps_captured_at",
        [](const Source& s) { return if_fixed(s, iso_text(s.now + -model::Millis{s.command.fix.age_ms})); }},
    FieldValue{"gps_mock",
               [](const Source& s) { return if_fixed(s, or_none(s, s.command.fix.mock, false)); }},
    FieldValue{"reason",
               [](const Source& s) {
                 if (s.command.action == model::Action::admin_set_freeze) return json("TEST_SIMULATION");
                 const bool listed = s.command.action == model::Action::dispute_create;
                 return listed ? json(name(s.command.reason)) : json("The stairs were still wet.");
               }},
    FieldValue{"filter", tasks_of_one},
    FieldValue{"sort", list_order},
    FieldValue{"pagination", list_page},
    FieldValue{"limit", limit},
    FieldValue{"requirements", [](const Source& s) { return once_in(s, 4, "Bring gloves."); }},
    FieldValue{
        "proof_instructions",
        [](const Source& s) { return once_in(s, 3, "Show the whole room, and the door from outside."); }},
    FieldValue{"evidence_urls", evidence_keys},
    FieldValue{"license_type", [](const Source& s) { return once_in(s, 2, "journeyman"); }},
    FieldValue{"policy_number", [](const Source& s) { return once_in(s, 2, "P-4711/b"); }},
    FieldValue{"data", [](const Source& s) { return once_in(s, 2, "Read to the end."); }},
    FieldValue{
        "full_name",
        [](const Source& s) { return profile_part(s) % 3 == 1 ? json() : json(sim::full_name(s.number)); }},
    FieldValue{"avatar_url",
               [](const Source& s) {
                 return profile_part(s) == 0 ? json() : json(fmt::format("avatars/{}.png", s.number));
               }},
    FieldValue{"default_mode",
               [](const Source& s) {
                 return profile_part(s) < 3 ? json() : json(s.number % 2 == 0 ? "worker" : "poster");
               }},
    FieldValue{"user_id",
               [](const Source& s) {
                 if (!s.command.user.present() && s.command.action == model::Action::user_get_badges)
                   return json();
                 return json(id_or_random(s.ids.users, s.command.user.value));
               }},
    FieldValue{"resolution", [](const Source& s) { return json(name(s.command.resolution)); }},
    FieldValue{"split_percent",
               [](const Source& s) {
                 return s.command.resolution == model::Resolution::split ? json(s.command.split_percent)
                                                                         : json();
               }},
    FieldValue{"notes", [](const Source&) { return json("Decided after reading the photos."); }},
    FieldValue{"switch", [](const Source&) { return json("MARKETPLACE"); }},
    FieldValue{"active", [](const Source&) { return json(false); }},
    FieldValue{"note", [](const Source&) { return json("Switched while trying it out."); }},
    FieldValue{"severity", [](const Source&) { return json(1); }},
    FieldValue{"source_event", [](const Source& s) { return json(fmt::format("event-{}", s.number)); }},
    FieldValue{"status", [](const Source&) { return json("ACTIVE"); }},
    FieldValue{"role",
               [](const Source& s) {
                 if (is(s, model::Action::onboarding_set_role))
                   return json(s.number % 2 == 0 ? "worker" : "poster");
                 return json(is(s, model::Action::admin_grant_role) ? "support" : "poster");
               }},
    FieldValue{"key",
               [](const Source& s) {
                 return json(s.command.action == model::Action::admin_set_flag ? "beta_mode"
                                                                               : "beta_max_users");
               }},
    FieldValue{"enabled", [](const Source&) { return json(false); }},
    FieldValue{"value", [](const Source&) { return json(200); }},
    FieldValue{"code", [](const Source& s) { return json(fmt::format("SEATTLE-{}", s.number)); }},
    FieldValue{"max_uses", [](const Source&) { return json(25); }},
    FieldValue{"item_id", [](const Source&) { return json(id_or_random({}, 0)); }},
    FieldValue{"decision",
               [](const Source& s) {
                 if (is(s, model::Action::admin_decide_appeal)) return json("upheld");
                 if (is(s, model::Action::admin_review_risk)) return json("dismissed");
                 if (!is(s, model::Action::verification_resolve)) return json("approve");
                 return json(s.command.approve ? "verified" : "failed");
               }},
    FieldValue{"strike_id", [](const Source&) { return json(id_or_random({}, 0)); }},
    FieldValue{"appeal_id", [](const Source&) { return json(id_or_random({}, 0)); }},
    FieldValue{"score_id", [](const Source&) { return json(id_or_random({}, 0)); }},
    FieldValue{"override", [](const Source&) { return json("release"); }},
    // Another one every time: a plan repeats what it asks, not its keys.
    FieldValue{"idempotency_key", [](const Source&) { return json(net::random_uuid()); }},
    FieldValue{"content_type", [](const Source&) { return json("task"); }},
    FieldValue{"content_id", [](const Source&) { return json(id_or_random({}, 0)); }},
    FieldValue{
        "feed_mode",
        [](const Source& s) { return or_none(s, name(s.command.feed_mode), name(Command{}.feed_mode)); }},
    FieldValue{"radius",
               [](const Source& s) { return or_none(s, s.command.radius_miles, Command{}.radius_miles); }},
    FieldValue{"trade", trade},
    FieldValue{"state", [](const Source& s) { return json(model::kUsStateNames.at(s.command.state)); }},
    FieldValue{"license_number", [](const Source& s) { return json(fmt::format("L-{}", s.number)); }},
    FieldValue{"coverage_amount", [](const Source&) { return json(100'000'000); }},
    FieldValue{"document_urls",
               [](const Source& s) { return json{fmt::format("documents/{}/1.pdf", s.number)}; }},
    FieldValue{"consent_given", [](const Source&) { return json(true); }},
    FieldValue{"consent_timestamp", [](const Source& s) { return json(iso_text(s.now)); }},
    FieldValue{"type",
               [](const Source& s) {
                 return is(s, model::Action::verification_resolve) ? json(name(s.command.kind)) : json();
               }},
    FieldValue{"verification_id",
               [](const Source& s) {
                 return json(id_or_random(s.ids.verifications, s.command.verification.value));
               }},
    FieldValue{"expires_at",
               [](const Source& s) {
                 return s.command.approve ? json(iso_text(s.now + s.command.valid_for)) : json();
               }},
    FieldValue{"confidence", [](const Source&) { return json("STRONG"); }},
    FieldValue{"claimed_trades",
               [](const Source& s) { return claims(s) ? json::array({trade(s)}) : json::array(); }},
    FieldValue{"license_claims",
               [](const Source& s) {
                 const json claim{{"trade", trade(s)}, {"state", "OR"}, {"license_number", "L-1"}};
                 return claims(s) ? json::array({claim}) : json::array();
               }},
    FieldValue{"insurance_claimed", [](const Source& s) { return json(claims(s)); }},
    FieldValue{"work_region", [](const Source& s) { return once_in(s, 2, "King County"); }},
    FieldValue{"work_state", [](const Source& s) { return json(model::kUsStateNames.at(s.command.state)); }},
    FieldValue{
        "risk_preferences",
        [](const Source& s) { return named_bits(model::kWillingnessNames, s.command.willingness, true); }},
    FieldValue{"step_id",
               [](const Source& s) {
                 return json(s.command.onboarding_step == model::OnboardingStep::tutorial ? "tutorial"
                                                                                          : "profile");
               }},
    FieldValue{"skip_tutorial", [](const Source& s) { return or_none(s, s.command.skip_tutorial, false); }},
};

}  // namespace

json value_of(const model::Field& field, const Source& from) {
  for (const FieldValue& known : kValues) {
    if (known.name == field.name) return known.value(from);
  }
  if (field.required) throw std::logic_error(fmt::format("no value for the required field {}", field.name));
  return {};
}

}  // namespace loadgen
