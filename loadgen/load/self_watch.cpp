#include "loadgen/load/self_watch.h"

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <string>

#include <fmt/format.h>

namespace loadgen::load {
namespace {

constexpr double kBusiest = 0.95;
constexpr double kRateError = 0.01;

}  // namespace

ThreadTime thread_time() {
  ThreadTime out;
  timespec cpu{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
  out.cpu_ns = cpu.tv_sec * 1'000'000'000 + cpu.tv_nsec;
  std::int64_t running = 0;
  std::ifstream("/proc/thread-self/schedstat") >> running >> out.waiting_ns;
  return out;
}

MachineTime machine_time() {
  MachineTime out;
  std::string name;
  std::ifstream stream("/proc/stat");
  stream >> name;
  // user nice system idle iowait irq softirq steal
  for (int field = 0; field < 8; ++field) {
    std::uint64_t ticks = 0;
    if (!(stream >> ticks)) break;
    out.total += ticks;
    if (field == 3 || field == 4) out.idle += ticks;
    if (field == 7) out.steal = ticks;
  }
  return out;
}

std::int64_t resident_kb() {
  std::int64_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * sysconf(_SC_PAGESIZE) / 1024;
}

void MemoryMarks::look(std::uint64_t answers) {
  if (answers < next_) return;
  marks.push_back({answers, resident_kb()});
  const auto leading = [](std::uint64_t value) {
    while (value >= 10) value /= 10;
    return value;
  };
  while (next_ <= answers) next_ = leading(next_) == 2 ? next_ / 2 * 5 : next_ * 2;
}

std::string why_invalid(const OwnWork& work) {
  if (work.busiest >= kBusiest) {
    return fmt::format("a thread worked or waited for a processor {:.0f} % of the time", work.busiest * 100);
  }
  if (work.lateness_p99_us > work.lateness_limit_us) {
    return fmt::format("p99 of its own lateness is {:.2f} ms, the limit is {:.2f} ms",
                       static_cast<double>(work.lateness_p99_us) / 1e3,
                       static_cast<double>(work.lateness_limit_us) / 1e3);
  }
  const auto missed = static_cast<double>(work.due - std::min(work.due, work.on_time));
  if (work.waited == 0 && missed > kRateError * static_cast<double>(work.due) && missed > 10) {
    return fmt::format("{:.0f} of {} requests were sent after the end although connections were free", missed,
                       work.due);
  }
  return {};
}

std::int64_t lateness_limit_us(double tightest_threshold_us) {
  return tightest_threshold_us > 0
             ? std::max<std::int64_t>(1, static_cast<std::int64_t>(tightest_threshold_us / 10))
             : 10'000;
}

}  // namespace loadgen::load
