// Counts calls against the classes of model/vocabulary/rate_limits.h. The counters are rows, so that several
// instances share them; which calls still count is decided by sql/rate_take.sql.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/vocabulary/contract.h"
#include "model/vocabulary/instant.h"
#include "net/request.h"
#include "reference_server/database.h"

namespace server {

struct Allowance {
  bool counted = false;  // false: limits are off, or the counters could not be read and the call may pass
  bool allowed = true;
  int limit = 0, remaining = 0;
  std::int64_t wait_ms = 0;  // refused: until the next call may be let through
};

// Who is at the other end: with `trusted_proxies` n > 0, the n-th address of X-Forwarded-For from the right,
// which is the one that the outermost proxy of ours has seen. Whatever stands left of it is the client's own
// claim (FM-177).
std::string client_address(const net::Request& request, int trusted_proxies);

// A call by the verified account `uid` from `address`. When the counters cannot be read, only ordinary reads
// pass.
Allowance take_call(Session& session, const model::Procedure& procedure, const std::string& uid,
                    const std::string& address, model::Instant now);

// A call whose credential is missing or bad; never passes when the counters cannot be read.
Allowance take_anonymous(Session& session, const std::string& address, model::Instant now);

}  // namespace server
