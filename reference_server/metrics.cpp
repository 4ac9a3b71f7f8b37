#include "reference_server/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>

#include "reference_server/call_tally.h"

namespace server {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

const Histogram::BucketBoundaries kSeconds{kCallSeconds.begin(), kCallSeconds.end()};

// A client may have invented its method.
std::string_view known_method(std::string_view method) {
  constexpr std::array<std::string_view, 7> kMethods{"GET",   "POST",   "HEAD",   "PUT",
                                                     "PATCH", "DELETE", "OPTIONS"};
  const auto found = std::ranges::find(kMethods, method);
  return found == kMethods.end() ? "other" : *found;
}

Family<Counter>& counters(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
Family<Gauge>& gauges(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}
Family<Histogram>& histograms(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

}  // namespace

struct Metrics::Impl {
  void gather();

  CallTally calls;
  prometheus::Registry registry;
  Family<Counter>& api_requests =
      counters(registry, "api_requests_total", "Calls by endpoint and status class.");
  Family<Counter>& api_errors = counters(registry, "api_errors_total", "Refused calls by error code.");
  Family<Counter>& http_requests =
      counters(registry, "http_requests_total", "HTTP calls by route and method.");
  Family<Histogram>& http_duration =
      histograms(registry, "http_request_duration_seconds", "Time from arrival to answer.");
  Family<Counter>& webhooks =
      counters(registry, "webhook_events_total", "Processor events by type and result.");
  Family<Counter>& jobs = counters(registry, "job_failures_total", "Failed job runs.");
  Counter& auth = counters(registry, "auth_failures_total", "Refused credentials.").Add({});
  Counter& retries =
      counters(registry, "db_retries_total", "Statements run again after 40001 or 40P01.").Add({});
  Histogram& query =
      histograms(registry, "db_query_duration_seconds", "Time of one statement.").Add({}, kSeconds);
  Gauge& active = gauges(registry, "db_connections_active", "Connections at work.").Add({});
  Gauge& waiting = gauges(registry, "queue_depth", "Calls that wait for a connection.").Add({});
  Gauge& outbox_pending =
      gauges(registry, "outbox_pending", "Intended processor calls not carried out.").Add({});
  Gauge& outbox_age = gauges(registry, "outbox_oldest_age_seconds", "Age of the oldest of them.").Add({});
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::request(std::string_view route, std::string_view method, int status, std::string_view code,
                      double seconds) {
  impl_->calls.add({route, known_method(method), status / 100}, seconds);
  if (!code.empty()) impl_->api_errors.Add({{"code", std::string(code)}}).Increment();
}

// Since the last time, into the series that are told.
void Metrics::Impl::gather() {
  for (const auto& [key, counts] : calls.collect()) {
    const std::string route(key.route);
    const prometheus::Labels labels{{"route", route}, {"method", std::string(key.method)}};
    const auto number = static_cast<double>(counts.calls);
    api_requests.Add({{"endpoint", route}, {"status", std::to_string(key.status_class) + "xx"}})
        .Increment(number);
    http_requests.Add(labels).Increment(number);
    http_duration.Add(labels, kSeconds)
        .ObserveMultiple({counts.buckets.begin(), counts.buckets.end()}, counts.seconds);
  }
}

void Metrics::auth_failure() {
  impl_->auth.Increment();
}
void Metrics::webhook(std::string_view type, std::string_view result) {
  impl_->webhooks.Add({{"type", std::string(type)}, {"result", std::string(result)}}).Increment();
}
void Metrics::job_failure(std::string_view job) {
  impl_->jobs.Add({{"job", std::string(job)}}).Increment();
}
void Metrics::database_retries(std::uint64_t count) {
  impl_->retries.Increment(static_cast<double>(count));
}
void Metrics::database_query(double seconds) {
  impl_->query.Observe(seconds);
}
void Metrics::connections_active(std::size_t busy, std::size_t waiting) {
  impl_->active.Set(static_cast<double>(busy));
  impl_->waiting.Set(static_cast<double>(waiting));
}
void Metrics::outbox(std::int64_t pending, double oldest_age_seconds) {
  impl_->outbox_pending.Set(static_cast<double>(pending));
  impl_->outbox_age.Set(oldest_age_seconds);
}

std::string Metrics::text() const {
  impl_->gather();
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace server
