// Questions asked before anything is driven against something that we did not start. Each throws
// EnvironmentError with one line that names the flag and what was expected: 2 for a malformed URL, 3 for
// everything that a machine said.
#pragma once

#include <chrono>
#include <string>

namespace loadgen {

struct TargetFacts {
  std::string version;      // as /health says, "" if it does not
  bool test_clock = false;  // honours x-hustle-now and /test/jobs
};

// http://host:port[/base]; returned without a trailing slash.
std::string checked_http_url(const std::string& flag, const std::string& url);
// postgresql://...; only the syntax.
void check_database_url(const std::string& url);

// Answers JSON on GET /health, and a tRPC envelope on a procedure of the contract. A target that says
// "unavailable" (just started, its database not yet looked at) is asked again for as long as `patience`.
TargetFacts check_target(const std::string& url, std::chrono::milliseconds patience = {});
// PostgreSQL 15 or newer, and the money core's tables are there.
void check_database(const std::string& url);
// The control interface of the fakes (`hustle providers`).
void check_providers(const std::string& url);
// "host:port" can be listened on (port 0 always can).
void check_listen(const std::string& address);

}  // namespace loadgen
