// Looks over the target's shoulder while it is driven: audits and row digests every few seconds, health every
// second. What it finds goes to the CaseJudge; evidence is counted there too.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "loadgen/campaign/case_judge.h"
#include "loadgen/campaign/rest_check.h"
#include "loadgen/database.h"
#include "loadgen/snapshots.h"

namespace loadgen {

struct WatchOptions {
  std::string target, database, providers;
  bool test_clock = true;
  double period_s = 2;  // between two rounds; shorter in the first seconds, longer when a round takes long
};

class Watch {
 public:
  Watch(WatchOptions options,
        CaseJudge& judge);  // throws std::runtime_error when the database cannot be reached
  ~Watch();                 // stops

  void start();
  void stop();
  // The last look, at a quiet moment: every audit with zero grace, digests, books, liveness. Not while
  // running.
  void final_look(bool quiet);
  // While the server is down on purpose, its silence is nobody's fault.
  void expect_silence(bool silent) { silent_ = silent; }

 private:
  void run(const std::stop_token& stop);
  void look();
  void ask_health();
  void report(const AuditResult& result);
  void poll_snapshots();

  WatchOptions options_;
  CaseJudge& judge_;
  Database database_;
  Snapshots snapshots_;
  RestCheck rest_;
  std::atomic<bool> silent_{false};
  std::jthread thread_;
};

// A finding of an audit, with its rows and SQL.
model::Finding finding_of(const AuditResult& result);

}  // namespace loadgen
