// AWS Signature Version 4 for object stores (protocols.md §5): what both a signer and a verifier compute.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/client.h"

namespace net {

struct StoreKey {
  std::string access = "HUSTLEACCESS";
  std::string secret = "hustle-secret";
  std::string region = "auto";
};

using NameValues = std::vector<std::pair<std::string, std::string>>;

// Lower-case names; `host` is added from the endpoint. All of them are signed, so the client must send them.
struct Presigned {
  std::string method;
  std::string path;      // decoded, with the leading slash: "/bucket/key"
  NameValues headers{};  // "content-type", "content-length", "if-none-match"
  std::int64_t expires_s = 600;
};

// The whole URL. `now` in seconds since 1970.
std::string presigned_url(const Url& endpoint, const StoreKey& key, const Presigned& what, std::int64_t now);

std::string amz_date(std::int64_t now);  // 20260102T030405Z
std::string credential_scope(std::string_view amz_date,
                             std::string_view region);  // 20260102/auto/s3/aws4_request
std::string signing_key(std::string_view secret, std::string_view date,
                        std::string_view region);  // raw bytes

// `path` decoded. `query` decoded, without X-Amz-Signature; sorted here. `headers` as signed: lower-case
// names in order, values trimmed by the caller.
std::string canonical_request(std::string_view method, std::string_view path, NameValues query,
                              const NameValues& headers, std::string_view payload_hash);

// Hex. `date` is the X-Amz-Date, `scope` its credential scope.
std::string signature_of(std::string_view raw_signing_key, std::string_view date, std::string_view scope,
                         std::string_view canonical);

}  // namespace net
