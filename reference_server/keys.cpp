#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "net/client.h"
#include "reference_server/auth.h"

namespace server {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kDefaultMaxAge{3600};
constexpr std::chrono::milliseconds kFetchTimeout{5000};
constexpr std::chrono::milliseconds kShortPause{1000};

std::chrono::seconds max_age(const net::Response& response) {
  const std::string* header = response.headers.find("cache-control");
  if (header == nullptr) return kDefaultMaxAge;
  constexpr std::string_view kName = "max-age=";
  const auto at = header->find(kName);
  if (at == std::string::npos) return kDefaultMaxAge;
  long seconds = 0;
  const char* begin = header->data() + at + kName.size();
  if (std::from_chars(begin, header->data() + header->size(), seconds).ec != std::errc{})
    return kDefaultMaxAge;
  return std::chrono::seconds(seconds);
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// A top-level "keys" array marks a JWKS; otherwise the document maps kid to certificate.
std::map<std::string, net::PublicKey> read_keys(const std::string& body) {
  std::map<std::string, net::PublicKey> keys;
  const Json document = Json::parse(body, nullptr, false);
  if (!document.is_object()) return keys;
  const auto list = document.find("keys");
  if (list != document.end() && list->is_array()) {
    for (const Json& each : *list) {
      if (!each.is_object() || text_of(each, "kty") != "RSA") continue;
      auto key = net::PublicKey::from_jwk(text_of(each, "n"), text_of(each, "e"));
      if (key) keys.emplace(text_of(each, "kid"), std::move(*key));
    }
    return keys;
  }
  for (const auto& [kid, certificate] : document.items()) {
    if (!certificate.is_string()) continue;
    auto key = net::PublicKey::from_certificate_pem(certificate.get_ref<const std::string&>());
    if (key) keys.emplace(kid, std::move(*key));
  }
  return keys;
}

}  // namespace

KeyRing::KeyRing(std::string url, std::chrono::milliseconds refetch_pause)
    : url_(std::move(url)), pause_(refetch_pause) {}

std::shared_ptr<const net::PublicKey> KeyRing::find(const std::string& kid) {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  const auto known = [&]() -> std::shared_ptr<const net::PublicKey> {
    const auto found = keys_.find(kid);
    return found != keys_.end() && found->second.until > now ? found->second.key : nullptr;
  };
  if (auto key = known()) return key;
  // The rotation trap of protocols.md §4.3: a brand-new key is unknown here, so ask, but not for every bad
  // token. A key whose max-age has passed, or a provider that did not answer, is worth asking about sooner.
  const bool unknown = fetch_worked_ && !keys_.contains(kid);
  if (fetched_ && now - *fetched_ < (unknown ? pause_ : std::min(pause_, kShortPause))) return nullptr;
  fetched_ = now;
  fetch_worked_ = fetch();
  return known();
}

bool KeyRing::fetch() {
  const auto url = net::parse_url(url_);
  if (!url) return false;
  net::Url server = *url;
  server.path.clear();
  net::Connection connection(server);
  net::Request request;
  request.method = "GET";
  request.target = url->path.empty() ? "/" : url->path;
  const auto answer = connection.exchange(request, kFetchTimeout);
  if (!answer || answer->status != 200) return false;
  const auto until = Clock::now() + max_age(*answer);
  for (auto& [kid, key] : read_keys(answer->body)) {
    keys_[kid] = {std::make_shared<const net::PublicKey>(std::move(key)), until};
  }
  std::erase_if(keys_, [](const auto& entry) { return entry.second.until <= Clock::now(); });
  return true;
}

}  // namespace server
