// Brings events to the webhook endpoint: one attempt after another with growing delays until a 2xx comes,
// each attempt signed anew (protocols.md §3.5). Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/client.h"
#include "sim/providers/events.h"
#include "sim/providers/hostile.h"
#include "sim/providers/scheduler.h"

namespace sim::providers {

struct Endpoint {
  net::Url url;  // with the full path
  std::string secret;
};

struct DeliveryMode {
  bool automatic = true;  // false: nothing is sent but on request
  HostileOptions hostile;
};

// Waits between attempts: 100 ms, doubled each time up to 5 s; given up after twelve (about 40 s).
inline constexpr std::chrono::milliseconds kFirstRetry{100};
inline constexpr std::chrono::milliseconds kLongestRetry{5'000};
inline constexpr int kAttempts = 12;
inline constexpr std::chrono::milliseconds kReceiverTimeout{10'000};

class Delivery {
 public:
  explicit Delivery(Scheduler& scheduler) : scheduler_(scheduler) {}

  std::optional<Endpoint> set_endpoint(std::optional<Endpoint> endpoint);  // returns the one before
  std::optional<Endpoint> endpoint() const;
  DeliveryMode set_mode(const DeliveryMode& mode);
  DeliveryMode mode() const;

  // Sends `body` at its time; retried only when `flavour` is one that deserves a 2xx.
  void send_later(std::string body, const PlannedDelivery& planned);

  // Sends now and waits: `copies` one after another, or at the same moment. Statuses as they came; 0 for no
  // answer. Call it from a scheduler's thread.
  std::vector<int> send_now(const std::string& body, model::EventFlavour flavour, int copies, bool parallel);

 private:
  struct Parcel {
    std::string body;
    model::EventFlavour flavour;
    int attempt = 0;  // failed attempts so far
  };
  void attempt(std::shared_ptr<Parcel> parcel, int parallel, bool dropped);
  void retry(std::shared_ptr<Parcel> parcel);
  std::unique_ptr<net::Connection> borrow(const net::Url& url);
  void give_back(std::unique_ptr<net::Connection> connection);

  Scheduler& scheduler_;
  mutable std::mutex mutex_;
  std::optional<Endpoint> endpoint_;
  DeliveryMode mode_;
  std::vector<std::unique_ptr<net::Connection>> idle_;
};

std::int64_t unix_now();  // seconds of the real clock: signatures and tokens are judged by it

}  // namespace sim::providers
