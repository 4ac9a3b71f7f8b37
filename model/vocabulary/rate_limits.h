// The limits on calls (safety-and-abuse.md §4): classes with their numbers, and which procedures belong to
// them. Facts for both sides; how calls are counted is decided twice, by the server and by
// model/rules/sliding_window.h.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "model/vocabulary/contract.h"
#include "model/vocabulary/instant.h"

namespace model {

struct RateClass {
  std::string_view name;
  int limit;
  Millis window;
  bool by_address = false;  // else by account
};

// Calls whose credential is missing or bad, and the check of an invitation code.
inline constexpr RateClass kAuthLimit{"auth", 20, kMinute, true};
inline constexpr RateClass kGeneralLimit{"general", 120, kMinute};
inline constexpr RateClass kMutationLimit{"mutation", 60, kMinute};
inline constexpr RateClass kBrowseLimit{"browse", 30, kMinute};
inline constexpr RateClass kPostLimit{"post", 10, kHour};
inline constexpr RateClass kProofLimit{"proof", 10, kMinute};
inline constexpr RateClass kPaymentLimit{"payment", 10, kMinute};
inline constexpr RateClass kEscrowLimit{"escrow", 30, kMinute};
inline constexpr RateClass kAdminLimit{"admin", 30, kMinute};
inline constexpr RateClass kAiLimit{"ai", 20, kMinute};

// Every class that a call of `procedure` counts against; one that is used up refuses it.
std::vector<RateClass> rate_classes(const Procedure& procedure);

}  // namespace model
