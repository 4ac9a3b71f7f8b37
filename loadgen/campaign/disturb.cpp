#include "loadgen/campaign/disturb.h"

#include <array>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include "loadgen/campaign/faults.h"
#include "loadgen/environment/error.h"
#include "model/vocabulary/limits.h"

namespace loadgen {
namespace {

constexpr std::array<std::string_view, 2> kOrders{"transfers.create", "refunds.create"};
constexpr std::string_view kSlow = "slow_ms:1000";
constexpr int kSlowCalls = 8;
constexpr std::chrono::milliseconds kUntilSlow{300};

bool wait(const std::stop_token& stop, double seconds) {  // false: asked to stop
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, std::chrono::duration<double>(seconds), [] { return false; });
  return !stop.stop_requested();
}

model::Finding shutdown_finding(std::string headline, std::string observed) {
  model::Finding finding;
  finding.rule = "OPS-SHUTDOWN";
  finding.spec = "operations.md §2";
  finding.judge = "health";
  finding.headline = std::move(headline);
  finding.expected = "drained within 30 s, exit code 0";
  finding.observed = std::move(observed);
  return finding;
}

}  // namespace

Disturber::Disturber(Environment& environment, CaseJudge& judge, Watch& watch, double seconds)
    : environment_(environment), judge_(judge), watch_(watch), seconds_(seconds) {}

Disturber::~Disturber() {
  stop();
}

void Disturber::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Disturber::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Disturber::run(const std::stop_token& stop) {
  try {
    if (!wait(stop, seconds_ / 6)) return;
    kill();
    if (!wait(stop, seconds_ / 3)) return;
    shut_down();
  } catch (const EnvironmentError& trouble) {
    judge_.add(
        shutdown_finding(fmt::format("the server did not start again: {}", trouble.what()), trouble.what()));
  }
  watch_.expect_silence(false);
}

// The processor is slow just before, so that orders are claimed and half done when the server dies.
void Disturber::kill() {
  for (const std::string_view operation : kOrders)
    set_fault(environment_.providers(), {operation, kSlow}, kSlowCalls);
  std::this_thread::sleep_for(kUntilSlow);
  watch_.expect_silence(true);
  environment_.kill_server();
  for (const std::string_view operation : kOrders) set_fault(environment_.providers(), {operation, kSlow}, 0);
  environment_.restart_server();
  watch_.expect_silence(false);
  judge_.count("crash kill -9");
}

void Disturber::shut_down() {
  watch_.expect_silence(true);
  const auto begin = std::chrono::steady_clock::now();
  environment_.server().signal(SIGTERM);
  const auto exit =
      environment_.server().wait(std::chrono::milliseconds(model::limits::kShutdownGrace + 2000));
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!exit) {
    judge_.add(
        shutdown_finding("SIGTERM under load: the server was still there after 32 s", "still running"));
  } else if (!exit->ok()) {
    judge_.add(shutdown_finding(
        fmt::format("SIGTERM under load: the server ended with {} after {:.1f} s", exit->text(), took),
        exit->text()));
  } else {
    judge_.count("shutdown drained");
  }
  environment_.restart_server();
  watch_.expect_silence(false);
}

}  // namespace loadgen
