#include "net/sigv4.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "net/sign.h"

namespace net {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kUnsigned = "UNSIGNED-PAYLOAD";

std::string encoded_path(std::string_view path) {
  std::string out;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= path.size(); ++i) {
    if (i < path.size() && path[i] != '/') continue;
    out += percent_encode(path.substr(from, i - from));
    if (i < path.size()) out += '/';
    from = i + 1;
  }
  return out;
}

std::string encoded_query(NameValues query) {
  for (auto& [name, value] : query) {
    name = percent_encode(name);
    value = percent_encode(value);
  }
  std::ranges::sort(query);
  std::string out;
  for (const auto& [name, value] : query) out += (out.empty() ? "" : "&") + name + "=" + value;
  return out;
}

std::string names_of(const NameValues& headers) {
  std::string names;
  for (const auto& [name, value] : headers) names += (names.empty() ? "" : ";") + name;
  return names;
}

std::string host_of(const Url& endpoint) {
  return endpoint.port == 80 ? endpoint.host : endpoint.host + ":" + std::to_string(endpoint.port);
}

}  // namespace

std::string amz_date(std::int64_t now) {
  const auto at = static_cast<std::time_t>(now);
  std::tm parts{};
  ::gmtime_r(&at, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts);
  return text.data();
}

std::string credential_scope(std::string_view date, std::string_view region) {
  return std::string(date.substr(0, 8)) + "/" + std::string(region) + "/s3/aws4_request";
}

std::string signing_key(std::string_view secret, std::string_view date, std::string_view region) {
  std::string key = hmac_sha256("AWS4" + std::string(secret), date.substr(0, 8));
  for (const std::string_view part : {region, std::string_view("s3"), std::string_view("aws4_request")})
    key = hmac_sha256(key, part);
  return key;
}

std::string canonical_request(std::string_view method, std::string_view path, NameValues query,
                              const NameValues& headers, std::string_view payload_hash) {
  std::string text =
      std::string(method) + "\n" + encoded_path(path) + "\n" + encoded_query(std::move(query)) + "\n";
  for (const auto& [name, value] : headers) text += name + ":" + value + "\n";
  return text + "\n" + names_of(headers) + "\n" + std::string(payload_hash);
}

std::string signature_of(std::string_view raw_signing_key, std::string_view date, std::string_view scope,
                         std::string_view canonical) {
  const std::string to_sign = std::string(kAlgorithm) + "\n" + std::string(date) + "\n" + std::string(scope) +
                              "\n" + hex(sha256(canonical));
  return hex(hmac_sha256(raw_signing_key, to_sign));
}

std::string presigned_url(const Url& endpoint, const StoreKey& key, const Presigned& what, std::int64_t now) {
  const std::string date = amz_date(now);
  const std::string scope = credential_scope(date, key.region);
  NameValues headers = what.headers;
  headers.emplace_back("host", host_of(endpoint));
  std::ranges::sort(headers);
  const std::string path = endpoint.path + what.path;
  NameValues query{
      {"X-Amz-Algorithm", std::string(kAlgorithm)},      {"X-Amz-Content-Sha256", std::string(kUnsigned)},
      {"X-Amz-Credential", key.access + "/" + scope},    {"X-Amz-Date", date},
      {"X-Amz-Expires", std::to_string(what.expires_s)}, {"X-Amz-SignedHeaders", names_of(headers)}};
  const std::string signature = signature_of(signing_key(key.secret, date, key.region), date, scope,
                                             canonical_request(what.method, path, query, headers, kUnsigned));
  return "http://" + host_of(endpoint) + encoded_path(path) + "?" + encoded_query(std::move(query)) +
         "&X-Amz-Signature=" + signature;
}

}  // namespace net
