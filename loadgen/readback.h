// What was written is what is read: a client's memory of one case. It knows no rule of the marketplace, only
// api.md: fields come back as they were sent, instants are those of calls that were made, lists keep to their
// filter, order and page, and nobody reads what is private to somebody else.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "loadgen/executor.h"
#include "model/vocabulary/command.h"

namespace loadgen {

struct Readback {
  // Object id (task, proof, dispute, user) -> "member" -> what may be read there, as JSON texts: concurrent
  // writers leave several.
  std::map<std::string, std::map<std::string, std::set<std::string>>> written;
  // The same of calls that are not answered yet, or were refused: counts only beside something written.
  std::map<std::string, std::map<std::string, std::set<std::string>>> sent;
  // User id -> member of the profile -> what was read first: it stays until somebody writes another.
  std::map<std::string, std::map<std::string, std::string>> seen;
  // Task id -> "escrow released_at" -> the instants of the calls that may have set it (readback_stamps.h).
  std::map<std::string, std::map<std::string, std::set<std::string>>> instants;
  bool uncertain = false;                        // a task may have come into being whose id was lost
  std::set<std::string> admins;                  // users.id
  std::map<std::string, std::string> poster_of;  // task id -> users.id
  std::map<std::string, std::set<std::string>> workers_of;  // ... of those who tried to accept it
};

bool tried_to_accept(const Readback& memory, const std::string& task, const std::string& user);

// Before a call is sent: its instant and its words may be read from now on.
void will_send(Readback& memory, const model::Command& command, const Bindings& ids, model::Instant now,
               const nlohmann::json& input);

// An accepted answer: what it promised is remembered.
void remember(Readback& memory, const model::Command& command, const Bindings& ids,
              const nlohmann::json& input, const nlohmann::json& data);

// What an accepted read shows otherwise than it was written; nullopt when all is well.
// `clock`: the target takes its instants from the harness.
std::optional<std::string> readback_breach(const Readback& memory, const model::Command& command,
                                           const Bindings& ids, const nlohmann::json& input, bool clock,
                                           const nlohmann::json& data);

// The exact place of a task is for its poster, its worker and admins (api.md §1.1), and is the one that was
// sent. `task`: as a read shows it.
std::optional<std::string> place_breach(const Readback& memory, const std::string& caller,
                                        const nlohmann::json& task);

// Somebody else's mail address, or a payout account, in any answer.
std::optional<std::string> private_text(const std::string& body, const std::string& own_mail);

}  // namespace loadgen
