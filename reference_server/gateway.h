// Carries out tRPC requests: credential, input, procedure, answer, in the order of faults of error-codes.md
// §4.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/server.h"
#include "reference_server/auth.h"
#include "reference_server/database.h"
#include "reference_server/inspector.h"
#include "reference_server/limiter.h"
#include "reference_server/log.h"
#include "reference_server/metrics.h"
#include "reference_server/object_store.h"
#include "reference_server/outbox.h"
#include "reference_server/pipeline.h"
#include "reference_server/procedures/routes.h"
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
    Database& database;          // for calls of several steps, and tokens not seen before
    const Pipelines& pipelines;  // for calls that are one statement
    Processors& processors;
    Outbox& outbox;
    Metrics& metrics;
    Log& log;
    bool test_clock = false;
    bool rate_limits = false;
    int trusted_proxies = 0;
    ObjectStore* store = nullptr;
    bool gps_required = true;
    QueryMethods queries = QueryMethods::get;
    Inspector* inspector = nullptr;  // there is one where there is a store
  };
  explicit Gateway(const Parts& parts) : parts_(parts) {}

  void handle(const net::Request& request, net::Reply reply);

 private:
  struct Pending;
  using Held = std::shared_ptr<Pending>;
  using Caller = std::shared_ptr<const Identity>;
  void begin(const Held& pending, std::size_t index);
  void identify(const Held& pending, std::size_t index, std::string_view token);
  void turn_away(const Held& pending, std::size_t index, model::Code code, Session* session);
  void admit(const Held& pending, std::size_t index, const Caller& caller, Session* session);
  void refuse_by_limits(const Held& pending, std::size_t index);
  void proceed(const Held& pending, std::size_t index, const Caller& caller, Session* session);
  void send(const Held& pending, std::size_t index, const Caller& caller, std::string input);
  void carry_out_here(const Held& pending, std::size_t index, const Caller& caller, const std::string& input,
                      Session& session);
  void settle(const Held& pending, std::size_t index, const Outcome& outcome);
  void refuse_call(const Held& pending, std::size_t index, const Refusal& refusal);
  void finish(const Held& pending, std::size_t index, Answer answer);
  // `work` on a worker thread with a session; what it throws becomes the call's answer.
  void on_worker(const Held& pending, std::size_t index, std::move_only_function<void(Session&)> work);
  void tell_trouble(const Held& pending, std::size_t index, const DatabaseTrouble& trouble);
  Parts parts_;
};

}  // namespace server
