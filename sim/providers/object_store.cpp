#include "sim/providers/object_store.h"

#include <utility>

#include "net/sign.h"
#include "sim/providers/delivery.h"

namespace sim::providers {

StoredObject made_object(std::string bytes, std::string content_type) {
  StoredObject object;
  object.etag = net::hex(net::md5(bytes));
  object.bytes = std::move(bytes);
  object.content_type = std::move(content_type);
  object.modified_s = unix_now();
  return object;
}

void ObjectStore::put(const std::string& path, StoredObject object) {
  const std::scoped_lock lock(mutex_);
  objects_.insert_or_assign(path, std::move(object));
}

bool ObjectStore::put_if_absent(const std::string& path, StoredObject object) {
  const std::scoped_lock lock(mutex_);
  return objects_.try_emplace(path, std::move(object)).second;
}

std::optional<StoredObject> ObjectStore::get(const std::string& path) const {
  const std::scoped_lock lock(mutex_);
  const auto found = objects_.find(path);
  return found == objects_.end() ? std::nullopt : std::optional(found->second);
}

bool ObjectStore::erase(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  return objects_.erase(path) > 0;
}

std::size_t ObjectStore::size() const {
  const std::scoped_lock lock(mutex_);
  return objects_.size();
}

StoreRules ObjectStore::rules() const {
  const std::scoped_lock lock(mutex_);
  return rules_;
}

StoreRules ObjectStore::set_rules(StoreRules rules) {
  const std::scoped_lock lock(mutex_);
  return std::exchange(rules_, rules);
}

void ObjectStore::trouble(StoreTrouble kind, std::string method, int times, int delay_ms) {
  const std::scoped_lock lock(mutex_);
  planned_ = {kind, std::move(method), times, delay_ms};
}

ObjectStore::Met ObjectStore::meet(std::string_view method) {
  const std::scoped_lock lock(mutex_);
  if (planned_.times <= 0 || (!planned_.method.empty() && planned_.method != method)) return {};
  --planned_.times;
  return {planned_.kind, planned_.delay_ms};
}

}  // namespace sim::providers
