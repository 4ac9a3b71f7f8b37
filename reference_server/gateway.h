// Carries out tRPC requests: credential, input, procedure, answer, in the order of faults of error-codes.md
// §4.
#pragma once

#include <memory>
#include <string>

#include "net/server.h"
#include "reference_server/auth.h"
#include "reference_server/database.h"
#include "reference_server/log.h"
#include "reference_server/metrics.h"
#include "reference_server/outbox.h"
#include "reference_server/processor.h"
#include "reference_server/trpc.h"

namespace server {

// The "now" of a request's domain time (x-hustle-now under a test clock, else the real clock), or its
// refusal.
std::expected<model::Instant, Refusal> now_of(const net::Request& request, bool test_clock);

std::int64_t real_seconds();  // tokens and signatures age on the real clock, always

class Gateway {
 public:
  struct Parts {
    Auth& auth;
    Database& database;
    Processors& processors;
    Outbox& outbox;
    Metrics& metrics;
    Log& log;
    bool test_clock = false;
  };
  explicit Gateway(const Parts& parts) : parts_(parts) {}

  void handle(const net::Request& request, net::Reply reply);

 private:
  struct Pending;
  void carry_out_call(const std::shared_ptr<Pending>& pending, std::size_t index, Session* session);
  Answer answer_call(const Pending& pending, const Call& call, Session& session, std::string& user);
  Parts parts_;
};

}  // namespace server
