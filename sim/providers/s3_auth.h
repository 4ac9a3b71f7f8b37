// Who may do what in the fake object store: SigV4 in the query, in the headers, and in a POST form
// (protocols.md §5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/request.h"
#include "net/sigv4.h"

namespace sim::providers {

struct S3Error {
  int status = 403;
  std::string code, message;
};

// Presigned or header-signed. nullopt: let in. Checks in the order of §5.1. Anonymous requests are refused:
// every bucket is private.
std::optional<S3Error> check_signature(const net::Request& request, const net::StoreKey& key,
                                       std::int64_t now);

// A multipart form, `file` last; later parts are ignored.
struct FormPart {
  std::string name, file_name, content_type, value;
};
std::optional<std::vector<FormPart>> parse_form_upload(const net::Request& request);

// The policy of a POST form against its fields and its file (§5.2). `bucket` from the URL.
std::optional<S3Error> check_policy(const std::vector<FormPart>& parts, std::string_view bucket,
                                    const net::StoreKey& key, std::int64_t now);

// A field by its name, whatever its case; "" when absent.
std::string form_value(const std::vector<FormPart>& parts, std::string_view name);

}  // namespace sim::providers
