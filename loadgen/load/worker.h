// One thread of the raw generator: its connections, its share of the schedule, its tally. After begin()
// nothing in it allocates while answers come in one piece. Instants are nanoseconds from the run's start.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

#include "loadgen/load/answer_scan.h"
#include "loadgen/load/arrivals.h"
#include "loadgen/load/self_watch.h"
#include "loadgen/load/tally.h"
#include "net/channel.h"

namespace loadgen::load {

struct WorkerPlan {
  net::Endpoint endpoint;
  std::string_view request;  // bytes, outlive the worker
  bool head_request = false;
  std::string_view body_has;
  int status = 0;
  ArrivalPlan arrivals;
  unsigned first = 0, stride = 1;  // its share of the schedule
  bool closed = false;
  std::int64_t think_ns = 0;
  std::int64_t timeout_ns = 0;
  unsigned connections = 1;
};

struct Shared {                    // between the threads of a run
  std::atomic<bool> stop = false;  // interrupted, or another thread saw the target die
  std::atomic<bool> died = false;
};

class Worker {
 public:
  explicit Worker(const WorkerPlan& plan, Shared& shared);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void connect_all();  // throws std::system_error when the target does not accept in time
  void run(std::int64_t start_monotonic_ns);  // in its own thread

  // Read by another thread while run() goes on.
  std::uint64_t ok() const { return ok_.load(std::memory_order_relaxed); }
  std::uint64_t failed() const { return failed_.load(std::memory_order_relaxed); }

  const Tally& tally() const { return tally_; }           // after run()
  ThreadTime measured_time() const { return measured_; }  // in the measured phase
  std::int64_t measured_ns() const { return measured_ns_; }

 private:
  enum class State : std::uint8_t { closed, idle, connecting, writing, reading };
  struct Line {  // a connection
    net::Channel channel;
    State state = State::closed;
    bool watched_for_writing = false;
    std::uint32_t written = 0;
    std::int64_t intended = 0, sent = 0;
    std::uint32_t before = 0, after = 0;  // neighbours among those in flight, by time of sending
    AnswerScan scan;
  };
  struct Ready {  // closed loop: when a user's next request is due
    std::int64_t at;
    std::uint32_t line;
  };

  std::int64_t now();
  void loop();
  std::int64_t head() const;  // when the next request is due, Arrivals::kEnd when there is none
  void dispatch(std::int64_t now);
  void start(std::uint32_t line, std::int64_t intended, std::int64_t now);
  void write_some(std::uint32_t line);
  void read_some(std::uint32_t line);
  void on_event(std::uint32_t line, std::uint32_t events);
  bool open(Line& line);
  void watch(std::uint32_t line, bool writing);
  void hang_up(Line& line);
  void answered(std::uint32_t line, std::int64_t now);
  void failed(std::uint32_t line, Failure failure, std::int64_t now);
  void release(std::uint32_t line, std::int64_t now);
  void expire(std::int64_t now);
  void close_books();
  std::int64_t next_wake(std::int64_t now) const;
  void link(std::uint32_t line);
  void unlink(std::uint32_t line);
  bool finished(std::int64_t now) const;
  void mark_phases(std::int64_t now);

  WorkerPlan plan_;
  Shared& shared_;
  Tally tally_;
  ArrivalShare schedule_;
  std::vector<Line> lines_;          // the last one is the list's anchor
  std::vector<std::uint32_t> idle_;  // ring, open loop
  std::size_t idle_first_ = 0, idle_count_ = 0;
  std::vector<Ready> ready_;  // heap, closed loop
  std::vector<char> buffer_;
  int epoll_ = -1;
  std::int64_t start_ = 0, end_ = 0, latest_ = 0, idle_since_ = 0, refused_since_ = -1;
  std::uint32_t in_flight_ = 0;
  bool warm_ = false, measured_over_ = false;
  ThreadTime measured_;
  std::int64_t measured_ns_ = 0, measured_from_ = 0;
  std::atomic<std::uint64_t> ok_ = 0, failed_ = 0;
};

}  // namespace loadgen::load
