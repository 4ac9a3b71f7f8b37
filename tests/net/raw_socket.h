// A client that can misbehave: sends exactly the bytes it is told, in the pieces it is told.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace net_test {

class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawSocket() { ::close(fd_); }
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  bool connected() const { return connected_; }
  void send(std::string_view bytes) const { ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  void half_close() const { ::shutdown(fd_, SHUT_WR); }

  // Closes with a reset instead of an orderly end.
  void reset_on_close() const {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

  // Everything until the peer closes, or what has come when `limit` is over.
  std::string read_all(std::chrono::milliseconds limit = std::chrono::milliseconds(5'000)) {
    return read_until([](const std::string&) { return false; }, limit);
  }

  // Until `text` has been seen `times` times (or the peer closes, or the limit passes).
  std::string read_until_seen(std::string_view text, int times = 1) {
    const auto enough = [=](const std::string& got) {
      int seen = 0;
      for (std::size_t at = got.find(text); at != std::string::npos; at = got.find(text, at + 1)) ++seen;
      return seen >= times;
    };
    return read_until(enough, std::chrono::milliseconds(5'000));
  }

  bool closed_by_peer() const { return closed_; }

 private:
  template <class Enough>
  std::string read_until(Enough enough, std::chrono::milliseconds limit) {
    std::string got;
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!enough(got)) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      pollfd waiting{fd_, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) break;
      char chunk[4096];
      const ssize_t size = ::recv(fd_, chunk, sizeof chunk, 0);
      if (size <= 0) {
        closed_ = true;
        break;
      }
      got.append(chunk, static_cast<std::size_t>(size));
    }
    return got;
  }

  int fd_;
  bool connected_ = false;
  bool closed_ = false;
};

}  // namespace net_test
