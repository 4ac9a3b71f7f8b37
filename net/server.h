// An HTTP/1.1 server: listens, keeps connections alive, enforces limits, drains.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/request.h"

namespace net {

// Called once per request, from a network thread; must not block. Call `reply` exactly once, from any thread,
// now or later. A handler that throws answers 500 with an empty body.
using Reply = std::function<void(Response)>;
using Handler = std::function<void(Request, Reply)>;

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;              // 0: any free port, see Server::port()
  int threads = 1;                     // network threads
  std::size_t body_max = 1 << 20;      // beyond: body_too_large() answers
  std::size_t header_max = 16 * 1024;  // beyond: 431
  std::chrono::milliseconds idle_timeout{60'000};
  // What else the network threads wait for: watches[i] belongs to thread i modulo `threads`. `readable` is
  // called there whenever the descriptor has something to read, and once at the start; it must not block. The
  // descriptor outlives the server.
  struct Watch {
    int descriptor;
    std::function<void()> readable;
  };
  std::vector<Watch> watches;
  // Answers a request whose body is over the limit (413); the default has an empty body.
  std::function<Response(const Request&)> body_too_large;
};

class Server {
 public:
  // Binds, listens and serves at once. Throws std::system_error when the address cannot be bound.
  Server(const ServerOptions& options, Handler handler);
  ~Server();  // stops at once
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;

  // Stops accepting, lets running requests finish, closes idle connections. True when all were finished in
  // time.
  bool drain(std::chrono::milliseconds limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace net
