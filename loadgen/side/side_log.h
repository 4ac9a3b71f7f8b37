// What the checks of a side stage asked, so that its rows can be compared with it in the end.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "model/vocabulary/instant.h"

namespace loadgen {

// One call of an administrative procedure that was answered.
struct SideCall {
  model::Instant now;
  std::string procedure, input, token;
  int status = 0;
  std::string hx;    // of a refusal
  std::string body;  // of a success
};

// Written by every client of a stage, from any thread.
class SideLog {
 public:
  // The real time at which the stage was ready: what rows tell of before it is none of its calls' doing.
  const model::Instant began{std::chrono::duration_cast<std::chrono::milliseconds>(
                                 std::chrono::system_clock::now().time_since_epoch())
                                 .count()};

  void note_instant(model::Instant now) {
    const std::scoped_lock lock(mutex_);
    instants_.insert(now.ms);
  }
  void note_call(SideCall call) {
    const std::scoped_lock lock(mutex_);
    calls_.push_back(std::move(call));
  }
  // Whose token that is: users.id. `role`: his administrative role, which no check changes; "" for others.
  void note_person(const std::string& token, const std::string& id, const std::string& role) {
    const std::scoped_lock lock(mutex_);
    people_[token] = {id, role};
  }

  struct Who {
    std::string id, role;
  };
  std::set<model::Millis> instants() const {
    const std::scoped_lock lock(mutex_);
    return instants_;
  }
  std::vector<SideCall> calls() const {
    const std::scoped_lock lock(mutex_);
    return calls_;
  }
  std::map<std::string, Who> people() const {
    const std::scoped_lock lock(mutex_);
    return people_;
  }

 private:
  mutable std::mutex mutex_;
  std::set<model::Millis> instants_;
  std::vector<SideCall> calls_;
  std::map<std::string, Who> people_;
};

}  // namespace loadgen
