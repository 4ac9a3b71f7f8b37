// One worker's connections to a target over HTTP and to the fake providers, and one case's way through them.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "loadgen/control.h"
#include "loadgen/decode.h"
#include "loadgen/executor.h"
#include "loadgen/fixture.h"
#include "loadgen/readback.h"
#include "net/client.h"

namespace loadgen {

using SteadyTime = std::chrono::steady_clock::time_point;

struct HttpTarget {
  HttpTarget(const ExecutorOptions& options, SteadyTime began);

  const ExecutorOptions& options;
  SteadyTime began;  // instants of operations count from here
  Control control;
  std::vector<net::Connection> lanes;  // one per call of the largest group
  std::string base_path;
  int silent_steps = 0;     // steps without any answer, one after the other, over cases
  std::string foreign_key;  // of an upload that another case was given
};

// The photo keys of a submission. The very same call at the same instant sends the same keys.
struct SentPhotos {
  model::Command command;
  model::Instant now;
  std::vector<std::string> keys{};
  bool no_place = false;  // the target refused to give out places to upload to
};

struct CaseState {
  std::span<const Person> people;
  Bindings ids;
  std::vector<bool> paid_out =
      {};                    // by task: money may have gone to the worker, so a transfer is to be expected
  std::uint64_t number = 0;  // varies texts between cases
  Readback memory = {};
  std::string issued_key{};  // the last one that this case was given
  std::vector<SentPhotos> sent_photos{};
  std::map<std::uint16_t, std::string> used_keys{};  // by task: the first photo of its latest proof
  std::vector<std::string> beside{};  // breaches by answers to requests that no command of the plan names
};

// The request of a command: a procedure, a webhook delivery or a job. nullopt: there is nothing to send,
// because the processor has no such event. May ask the providers for tokens, events and envelopes.
std::optional<net::Request> prepare(HttpTarget& target, CaseState& state, const model::Command& command,
                                    model::Instant now);

// What the target was sent: a submission for whose photos it gave out no place carries keys that nobody
// issued.
model::Command as_sent(const CaseState& state, const model::Command& command, model::Instant now);

// What happens at the processor itself; no request to the target.
model::Outcome perform_at_processor(HttpTarget& target, CaseState& state, const model::Command& command);

struct Shot {
  std::optional<net::Response> response;  // nullopt: lost
  std::string trouble;                    // why it was lost
  bool target_gone = false;               // refused for longer than the patience
  SteadyTime sent, received;
};

// All at the same moment when there are several. Refused connections are tried again until the patience ends.
std::vector<Shot> shoot(HttpTarget& target, std::span<const net::Request> requests);

// A commonplace answer of a request as an operation's outcome; binds new ids on success.
Decoded take_in(HttpTarget& target, CaseState& state, const model::Command& command, model::Instant now,
                const net::Response& response);

}  // namespace loadgen
