// The error codes of error-codes.md §2 and §3: what a refusal may say, and how it travels.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace model {

enum class Code : std::uint8_t {
  none,
  hx001,
  hx002,
  hx003,
  hx004,
  hx005,
  hx006,
  hx101,
  hx102,
  hx201,
  hx301,
  hx401,
  hx501,
  hx502,
  hx503,
  hx504,
  hx601,
  hx602,
  hx603,
  hx604,
  hx605,
  hx606,
  hx607,
  hx608,
  hx609,
  hx801,
  hx802,
  hx803,
  hx804,
  hx901,
  hx902,
  hx903,
  hx904,
  hx905,
  hx912,
  hx913,
  hx914,
  hx954,
  validation_error,
  not_found,
  conflict,
  rate_limited,
  internal_error,
  payload_too_large,
  method_not_supported,
  unsupported_media_type,
  bad_signature,  // a webhook refused with HTTP 400; plain HTTP, so no HX string travels
};

struct CodeFacts {
  Code code;
  std::string_view hx;        // the string in error.data.hx
  std::string_view trpc;      // error.data.code
  int number;                 // error.code (JSON-RPC)
  int http;                   // HTTP status and error.data.httpStatus
  std::string_view sentence;  // default message for a client
};

std::span<const CodeFacts> all_codes();
const CodeFacts& facts(Code code);
inline std::string_view name(Code code) {
  return facts(code).hx;
}
std::optional<Code> code_of(std::string_view hx);

}  // namespace model
