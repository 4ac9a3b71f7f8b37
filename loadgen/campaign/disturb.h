// What happens to our own server while it is driven: kill -9 and restart, later SIGTERM and restart.
#pragma once

#include <thread>

#include "loadgen/campaign/case_judge.h"
#include "loadgen/campaign/watch.h"
#include "loadgen/environment/environment.h"

namespace loadgen {

class Disturber {
 public:
  // Kills at a sixth of the driving time, ends in good order at a half. Only for a server of ours.
  Disturber(Environment& environment, CaseJudge& judge, Watch& watch, double seconds);
  ~Disturber();
  void start();
  void stop();  // waits until the server is up again

 private:
  void run(const std::stop_token& stop);
  void kill();
  void shut_down();

  Environment& environment_;
  CaseJudge& judge_;
  Watch& watch_;
  double seconds_;
  std::jthread thread_;
};

}  // namespace loadgen
