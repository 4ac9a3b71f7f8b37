#include "loadgen/readback_stamps.h"

#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/encode.h"

namespace loadgen {

using model::Action;
using nlohmann::json;

namespace {

enum class Of : std::uint8_t { task, escrow, proof, dispute };
constexpr std::array<std::string_view, 4> kOfNames{"task", "escrow", "proof", "dispute"};

// Which calls may set an instant.
struct Stamp {
  Of of;
  const char* member;
  Action by;
};
constexpr std::array kStamps{Stamp{Of::task, "created_at", Action::task_create},
                             Stamp{Of::task, "accepted_at", Action::task_accept},
                             Stamp{Of::task, "proof_submitted_at", Action::task_submit_proof},
                             Stamp{Of::task, "proof_submitted_at", Action::proof_submit},
                             Stamp{Of::task, "completed_at", Action::task_complete},
                             Stamp{Of::task, "completed_at", Action::dispute_resolve},
                             Stamp{Of::task, "completed_at", Action::job_review_timeout},
                             Stamp{Of::task, "cancelled_at", Action::task_cancel},
                             Stamp{Of::task, "cancelled_at", Action::dispute_resolve},
                             Stamp{Of::escrow, "created_at", Action::task_create},
                             Stamp{Of::escrow, "funded_at", Action::webhook_deliver},
                             Stamp{Of::escrow, "released_at", Action::task_complete},
                             Stamp{Of::escrow, "released_at", Action::escrow_release},
                             Stamp{Of::escrow, "released_at", Action::dispute_resolve},
                             Stamp{Of::escrow, "released_at", Action::job_review_timeout},
                             Stamp{Of::escrow, "refunded_at", Action::task_cancel},
                             Stamp{Of::escrow, "refunded_at", Action::escrow_refund},
                             Stamp{Of::escrow, "refunded_at", Action::dispute_resolve},
                             Stamp{Of::escrow, "refunded_at", Action::webhook_deliver},
                             Stamp{Of::escrow, "refunded_at", Action::job_task_expiry},
                             Stamp{Of::proof, "submitted_at", Action::task_submit_proof},
                             Stamp{Of::proof, "submitted_at", Action::proof_submit},
                             Stamp{Of::proof, "reviewed_at", Action::proof_accept},
                             Stamp{Of::proof, "reviewed_at", Action::proof_reject},
                             Stamp{Of::proof, "reviewed_at", Action::task_complete},
                             Stamp{Of::proof, "reviewed_at", Action::dispute_resolve},
                             Stamp{Of::proof, "reviewed_at", Action::job_review_timeout},
                             Stamp{Of::dispute, "created_at", Action::dispute_create},
                             Stamp{Of::dispute, "resolved_at", Action::dispute_resolve}};

// Where an answer tells of what.
struct Part {
  Action answer;
  const char* pointer;
  Of of;
};
constexpr std::array kParts{Part{Action::task_create, "", Of::task},
                            Part{Action::task_accept, "", Of::task},
                            Part{Action::task_submit_proof, "/task", Of::task},
                            Part{Action::proof_submit, "/task", Of::task},
                            Part{Action::task_complete, "/task", Of::task},
                            Part{Action::task_complete, "/escrow", Of::escrow},
                            Part{Action::task_cancel, "/task", Of::task},
                            Part{Action::task_cancel, "/escrow", Of::escrow},
                            Part{Action::task_get_by_id, "", Of::task},
                            Part{Action::task_get_by_id, "/proof", Of::proof},
                            Part{Action::escrow_release, "", Of::escrow},
                            Part{Action::escrow_refund, "", Of::escrow},
                            Part{Action::escrow_get_by_task_id, "", Of::escrow},
                            Part{Action::proof_accept, "", Of::proof},
                            Part{Action::proof_reject, "", Of::proof},
                            Part{Action::proof_get_by_task_id, "", Of::proof},
                            Part{Action::dispute_create, "/dispute", Of::dispute},
                            Part{Action::dispute_create, "/task", Of::task},
                            Part{Action::dispute_resolve, "/dispute", Of::dispute},
                            Part{Action::dispute_resolve, "/task", Of::task},
                            Part{Action::dispute_get_by_task_id, "", Of::dispute}};

struct Named {
  Action answer;
  const char* pointer;
};
// Members of a write's answer that name its caller.
constexpr std::array kSelves{Named{Action::task_create, "/poster_id"},
                             Named{Action::task_accept, "/worker_id"},
                             Named{Action::proof_accept, "/reviewed_by"},
                             Named{Action::proof_reject, "/reviewed_by"},
                             Named{Action::dispute_create, "/dispute/opened_by"},
                             Named{Action::dispute_resolve, "/dispute/resolved_by"}};

// Members that name the call's task.
constexpr std::array kTasks{Named{Action::task_accept, "/id"},
                            Named{Action::task_submit_proof, "/task/id"},
                            Named{Action::proof_submit, "/task/id"},
                            Named{Action::task_complete, "/task/id"},
                            Named{Action::task_cancel, "/task/id"},
                            Named{Action::dispute_create, "/task/id"},
                            Named{Action::dispute_resolve, "/task/id"},
                            Named{Action::dispute_create, "/dispute/task_id"},
                            Named{Action::task_get_by_id, "/id"},
                            Named{Action::escrow_get_by_task_id, "/task_id"},
                            Named{Action::proof_get_by_task_id, "/task_id"},
                            Named{Action::dispute_get_by_task_id, "/task_id"}};

constexpr const char* kUnborn = "";  // the task of a task.create on its way

std::string task_of(const model::Command& command, const Bindings& ids) {
  return command.task.value < ids.tasks.size() ? ids.tasks[command.task.value] : std::string();
}

std::string key(Of of, const std::string& member) {
  return fmt::format("{} {}", kOfNames[static_cast<std::size_t>(of)], member);
}

}  // namespace

void note_stamps(Readback& memory, const model::Command& command, const Bindings& ids, model::Instant now) {
  const std::string task = command.action == Action::task_create ? kUnborn : task_of(command, ids);
  if (task.empty() && command.action != Action::task_create) return;
  for (const Stamp& stamp : kStamps) {
    if (stamp.by == command.action) memory.instants[task][key(stamp.of, stamp.member)].insert(iso_text(now));
  }
}

void note_birth(Readback& memory, const std::string& task) {
  for (const auto& [member, instants] : memory.instants[kUnborn])
    memory.instants[task][member].insert(instants.begin(), instants.end());
}

std::optional<std::string> strange_instant(const Readback& memory, const model::Command& command,
                                           const Bindings& ids, const json& data) {
  const bool birth = command.action == Action::task_create;
  const auto stamps = memory.instants.find(birth ? kUnborn : task_of(command, ids));
  if (stamps == memory.instants.end()) return std::nullopt;
  for (const Part& part : kParts) {
    const json::json_pointer where(part.pointer);
    if (part.answer != command.action || !data.contains(where) || !data[where].is_object()) continue;
    for (const auto& [member, told] : data[where].items()) {
      const auto known = stamps->second.find(key(part.of, member));
      if (known == stamps->second.end() || !told.is_string() ||
          known->second.contains(told.get<std::string>()))
        continue;
      return fmt::format("{}: no call was made at {}, but at {}", member, told.get<std::string>(),
                         fmt::join(known->second, " or "));
    }
  }
  return std::nullopt;
}

std::optional<std::string> strange_actor(const model::Command& command, const Bindings& ids,
                                         const json& data) {
  const auto differs = [&](const Named& named, const std::string& id) -> std::optional<std::string> {
    const json::json_pointer where(named.pointer);
    if (named.answer != command.action || id.empty() || !data.contains(where) || data[where] == id)
      return std::nullopt;
    return fmt::format("{}: {} is answered, the call was by or about {}", where.back(), data[where].dump(),
                       id);
  };
  const std::string caller =
      command.actor.value < ids.users.size() ? ids.users[command.actor.value] : std::string();
  for (const Named& named : kSelves) {
    if (auto wrong = differs(named, caller)) return wrong;
  }
  for (const Named& named : kTasks) {
    if (auto wrong = differs(named, task_of(command, ids))) return wrong;
  }
  return std::nullopt;
}

}  // namespace loadgen
