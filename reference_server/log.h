// JSON lines on standard error (operations.md §5). No tokens, addresses or texts of users.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace server {

struct RequestLine {
  std::string_view request_id;
  std::string_view user;   // uid, empty before the credential was accepted
  std::string_view task;   // id of the task, escrow, proof or dispute that was named
  std::string_view route;  // "task.accept", "webhook", "job.taskExpiry"
  std::int64_t duration_us = 0;
  int status = 0;
  std::string_view code;  // "HX001", or what a webhook or job came to
};

class Log {
 public:
  explicit Log(const std::string& level);  // debug, info, warn, error, off
  ~Log();

  bool tells_requests() const;            // below the level info they are not written at all
  void request(const RequestLine& line);  // info; error for status 500 and above
  void info(std::string_view message);
  void warn(std::string_view message);
  void error(std::string_view message, std::string_view detail, std::string_view request_id = {});

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace server
