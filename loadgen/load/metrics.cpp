#include "loadgen/load/metrics.h"

#include <system_error>

#include <fmt/format.h>

#include "loadgen/environment/error.h"
#include "net/server.h"

namespace loadgen::load {
namespace {

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void gauge(std::string& out, std::string_view name, std::string_view help, double value) {
  head(out, name, "gauge", help);
  out += fmt::format("{} {}\n", name, value);
}

// Borders at every octave: what a dashboard needs, at a size that a scrape can carry.
void duration_lines(std::string& out, const std::string& procedure, const LiveScope& scope) {
  constexpr std::size_t kOctave = 16;
  constexpr std::string_view kName = "hustle_load_request_duration_seconds";
  std::uint64_t seen = 0;
  double sum = 0;
  for (std::size_t i = 0; i < kCoarse; ++i) {
    seen += scope.ok[i];
    sum += static_cast<double>(scope.ok[i]) * coarse_middle(i) / 1e6;
    if ((i + 1) % kOctave == 0)
      out += fmt::format("{}_bucket{{procedure=\"{}\",le=\"{}\"}} {}\n", kName, procedure,
                         coarse_lowest(i + 1) / 1e6, seen);
  }
  out += fmt::format("{}_bucket{{procedure=\"{}\",le=\"+Inf\"}} {}\n", kName, procedure, seen);
  out += fmt::format("{0}_sum{{procedure=\"{1}\"}} {2}\n{0}_count{{procedure=\"{1}\"}} {3}\n", kName,
                     procedure, sum, seen);
}

std::vector<LiveScope> sums_of(const LiveCounts& counts) {
  std::vector<LiveScope> out(kScopes);
  for (const auto& phase : counts.phases) {
    for (std::size_t i = 0; i < kScopes && i < phase.size(); ++i) {
      if (!phase[i]) continue;
      out[i].failed += phase[i]->failed;
      for (std::size_t b = 0; b < kCoarse; ++b) out[i].ok[b] += phase[i]->ok[b];
    }
  }
  return out;
}

bool empty(const LiveScope& scope) {
  std::uint64_t sum = scope.failed;
  for (const std::uint64_t one : scope.ok) sum += one;
  return sum == 0;
}

}  // namespace

std::string metrics_text(const JourneyProgress& progress) {
  std::string out;
  gauge(out, "hustle_load_elapsed_seconds", "Since the schedule began.", progress.elapsed_s);
  if (progress.counts == nullptr) return out;
  const LiveCounts& counts = *progress.counts;
  head(out, "hustle_load_journeys_total", "counter", "Journeys by what became of them.");
  for (const auto& [outcome, value] : {std::pair<const char*, std::uint64_t>{"due", counts.due},
                                       {"clean", counts.clean},
                                       {"failed", counts.failed},
                                       {"skipped", counts.skipped}})
    out += fmt::format("hustle_load_journeys_total{{outcome=\"{}\"}} {}\n", outcome, value);
  gauge(out, "hustle_load_journeys_in_flight", "Begun or waiting, not over.",
        static_cast<double>(counts.in_flight));
  gauge(out, "hustle_load_asked_journeys_per_second", "Due in the last second.", progress.asked_rate);
  gauge(out, "hustle_load_requests_per_second", "Answered as expected in the last second.", progress.ok_rate);
  gauge(out, "hustle_load_lateness_p99_seconds", "The generator's own.",
        static_cast<double>(counts.lateness_p99_us) / 1e6);
  const std::vector<LiveScope> sums = sums_of(counts);
  head(out, "hustle_load_request_failures_total", "counter", "Requests and journeys that failed.");
  for (std::size_t i = 0; i < kScopes; ++i) {
    if (!empty(sums[i]))
      out += fmt::format("hustle_load_request_failures_total{{procedure=\"{}\"}} {}\n", scope_name(i),
                         sums[i].failed);
  }
  head(out, "hustle_load_request_duration_seconds", "histogram",
       "Latency of successes from the intended start.");
  for (std::size_t i = 0; i < kScopes; ++i) {
    if (!empty(sums[i])) duration_lines(out, scope_name(i), sums[i]);
  }
  return out;
}

std::string metrics_text(const RawProgress& progress) {
  std::string out;
  gauge(out, "hustle_load_elapsed_seconds", "Since the schedule began.", progress.elapsed_s);
  head(out, "hustle_load_requests_total", "counter", "Requests by what became of them.");
  out += fmt::format("hustle_load_requests_total{{outcome=\"ok\"}} {}\n", progress.ok);
  out += fmt::format("hustle_load_requests_total{{outcome=\"failed\"}} {}\n", progress.failed);
  return out;
}

MetricsPage::MetricsPage(std::uint16_t port) {
  try {
    net::ServerOptions options;
    options.port = port;
    server_ =
        std::make_unique<net::Server>(options, [this](const net::Request& request, const net::Reply& reply) {
          if (request.path() != "/metrics")
            return reply({.status = 404, .headers = {}, .body = "only /metrics\n"});
          net::Headers headers;
          headers.add("content-type", "text/plain; version=0.0.4");
          const std::scoped_lock lock(mutex_);
          reply({.status = 200, .headers = std::move(headers), .body = text_});
        });
  } catch (const std::system_error& error) {
    throw EnvironmentError(
        2, fmt::format("--metrics-port {}: cannot be listened on: {}", port, error.code().message()));
  }
}

MetricsPage::~MetricsPage() = default;

std::uint16_t MetricsPage::port() const {
  return server_->port();
}

void MetricsPage::show(std::string text) {
  const std::scoped_lock lock(mutex_);
  text_ = std::move(text);
}

}  // namespace loadgen::load
