#include "sim/providers/s3_auth.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <ctime>

#include "net/sign.h"

namespace sim::providers {
namespace {

constexpr std::int64_t kSkew = 15 * 60;
constexpr std::int64_t kLongest = 604'800;
constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string collapsed(std::string_view text) {  // ends trimmed, inner runs of spaces as one
  std::string out;
  for (const char c : text) {
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find(by);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::int64_t> seconds_of(const std::string& date) {  // 20260102T030405Z
  std::tm parts{};
  if (date.size() != 16 || ::strptime(date.c_str(), "%Y%m%dT%H%M%SZ", &parts) == nullptr) return std::nullopt;
  return ::timegm(&parts);
}

std::optional<net::NameValues> decoded_query(const net::Request& request) {
  net::NameValues pairs;
  const auto mark = request.target.find('?');
  if (mark == std::string::npos) return pairs;
  for (const std::string& piece : split(std::string_view(request.target).substr(mark + 1), '&')) {
    if (piece.empty()) continue;
    const auto equals = piece.find('=');
    const auto name = net::percent_decode(std::string_view(piece).substr(0, equals));
    const auto value =
        net::percent_decode(equals == std::string::npos ? "" : std::string_view(piece).substr(equals + 1));
    if (!name || !value) return std::nullopt;
    pairs.emplace_back(*name, *value);
  }
  return pairs;
}

struct Claim {  // what a signed request says about itself
  std::string credential, date, signed_headers, signature, payload_hash;
  std::int64_t expires_s = 0;  // 0: header-signed
};

std::string find(const net::NameValues& pairs, std::string_view name) {
  const auto found = std::ranges::find_if(pairs, [&](const auto& pair) { return pair.first == name; });
  return found == pairs.end() ? std::string() : found->second;
}

std::string header(const net::Request& request, std::string_view name) {
  const std::string* value = request.headers.find(name);
  return value == nullptr ? std::string() : *value;
}

S3Error bad_parameters(std::string message) {
  return {400, "AuthorizationQueryParametersError", std::move(message)};
}
S3Error denied(std::string message) {
  return {403, "AccessDenied", std::move(message)};
}

std::optional<Claim> claim_of_header(const net::Request& request) {
  const std::string text = header(request, "authorization");
  if (!text.starts_with(kAlgorithm)) return std::nullopt;
  Claim claim;
  for (const std::string& part : split(std::string_view(text).substr(kAlgorithm.size()), ',')) {
    const std::string trimmed = collapsed(part);
    const auto equals = trimmed.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = trimmed.substr(0, equals);
    if (name == "Credential") claim.credential = trimmed.substr(equals + 1);
    if (name == "SignedHeaders") claim.signed_headers = trimmed.substr(equals + 1);
    if (name == "Signature") claim.signature = trimmed.substr(equals + 1);
  }
  claim.date = header(request, "x-amz-date");
  claim.payload_hash = header(request, "x-amz-content-sha256");
  return claim;
}

Claim claim_of_query(const net::NameValues& query) {
  Claim claim;
  claim.credential = find(query, "X-Amz-Credential");
  claim.date = find(query, "X-Amz-Date");
  claim.signed_headers = find(query, "X-Amz-SignedHeaders");
  claim.signature = find(query, "X-Amz-Signature");
  claim.payload_hash = "UNSIGNED-PAYLOAD";
  const std::string expires = find(query, "X-Amz-Expires");
  const auto [end, error] = std::from_chars(expires.data(), expires.data() + expires.size(), claim.expires_s);
  if (error != std::errc{} || end != expires.data() + expires.size()) claim.expires_s = -1;
  return claim;
}

std::optional<S3Error> check_credential(const std::string& credential, const std::string& date,
                                        const net::StoreKey& key) {
  const auto slash = credential.find('/');
  if (credential.substr(0, slash) != key.access)
    return S3Error{403, "InvalidAccessKeyId",
                   "The access key Id you provided does not exist in our records."};
  if (slash == std::string::npos || credential.substr(slash + 1) != net::credential_scope(date, key.region))
    return bad_parameters("Error parsing the X-Amz-Credential parameter.");
  return std::nullopt;
}

std::optional<S3Error> check_time(const Claim& claim, std::int64_t now) {
  const auto date = seconds_of(claim.date);
  if (!date) return bad_parameters("X-Amz-Date must be in the ISO8601 Long Format.");
  if (*date > now + kSkew) return denied("Request is not valid yet");
  if (claim.expires_s == 0) {
    if (*date < now - kSkew)
      return S3Error{403, "RequestTimeTooSkewed",
                     "The difference between the request time and now is too large."};
    return std::nullopt;
  }
  if (claim.expires_s < 1 || claim.expires_s > kLongest)
    return bad_parameters("X-Amz-Expires must be from 1 to 604800 seconds.");
  if (now > *date + claim.expires_s) return denied("Request has expired");
  return std::nullopt;
}

}  // namespace

std::optional<S3Error> check_signature(const net::Request& request, const net::StoreKey& key,
                                       std::int64_t now) {
  auto query = decoded_query(request);
  if (!query) return bad_parameters("The query is not well formed.");
  const bool presigned = !find(*query, "X-Amz-Algorithm").empty();
  std::optional<Claim> claim = presigned ? std::optional(claim_of_query(*query)) : claim_of_header(request);
  if (!claim) return denied("Access Denied");
  if (presigned && find(*query, "X-Amz-Algorithm") != kAlgorithm)
    return bad_parameters("X-Amz-Algorithm only supports AWS4-HMAC-SHA256");
  if (claim->credential.empty() || claim->signed_headers.empty() || claim->signature.empty())
    return bad_parameters("Query-string authentication needs credential, signed headers and signature.");
  if (auto trouble = check_credential(claim->credential, claim->date, key)) return trouble;
  if (auto trouble = check_time(*claim, now)) return trouble;
  const std::vector<std::string> names = split(claim->signed_headers, ';');
  if (std::ranges::find(names, "host") == names.end())
    return bad_parameters("The host header must be signed.");
  for (const auto& [name, value] : request.headers.entries) {
    const std::string small = lower(name);
    if (small.starts_with("x-amz-") && std::ranges::find(names, small) == names.end())
      return denied("There were headers present in the request which were not signed");
  }
  std::erase_if(*query, [](const auto& pair) { return pair.first == "X-Amz-Signature"; });
  net::NameValues headers;
  for (const std::string& name : names) headers.emplace_back(name, collapsed(header(request, name)));
  const auto path = net::percent_decode(request.path());
  if (!path) return S3Error{400, "InvalidURI", "Couldn't parse the specified URI."};
  const std::string canonical =
      net::canonical_request(request.method, *path, std::move(*query), headers, claim->payload_hash);
  const std::string scope = net::credential_scope(claim->date, key.region);
  const std::string right =
      net::signature_of(net::signing_key(key.secret, claim->date, key.region), claim->date, scope, canonical);
  if (!net::equal_constant_time(right, claim->signature))
    return S3Error{403, "SignatureDoesNotMatch", "The request signature we calculated does not match."};
  return std::nullopt;
}

}  // namespace sim::providers
