// What stands before a plain server in a test: a Unix socket, or TLS with a certificate that nobody trusts.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "net/client.h"

struct ssl_ctx_st;

namespace load_test {

class Front {
 public:
  enum class Kind : std::uint8_t { unix_socket, tls };
  Front(Kind kind, const net::Url& behind);
  ~Front();
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  const std::string& target() const { return target_; }  // as --target takes it

 private:
  void serve();
  void carry(int socket);

  net::Url behind_;
  std::string target_, folder_;
  ssl_ctx_st* tls_ = nullptr;
  int listener_ = -1;
  std::atomic<bool> stop_ = false;
  std::vector<std::jthread> carriers_;  // one per connection
  std::thread acceptor_;
};

}  // namespace load_test
