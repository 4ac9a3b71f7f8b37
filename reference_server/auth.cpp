#include "reference_server/auth.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace server {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kTokenMax = 8192;
constexpr std::size_t kSubjectMax = 128;  // protocols.md §4.3
constexpr std::size_t kKidMax = 200;

std::optional<std::int64_t> whole_seconds(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

bool is_text(const Json& object, const char* name, const std::string& wanted) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() && found->get_ref<const std::string&>() == wanted;
}

std::string text_or_empty(const Json& claims, const char* name, std::size_t max) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_string()) return {};
  const auto& text = found->get_ref<const std::string&>();
  return text.size() <= max && text.find('\0') == std::string::npos ? text : std::string();
}

// Present and after now: refused beyond the skew. A claim of another type than a whole number is refused as
// well.
bool in_future(const Json& claims, const char* name, std::int64_t limit_s) {
  if (!claims.contains(name)) return false;
  const auto value = whole_seconds(claims, name);
  return !value || *value > limit_s;
}

bool claims_hold(const Json& claims, const AuthOptions& options, std::int64_t now_s) {
  const auto expires = whole_seconds(claims, "exp");
  if (!expires || *expires + options.clock_skew_s <= now_s) return false;
  const std::int64_t latest = now_s + options.clock_skew_s;
  if (in_future(claims, "iat", latest) || in_future(claims, "auth_time", latest) ||
      in_future(claims, "nbf", latest)) {
    return false;
  }
  if (!is_text(claims, "aud", options.project)) return false;
  if (!is_text(claims, "iss", options.issuer_prefix + options.project)) return false;
  const auto subject = claims.find("sub");
  if (subject == claims.end() || !subject->is_string()) return false;
  const auto& uid = subject->get_ref<const std::string&>();
  return !uid.empty() && uid.size() <= kSubjectMax && uid.find('\0') == std::string::npos;
}

std::optional<std::string> kid_of(const std::string& header_text) {
  const Json header = Json::parse(header_text, nullptr, false);
  if (!header.is_object() || !is_text(header, "alg", "RS256")) return std::nullopt;
  std::string kid = text_or_empty(header, "kid", kKidMax);
  if (kid.empty()) return std::nullopt;
  return kid;
}

}  // namespace

std::optional<std::string_view> bearer_token(const std::string* header) {
  if (header == nullptr || header->empty()) return std::nullopt;
  constexpr std::string_view kScheme = "bearer ";
  const std::string_view text = *header;
  const bool bearer = text.size() >= kScheme.size() &&
                      std::equal(kScheme.begin(), kScheme.end(), text.begin(), [](char a, char b) {
                        return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
                      });
  return bearer ? text.substr(kScheme.size()) : std::string_view();
}

Auth::Auth(const AuthOptions& options) : options_(options), keys_(options.certs_url, options.refetch_pause) {}

std::shared_ptr<const Identity> Auth::recall(std::string_view token, std::int64_t now_s) {
  const std::lock_guard lock(mutex_);
  const auto found = cache_.find(token);
  const bool holds = found != cache_.end() && found->second.expires_s + options_.clock_skew_s > now_s;
  return holds ? found->second.identity : nullptr;
}

std::shared_ptr<const Identity> Auth::verify(std::string_view token, std::int64_t now_s) {
  if (token.empty() || token.size() > kTokenMax) return nullptr;
  if (auto identity = recall(token, now_s)) return identity;
  const auto known = verify_fresh(token, now_s);
  if (!known) return nullptr;
  remember(token, *known, now_s);
  return known->identity;
}

std::optional<Auth::Known> Auth::verify_fresh(std::string_view token, std::int64_t now_s) {
  const auto parts = net::split_jwt(token);
  if (!parts) return std::nullopt;
  const auto kid = kid_of(parts->header);
  const Json claims = Json::parse(parts->payload, nullptr, false);
  if (!kid || !claims.is_object() || !claims_hold(claims, options_, now_s)) return std::nullopt;
  const auto key = keys_.find(*kid);
  if (!key || !key->verify_rs256(parts->signed_text, parts->signature)) return std::nullopt;
  return Known{std::make_shared<const Identity>(Identity{claims["sub"], text_or_empty(claims, "email", 255),
                                                         text_or_empty(claims, "name", 255)}),
               *whole_seconds(claims, "exp")};
}

void Auth::remember(std::string_view token, const Known& known, std::int64_t now_s) {
  const std::lock_guard lock(mutex_);
  if (cache_.size() >= options_.cache_max) {
    std::erase_if(cache_, [&](const auto& entry) { return entry.second.expires_s <= now_s; });
    if (cache_.size() >= options_.cache_max) cache_.clear();
  }
  cache_.insert_or_assign(std::string(token), known);
}

}  // namespace server
