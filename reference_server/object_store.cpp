#include "reference_server/object_store.h"

#include <thread>

#include "model/vocabulary/limits.h"

namespace server {
namespace {

constexpr std::chrono::milliseconds kTimeout{5'000};
constexpr int kAttempts = 3;
constexpr std::chrono::milliseconds kPause{30};  // grows with each attempt
constexpr std::int64_t kOwnLifetimeS = 60;       // of what the server asks itself
constexpr std::int64_t kReadLifetimeS = 3600;    // proof-and-gps.md §3

std::string target_of(const std::string& url) {
  return url.substr(url.find('/', url.find("//") + 2));
}

}  // namespace

std::string ObjectStore::upload_url(const ObjectFacts& facts, std::int64_t now_s) const {
  return net::presigned_url(options_.endpoint, options_.key,
                            {.method = "PUT",
                             .path = "/" + options_.bucket + "/" + facts.key,
                             .headers = {{"content-length", std::to_string(facts.size)},
                                         {"content-type", facts.content_type},
                                         {"if-none-match", "*"}},
                             .expires_s = model::limits::kUploadLifetime / model::kSecond},
                            now_s);
}

std::unique_ptr<net::Connection> ObjectStore::borrow() {
  const std::scoped_lock lock(mutex_);
  if (free_.empty()) {
    net::Url url = options_.endpoint;
    url.path.clear();
    return std::make_unique<net::Connection>(url);
  }
  auto connection = std::move(free_.back());
  free_.pop_back();
  return connection;
}

std::string ObjectStore::read_url(const std::string& key, std::int64_t now_s) const {
  return net::presigned_url(
      options_.endpoint, options_.key,
      {.method = "GET", .path = "/" + options_.bucket + "/" + key, .expires_s = kReadLifetimeS}, now_s);
}

std::expected<std::string, ObjectStore::Trouble> ObjectStore::ask(const net::Request& request) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::this_thread::sleep_for(kPause * attempt);
    auto connection = borrow();
    net::ClientResult answer = connection->exchange(request, kTimeout);
    if (!answer) continue;
    {
      const std::scoped_lock lock(mutex_);
      free_.push_back(std::move(connection));
    }
    if (answer->status == 200) return std::move(answer->body);
    if (answer->status == 404) return std::unexpected(Trouble::missing);
  }
  return std::unexpected(Trouble::unreachable);
}

std::expected<std::string, ObjectStore::Trouble> ObjectStore::read(const std::string& key,
                                                                   std::int64_t now_s) {
  const std::string url = net::presigned_url(
      options_.endpoint, options_.key,
      {.method = "GET", .path = "/" + options_.bucket + "/" + key, .expires_s = kOwnLifetimeS}, now_s);
  return ask({.method = "GET", .target = target_of(url), .headers = {}, .body = {}});
}

bool ObjectStore::write(const ObjectFacts& facts, const std::string& bytes, std::int64_t now_s) {
  const std::string url = net::presigned_url(options_.endpoint, options_.key,
                                             {.method = "PUT",
                                              .path = "/" + options_.bucket + "/" + facts.key,
                                              .headers = {{"content-type", facts.content_type}},
                                              .expires_s = kOwnLifetimeS},
                                             now_s);
  net::Request request{.method = "PUT", .target = target_of(url), .headers = {}, .body = bytes};
  request.headers.add("content-type", facts.content_type);
  return ask(request).has_value();
}

}  // namespace server
