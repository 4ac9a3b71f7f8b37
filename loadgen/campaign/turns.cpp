#include "loadgen/campaign/turns.h"

#include <chrono>

namespace loadgen {

void Turns::allow(int at_once) {
  {
    const std::scoped_lock lock(mutex_);
    at_once_ = at_once;
  }
  changed_.notify_all();
}

bool Turns::during(const std::function<bool()>& interrupted, const std::function<void()>& work) {
  using namespace std::chrono_literals;
  {
    std::unique_lock lock(mutex_);
    // An interruption is asked for, it does not notify.
    while (!changed_.wait_for(lock, 50ms, [&] { return working_ < at_once_; })) {
      if (interrupted()) return false;
    }
    if (interrupted()) return false;
    ++working_;
  }
  struct PassOn {
    Turns& turns;
    PassOn(const PassOn&) = delete;
    PassOn& operator=(const PassOn&) = delete;
    explicit PassOn(Turns& of) : turns(of) {}
    ~PassOn() {
      {
        const std::scoped_lock lock(turns.mutex_);
        --turns.working_;
      }
      turns.changed_.notify_one();
    }
  };
  const PassOn pass_on(*this);
  work();
  return true;
}

}  // namespace loadgen
