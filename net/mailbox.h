// Where a network loop finds what other threads leave for it: answers and new connections.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "net/request.h"

namespace net {

// Names a connection for ever: its slot is used again, its generation is not.
struct ConnectionKey {
  std::uint32_t slot = 0, generation = 0;
};

struct Delivery {
  ConnectionKey to;
  Response response;
};

// Where a loop finds what others leave for it. Outlives the loop, as answers may.
class Mailbox {
 public:
  Mailbox();
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void own() { owner_ = std::this_thread::get_id(); }  // the calling thread is the loop's
  void disown() { owner_ = std::thread::id(); }
  void deliver(ConnectionKey to, Response response);  // from any thread
  void adopt(int socket);
  void ring() const;
  void close();  // whatever comes later is dropped

  int bell() const { return bell_; }
  void take(std::vector<Delivery>& answers, std::vector<int>& sockets);
  std::vector<Delivery> own_answers;  // of the loop's own thread: no lock, no bell

 private:
  const int bell_;
  std::atomic<std::thread::id> owner_{};
  std::mutex mutex_;
  bool closed_ = false;  // guarded by mutex_, as are
  std::vector<Delivery> answers_;
  std::vector<int> sockets_;
};

}  // namespace net
