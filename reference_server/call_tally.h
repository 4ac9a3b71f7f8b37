// Calls counted where they are answered: each thread counts for itself, and the sums are collected when
// somebody asks for the metrics. Shared counters would make the network threads wait for each other's cache
// lines.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace server {

inline constexpr std::array<double, 12> kCallSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                     0.1,   0.25,   0.5,   1,    2.5,   5};

struct CallKey {
  std::string_view route, method;  // texts that live as long as the program
  int status_class = 2;
  bool operator==(const CallKey&) const = default;
  auto operator<=>(const CallKey&) const = default;
};

struct CallCounts {
  std::uint64_t calls = 0;
  std::array<std::uint64_t, kCallSeconds.size() + 1> buckets{};  // by duration, the last one unbounded
  double seconds = 0;
};

class CallTally {
 public:
  CallTally();
  CallTally(const CallTally&) = delete;
  CallTally& operator=(const CallTally&) = delete;

  void add(const CallKey& key, double seconds);
  // What has been counted since the last time, by all threads.
  std::map<CallKey, CallCounts> collect();

 private:
  struct Share {
    explicit Share(std::thread::id of) : thread(of) {}
    const std::thread::id thread;
    std::mutex mutex;  // between its thread and a collector, hardly ever contended
    std::vector<std::pair<CallKey, CallCounts>> counts;
  };
  Share& own();

  const std::uint64_t id_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Share>> shares_;  // of threads that have gone, too
};

}  // namespace server
