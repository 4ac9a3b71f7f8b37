// tRPC v11 over HTTP (protocols.md §1): taking a request apart into calls, putting the answers together
// again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/vocabulary/contract.h"
#include "net/request.h"
#include "reference_server/limiter.h"
#include "reference_server/refusal.h"

namespace server {

struct Call {
  std::string path;                             // as the client named it
  const model::Procedure* procedure = nullptr;  // set unless `unroutable` or `ping`
  bool ping = false;                            // health.ping: no credential, no input, no database
  std::optional<std::string> input;             // JSON text; absent when the client sent none
  std::optional<Refusal>
      unroutable;  // unknown path, wrong method: answered before the credential is looked at
  std::optional<Refusal> malformed;  // unreadable input: answered after the credential
};

struct Answer {
  int status = 200;
  std::string body;  // one envelope: {"result":…} or {"error":…}
  Allowance allowance{};
};

struct Calls {
  std::vector<Call> calls;
  bool batch = false;
  bool stream = false;                     // a batch whose answer is JSON lines (§1.6)
  std::string allow;                       // value of the Allow header of a 405, else empty
  std::optional<net::Response> immediate;  // the whole request is answered already (HEAD, 415, bad URL, …)
};

inline constexpr std::string_view kTrpcBase = "/trpc";

// Which methods reach a query: a server may also take POST, with the input in the body (§1.5, methodOverride
// of the client). A mutation is reached by POST alone.
enum class QueryMethods : std::uint8_t { get, get_and_post };

bool is_trpc(const net::Request& request);
Calls take_apart(const net::Request& request, QueryMethods queries = QueryMethods::get);
net::Response put_together(const Calls& calls, std::vector<Answer> answers);

Answer success(std::string_view data);  // `data` is JSON text
Answer failure(const Refusal& refusal, std::string_view path);
net::Response body_too_large();  // 413

}  // namespace server
