// Where the answer of one request arrives, from whatever thread: the first answer counts, later ones are
// dropped.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "net/request.h"

namespace net {

class Pending {
 public:
  void answer(Response response) {
    std::move_only_function<void()> resume;
    {
      const std::lock_guard lock(mutex_);
      if (answered_) return;
      answered_ = true;
      response_ = std::move(response);
      resume = std::move(resume_);
    }
    if (resume) resume();
  }

  std::optional<Response> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(response_, std::nullopt);
  }

  // Runs `resume` once, when the answer is there: now, or in the thread that answers.
  void when_answered(std::move_only_function<void()> resume) {
    {
      const std::lock_guard lock(mutex_);
      if (!answered_) {
        resume_ = std::move(resume);
        return;
      }
    }
    resume();
  }

 private:
  std::mutex mutex_;
  bool answered_ = false;
  std::optional<Response> response_;
  std::move_only_function<void()> resume_;
};

}  // namespace net
