// The search states that were already explored: which operations are done, and the state that they led to.
// Open addressing on the hash; a hit is confirmed by comparing everything.
#pragma once

#include <cstdint>
#include <vector>

namespace model {

class Memo {
 public:
  Memo() : table_(1024) {}
  // True if the key was not there yet (and now is).
  bool insert(std::uint64_t hash, const std::vector<std::uint32_t>& key);
  std::size_t size() const { return count_; }

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::uint64_t begin = 0;
    std::uint32_t length = 0;  // 0: free
  };
  void grow();

  std::vector<Entry> table_;
  std::vector<std::uint32_t> keys_;
  std::size_t count_ = 0;
};

}  // namespace model
