// The object store as far as proofs need it (protocols.md §5): URLs for clients, and reading what was
// uploaded.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/client.h"
#include "net/sigv4.h"

namespace server {

struct ObjectStoreOptions {
  net::Url endpoint;
  net::StoreKey key{};
  std::string bucket = "hustlexp-proof-photos";
};

// Of an upload: what the client has declared, and must then send.
struct ObjectFacts {
  std::string key;
  std::string content_type;
  std::int64_t size = 0;
};

class ObjectStore {
 public:
  explicit ObjectStore(ObjectStoreOptions options) : options_(std::move(options)) {}

  // Content type, length and "only if nothing is there yet" are signed: the URL uploads this object, once.
  // The bucket is private, so that nobody else can write or read it. Ages on the real clock.
  std::string upload_url(const ObjectFacts& facts, std::int64_t now_s) const;

  // For the eyes of whoever is given it, for an hour (proof-and-gps.md §3).
  std::string read_url(const std::string& key, std::int64_t now_s) const;

  enum class Trouble : std::uint8_t { missing, unreachable };
  // The bytes. `unreachable` after three attempts: refused, lost, 5xx, 403.
  std::expected<std::string, Trouble> read(const std::string& key, std::int64_t now_s);
  // Puts an object of ours there, over one that may be there. False: not stored, after three attempts.
  bool write(const ObjectFacts& facts, const std::string& bytes, std::int64_t now_s);

 private:
  std::expected<std::string, Trouble> ask(const net::Request& request);
  std::unique_ptr<net::Connection> borrow();
  ObjectStoreOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<net::Connection>> free_;
};

}  // namespace server
