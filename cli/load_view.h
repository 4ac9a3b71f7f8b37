// The live view of a load run: one line that is rewritten on a terminal, a plain line every five seconds in a
// log.
#pragma once

#include <string>

#include "loadgen/load/journeys.h"
#include "loadgen/load/raw.h"

namespace cli {

class LoadView {
 public:
  // On standard error. `quiet`: nothing is shown.
  explicit LoadView(bool quiet);
  ~LoadView();
  LoadView(const LoadView&) = delete;
  LoadView& operator=(const LoadView&) = delete;

  void show(const loadgen::load::JourneyProgress& progress);
  void show(const loadgen::load::RawProgress& progress, double whole_s);

 private:
  void line(double elapsed_s, const std::string& text);
  bool quiet_, terminal_, shown_ = false;
  double told_s_ = -10;
  std::uint64_t ok_ = 0;
  double before_s_ = 0;
};

}  // namespace cli
