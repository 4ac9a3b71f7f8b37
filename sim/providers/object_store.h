// The objects of a fake S3 or R2 and how it misbehaves (protocols.md §5). Knows nothing of HTTP and
// signatures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/sigv4.h"

namespace sim::providers {

struct StoredObject {
  std::string bytes;
  std::string content_type;
  std::string etag;  // md5 hex, without quotes
  std::int64_t modified_s = 0;
};

// What goes wrong with the next `times` requests of one kind.
enum class StoreTrouble : std::uint8_t { none, slow, error_500, slow_down, missing, wrong_type };

struct StoreRules {
  bool form_posts = true;        // false: R2, which answers 501 to presigned POST
  bool strict_checksums = true;  // refuse a checksum that does not fit; some stores ignore it
  std::int64_t ahead_s = 0;      // how far the store's clock is ahead: signed URLs are that much older
};

// Thread-safe.
class ObjectStore {
 public:
  net::StoreKey key;  // whose requests are let in; set before anything is served

  void put(const std::string& path, StoredObject object);
  bool put_if_absent(const std::string& path, StoredObject object);  // false: there is one
  std::optional<StoredObject> get(const std::string& path) const;    // "/bucket/key"
  bool erase(const std::string& path);
  std::size_t size() const;

  StoreRules rules() const;
  StoreRules set_rules(StoreRules rules);  // the ones before
  // `method` of the requests that meet the trouble, "" for all.
  void trouble(StoreTrouble kind, std::string method, int times, int delay_ms);
  struct Met {
    StoreTrouble kind = StoreTrouble::none;
    int delay_ms = 0;
  };
  Met meet(std::string_view method);

 private:
  struct Planned {
    StoreTrouble kind = StoreTrouble::none;
    std::string method;
    int times = 0;
    int delay_ms = 0;
  };
  mutable std::mutex mutex_;
  std::unordered_map<std::string, StoredObject> objects_;
  StoreRules rules_;
  Planned planned_;
};

StoredObject made_object(std::string bytes, std::string content_type);

}  // namespace sim::providers
