#include "reference_server/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <chrono>
#include <nlohmann/json.hpp>

namespace server {
namespace {

using Line = nlohmann::ordered_json;

Line start(std::string_view level, std::string_view message) {
  const auto now = std::chrono::system_clock::now();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  return {{"time", ms}, {"level", level}, {"message", message}};
}

std::string text(const Line& line) {
  return line.dump(-1, ' ', false, Line::error_handler_t::replace);
}

}  // namespace

Log::Log(const std::string& level)
    : logger_(std::make_shared<spdlog::logger>("hustle", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  logger_->set_pattern("%v");
  logger_->set_level(spdlog::level::from_str(level == "error" ? "err" : level));
}
Log::~Log() {
  logger_->flush();
}

bool Log::tells_requests() const {
  return logger_->should_log(spdlog::level::info);
}

void Log::request(const RequestLine& line) {
  const bool failed = line.status >= 500;
  const auto level = failed ? spdlog::level::err : spdlog::level::info;
  if (!logger_->should_log(level)) return;
  Line json = start(failed ? "error" : "info", "request");
  json["requestId"] = line.request_id;
  if (!line.user.empty()) json["userId"] = line.user;
  if (!line.task.empty()) json["taskId"] = line.task;
  json["route"] = line.route;
  json["durationMs"] = static_cast<double>(line.duration_us) / 1000.0;
  json["status"] = line.status;
  if (!line.code.empty()) json["code"] = line.code;
  logger_->log(level, text(json));
}

void Log::info(std::string_view message) {
  logger_->info(text(start("info", message)));
}
void Log::warn(std::string_view message) {
  logger_->warn(text(start("warn", message)));
}

void Log::error(std::string_view message, std::string_view detail, std::string_view request_id) {
  Line json = start("error", message);
  if (!request_id.empty()) json["requestId"] = request_id;
  json["detail"] = detail;
  logger_->error(text(json));
}

}  // namespace server
