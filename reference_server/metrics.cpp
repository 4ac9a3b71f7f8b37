#include "reference_server/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <mutex>

namespace server {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

const Histogram::BucketBoundaries kSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                           0.1,   0.25,   0.5,   1,    2.5,   5};

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

// Registering by labels builds and hashes a map each time; a series is looked up once and kept.
const Metrics::Series& Metrics::series_of(std::string_view route, std::string_view method, int status) {
  constexpr std::array<std::string_view, 7> kMethods{"GET",   "POST",   "HEAD",   "PUT",
                                                     "PATCH", "DELETE", "OPTIONS"};
  const bool known = std::ranges::find(kMethods, method) != kMethods.end();  // a client may have invented it
  const SeriesKey key{std::string(route), std::string(known ? method : "other"), status / 100};
  {
    const std::shared_lock lock(mutex_);
    const auto found = series_.find(key);
    if (found != series_.end()) return found->second;
  }
  const prometheus::Labels labels{{"route", key.route}, {"method", key.method}};
  const Series made{&impl_->api_requests.Add(
                        {{"endpoint", key.route}, {"status", std::to_string(key.status_class) + "xx"}}),
                    &impl_->http_requests.Add(labels), &impl_->http_duration.Add(labels, kSeconds)};
  const std::unique_lock lock(mutex_);
  return series_.emplace(key, made).first->second;
}

void Metrics::request(std::string_view route, std::string_view method, int status, std::string_view code,
                      double seconds) {
  const Series& series = series_of(route, method, status);
  series.api->Increment();
  series.http->Increment();
  series.duration->Observe(seconds);
  if (!code.empty()) impl_->api_errors.Add({{"code", std::string(code)}}).Increment();
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
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace server
