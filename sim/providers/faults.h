// Faults of the processor's API on request: the next calls of an operation fail in a given way. Not
// thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sim/providers/operations.h"

namespace sim::providers {

struct Fault {
  enum class Kind : std::uint8_t {
    lost_answer,       // executed and remembered, then the connection is cut
    error_500,         // not executed, not remembered, stripe-should-retry: true
    error_500_stored,  // not executed, and every retry with the key gets the same 500
    done_500_stored,   // executed, but answered with a 500 that every retry with the key gets as well
    rate_limit,        // 429, not executed, not remembered
    refuse,            // 400 transfers_not_allowed, not executed, not remembered
    decline,           // 402 card_declined; confirmations only
    slow,              // executed after `delay`; the key is in use meanwhile
    late,              // executed and remembered at once, answered after `delay`
  };
  Kind kind = Kind::error_500;
  std::chrono::milliseconds delay{0};
};

// "lost_answer", ..., "slow_ms:200", "late_ms:200"; the error says what was expected.
std::expected<Fault, std::string> parse_fault(std::string_view text);

class FaultPlan {
 public:
  void set(Operation operation, Fault fault, int times);  // replaces; times 0 takes it away
  std::optional<Fault> take(Operation operation);         // the fault of this call, counted down
  // Of a call that only repeats a stored answer: whether that answer is lost as well, counted down.
  bool loses_answer(Operation operation);

 private:
  struct Planned {
    Fault fault;
    int left;
  };
  std::map<Operation, Planned> planned_;
};

}  // namespace sim::providers
