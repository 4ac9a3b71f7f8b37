// The generator over a Unix socket and over TLS: the same figures as over TCP.
#include "net/channel.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

#include "loadgen/environment/error.h"
#include "loadgen/load/raw.h"
#include "net/sign.h"
#include "tests/load/target.h"

namespace loadgen::load {
namespace {

// Answers every "\r\n\r\n" on one connection at a time, over TLS when there is a context.
class Server {
 public:
  Server(int listener, SSL_CTX* tls) : listener_(listener), tls_(tls), thread_([this] { serve(); }) {}
  ~Server() {
    stop_ = true;
    thread_.join();
    close(listener_);
  }

 private:
  void serve() {
    while (!stop_) {
      pollfd ready{listener_, POLLIN, 0};
      if (poll(&ready, 1, 20) <= 0) continue;
      const int socket = accept(listener_, nullptr, nullptr);
      talk(socket);
      close(socket);
    }
  }
  void talk(int socket) {
    SSL* secure = nullptr;
    if (tls_ != nullptr) {
      secure = SSL_new(tls_);
      SSL_set_fd(secure, socket);
      if (SSL_accept(secure) != 1) return SSL_free(secure);
    }
    const std::string answer = load_test::answer();
    char buffer[4096];
    while (!stop_) {
      pollfd ready{socket, POLLIN, 0};
      const bool more = secure != nullptr && SSL_pending(secure) > 0;
      if (!more && poll(&ready, 1, 20) <= 0) continue;
      const auto got = secure != nullptr ? SSL_read(secure, buffer, sizeof buffer)
                                         : static_cast<int>(read(socket, buffer, sizeof buffer));
      if (got <= 0) break;
      const auto sent = secure != nullptr ? SSL_write(secure, answer.data(), static_cast<int>(answer.size()))
                                          : static_cast<int>(write(socket, answer.data(), answer.size()));
      if (sent <= 0) break;
    }
    SSL_free(secure);
  }

  int listener_;
  SSL_CTX* tls_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

RawOptions options_for(const std::string& target) {
  const net::TargetAddress address = net::parse_target(target).value();
  return {.target = address.url,
          .tls = address.tls,
          .socket_path = address.socket_path,
          .verify = false,
          .request = {"GET", "/", {}, ""},
          .arrivals = {.rate = 200, .duration_s = 1, .warmup_s = 0, .seed = 1},
          .connections = 1,
          .timeout_s = 2};
}

TEST(Channel, AUnixSocketIsATarget) {
  std::string folder = "/tmp/hustle-socket-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/s";
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listener, 8), 0);
  {
    const Server server(listener, nullptr);
    const RawResult result = run_raw(options_for("unix:" + path));
    EXPECT_EQ(result.tally.measured.ok(), 200U);
    EXPECT_EQ(result.tally.measured.failed(), 0U);
  }
  std::filesystem::remove_all(folder);
}

struct Tls {
  Tls() {
    context = SSL_CTX_new(TLS_server_method());
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
  }
  ~Tls() { SSL_CTX_free(context); }
  SSL_CTX* context;
};

int listen_on_loopback(std::string& url) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(listener, reinterpret_cast<sockaddr*>(&address), size);
  listen(listener, 8);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  url = "https://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  return listener;
}

TEST(Channel, TlsIsATarget) {
  const Tls tls;
  std::string url;
  const Server server(listen_on_loopback(url), tls.context);
  const RawResult result = run_raw(options_for(url));
  EXPECT_EQ(result.tally.measured.ok(), 200U);
  EXPECT_EQ(result.tally.measured.failed(), 0U);
}

TEST(Channel, ACertificateThatNobodyTrustsIsRefused) {
  const Tls tls;
  std::string url;
  const Server server(listen_on_loopback(url), tls.context);
  RawOptions options = options_for(url);
  options.verify = true;
  const RawResult result = run_raw(options);
  EXPECT_EQ(result.tally.measured.ok(), 0U);
  EXPECT_GT(result.tally.measured.failures[static_cast<std::size_t>(Failure::reset)], 100U);
}

TEST(Channel, TargetsAreRead) {
  EXPECT_EQ(net::parse_target("https://example.org")->url.port, 443);
  EXPECT_EQ(net::parse_target("https://example.org:8443/base")->text(), "https://example.org:8443/base");
  EXPECT_EQ(net::parse_target("unix:/run/x")->text(), "unix:/run/x");
  EXPECT_FALSE(net::parse_target("unix:x"));
  EXPECT_FALSE(net::parse_target("ftp://x"));
}

}  // namespace
}  // namespace loadgen::load
