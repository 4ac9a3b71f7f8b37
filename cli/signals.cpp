#include "cli/signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>

namespace cli {
namespace {

sigset_t stop_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

StopSignals::StopSignals() : finish_(eventfd(0, EFD_CLOEXEC)), announce_(eventfd(0, EFD_CLOEXEC)) {
  const sigset_t set = stop_set();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  listener_ = std::thread([this, signals = signalfd(-1, &set, SFD_CLOEXEC)] { listen(signals); });
}

StopSignals::~StopSignals() {
  eventfd_write(finish_, 1);
  listener_.join();
  close(finish_);
  close(announce_);
  const sigset_t set = stop_set();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void StopSignals::listen(int signals) {
  std::array<pollfd, 2> waiting = {pollfd{signals, POLLIN, 0}, pollfd{finish_, POLLIN, 0}};
  while (poll(waiting.data(), waiting.size(), -1) >= 0 || errno == EINTR) {
    if (waiting[1].revents != 0) break;
    signalfd_siginfo info{};
    if (waiting[0].revents == 0 || read(signals, &info, sizeof info) != sizeof info) continue;
    if (stopped_) _exit(128 + static_cast<int>(info.ssi_signo));
    stopped_ = true;
    eventfd_write(announce_, 1);
  }
  close(signals);
}

bool StopSignals::wait(std::chrono::milliseconds timeout) const {
  pollfd waiting{announce_, POLLIN, 0};
  poll(&waiting, 1, static_cast<int>(timeout.count()));
  return stopped_;
}

}  // namespace cli
