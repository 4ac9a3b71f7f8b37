// The least that can answer HTTP: a loop over epoll that looks for the end of a head and sends prepared
// bytes, in a process of its own. What a client costs shows against it, and what no server can go below. It
// notes when requests came, which is how pacing is judged from the outside.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <span>

#include "net/client.h"

namespace loadgen::bench {

inline constexpr const char* kBareLoop = "bare epoll loop";  // as reports call it

class BareTarget {
 public:
  static constexpr std::size_t kStamps = 1 << 18;

  BareTarget();  // throws EnvironmentError (3) when it cannot be started
  ~BareTarget();
  BareTarget(const BareTarget&) = delete;
  BareTarget& operator=(const BareTarget&) = delete;

  const net::Url& url() const { return url_; }
  pid_t pid() const { return pid_; }

  void forget();  // the stamps so far
  // CLOCK_MONOTONIC of the first kStamps requests since then, as they came.
  std::span<const std::int64_t> stamps() const;

 private:
  struct Shared;
  Shared* shared_ = nullptr;  // memory of both processes
  net::Url url_;
  pid_t pid_ = -1;
};

}  // namespace loadgen::bench
