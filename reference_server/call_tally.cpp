#include "reference_server/call_tally.h"

#include <algorithm>
#include <atomic>

namespace server {
namespace {

// No two tallies of a process have the same one, not even one after the other at the same address.
std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace

CallTally::CallTally() : id_(next_id()) {}

CallTally::Share& CallTally::own() {
  thread_local std::uint64_t whose = 0;
  thread_local Share* share = nullptr;
  if (whose != id_) {
    const std::lock_guard lock(mutex_);
    const auto me = std::this_thread::get_id();
    auto mine = std::ranges::find(shares_, me, [](const auto& each) { return each->thread; });
    if (mine == shares_.end()) mine = shares_.insert(mine, std::make_unique<Share>(me));
    share = mine->get();
    whose = id_;
  }
  return *share;
}

void CallTally::add(const CallKey& key, double seconds) {
  Share& share = own();
  const std::lock_guard lock(share.mutex);
  auto found = std::ranges::find(share.counts, key, &std::pair<CallKey, CallCounts>::first);
  if (found == share.counts.end()) {
    share.counts.emplace_back(key, CallCounts{});
    found = share.counts.end() - 1;
  }
  CallCounts& counts = found->second;
  ++counts.calls;
  counts.seconds += seconds;
  const auto bucket = std::ranges::lower_bound(kCallSeconds, seconds) - kCallSeconds.begin();
  ++counts.buckets[static_cast<std::size_t>(bucket)];
  // What is called often is found at once.
  if (found != share.counts.begin() && counts.calls > (found - 1)->second.calls)
    std::iter_swap(found - 1, found);
}

std::map<CallKey, CallCounts> CallTally::collect() {
  std::map<CallKey, CallCounts> all;
  const std::lock_guard lock(mutex_);
  for (const auto& share : shares_) {
    const std::lock_guard own_lock(share->mutex);
    for (auto& [key, counts] : share->counts) {
      CallCounts& sum = all[key];
      sum.calls += counts.calls;
      sum.seconds += counts.seconds;
      for (std::size_t i = 0; i < counts.buckets.size(); ++i) sum.buckets[i] += counts.buckets[i];
      counts = {};
    }
  }
  return all;
}

}  // namespace server
