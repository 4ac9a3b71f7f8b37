// Orders to the processor about one task, from the side of a check: pauses between their tries are those of
// the real clock, and nobody waits for them here.
#pragma once

#include <chrono>
#include <string>
#include <thread>

#include "loadgen/side/side_client.h"

namespace loadgen {

// A healthy backend has carried out every order that is due by then (jobs-cache-realtime.md §2).
inline constexpr std::chrono::seconds kOrderBound{60};

template <class Seen>
bool seen_within(std::chrono::milliseconds limit, const Seen& seen) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!seen()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

// Those that are not carried out yet.
std::string open_orders(SideClient& client, const std::string& escrow);
// They are due at once, and tried.
void try_orders(SideClient& client, const std::string& escrow);
// Until none is open, or a while has passed.
bool orders_end(SideClient& client, const std::string& escrow);

// The ids of the newest transfer of the escrow and of the newest refund of the payment; "" for none.
std::string transfer_of(const std::string& providers, const std::string& escrow);
std::string refund_of(const std::string& providers, const std::string& intent);

}  // namespace loadgen
