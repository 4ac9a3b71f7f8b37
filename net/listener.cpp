#include "net/listener.h"

#include <array>
#include <cerrno>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace net {
namespace {

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

socklen_t parse(const std::string& text, std::uint16_t port, Address& out) {
  out = {};
  if (inet_pton(AF_INET, text.c_str(), &out.v4.sin_addr) == 1) {
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(port);
    return sizeof out.v4;
  }
  if (inet_pton(AF_INET6, text.c_str(), &out.v6.sin6_addr) == 1) {
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(port);
    return sizeof out.v6;
  }
  errno = EINVAL;
  return 0;
}

}  // namespace

int open_listener(const std::string& address, std::uint16_t port) {
  Address name{};
  const socklen_t size = parse(address, port, name);
  int listener = -1;
  const int on = 1;
  if (size > 0) listener = socket(name.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener >= 0) setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (listener >= 0 && bind(listener, &name.any, size) == 0 && listen(listener, SOMAXCONN) == 0)
    return listener;
  const int why = errno;
  if (listener >= 0) close(listener);
  throw std::system_error(why, std::generic_category(),
                          "cannot listen on " + address + ":" + std::to_string(port));
}

std::uint16_t port_of(int socket) {
  Address name{};
  socklen_t size = sizeof name;
  if (getsockname(socket, &name.any, &size) != 0) return 0;
  return ntohs(name.any.sa_family == AF_INET6 ? name.v6.sin6_port : name.v4.sin_port);
}

std::string peer_text(int socket) {
  Address name{};
  socklen_t size = sizeof name;
  if (getpeername(socket, &name.any, &size) != 0) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool long_form = name.any.sa_family == AF_INET6;
  const void* bytes = long_form ? static_cast<const void*>(&name.v6.sin6_addr) : &name.v4.sin_addr;
  return inet_ntop(name.any.sa_family, bytes, text.data(), text.size()) == nullptr ? "" : text.data();
}

}  // namespace net
