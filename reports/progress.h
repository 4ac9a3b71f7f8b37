// How a run is getting on: one line that is rewritten on a terminal, a plain line every five seconds in a
// log.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

namespace reports {

struct ProgressState {
  double elapsed_s = 0;
  double budget_s = 0;  // 0: no limit known
  std::uint64_t plans = 0, commands = 0, findings = 0;
  std::string note;  // what is going on, "kill -9 and restart"; may be empty
};

// "12 s of 60 s · 9,654 commands (804/s) · 482 plans · 0 findings · 48 s left"
std::string progress_line(const ProgressState& state);

class Progress {
 public:
  // `out` must live longer; it is standard error in practice, so that standard output stays for answers.
  Progress(std::ostream& out, bool terminal);
  ~Progress();  // as finish()
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(const ProgressState& state);  // call as often as you like, from one thread
  void finish();                            // leaves no half-written line behind

 private:
  std::ostream& out_;
  bool terminal_;
  bool shown_ = false;
  double last_s_ = 0;
};

}  // namespace reports
