// Prometheus metrics (operations.md §4, as far as the money core has them). Labels never hold ids or free
// text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace server {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // `route`: a name from the contract table or a literal, never what a client typed. `code`: "" when it
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
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
