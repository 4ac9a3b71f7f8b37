#include "tests/load/front.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace load_test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

SSL_CTX* self_signed() {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  EVP_PKEY* key = EVP_RSA_gen(2048);
  X509* certificate = X509_new();
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  SSL_CTX_use_certificate(context, certificate);
  SSL_CTX_use_PrivateKey(context, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return context;
}

bool readable(int first, int second) {
  std::array<pollfd, 2> ready{pollfd{first, POLLIN, 0}, pollfd{second, POLLIN, 0}};
  return poll(ready.data(), ready.size(), 20) > 0;
}

// What there is to read goes to `write`; false at the end of either side.
template <class Read, class Write>
bool pass(const Read& read, const Write& write) {
  std::array<char, 16'384> buffer{};
  const long got = read(buffer.data(), buffer.size());
  return got > 0 && write(buffer.data(), static_cast<std::size_t>(got)) == got;
}

bool waiting(int socket) {
  pollfd ready{socket, POLLIN, 0};
  return poll(&ready, 1, 0) > 0;
}

}  // namespace

Front::Front(Kind kind, const net::Url& behind) : behind_(behind) {
  std::signal(SIGPIPE, SIG_IGN);  // a client that hangs up in the middle of an answer
  if (kind == Kind::unix_socket) {
    folder_ = "/tmp/hustle-socket-XXXXXX";
    if (mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("no temporary directory");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (folder_ + "/s").c_str(), sizeof address.sun_path - 1);
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    target_ = "unix:" + folder_ + "/s";
  } else {
    tls_ = self_signed();
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    target_ = "https://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  if (listen(listener_, 128) != 0) throw std::runtime_error("cannot listen on " + target_);
  acceptor_ = std::thread([this] { serve(); });
}

Front::~Front() {
  stop_ = true;
  acceptor_.join();
  carriers_.clear();
  close(listener_);
  SSL_CTX_free(tls_);
  if (!folder_.empty()) std::filesystem::remove_all(folder_);
}

void Front::serve() {
  while (!stop_) {
    pollfd ready{listener_, POLLIN, 0};
    if (poll(&ready, 1, 20) <= 0) continue;
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket >= 0) carriers_.emplace_back([this, socket] { carry(socket); });
  }
}

void Front::carry(int socket) {
  SSL* secure = tls_ == nullptr ? nullptr : SSL_new(tls_);
  const int behind = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(behind_.port);
  const int on = 1;
  setsockopt(behind, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  bool open = connect(behind, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (secure != nullptr) {
    SSL_set_fd(secure, socket);
    open = open && SSL_accept(secure) == 1;
  }
  const auto from_client = [&](char* into, std::size_t room) -> long {
    return secure != nullptr ? SSL_read(secure, into, static_cast<int>(room)) : read(socket, into, room);
  };
  const auto to_client = [&](const char* from, std::size_t size) -> long {
    return secure != nullptr ? SSL_write(secure, from, static_cast<int>(size)) : write(socket, from, size);
  };
  while (open && !stop_) {
    const bool held = secure != nullptr && SSL_pending(secure) > 0;
    if (!held && !readable(socket, behind)) continue;
    if (held || waiting(socket))
      open = pass(from_client, [&](const char* from, std::size_t size) { return write(behind, from, size); });
    if (open && waiting(behind))
      open = pass([&](char* into, std::size_t room) { return read(behind, into, room); }, to_client);
  }
  SSL_free(secure);
  close(behind);
  close(socket);
}

}  // namespace load_test
