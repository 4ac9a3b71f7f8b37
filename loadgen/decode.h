// An HTTP answer as an Outcome, and whether it keeps the wire contract (protocols.md §1.3, api.md,
// error-codes.md).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "model/vocabulary/command.h"
#include "model/vocabulary/contract.h"
#include "model/vocabulary/outcome.h"
#include "net/request.h"

namespace loadgen {

struct Decoded {
  model::Outcome outcome;             // unknown when the body says neither answer nor refusal, and for 5xx
  std::vector<std::string> breaches;  // one sentence each, empty when the contract is kept
  std::vector<std::string> misread;   // "member: what is wrong": read otherwise than it was written
};

// An answer to a procedure call. `data` receives result.data when the call was accepted (to bind new ids).
Decoded decode(const model::Command& command, const net::Response& response, nlohmann::json& data);

// An answer of POST /webhooks/stripe or of a test job.
Decoded decode_plain(const model::Command& command, const net::Response& response);

// The first field of an output that breaks the contract: "proof.state: expected one of …, got …".
std::optional<std::string> output_breach(const model::Procedure& procedure, const nlohmann::json& data);

// A piece of driver or engine text that must not reach a client; nullopt when there is none.
std::optional<std::string> leaked_text(const std::string& body);

}  // namespace loadgen
