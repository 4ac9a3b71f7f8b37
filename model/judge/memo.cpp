#include "model/judge/memo.h"

#include <algorithm>

namespace model {

bool Memo::insert(std::uint64_t hash, const std::vector<std::uint32_t>& key) {
  if ((count_ + 1) * 2 > table_.size()) grow();
  const std::size_t mask = table_.size() - 1;
  std::size_t at = hash & mask;
  for (; table_[at].length != 0; at = (at + 1) & mask) {
    const Entry& e = table_[at];
    if (e.hash == hash && e.length == key.size() &&
        std::equal(key.begin(), key.end(), keys_.begin() + static_cast<std::ptrdiff_t>(e.begin))) {
      return false;
    }
  }
  table_[at] = {hash, keys_.size(), static_cast<std::uint32_t>(key.size())};
  keys_.insert(keys_.end(), key.begin(), key.end());
  ++count_;
  return true;
}

void Memo::grow() {
  std::vector<Entry> old(table_.size() * 2);
  old.swap(table_);
  const std::size_t mask = table_.size() - 1;
  for (const Entry& e : old) {
    if (e.length == 0) continue;
    std::size_t at = e.hash & mask;
    while (table_[at].length != 0) at = (at + 1) & mask;
    table_[at] = e;
  }
}

}  // namespace model
