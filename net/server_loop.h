// One network thread of the server: an epoll loop with its connections. A connection stays on one thread and
// needs no lock; what comes from other threads comes through the mailbox.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "net/mailbox.h"
#include "net/request_parser.h"
#include "net/server.h"

namespace net {

// What the loops of one server share.
struct ServerCore {
  ServerOptions options;
  Handler handler;
  std::atomic<bool> draining{false};
  std::mutex mutex;
  std::condition_variable finished;
  int live = 0;  // accepted connections, guarded by mutex

  void count(int change) {
    const std::lock_guard lock(mutex);
    live += change;
    if (live == 0) finished.notify_all();
  }
};

class ServerLoop {
 public:
  explicit ServerLoop(ServerCore& core);
  ~ServerLoop();
  ServerLoop(const ServerLoop&) = delete;
  ServerLoop& operator=(const ServerLoop&) = delete;

  void listen_on(int listener, std::function<void(int socket)> accepted);  // before run()
  void watch(const ServerOptions::Watch& watch);                           // before run()
  void adopt(int socket) { mailbox_->adopt(socket); }                      // from any thread
  void stop();                                                             // from any thread
  void nudge() { mailbox_->ring(); }                                       // look at `draining`
  void run();

 private:
  using Clock = std::chrono::steady_clock;
  enum class State : std::uint8_t { reading, working, writing, lingering };
  enum class Then : std::uint8_t { read_on, close, linger };  // when the answer has been written
  struct Connection {
    Connection(int descriptor, std::uint32_t generation, const ParserLimits& limits)
        : socket(descriptor), key_generation(generation), parser(limits) {}
    int socket;
    std::uint32_t key_generation;
    State state = State::reading;
    Then then = Then::read_on;
    bool watched = false, watched_for_writing = false;
    bool wants_more = true, head_only = false, old_version = false;  // of the request being answered
    Clock::time_point deadline = Clock::time_point::max();           // max while a handler works
    RequestParser parser;
    std::string peer;
    std::string ahead;  // what came behind the request being answered
    std::size_t ahead_at = 0;
    std::string out;  // of an answer that the socket has not taken yet
    std::size_t written = 0;
  };

  void welcome(int socket);
  void accept_all();
  void close(std::uint32_t slot);
  void want(std::uint32_t slot, bool writing);
  void look_away(std::uint32_t slot);
  bool is_open(ConnectionKey key) const;
  void guard(ConnectionKey key, const auto& step);
  void on_event(std::uint32_t slot);
  void discard(std::uint32_t slot);
  void receive(std::uint32_t slot);
  void converse(std::uint32_t slot, std::string_view bytes, bool from_ahead);
  void carry_out(std::uint32_t slot);
  void refuse(std::uint32_t slot);
  void respond(std::uint32_t slot, const Response& response);
  void write(std::uint32_t slot, const Response& response, bool keep_alive);
  void flush(std::uint32_t slot);
  void answered(std::uint32_t slot);
  void linger(std::uint32_t slot);
  void read_mail();
  void settle();
  void sweep();
  void close_idle_ones();
  int patience() const;

  ServerCore& core_;
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  std::atomic<bool> stopped_{false};
  int epoll_ = -1, listener_ = -1;
  std::function<void(int)> accepted_;
  std::vector<ServerOptions::Watch> watches_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by slot, null when free
  std::vector<std::uint32_t> free_;
  std::uint32_t generation_ = 0;
  Clock::time_point now_ = Clock::now(), sweep_at_ = now_, listen_again_ = Clock::time_point::max();
  Clock::duration period_;
  std::vector<Delivery> settling_;
  std::string out_;           // head and short body of the answer being written
  std::vector<char> buffer_;  // of what is being read
};

}  // namespace net
