// A blocking HTTP/1.1 client on plain sockets: keep-alive, one request at a time per connection, deadlines.
// Several connections can be written together and awaited together, which is how concurrent lanes are sent.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/request.h"

namespace net {

// http://host:port with an optional base path and no trailing slash. No TLS.
struct Url {
  std::string host;
  std::uint16_t port = 80;
  std::string path;  // "" or "/base"
  std::string text() const;
};
std::expected<Url, std::string> parse_url(
    std::string_view text);  // error: one line that says what was expected

struct ClientError {
  // Whether the server may have seen the request: refused connections have certainly not arrived.
  enum class Kind : std::uint8_t { refused, reset, timeout, malformed };
  Kind kind = Kind::reset;
  std::string message;
  bool maybe_arrived = true;
};

using ClientResult = std::expected<Response, ClientError>;

class Connection {
 public:
  explicit Connection(Url url);
  ~Connection();
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;

  // Sends and waits. Connects when needed. A kept-alive connection that the server closed before the first
  // answer byte is reopened and the request sent again only if nothing had been written yet.
  ClientResult exchange(const Request& request, std::chrono::milliseconds timeout);

  const Url& url() const { return url_; }
  void close();

 private:
  friend std::vector<struct TimedResult> exchange_together(std::span<Connection*> connections,
                                                           std::span<const Request> requests,
                                                           std::chrono::milliseconds timeout);
  Url url_;
  int socket_ = -1;
};

struct TimedResult {
  ClientResult result;
  std::chrono::steady_clock::time_point sent;
  std::chrono::steady_clock::time_point received;
};

// One request on each connection, written back to back, answers read as they come. Same length for both
// spans.
std::vector<TimedResult> exchange_together(std::span<Connection*> connections,
                                           std::span<const Request> requests,
                                           std::chrono::milliseconds timeout);

}  // namespace net
