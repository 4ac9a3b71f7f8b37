// When each part of a gate began and how long it took: several run at the same time, and whoever asks where
// the time goes reads it in the report.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "loadgen/run.h"

namespace loadgen {

class Timeline {
 public:
  // Runs `work` and notes it, even when it throws.
  template <class Work>
  void during(const std::string& name, const Work& work) {
    const Noted noted{*this, name, seconds()};
    work();
  }
  void note(std::string name, double from_s, double took_s) {
    const std::scoped_lock lock(mutex_);
    phases_.push_back({std::move(name), from_s, took_s});
  }
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }
  std::vector<Phase> phases() const {
    const std::scoped_lock lock(mutex_);
    return phases_;
  }

 private:
  struct Noted {
    Timeline& line;
    const std::string& name;
    double from_s;
    ~Noted() { line.note(name, from_s, line.seconds() - from_s); }
  };
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  mutable std::mutex mutex_;
  std::vector<Phase> phases_;
};

}  // namespace loadgen
