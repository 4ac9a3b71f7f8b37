// A target in this process whose behaviour is known to the nanosecond: one thread, one epoll, one fixed
// answer; it freezes on schedule and notes when it answered. The requests it understands have no body.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "net/client.h"

namespace load_test {

std::int64_t monotonic_ns();

std::string answer(std::string_view status = "200 OK", std::string_view body = "hello");

struct TargetOptions {
  std::string answer = load_test::answer();
  std::int64_t freeze_after_ns = -1;  // from the first request on; negative: never
  std::int64_t freeze_ns = 0;
  int close_after = 0;        // requests after which a connection is closed without an answer; 0: never
  bool silent = false;        // reads, never answers
  std::int64_t delay_ns = 0;  // before every answer, one after another
};

class Target {
 public:
  explicit Target(TargetOptions options = {});
  ~Target();
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  net::Url url() const { return {"127.0.0.1", port_, ""}; }
  void stop();  // closes everything: connections are refused from now on

  const std::vector<std::int64_t>& answered_ns() const { return answered_; }  // after stop()
  std::int64_t frozen_from() const { return frozen_from_; }                   // CLOCK_MONOTONIC, after stop()
  std::int64_t frozen_until() const { return frozen_until_; }

 private:
  struct Peer {
    std::string tail;  // of the bytes read: requests may come in pieces
    int requests = 0;
  };
  void serve();
  void accept_all();
  void read_from(int socket);
  bool requests_in(int socket, std::string_view bytes);
  void maybe_freeze();

  TargetOptions options_;
  int listener_ = -1, epoll_ = -1, wake_ = -1;
  std::uint16_t port_ = 0;
  std::vector<Peer> peers_;  // by socket
  std::vector<int> open_;
  std::vector<std::int64_t> answered_;
  std::int64_t first_request_ = -1, frozen_from_ = 0, frozen_until_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace load_test
