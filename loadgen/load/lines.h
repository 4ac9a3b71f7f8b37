// Kept-alive connections to one address on a shared epoll, one request in flight on each: bytes out, a whole
// answer back or the reason why not. Used by one thread. Instants are the caller's nanoseconds.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/load/answer_scan.h"
#include "loadgen/load/tally.h"
#include "net/channel.h"

namespace loadgen::load {

struct LineAnswer {
  int status = 0;  // 0: no whole answer, see failure
  Failure failure = Failure::reset;
  std::string_view body;  // until done() returns; readable for 64 bytes beyond its end
};

class Lines {
 public:
  // `tag`: in the upper half of every epoll event's 64 bits, so that several pools share one epoll.
  Lines(int epoll, std::uint32_t tag, const net::Endpoint& endpoint, std::uint32_t count,
        std::int64_t timeout_ns);
  ~Lines();
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  // Called for every request that send() took, exactly once, from event() or expire() or send() itself.
  std::function<void(std::uint32_t job, const LineAnswer& answer, std::int64_t sent, std::int64_t now)> done;

  void connect_all();  // throws std::system_error when the address does not accept in time
  bool free() const { return idle_count_ > 0; }
  std::int64_t free_since() const { return idle_since_; }  // since when without a break
  // Writes on a free line. `job` comes back in done().
  void send(std::uint32_t job, std::string_view request, std::int64_t now);
  void event(std::uint32_t line, std::uint32_t events, std::int64_t now);
  void expire(std::int64_t now);
  std::int64_t next_expiry() const;  // INT64_MAX: nothing is in flight
  std::uint32_t in_flight() const { return in_flight_; }

 private:
  enum class State : std::uint8_t { closed, idle, connecting, writing, reading };
  struct Line {
    net::Channel channel;
    State state = State::closed;
    bool watched_for_writing = false;
    std::uint32_t job = 0, before = 0, after = 0;
    std::int64_t sent = 0;
    std::string unsent;  // what of the request the socket did not take yet
    std::string body;    // of an answer that comes in pieces
    AnswerScan scan;
  };

  bool open(std::uint32_t index);
  void watch(std::uint32_t index, bool writing);
  void write_some(std::uint32_t index, std::string_view rest, std::int64_t now);
  void read_some(std::uint32_t index, std::int64_t now);
  void fail(std::uint32_t index, Failure failure, std::int64_t now);
  void finish(std::uint32_t index, const LineAnswer& answer, std::int64_t now);
  void hang_up(Line& line);

  int epoll_;
  std::uint32_t tag_;
  net::Endpoint endpoint_;
  std::int64_t timeout_ns_;
  std::vector<Line> lines_;  // the last one is the anchor of the list in flight
  std::vector<std::uint32_t> idle_;
  std::size_t idle_first_ = 0, idle_count_ = 0;
  std::int64_t idle_since_ = 0;
  std::uint32_t in_flight_ = 0;
  std::vector<char> buffer_;
};

}  // namespace loadgen::load
