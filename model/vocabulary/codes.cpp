#include "model/vocabulary/codes.h"

#include <algorithm>
#include <array>

namespace model {
namespace {

// error-codes.md §2 and §3; numbers from protocols.md §1.3. FORBIDDEN travels as HX503, missing users as
// HX504.
constexpr std::array kCodes{
    CodeFacts{Code::none, "", "", 0, 200, "no error"},
    CodeFacts{Code::hx001, "HX001", "CONFLICT", -32009, 409, "The task is in a final state."},
    CodeFacts{Code::hx002, "HX002", "CONFLICT", -32009, 409, "The escrow is in a final state."},
    CodeFacts{Code::hx003, "HX003", "BAD_REQUEST", -32600, 400,
              "The escrow amount differs from the task price."},
    CodeFacts{Code::hx004, "HX004", "CONFLICT", -32009, 409, "The escrow amount cannot change."},
    CodeFacts{Code::hx005, "HX005", "BAD_REQUEST", -32600, 400, "A split needs both amounts."},
    CodeFacts{Code::hx006, "HX006", "BAD_REQUEST", -32600, 400, "The split amounts do not add up."},
    CodeFacts{Code::hx101, "HX101", "CONFLICT", -32009, 409, "XP needs a released escrow."},
    CodeFacts{Code::hx102, "HX102", "FORBIDDEN", -32003, 403, "The XP ledger is append-only."},
    CodeFacts{Code::hx201, "HX201", "CONFLICT", -32009, 409, "Money is released only for a completed task."},
    CodeFacts{Code::hx301, "HX301", "CONFLICT", -32009, 409, "Completion needs an accepted proof."},
    CodeFacts{Code::hx401, "HX401", "FORBIDDEN", -32003, 403, "Badges are permanent."},
    CodeFacts{Code::hx501, "HX501", "UNAUTHORIZED", -32001, 401, "Authentication is required."},
    CodeFacts{Code::hx502, "HX502", "UNAUTHORIZED", -32001, 401, "The token is invalid or expired."},
    CodeFacts{Code::hx503, "HX503", "FORBIDDEN", -32003, 403, "You may not do this."},
    CodeFacts{Code::hx504, "HX504", "NOT_FOUND", -32004, 404, "The user does not exist."},
    CodeFacts{Code::hx601, "HX601", "TOO_MANY_REQUESTS", -32029, 429, "A break is mandatory now."},
    CodeFacts{Code::hx602, "HX602", "FORBIDDEN", -32003, 403, "The account is not active."},
    CodeFacts{Code::hx603, "HX603", "FORBIDDEN", -32003, 403, "Posters cannot read their own reputation."},
    CodeFacts{Code::hx604, "HX604", "FORBIDDEN", -32003, 403, "Percentiles are private."},
    CodeFacts{Code::hx605, "HX605", "FORBIDDEN", -32003, 403, "Tier and clearance disagree."},
    CodeFacts{Code::hx606, "HX606", "CONFLICT", -32009, 409, "The trade has no active license."},
    CodeFacts{Code::hx607, "HX607", "FORBIDDEN", -32003, 403, "The credential has expired."},
    CodeFacts{Code::hx608, "HX608", "CONFLICT", -32009, 409, "Insurance needs a verified trade."},
    CodeFacts{Code::hx609, "HX609", "FORBIDDEN", -32003, 403, "You are not eligible for this task."},
    CodeFacts{Code::hx801, "HX801", "CONFLICT", -32009, 409, "Messages are closed for this task."},
    CodeFacts{Code::hx802, "HX802", "FORBIDDEN", -32003, 403, "Only participants may write."},
    CodeFacts{Code::hx803, "HX803", "BAD_REQUEST", -32600, 400, "A message carries at most 3 photos."},
    CodeFacts{Code::hx804, "HX804", "BAD_REQUEST", -32600, 400, "A message has at most 500 characters."},
    CodeFacts{Code::hx901, "HX901", "CONFLICT", -32009, 409, "A broadcast needs a funded escrow."},
    CodeFacts{Code::hx902, "HX902", "BAD_REQUEST", -32600, 400, "A LIVE task costs at least 1500 cents."},
    CodeFacts{Code::hx903, "HX903", "FORBIDDEN", -32003, 403, "Live mode is not active."},
    CodeFacts{Code::hx904, "HX904", "TOO_MANY_REQUESTS", -32029, 429, "Live mode was toggled too recently."},
    CodeFacts{Code::hx905, "HX905", "FORBIDDEN", -32003, 403, "Live mode is banned for now."},
    CodeFacts{Code::hx912, "HX912", "CONFLICT", -32009, 409, "The account waits for a review of its risk."},
    CodeFacts{Code::hx913, "HX913", "CONFLICT", -32009, 409, "The risk of the account is too high."},
    CodeFacts{Code::hx914, "HX914", "CONFLICT", -32009, 409, "Poster and worker belong together."},
    CodeFacts{Code::hx954, "HX954", "CONFLICT", -32009, 409, "Somebody else must decide the appeal."},
    CodeFacts{Code::validation_error, "VALIDATION_ERROR", "BAD_REQUEST", -32600, 400,
              "The input is invalid."},
    CodeFacts{Code::not_found, "NOT_FOUND", "NOT_FOUND", -32004, 404, "Not found."},
    CodeFacts{Code::conflict, "CONFLICT", "CONFLICT", -32009, 409, "The current state does not allow this."},
    CodeFacts{Code::rate_limited, "RATE_LIMITED", "TOO_MANY_REQUESTS", -32029, 429, "Too many requests."},
    CodeFacts{Code::internal_error, "INTERNAL_ERROR", "INTERNAL_SERVER_ERROR", -32603, 500,
              "Something went wrong."},
    CodeFacts{Code::payload_too_large, "VALIDATION_ERROR", "PAYLOAD_TOO_LARGE", -32013, 413,
              "The body is too large."},
    CodeFacts{Code::method_not_supported, "VALIDATION_ERROR", "METHOD_NOT_SUPPORTED", -32005, 405,
              "Wrong method."},
    CodeFacts{Code::unsupported_media_type, "VALIDATION_ERROR", "UNSUPPORTED_MEDIA_TYPE", -32015, 415,
              "Unsupported content type."},
    CodeFacts{Code::bad_signature, "BAD_SIGNATURE", "BAD_REQUEST", -32600, 400,
              "The signature does not match."},
};

constexpr bool in_enum_order() {
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    if (static_cast<std::size_t>(kCodes[i].code) != i) return false;
  }
  return true;
}
static_assert(in_enum_order());

}  // namespace

std::span<const CodeFacts> all_codes() {
  return kCodes;
}

const CodeFacts& facts(Code code) {
  return kCodes[static_cast<std::size_t>(code)];
}

std::optional<Code> code_of(std::string_view hx) {
  const auto found = std::ranges::find(kCodes, hx, &CodeFacts::hx);
  if (found == kCodes.end()) return std::nullopt;
  return found->code;
}

}  // namespace model
