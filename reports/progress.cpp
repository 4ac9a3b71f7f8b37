#include "reports/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "reports/text.h"

namespace reports {
namespace {

constexpr double kTerminalPeriod = 0.2;  // seconds between two lines
constexpr double kLogPeriod = 5;
constexpr std::size_t kColumns = 79;  // a longer line would wrap and could not be rewritten

}  // namespace

std::string progress_line(const ProgressState& s) {
  std::string out = s.budget_s > 0 ? fmt::format("{:.0f} s of {:.0f} s", s.elapsed_s, s.budget_s)
                                   : fmt::format("{:.0f} s", s.elapsed_s);
  out += " · " + plural(s.commands, "command");
  if (s.elapsed_s >= 1) out += fmt::format(" ({:.0f}/s)", static_cast<double>(s.commands) / s.elapsed_s);
  out += fmt::format(" · {} · {}", plural(s.plans, "plan"), plural(s.findings, "finding"));
  if (s.budget_s > 0) out += fmt::format(" · {:.0f} s left", std::max(0.0, s.budget_s - s.elapsed_s));
  if (!s.note.empty()) out += " · " + plain_line(s.note);
  return out;
}

Progress::Progress(std::ostream& out, bool terminal) : out_(out), terminal_(terminal) {}

Progress::~Progress() {
  finish();
}

void Progress::update(const ProgressState& state) {
  const double period = terminal_ ? kTerminalPeriod : kLogPeriod;
  if (terminal_ ? shown_ && state.elapsed_s < last_s_ + period : state.elapsed_s < last_s_ + period) return;
  last_s_ = state.elapsed_s;
  if (terminal_) {
    out_ << "\r\033[K" << cut(progress_line(state), kColumns) << std::flush;
    shown_ = true;
  } else {
    out_ << progress_line(state) << '\n' << std::flush;
  }
}

void Progress::finish() {
  if (terminal_ && shown_) out_ << "\r\033[K" << std::flush;
  shown_ = false;
}

}  // namespace reports
