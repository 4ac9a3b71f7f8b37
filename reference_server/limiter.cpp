#include "reference_server/limiter.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "model/vocabulary/rate_limits.h"

namespace server {
namespace {

constexpr Statement kTake{"rate_take",
                          "SELECT api.rate_take($1::text[], $2::integer[], $3::bigint[],"
                          " timestamptz 'epoch' + $4::bigint * interval '1 millisecond')"};
constexpr std::size_t kAddressMax = 64;

struct Counter {
  std::string key;
  model::RateClass of;
};

std::string array_item(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

template <class F>
std::string array_of(const std::vector<Counter>& counters, F element) {
  std::string text = "{";
  for (const Counter& counter : counters) text += (text.size() > 1 ? "," : "") + element(counter);
  return text + "}";
}

Allowance take(Session& session, std::vector<Counter> counters, model::Instant now) {
  std::ranges::sort(counters, {}, &Counter::key);
  const auto answer = nlohmann::json::parse(
      session.call(kTake, {array_of(counters, [](const Counter& c) { return array_item(c.key); }),
                           array_of(counters, [](const Counter& c) { return std::to_string(c.of.limit); }),
                           array_of(counters, [](const Counter& c) { return std::to_string(c.of.window); }),
                           std::to_string(now.ms)}));
  return {.counted = true,
          .allowed = answer["allowed"],
          .limit = answer["limit"],
          .remaining = answer["remaining"],
          .wait_ms = answer["wait_ms"]};
}

}  // namespace

std::string client_address(const net::Request& request, int trusted_proxies) {
  const std::string* forwarded = request.headers.find("x-forwarded-for");
  if (trusted_proxies <= 0 || forwarded == nullptr) return request.peer;
  std::string_view rest = *forwarded;
  std::string_view address;
  for (int i = 0; i < trusted_proxies; ++i) {
    const auto comma = rest.rfind(',');
    address = comma == rest.npos ? rest : rest.substr(comma + 1);
    if (comma == rest.npos) break;
    rest = rest.substr(0, comma);
  }
  while (!address.empty() && address.front() == ' ') address.remove_prefix(1);
  while (!address.empty() && address.back() == ' ') address.remove_suffix(1);
  return address.empty() || address.size() > kAddressMax ? request.peer : std::string(address);
}

Allowance take_call(Session& session, const model::Procedure& procedure, const std::string& uid,
                    const std::string& address, model::Instant now) {
  std::vector<Counter> counters;
  for (const model::RateClass& of : model::rate_classes(procedure)) {
    counters.push_back({std::string(of.name) + ":" + (of.by_address ? address : uid), of});
  }
  try {
    return take(session, std::move(counters), now);
  } catch (const DatabaseTrouble&) {
    const bool ordinary_read = procedure.kind == model::Kind::query && !procedure.name.starts_with("admin.");
    return {.allowed = ordinary_read};
  }
}

Allowance take_anonymous(Session& session, const std::string& address, model::Instant now) {
  try {
    return take(session, {{std::string(model::kAuthLimit.name) + ":" + address, model::kAuthLimit}}, now);
  } catch (const DatabaseTrouble&) {
    return {.allowed = false};
  }
}

}  // namespace server
