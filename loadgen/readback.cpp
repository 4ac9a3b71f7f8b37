#include "loadgen/readback.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include <fmt/format.h>

#include "loadgen/readback_lists.h"
#include "loadgen/readback_stamps.h"

namespace loadgen {

using model::Action;
using nlohmann::json;

namespace {

// Members of an input that a later read shows under the same object.
struct Echo {
  Action wrote;
  const char* field;  // of the input
  Action read;
  const char* member;              // of the output
  const char* standard = nullptr;  // JSON; what is meant when the field is left out
};
constexpr std::array kEchoes{
    Echo{Action::task_create, "title", Action::task_get_by_id, "title"},
    Echo{Action::task_create, "description", Action::task_get_by_id, "description"},
    Echo{Action::task_create, "requirements", Action::task_get_by_id, "requirements"},
    Echo{Action::task_create, "proof_instructions", Action::task_get_by_id, "proof_instructions"},
    Echo{Action::task_create, "category", Action::task_get_by_id, "category"},
    Echo{Action::task_create, "price", Action::task_get_by_id, "price"},
    Echo{Action::task_create, "mode", Action::task_get_by_id, "mode", R"("STANDARD")"},
    Echo{Action::task_create, "deadline", Action::task_get_by_id, "deadline"},
    Echo{Action::task_create, "requires_proof", Action::task_get_by_id, "requires_proof", "true"},
    Echo{Action::task_submit_proof, "description", Action::proof_get_by_task_id, "description"},
    Echo{Action::proof_submit, "description", Action::proof_get_by_task_id, "description"},
    Echo{Action::proof_reject, "reason", Action::proof_get_by_task_id, "rejection_reason"},
    Echo{Action::dispute_create, "reason", Action::dispute_get_by_task_id, "reason"},
    Echo{Action::dispute_create, "description", Action::dispute_get_by_task_id, "description"},
    Echo{Action::user_update_profile, "full_name", Action::user_get_profile, "full_name"},
    Echo{Action::user_update_profile, "avatar_url", Action::user_get_profile, "avatar_url"},
    Echo{Action::user_update_profile, "default_mode", Action::user_get_profile, "default_mode"},
    Echo{Action::onboarding_set_role, "role", Action::user_get_profile, "default_mode"},
    Echo{Action::onboarding_set_role, "role", Action::onboarding_get_progress, "role"},
    Echo{Action::onboarding_submit_capabilities, "claimed_trades", Action::onboarding_submit_capabilities,
         "trades_requiring_verification"}};

// As JSON; "" for a field that was left out and has no standard.
std::string meant(const Echo& echo, const json& input) {
  if (const auto found = input.find(echo.field); found != input.end()) return found->dump();
  return echo.standard == nullptr ? "" : echo.standard;
}

// An instant is shown exactly when the state says that the thing happened (state-machines.md §1, §2).
struct Shown {
  Action read;
  const char* member;
  std::array<std::string_view, 4> states;
};
constexpr std::array kShown{
    Shown{Action::task_get_by_id, "completed_at", {"COMPLETED"}},
    Shown{Action::task_get_by_id, "cancelled_at", {"CANCELLED"}},
    Shown{Action::escrow_get_by_task_id, "released_at", {"RELEASED"}},
    Shown{Action::escrow_get_by_task_id, "refunded_at", {"REFUNDED", "REFUND_PARTIAL"}}};

std::string slot(const std::vector<std::string>& ids, std::uint16_t index) {
  return index < ids.size() ? ids[index] : std::string();
}

// The id under which a call's words are kept.
std::string object_of(const model::Command& command, const Bindings& ids, const json& data) {
  const auto text = [&](const char* pointer) {
    const json::json_pointer where(pointer);
    return data.is_object() && data.contains(where) && data[where].is_string()
               ? data[where].get<std::string>()
               : std::string();
  };
  switch (command.action) {
    case Action::task_submit_proof:
    case Action::proof_submit:
      return text("/proof/id");
    case Action::dispute_create:
      return text("/dispute/id");
    case Action::user_update_profile:
    case Action::onboarding_set_role:
    case Action::onboarding_get_progress:
    case Action::user_get_profile:
      return slot(ids.users, command.actor.value);
    default:
      return text("/id");
  }
}

std::string members_text(const std::set<std::string>& values) {
  return fmt::format("{}", fmt::join(values, " or "));
}

using Members = std::map<std::string, std::set<std::string>>;

const Members* known(const std::map<std::string, Members>& all, const std::string& id) {
  const auto found = all.find(id);
  return found == all.end() ? nullptr : &found->second;
}

std::optional<std::string> differs(const Members& members, const Members* sent, const json& data) {
  for (const auto& [member, values] : members) {
    const auto found = data.find(member);
    if (found == data.end() || values.contains(found->dump())) continue;
    if (member == "rejection_reason" && data.value("state", "") != "REJECTED") continue;
    if (sent != nullptr && sent->contains(member) && sent->at(member).contains(found->dump())) continue;
    return fmt::format("{}: {} was sent, {} is read", member, members_text(values), found->dump());
  }
  return std::nullopt;
}

// A write answers with what it was told: about itself, or about the proof or dispute that it made.
std::optional<std::string> other_words(Action wrote, const json& input, const json& data) {
  const auto look = [&](const Echo& echo, const json& part) -> std::optional<std::string> {
    const auto found = part.find(echo.member);
    const std::string expected = meant(echo, input);
    if (found == part.end() || expected.empty() || found->dump() == expected) return std::nullopt;
    return fmt::format("{}: {} was sent, {} is answered", echo.member, expected, found->dump());
  };
  for (const Echo& echo : kEchoes) {
    if (echo.wrote != wrote) continue;
    for (const char* part : {"", "/proof", "/dispute"}) {
      const json::json_pointer where(part);
      if (!data.contains(where) || !data[where].is_object()) continue;
      if (auto wrong = look(echo, data[where])) return wrong;
    }
  }
  if (!data.is_object()) return std::nullopt;
  for (const auto& [member, sent] : input.items()) {
    const auto answered = data.find(member);
    if (answered != data.end() && *answered != sent)
      return fmt::format("{}: {} was sent, {} is answered", member, sent.dump(), answered->dump());
  }
  return std::nullopt;
}

constexpr std::array kProfile{"email", "phone", "full_name", "avatar_url", "default_mode", "created_at"};

// An update leaves alone what it does not name (api.md §1.4).
std::optional<std::string> changed_by_itself(const Readback& memory, const std::string& user,
                                             const json& data) {
  const auto seen = memory.seen.find(user);
  if (seen == memory.seen.end()) return std::nullopt;
  const Members* sent = known(memory.sent, user);
  for (const auto& [member, value] : seen->second) {
    if ((sent != nullptr && sent->contains(member)) || !data.contains(member) || data[member].dump() == value)
      continue;
    return fmt::format("{}: {} became {} although nobody wrote it", member, value, data[member].dump());
  }
  return std::nullopt;
}

std::optional<std::string> wrongly_shown(Action read, const json& data) {
  const std::string state = data.value("state", "");
  for (const Shown& shown : kShown) {
    if (shown.read != read || !data.contains(shown.member)) continue;
    const bool due = std::ranges::find(shown.states, std::string_view(state)) != shown.states.end();
    if (due == data[shown.member].is_null())
      return fmt::format("{} is {} although the state is {}", shown.member, data[shown.member].dump(), state);
  }
  return std::nullopt;
}

bool same_number(const json& a, const json& b) {
  return a.is_number() && b.is_number() && std::abs(a.get<double>() - b.get<double>()) < 1e-6;
}

std::optional<std::string> task_breach(const Readback& memory, const model::Command& command,
                                       const Bindings& ids, const json& data) {
  const std::string task = data.value("id", "");
  if (auto wrong = place_breach(memory, slot(ids.users, command.actor.value), data)) return wrong;
  const auto poster = memory.poster_of.find(task);
  if (poster == memory.poster_of.end()) return std::nullopt;
  const auto id_of = [&](const char* member) {
    const auto found = data.find(member);
    return found != data.end() && found->is_object() ? found->value("id", "") : std::string();
  };
  if (data["poster_id"] != poster->second || id_of("poster") != poster->second)
    return fmt::format("poster: {} posted the task", poster->second);
  if (data["worker_id"].is_null() != data["worker"].is_null()) return "worker_id and worker disagree";
  if (data["worker_id"].is_null()) return std::nullopt;
  const std::string worker = data["worker_id"].get<std::string>();
  if (id_of("worker") != worker) return "worker_id and worker.id disagree";
  if (!tried_to_accept(memory, task, worker))
    return fmt::format("worker_id: {} never asked for the task", worker);
  return std::nullopt;
}

// Numbered 1 to n in the order in which they were sent; the list itself has no order (api.md §1.3).
std::optional<std::string> photos_breach(const Members& members, const json& data) {
  const auto sent = members.find("photo keys");
  if (sent == members.end() || !data.contains("photos")) return std::nullopt;
  std::map<int, std::string> by_number;
  for (const json& photo : data["photos"]) {
    if (photo.value("proof_id", "") != data.value("id", "")) return "photos: a photo of another proof";
    const int number = photo.value("sequence_number", 0);
    if (!by_number.emplace(number, photo.value("storage_key", "")).second)
      return fmt::format("photos: two have the sequence_number {}", number);
  }
  json keys = json::array();
  for (const auto& [number, key] : by_number) {
    keys.push_back(key);
    if (number != static_cast<int>(keys.size()))
      return fmt::format("photos: {} of them, one with the sequence_number {}", by_number.size(), number);
  }
  if (sent->second.contains(keys.dump())) return std::nullopt;
  return fmt::format("photos: {} were sent, {} are read", members_text(sent->second), keys.dump());
}

// Those that were handed in with the dispute, in whatever order.
std::optional<std::string> evidence_breach(const Members& members, const json& data) {
  const auto sent = members.find("evidence keys");
  if (sent == members.end() || !data.contains("evidence")) return std::nullopt;
  std::set<std::string> keys;
  for (const json& each : data["evidence"]) keys.insert(each.value("storage_key", ""));
  if (const std::string read = json(keys).dump(); !sent->second.contains(read))
    return fmt::format("evidence: {} was sent, {} is read", members_text(sent->second), read);
  return std::nullopt;
}

// The processor's own names of its objects (protocols.md §3).
std::optional<std::string> strange_object(const json& data) {
  for (const auto& [member, prefix] :
       {std::pair{"stripe_payment_intent_id", "pi_"}, std::pair{"stripe_transfer_id", "tr_"},
        std::pair{"stripe_refund_id", "re_"}}) {
    const auto found = data.find(member);
    if (found != data.end() && found->is_string() && !found->get<std::string>().starts_with(prefix))
      return fmt::format("{}: {} is another kind of object", member, found->dump());
  }
  return std::nullopt;
}

// Whether what is told is the place itself, and not merely the part of the city (proof-and-gps.md §5.7).
bool tells_of(const json& told, const json& place) {
  constexpr double kCoarse = 0.005;  // degrees, half a kilometre
  if (told.is_number() && place.is_number())
    return std::abs(told.get<double>() - place.get<double>()) < kCoarse;
  return told.is_string() && place.is_string() &&
         told.get_ref<const std::string&>().find(place.get_ref<const std::string&>()) != std::string::npos;
}

}  // namespace

bool tried_to_accept(const Readback& memory, const std::string& task, const std::string& user) {
  const auto tried = memory.workers_of.find(task);
  return tried != memory.workers_of.end() && tried->second.contains(user);
}

// A user who once asked for the task may be its worker.
std::optional<std::string> place_breach(const Readback& memory, const std::string& caller, const json& task) {
  const std::string id = task.value("id", "");
  const auto poster = memory.poster_of.find(id);
  if (poster == memory.poster_of.end()) return std::nullopt;
  const bool own = caller == poster->second;
  const bool stranger = !own && !memory.admins.contains(caller) && !tried_to_accept(memory, id, caller);
  const auto worker = task.find("worker_id");
  const bool concerned = own || memory.admins.contains(caller) || (worker != task.end() && *worker == caller);
  const Members* members = known(memory.written, id);
  for (const char* member : {"location", "location_lat", "location_lng"}) {
    const auto found = task.find(member);
    const auto sent = members->find(std::string("place ") + member);
    if (found == task.end() || sent == members->end()) continue;
    if (found->is_null()) {
      if (own) return fmt::format("{}: the poster does not see the place that he named", member);
      continue;
    }
    const json wanted = json::parse(*sent->second.begin());
    if (!concerned && !tells_of(*found, wanted)) continue;
    if (stranger) return fmt::format("{}: a stranger sees the exact place", member);
    if (*found != wanted && !same_number(*found, wanted))
      return fmt::format("{}: {} was sent, {} is read", member, wanted.dump(), found->dump());
  }
  return std::nullopt;
}

void will_send(Readback& memory, const model::Command& command, const Bindings& ids, model::Instant now,
               const json& input) {
  const std::string object = object_of(command, ids, {});  // where it is known before the answer
  for (const Echo& echo : kEchoes) {
    if (!object.empty() && echo.wrote == command.action && input.contains(echo.field))
      memory.sent[object][echo.member].insert(input[echo.field].dump());
  }
  note_stamps(memory, command, ids, now);
  const std::string task = slot(ids.tasks, command.task.value);
  if (!task.empty() && command.action == Action::task_accept)
    memory.workers_of[task].insert(slot(ids.users, command.actor.value));
}

void remember(Readback& memory, const model::Command& command, const Bindings& ids, const json& input,
              const json& data) {
  const std::string id = object_of(command, ids, data);
  if (id.empty()) return;
  if (command.action == Action::user_get_profile) {
    for (const char* member : kProfile) {
      if (data.contains(member)) memory.seen[id].try_emplace(member, data[member].dump());
    }
  }
  if (command.action == Action::task_create) {
    memory.poster_of[id] = slot(ids.users, command.actor.value);
    note_birth(memory, id);
    for (const char* member : {"location", "location_lat", "location_lng"}) {
      if (input.contains(member))
        memory.written[id][std::string("place ") + member].insert(input[member].dump());
    }
  }
  const std::string caller = json(slot(ids.users, command.actor.value)).dump();
  if (command.action == Action::task_submit_proof || command.action == Action::proof_submit)
    memory.written[id]["submitter_id"].insert(caller);
  if (command.action == Action::dispute_create) {
    memory.written[id]["opened_by"].insert(caller);
    const auto keys = input.value("evidence_urls", std::set<std::string>());
    memory.written[id]["evidence keys"].insert(json(keys).dump());
  }
  if (input.contains("photo_urls")) memory.written[id]["photo keys"].insert(input["photo_urls"].dump());
  for (const Echo& echo : kEchoes) {
    if (echo.wrote != command.action) continue;
    if (std::string value = meant(echo, input); !value.empty())
      memory.written[id][echo.member].insert(std::move(value));
  }
}

std::optional<std::string> readback_breach(const Readback& memory, const model::Command& command,
                                           const Bindings& ids, const json& input, bool clock,
                                           const json& data) {
  if (command.action == Action::user_get_xp) return xp_breach(input, data);
  if (command.action == Action::user_get_badges) return badges_breach(data);
  if (command.action == Action::user_get_trust_tier) return tier_breach(data);
  if (command.action == Action::task_list)
    return list_breach(memory, slot(ids.users, command.actor.value), input, data);
  if (auto wrong = other_words(command.action, input, data)) return wrong;
  if (data.is_object()) {
    if (auto wrong = strange_actor(command, ids, data)) return wrong;
    if (clock) {
      if (auto wrong = strange_instant(memory, command, ids, data)) return wrong;
    }
  }
  if (data.is_object() && data.contains("completed_steps")) {
    if (auto wrong = steps_breach(data)) return wrong;
  }
  const bool reads = std::ranges::any_of(kEchoes, [&](const Echo& e) { return e.read == command.action; }) ||
                     command.action == Action::escrow_get_by_task_id;
  if (!reads || !data.is_object()) return std::nullopt;
  if (auto wrong = wrongly_shown(command.action, data)) return wrong;
  if (auto wrong = strange_object(data)) return wrong;
  if (command.action == Action::user_get_profile) {
    if (auto wrong = changed_by_itself(memory, slot(ids.users, command.actor.value), data)) return wrong;
  }
  if (command.action == Action::task_get_by_id) {
    if (auto wrong = task_breach(memory, command, ids, data)) return wrong;
  }
  const Members* members = known(memory.written, object_of(command, ids, data));
  if (members == nullptr) return std::nullopt;
  if (command.action == Action::proof_get_by_task_id) {
    if (auto wrong = photos_breach(*members, data)) return wrong;
  }
  if (command.action == Action::dispute_get_by_task_id) {
    if (auto wrong = evidence_breach(*members, data)) return wrong;
  }
  return differs(*members, known(memory.sent, object_of(command, ids, data)), data);
}

std::optional<std::string> private_text(const std::string& body, const std::string& own_mail) {
  constexpr std::string_view kMail = "@example.invalid";
  for (std::size_t at = body.find(kMail); at != std::string::npos; at = body.find(kMail, at + 1)) {
    const std::size_t quote = body.rfind('"', at);
    const std::string mail = body.substr(quote + 1, at - quote - 1) + std::string(kMail);
    if (mail != own_mail) return "somebody else's address " + mail;
  }
  if (body.find("\"acct_") != std::string::npos) return "a payout account";
  return std::nullopt;
}

}  // namespace loadgen
