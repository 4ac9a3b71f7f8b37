// Objects of one kind: found by id in constant time, listed newest first. References stay valid.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>

namespace sim::providers {

template <class Object>
class Table {
 public:
  Object& add(Object object) {
    index_.emplace(object.id, rows_.size());
    return rows_.emplace_back(std::move(object));
  }
  Object* find(const std::string& id) {
    const auto found = index_.find(id);
    return found == index_.end() ? nullptr : &rows_[found->second];
  }
  const Object* find(const std::string& id) const {
    const auto found = index_.find(id);
    return found == index_.end() ? nullptr : &rows_[found->second];
  }
  const std::deque<Object>& rows() const { return rows_; }  // oldest first

 private:
  std::deque<Object> rows_;
  std::unordered_map<std::string, std::size_t> index_;
};

}  // namespace sim::providers
