#include "reference_server/service.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "model/vocabulary/limits.h"
#include "net/client.h"
#include "net/server.h"
#include "net/sign.h"
#include "reference_server/functions.h"
#include "reference_server/gateway.h"
#include "reference_server/jobs.h"
#include "reference_server/migration_files.h"
#include "reference_server/pipeline.h"
#include "reference_server/pulse.h"
#include "reference_server/test_endpoints.h"
#include "reference_server/webhooks.h"

namespace server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kVersion = "1.0.0";
constexpr std::chrono::milliseconds kTestLease{2000};
constexpr std::chrono::milliseconds kTestRefetch{1000};
constexpr std::chrono::milliseconds kSeenUnready{100};  // for probes to notice before the listener closes

net::Response json_response(int status, const nlohmann::json& body) {
  net::Response response{.status = status, .headers = {}, .body = body.dump()};
  response.headers.add("content-type", "application/json");
  return response;
}

AuthOptions auth_options(const Config& config) {
  AuthOptions options{.certs_url = config.auth_certs_url, .project = config.auth_project};
  options.issuer_prefix = config.auth_issuer_prefix;
  options.clock_skew_s = config.auth_clock_skew_s;
  if (config.test_clock) options.refetch_pause = kTestRefetch;
  return options;
}

OutboxOptions outbox_options(const Config& config) {
  OutboxOptions options{.database_url = config.database};
  if (config.test_clock) options.lease = kTestLease;
  return options;
}

InspectorOptions inspector_options(const Config& config) {
  InspectorOptions options{.database_url = config.database};
  if (!config.biometrics_url.empty()) options.biometrics = *net::parse_url(config.biometrics_url);
  if (config.test_clock) options.lease = kTestLease;
  return options;
}

// Threads fitted to cores; more only take turns.
int network_threads() {
  return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 4U));
}

// The bounded pool (operations.md §3) in three parts: reads need few connections, since they are bundled;
// workers wait for the processor between two statements; the rest is for durable writes, whose commits are
// grouped. Reads and writes are divided between the network threads.
int workers_of(const Config& config) {
  return std::max(1, config.pool * 2 / 5);
}
Pipelines make_pipelines(const Config& config) {
  const int threads = network_threads();
  const int writers = std::max(1, (config.pool - workers_of(config) - threads) / threads);
  Pipelines pipelines;
  for (int i = 0; i < threads; ++i) {
    pipelines.push_back(std::make_unique<Pipeline>(
        PipelineOptions{.url = config.database, .readers = 1, .writers = writers}));
  }
  return pipelines;
}

std::unique_ptr<ObjectStore> make_store(const Config& config) {
  if (config.store_url.empty()) return nullptr;
  return std::make_unique<ObjectStore>(
      ObjectStoreOptions{.endpoint = *net::parse_url(config.store_url),
                         .key = {config.store_access_key, config.store_secret_key, config.store_region},
                         .bucket = config.store_bucket});
}

void prepare(const Config& config) {
  Session session(config.database, std::chrono::milliseconds(30'000));
  try {
    install_functions(session, config.sql_dir);
  } catch (const DatabaseTrouble& trouble) {
    if (!trouble.sqlstate.starts_with("42")) throw;  // something that the functions name is not there
    throw MigrationError(2,
                         "--database: its schema is missing or older than this server; first run "
                         "hustle-server migrate --database URL");
  }
}

}  // namespace

struct Service::Impl {
  explicit Impl(const Config& given)
      : config((prepare(given), given)),
        log(config.log_level),
        auth(auth_options(config)),
        processors(*net::parse_url(config.stripe_url), config.stripe_key),
        database({.url = config.database, .connections = workers_of(config)}),
        outbox(outbox_options(config), processors, log),
        store(make_store(config)),
        inspector(store ? std::make_unique<Inspector>(inspector_options(config), *store, log) : nullptr),
        gateway({auth, database, pipelines, processors, outbox, metrics, log, config.test_clock,
                 config.rate_limits, config.trusted_proxies, store.get(), config.proof_gps_required,
                 config.method_override ? QueryMethods::get_and_post : QueryMethods::get, inspector.get()}),
        pipelines(make_pipelines(config)),
        pulse(config.database, [this] { return load(); }, metrics, log) {
    if (!config.test_clock) {
      jobs = std::make_unique<Jobs>(config.database, [this] { outbox.wake(); }, metrics, log);
    }
    net::ServerOptions options;
    options.address = config.listen_address;
    options.port = config.listen_port;
    options.threads = network_threads();
    for (const auto& each : pipelines) {
      options.watches.push_back({each->descriptor(), [&pipeline = *each] { pipeline.turn(); }});
    }
    options.body_max = model::limits::kBodyMax;
    options.body_too_large = [](const net::Request& request) {
      return is_trpc(request) ? body_too_large() : json_response(413, {{"error", "The body is too large."}});
    };
    server = std::make_unique<net::Server>(options, [this](net::Request request, net::Reply reply) {
      handle(std::move(request), std::move(reply));
    });
    if (!store) log.warn("no --store-url: photos of proofs are not looked at, their keys are kept unchecked");
  }

  void handle(net::Request request, net::Reply reply);
  void webhook(net::Request request, net::Reply reply);
  PoolLoad load() const {
    PoolLoad sum{database.busy(), database.waiting()};
    for (const auto& each : pipelines) {
      sum.busy += each->busy();
      sum.waiting += each->waiting();
    }
    return sum;
  }
  net::Response health() const;
  net::Response readiness() const;

  Config config;
  Clock::time_point started = Clock::now();
  std::atomic<bool> draining{false};
  Log log;
  Metrics metrics;
  Auth auth;
  Processors processors;
  Database database;
  Outbox outbox;
  std::unique_ptr<ObjectStore> store;    // null: none is configured
  std::unique_ptr<Inspector> inspector;  // null without a store
  Gateway gateway;
  Pipelines pipelines;  // destroyed before those whom their answers go to
  Pulse pulse;          // looks at the pipeline
  std::unique_ptr<Jobs> jobs;
  std::unique_ptr<net::Server> server;  // last built, first destroyed
};

net::Response Service::Impl::health() const {
  const bool well = pulse.healthy();
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - started).count();
  return json_response(well ? 200 : 503, {{"status", well ? "ok" : "unavailable"},
                                          {"version", kVersion},
                                          {"schema_version", pulse.schema_version()},
                                          {"checks", {{"database", well ? "ok" : "unavailable"}}},
                                          {"test_clock", config.test_clock},
                                          {"uptime_s", uptime}});
}

net::Response Service::Impl::readiness() const {
  const bool ready = pulse.healthy() && !draining;
  return json_response(ready ? 200 : 503, {{"status", ready ? "ok" : draining ? "draining" : "unavailable"}});
}

void Service::Impl::webhook(net::Request request, net::Reply reply) {
  const auto finish = [this, reply](int status, const std::string& type, const std::string& result,
                                    const nlohmann::json& body, Clock::time_point begun) {
    const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
    // The type is the sender's text: only what we know becomes a label.
    metrics.webhook(type.starts_with("payment_intent.") || type.starts_with("transfer.") ? type : "other",
                    result.substr(0, result.find(':')));
    log.request({.request_id = net::random_hex(8),
                 .user = {},
                 .task = {},
                 .route = "webhook",
                 .duration_us = elapsed.count(),
                 .status = status,
                 .code = result});
    reply(json_response(status, body));
  };
  const auto begun = Clock::now();
  if (const auto checked = check_signature(request.headers.find("stripe-signature"), request.body,
                                           config.webhook_secret, real_seconds());
      !checked) {
    return finish(400, "", "bad signature", {{"error", checked.error()}}, begun);
  }
  const auto now = now_of(request, config.test_clock);
  if (!now) return finish(403, "", "test clock", {{"error", now.error().text()}}, begun);
  const auto event = read_event(request.body);
  if (!event) return finish(400, "", "unreadable", {{"error", "The body is not an event."}}, begun);
  const bool taken = own_pipeline(pipelines).submit(
      Pipeline::Kind::write, kEventStatement, event_arguments(*event, *now),
      [this, finish, begun, type = event->type](const Pipeline::Answer& answer) {
        if (answer.text) {
          outbox.wake();
          return finish(200, type, *answer.text, {{"received", true}}, begun);
        }
        log.error("webhook", answer.text.error().what());
        finish(500, type, "failed", {{"error", "Something went wrong."}}, begun);
      });
  if (!taken) finish(500, event->type, "overloaded", {{"error", "Something went wrong."}}, begun);
}

void Service::Impl::handle(net::Request request, net::Reply reply) {
  if (is_trpc(request)) return gateway.handle(request, std::move(reply));
  const std::string path(request.path());
  if (path == "/webhooks/stripe") {
    if (request.method == "POST") return webhook(std::move(request), std::move(reply));
    return reply(json_response(405, {{"error", "Only POST."}}));
  }
  if (path == "/health") return reply(health());
  if (path == "/health/liveness") return reply(json_response(200, {{"status", "ok"}}));
  if (path == "/health/readiness") return reply(readiness());
  if (path == "/metrics") {
    net::Response response{.status = 200, .headers = {}, .body = metrics.text()};
    response.headers.add("content-type", "text/plain; version=0.0.4; charset=utf-8");
    return reply(std::move(response));
  }
  if (config.test_clock && path.starts_with("/test/")) {
    return handle_test_request({database, outbox, log}, request, std::move(reply));
  }
  reply(json_response(404, {{"error", "Not found."}}));
}

Service::Service(const Config& config) : impl_(std::make_unique<Impl>(config)) {}
Service::~Service() = default;

std::uint16_t Service::port() const {
  return impl_->server->port();
}

bool Service::drain() {
  impl_->draining = true;
  impl_->log.info("draining");
  std::this_thread::sleep_for(kSeenUnready);
  return impl_->server->drain(std::chrono::milliseconds(model::limits::kShutdownGrace) - kSeenUnready);
}

}  // namespace server
