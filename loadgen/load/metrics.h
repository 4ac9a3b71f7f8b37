// The live run for Prometheus: GET /metrics in the text exposition format, renewed once a second.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "loadgen/load/journeys.h"
#include "loadgen/load/raw.h"

namespace net {
class Server;
}

namespace loadgen::load {

std::string metrics_text(const JourneyProgress& progress);
std::string metrics_text(const RawProgress& progress);

class MetricsPage {
 public:
  // Listens on 127.0.0.1. Throws EnvironmentError 2 when the port is taken. 0: any free port.
  explicit MetricsPage(std::uint16_t port);
  ~MetricsPage();
  MetricsPage(const MetricsPage&) = delete;
  MetricsPage& operator=(const MetricsPage&) = delete;

  std::uint16_t port() const;
  void show(std::string text);

 private:
  std::mutex mutex_;
  std::string text_;
  std::unique_ptr<net::Server> server_;
};

}  // namespace loadgen::load
