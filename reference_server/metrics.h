// Prometheus metrics (operations.md §4, as far as the money core has them). Labels never hold ids or free
// text.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace prometheus {
class Counter;
class Histogram;
}  // namespace prometheus

namespace server {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // `route`: a name from the contract table or a fixed path, never what a client typed. `code`: "" when it
  // went well.
  void request(std::string_view route, std::string_view method, int status, std::string_view code,
               double seconds);
  void auth_failure();
  void webhook(std::string_view type, std::string_view result);
  void job_failure(std::string_view job);
  void database_retries(std::uint64_t count);
  void database_query(double seconds);
  void connections_active(std::size_t busy, std::size_t waiting);
  void outbox(std::int64_t pending, double oldest_age_seconds);

  std::string text() const;  // text exposition format 0.0.4

 private:
  struct Impl;
  struct Series {
    prometheus::Counter* api;
    prometheus::Counter* http;
    prometheus::Histogram* duration;
  };
  struct SeriesKey {
    std::string route, method;
    int status_class;
    auto operator<=>(const SeriesKey&) const = default;
  };
  const Series& series_of(std::string_view route, std::string_view method, int status);
  std::unique_ptr<Impl> impl_;
  std::shared_mutex mutex_;
  std::map<SeriesKey, Series> series_;  // map: references stay
};

}  // namespace server
