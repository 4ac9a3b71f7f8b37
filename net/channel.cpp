#include "net/channel.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace net {

std::string TargetAddress::text() const {
  if (!socket_path.empty()) return "unix:" + socket_path;
  std::string plain = url.text();
  return tls ? "https" + plain.substr(plain.find(':')) : plain;
}

std::expected<TargetAddress, std::string> parse_target(std::string_view text) {
  TargetAddress out;
  if (text.starts_with("unix:")) {
    out.socket_path = text.substr(5);
    if (!out.socket_path.starts_with('/') || out.socket_path.size() >= sizeof(sockaddr_un::sun_path)) {
      return std::unexpected("expected unix:/path of at most " +
                             std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " characters, got '" +
                             std::string(text) + "'");
    }
    out.url = {"localhost", 80, ""};
    return out;
  }
  out.tls = text.starts_with("https://");
  const std::string plain = out.tls ? "http" + std::string(text.substr(5)) : std::string(text);
  const auto url = parse_url(plain);
  if (!url) return std::unexpected(url.error());
  out.url = *url;
  const bool has_port = text.find(':', text.find("//") + 2) != std::string_view::npos;
  if (out.tls && !has_port) out.url.port = 443;
  return out;
}

namespace {

std::expected<std::shared_ptr<ssl_ctx_st>, std::string> make_tls(bool verify) {
  std::shared_ptr<ssl_ctx_st> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!context) return std::unexpected("TLS cannot be set up");
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (verify) {
    SSL_CTX_set_default_verify_paths(context.get());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  }
  return context;
}

}  // namespace

std::expected<Endpoint, std::string> resolve(const TargetAddress& target, bool verify) {
  Endpoint out{.host = target.url.host};
  if (!target.socket_path.empty()) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(target.socket_path, address.sun_path);
    std::memcpy(&out.address, &address, sizeof address);
    out.length = sizeof address;
    return out;
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(target.url.host.c_str(), std::to_string(target.url.port).c_str(), &hints, &found);
  if (error != 0) return std::unexpected(gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  out.length = found->ai_addrlen;
  std::memcpy(&out.address, found->ai_addr, found->ai_addrlen);
  if (target.tls) {
    auto tls = make_tls(verify);
    if (!tls) return std::unexpected(tls.error());
    out.tls = std::move(*tls);
  }
  return out;
}

Channel::Channel(Channel&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), tls_(std::exchange(other.tls_, nullptr)) {}

Channel& Channel::operator=(Channel&& other) noexcept {
  close();
  socket_ = std::exchange(other.socket_, -1);
  tls_ = std::exchange(other.tls_, nullptr);
  return *this;
}

bool Channel::open(const Endpoint& endpoint) {
  close();
  socket_ = ::socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return false;
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // a Unix socket has no use for it
  const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.address);
  if (connect(socket_, address, endpoint.length) != 0 && errno != EINPROGRESS) {
    const int why = errno;
    close();
    errno = why;
    return false;
  }
  if (endpoint.tls) {
    tls_ = SSL_new(endpoint.tls.get());
    SSL_set_fd(tls_, socket_);
    SSL_set_tlsext_host_name(tls_, endpoint.host.c_str());
    SSL_set1_host(tls_, endpoint.host.c_str());
    SSL_set_connect_state(tls_);
  }
  return true;
}

int Channel::connect_error() const {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

void Channel::close() {
  if (tls_ != nullptr) SSL_free(tls_);
  tls_ = nullptr;
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

long Channel::secure_result(int result) {
  if (result > 0) return result;
  const int why = SSL_get_error(tls_, result);
  ERR_clear_error();
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return kAgain;
  return why == SSL_ERROR_ZERO_RETURN ? 0 : kBroken;
}

long Channel::send(std::string_view bytes) {
  if (tls_ != nullptr) {
    const long sent = secure_result(SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())));
    return sent == 0 ? kBroken : sent;
  }
  const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return sent >= 0 ? sent : errno == EAGAIN ? kAgain : kBroken;
}

long Channel::receive(char* into, std::size_t room) {
  if (tls_ != nullptr) return secure_result(SSL_read(tls_, into, static_cast<int>(room)));
  const ssize_t got = recv(socket_, into, room, 0);
  return got >= 0 ? got : errno == EAGAIN ? kAgain : kBroken;
}

}  // namespace net
