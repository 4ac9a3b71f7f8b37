// The processor's events as this harness sends them itself: any body, signed now (protocols.md §3.5).
#pragma once

#include <cstdint>
#include <string>

#include "loadgen/control.h"
#include "loadgen/side/safety_stage.h"

namespace loadgen {

class SignedEvents {
 public:
  explicit SignedEvents(const SafetyStage& stage);

  // What stands behind v1= when the body is signed at that second.
  std::string signature(std::int64_t at, const std::string& body) const;
  Reply deliver(SideClient& client, const std::string& body) const;

 private:
  std::string secret_;
};

// The body of an event of the fake processor; "" for none.
std::string body_of(Control& control, const std::optional<std::string>& event);
// The same news as an event of its own (protocols.md §3.5: rarely there are two events for one happening).
std::string told_again(const std::string& body);

}  // namespace loadgen
