// How well the generator did its own job, and whether its figures may be believed. Its limits are in
// docs/load.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace loadgen::load {

// Nanoseconds of the calling thread since it started: on a processor, and ready but waiting for one.
struct ThreadTime {
  std::int64_t cpu_ns = 0;
  std::int64_t waiting_ns = 0;  // 0 where /proc/thread-self/schedstat is missing
};
ThreadTime thread_time();

// The machine since boot in clock ticks (/proc/stat): all processors together.
struct MachineTime {
  std::uint64_t total = 0, idle = 0, steal = 0;
};
MachineTime machine_time();

std::int64_t resident_kb();  // of this process; 0 where /proc/self/statm is missing

// How resident memory develops with the answers: noted once for each of 1, 2, 5, 10, 20, … thousand that is
// passed, so that the notes themselves stay few.
struct MemoryMark {
  std::uint64_t answers;
  std::int64_t kb;
};
class MemoryMarks {
 public:
  void look(std::uint64_t answers);  // about once a second
  std::vector<MemoryMark> marks;

 private:
  std::uint64_t next_ = 1000;
};

struct ThreadWatch {
  double cpu = 0;      // share of the measured time, 0 to 1
  double waiting = 0;  // ready, but other processes had the processors
};

struct SelfWatch {
  std::vector<ThreadWatch> threads;
  double cpu_s = 0;         // of all threads in the measured phase
  double steal = 0;         // share of the machine's time that its host gave to others
  double machine_busy = 0;  // share of the machine's processors in use, by anybody
  std::int64_t memory_begin_kb = 0, memory_end_kb = 0;  // resident, before the first request and at the end
  MemoryMarks memory;
};

struct OwnWork {  // of the measured phase
  std::uint64_t due = 0, on_time = 0, waited = 0;
  std::int64_t lateness_p99_us = 0;
  std::int64_t lateness_limit_us = 0;
  double busiest = 0;  // the highest cpu + waiting of a thread
};

// Empty when the measurement is valid, otherwise what the generator did badly, one clause. Waiting for a free
// connection is the target's time and never a reason.
std::string why_invalid(const OwnWork& work);

// A tenth of the tightest latency threshold; 10 ms without one.
std::int64_t lateness_limit_us(double tightest_threshold_us);

inline constexpr const char* kInvalid =
    "the generator, not the server, was the bottleneck: this run is not valid";

}  // namespace loadgen::load
