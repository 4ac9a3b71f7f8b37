// What became of every planned journey and of every request in it, by phase. Latencies of successes stand
// apart from those of each kind of failure. One tally per thread, merged at the end without loss.
// In every phase and for every journey: due = clean + failed + skipped + unfinished.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/load/blocks.h"
#include "loadgen/load/phases.h"
#include "loadgen/load/tally.h"
#include "model/vocabulary/codes.h"
#include "model/vocabulary/command.h"

namespace loadgen::load {

// Why a request or a journey failed. `detail`: the HTTP status of `status`, the model::Code of `error`.
struct Fault {
  enum class Kind : std::uint8_t {
    none,
    refused,    // no connection
    reset,      // the connection ended before the whole answer
    timeout,    // no whole answer in time
    malformed,  // not HTTP/1.1
    status,     // an HTTP error without a tRPC error
    error,      // a tRPC error that the rules do not give here
    body,       // an answer that breaks the wire contract or speaks of something else
    outcome,    // accepted, but with other facts than the rules give, or accepted where a refusal is due
    effect,     // the provider's event had no effect that could be read in time
    processor,  // the fake processor refused or did not answer: not the target's fault
    unsent,     // no connection became free before the run's end
  };
  Kind kind = Kind::none;
  std::uint16_t detail = 0;
  bool operator==(const Fault&) const = default;
};
std::string fault_name(
    const Fault& fault);  // "timeout", "HTTP 503", "HX002", "wrong body", ...; "ok" for none
Fault fault_of(Failure failure);

// What is told apart: procedures and webhooks by Action, then the webhook loop, then journeys.
inline constexpr std::size_t kLoopScope = model::kActionCount;
inline constexpr std::size_t kFirstJourney = kLoopScope + 1;
inline constexpr std::size_t kScopes = kFirstJourney + sim::kJourneys;
std::string scope_name(std::size_t scope);    // "task.create", "webhook.loop", "journey.accept"
std::size_t scope_of(std::string_view name);  // kScopes: unknown

struct CallStats {
  explicit CallStats(const PhaseSpan& span) : over_time(span.from_ns) {}
  Histogram ok;
  Blocks over_time;
  CoarseCounts coarse{};                            // of ok, for whoever looks on
  std::vector<std::pair<Fault, Histogram>> faults;  // few; an allocation when a kind is seen first

  std::uint64_t failed() const;
  void succeed(std::int64_t at_ns, std::int64_t us);
  void fail(const Fault& fault, std::int64_t us);
  void merge(const CallStats& other);
};

struct JourneyCounts {
  std::uint64_t due = 0, clean = 0, failed = 0, skipped = 0, unfinished = 0;
};

struct JourneyPhase {
  explicit JourneyPhase(const PhaseSpan& span) : span_(&span), requests(span) {}

  CallStats& scope(std::size_t index);
  const CallStats* find(std::size_t index) const { return scopes_[index].get(); }
  void merge(const JourneyPhase& other);
  JourneyCounts all() const;

 private:
  const PhaseSpan* span_;
  std::array<std::unique_ptr<CallStats>, kScopes> scopes_;

 public:
  CallStats requests;  // to the target, all together
  std::array<JourneyCounts, sim::kJourneys> journeys{};
  std::vector<JourneyCounts> populations;
  Histogram lateness;  // the generator's own
  Dispersion intended, sent;
  std::uint64_t on_time = 0, waited = 0;  // first requests of journeys
  std::uint64_t begun = 0;
};

struct JourneySecond {
  std::uint32_t journeys = 0, sent = 0, ok = 0, failed = 0;
  std::uint64_t sum_us = 0, max_us = 0;
  std::array<std::uint32_t, kCoarse / 4> buckets{};  // a quarter of an octave each
};

struct JourneyTally {
  JourneyTally(const std::vector<PhaseSpan>& spans, std::size_t populations);

  void success(std::uint32_t phase, std::size_t scope, std::int64_t from, std::int64_t now);
  void failure(std::uint32_t phase, std::size_t scope, const Fault& fault, std::int64_t from,
               std::int64_t now);
  JourneySecond& second(std::int64_t at_ns);
  void merge(const JourneyTally& other);

  std::vector<JourneyPhase> phases;
  std::vector<JourneySecond> series;
};

}  // namespace loadgen::load
