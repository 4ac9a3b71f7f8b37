#include "cli/load_view.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

namespace cli {

namespace load = loadgen::load;

LoadView::LoadView(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0) {}

LoadView::~LoadView() {
  if (shown_ && terminal_) fmt::print(stderr, "\n");
}

void LoadView::line(double elapsed_s, const std::string& text) {
  if (quiet_) return;
  if (terminal_) {
    fmt::print(stderr, "\r\x1b[K{}", text);
  } else if (elapsed_s - told_s_ >= 4.5) {
    fmt::print(stderr, "{}\n", text);
    told_s_ = elapsed_s;
  }
  std::fflush(stderr);
  shown_ = true;
}

void LoadView::show(const load::JourneyProgress& progress) {
  if (progress.counts == nullptr) return line(1e9, progress.phase);
  const load::LiveCounts& counts = *progress.counts;
  line(progress.elapsed_s,
       fmt::format(
           "{} · {:.0f} of {:.0f} s, {:.0f} s left · {:.0f} journeys/s asked · {:.0f} requests/s · p50 "
           "{:.1f} ms p99 {:.1f} ms · {} errors, {} skipped · {} under way{}",
           progress.phase, progress.elapsed_s, progress.whole_s,
           std::max(0.0, progress.whole_s - progress.elapsed_s), progress.asked_rate, progress.ok_rate,
           progress.p50_us / 1e3, progress.p99_us / 1e3, counts.errors, counts.skipped, counts.in_flight,
           progress.crossed.empty() ? "" : " · CROSSED " + progress.crossed));
}

void LoadView::show(const load::RawProgress& progress, double whole_s) {
  const double seconds = std::max(0.1, progress.elapsed_s - before_s_);
  const double rate = static_cast<double>(progress.ok - ok_) / seconds;
  before_s_ = progress.elapsed_s;
  ok_ = progress.ok;
  line(progress.elapsed_s,
       fmt::format("{:.0f} of {:.0f} s, {:.0f} s left · {:.0f} requests/s · {} ok, {} failed",
                   progress.elapsed_s, whole_s, std::max(0.0, whole_s - progress.elapsed_s), rate,
                   progress.ok, progress.failed));
}

}  // namespace cli
