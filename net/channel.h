// One non-blocking connection, for clients that wait on many: TCP or a Unix socket, TLS on top when asked.
// Level-triggered epoll is the caller's; after an event any of send() and receive() may be tried.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "net/client.h"

struct ssl_ctx_st;
struct ssl_st;

namespace net {

// http://host:port, https://host:port, unix:/path/of/socket; each http form with a base path if there is one.
struct TargetAddress {
  Url url;  // host and port also make the Host header; "localhost" for a Unix socket
  bool tls = false;
  std::string socket_path;  // Unix socket; empty: TCP
  std::string text() const;
};
std::expected<TargetAddress, std::string> parse_target(std::string_view text);

struct Endpoint {
  sockaddr_storage address{};
  socklen_t length = 0;
  std::shared_ptr<ssl_ctx_st> tls;  // empty: plain
  std::string host;
};
// `verify`: the certificate must be one that the machine trusts and name the host. The error is one clause.
std::expected<Endpoint, std::string> resolve(const TargetAddress& target, bool verify);

class Channel {
 public:
  static constexpr int kAgain = -1, kBroken = -2;

  Channel() = default;
  ~Channel() { close(); }
  Channel(Channel&& other) noexcept;
  Channel& operator=(Channel&& other) noexcept;

  bool open(const Endpoint& endpoint);  // begins to connect; false: refused at once
  int connect_error() const;            // of the socket, once it is writable or in error
  void close();
  bool is_open() const { return socket_ >= 0; }
  int socket() const { return socket_; }
  bool secure() const { return tls_ != nullptr; }

  // Bytes taken, kAgain, kBroken.
  long send(std::string_view bytes);
  // Bytes read, 0 at the peer's end, kAgain, kBroken. A secure channel may hold more: ask until kAgain.
  long receive(char* into, std::size_t room);

 private:
  long secure_result(int result);
  int socket_ = -1;
  ssl_st* tls_ = nullptr;
};

}  // namespace net
