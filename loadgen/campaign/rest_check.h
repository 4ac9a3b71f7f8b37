// Cases that have ended while others still run: their rows against the rules' world after their calls, and
// the processor's books of their escrows. What is only true at rest is asked only of escrows that nothing is
// on its way for any more. The quiet end asks the same again of every case.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "loadgen/campaign/case_judge.h"
#include "loadgen/database.h"

namespace loadgen {

class RestCheck {
 public:
  RestCheck(CaseJudge& judge, std::string providers, bool test_clock)
      : judge_(judge), providers_(std::move(providers)), test_clock_(test_clock) {}

  // The cases that have come to rest since the last look. What differs is asked once more after a pause
  // before it counts. Throws std::runtime_error when database or providers cannot be reached.
  void look(Database& database);

 private:
  void compare_rows(Database& database, const std::vector<FinalWorld>& ended);
  void compare_books(Database& database, const std::vector<FinalWorld>& ended);

  CaseJudge& judge_;
  std::string providers_;
  bool test_clock_;
  std::size_t rows_seen_ = 0;  // cases compared, in the order in which they ended
  std::size_t books_seen_ = 0;
};

}  // namespace loadgen
