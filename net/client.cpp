#include "net/client.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/client_response.h"

namespace net {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = ClientError::Kind;

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<long>(left, 0, 3'600'000));
}

void close_socket(int& socket) {
  if (socket >= 0) ::close(socket);
  socket = -1;
}

// Waits until a connecting socket is connected; 0 or the errno of the failure.
int finish_connect(int socket, Clock::time_point deadline) {
  pollfd waiting{socket, POLLOUT, 0};
  while (true) {
    const int ready = ::poll(&waiting, 1, milliseconds_until(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
  }
}

std::optional<ClientError> open_socket(const Url& url, int& socket, Clock::time_point deadline) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &found);
  if (failed != 0)
    return ClientError{Kind::refused, "cannot resolve " + url.host + ": " + ::gai_strerror(failed), false};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  int error = 0;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    socket = ::socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket < 0) {
      error = errno;
      continue;
    }
    error = ::connect(socket, at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) error = finish_connect(socket, deadline);
    if (error == 0) {
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return std::nullopt;
    }
    close_socket(socket);
  }
  return ClientError{
      error == ETIMEDOUT ? Kind::timeout : Kind::refused,
      "cannot connect to " + url.host + ":" + std::to_string(url.port) + ": " + std::strerror(error), false};
}

// A kept socket that is readable before anything was asked has been closed by the server (or talks nonsense).
bool is_stale(int socket) {
  pollfd state{socket, POLLIN, 0};
  return ::poll(&state, 1, 0) != 0;
}

std::string serialize(const Url& url, const Request& request) {
  std::string out;
  out.reserve(256 + request.body.size());
  out.append(request.method).append(" ").append(url.path).append(request.target).append(" HTTP/1.1\r\n");
  if (request.headers.find("host") == nullptr)
    out.append("Host: ").append(url.host).append(":").append(std::to_string(url.port)).append("\r\n");
  for (const auto& [name, value] : request.headers.entries)
    out.append(name).append(": ").append(value).append("\r\n");
  const bool bodyless = request.body.empty() && (request.method == "GET" || request.method == "HEAD" ||
                                                 request.method == "DELETE" || request.method == "OPTIONS");
  if (!bodyless && request.headers.find("content-length") == nullptr &&
      request.headers.find("transfer-encoding") == nullptr)
    out.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  return out.append("\r\n").append(request.body);
}

// One request on its way: written, then read, without blocking.
struct Flight {
  const Url& url;
  int& socket;
  std::string bytes;
  ResponseReader reader;
  std::size_t written = 0;
  bool fresh = false;  // the socket was opened for this request
  std::optional<ClientResult> result;
  Clock::time_point sent{};
  Clock::time_point received{};

  Flight(const Url& to, int& through, const Request& request)
      : url(to), socket(through), bytes(serialize(to, request)), reader(request.method == "HEAD") {}
};

void finish(Flight& flight, ClientResult result) {
  flight.received = Clock::now();
  if (!result || !flight.reader.keep_alive()) close_socket(flight.socket);
  flight.result = std::move(result);
}

void fail(Flight& flight, Kind kind, std::string message) {
  finish(flight, std::unexpected(ClientError{kind, std::move(message), flight.written > 0}));
}

void connect(Flight& flight, Clock::time_point deadline) {
  if (flight.socket >= 0 && is_stale(flight.socket)) close_socket(flight.socket);
  if (flight.socket >= 0) return;
  flight.fresh = true;
  if (auto error = open_socket(flight.url, flight.socket, deadline)) finish(flight, std::unexpected(*error));
}

void write_some(Flight& flight, Clock::time_point deadline) {
  while (flight.written < flight.bytes.size()) {
    const ssize_t size = ::send(flight.socket, flight.bytes.data() + flight.written,
                                flight.bytes.size() - flight.written, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size >= 0) {
      flight.written += static_cast<std::size_t>(size);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return;
    } else if (errno != EINTR) {
      if (flight.written == 0 && !flight.fresh) {  // kept alive, closed meanwhile: nothing has been said yet
        close_socket(flight.socket);
        connect(flight, deadline);
        if (flight.result) return;
        continue;
      }
      // The server may have answered before it closed (413): reading decides.
      if (flight.written > 0 && (errno == EPIPE || errno == ECONNRESET)) {
        flight.written = flight.bytes.size();
        return;
      }
      fail(flight, Kind::reset, std::string("write failed: ") + std::strerror(errno));
      return;
    }
  }
}

void read_some(Flight& flight) {
  std::array<char, 64 * 1024> chunk;
  while (!flight.result) {
    const ssize_t size = ::recv(flight.socket, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (size < 0) return fail(flight, Kind::reset, std::string("read failed: ") + std::strerror(errno));
    if (size == 0 && !flight.reader.started())
      return fail(flight, Kind::reset, "the server closed the connection without an answer");
    const auto state = size == 0 ? flight.reader.end_of_stream()
                                 : flight.reader.feed({chunk.data(), static_cast<std::size_t>(size)});
    if (state == ResponseReader::State::done) return finish(flight, flight.reader.take());
    if (state == ResponseReader::State::malformed)
      return fail(flight, size == 0 ? Kind::reset : Kind::malformed, flight.reader.problem());
    if (static_cast<std::size_t>(size) < chunk.size()) return;  // more comes later, poll tells when
  }
}

void start(Flight& flight, Clock::time_point deadline) {
  flight.sent = Clock::now();
  write_some(flight, deadline);
}

// Until every flight has its result or the deadline passes.
void complete(std::span<std::unique_ptr<Flight>> flights, Clock::time_point deadline) {
  std::vector<pollfd> polled;
  std::vector<Flight*> waiting;
  while (true) {
    polled.clear();
    waiting.clear();
    for (const auto& flight : flights) {
      if (flight->result) continue;
      const bool writing = flight->written < flight->bytes.size();
      polled.push_back({flight->socket, static_cast<short>(writing ? POLLIN | POLLOUT : POLLIN), 0});
      waiting.push_back(flight.get());
    }
    if (waiting.empty()) return;
    const int ready = ::poll(polled.data(), polled.size(), milliseconds_until(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      for (Flight* flight : waiting) fail(*flight, Kind::timeout, "no complete answer in time");
      return;
    }
    for (std::size_t i = 0; i < polled.size(); ++i) {
      Flight& flight = *waiting[i];
      if ((polled[i].revents & POLLOUT) != 0) write_some(flight, deadline);
      if (!flight.result && (polled[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) read_some(flight);
    }
  }
}

}  // namespace

std::string Url::text() const {
  const bool six = host.find(':') != std::string::npos;
  return "http://" + (six ? "[" + host + "]" : host) + ":" + std::to_string(port) + path;
}

std::expected<Url, std::string> parse_url(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return std::unexpected("'" + std::string(text) + "' is not a usable URL (" + std::string(why) +
                           "); expected http://HOST:PORT with an optional path");
  };
  constexpr std::string_view scheme = "http://";
  if (!text.starts_with(scheme)) return bad("it does not start with http://");
  const std::string_view rest = text.substr(scheme.size());
  if (rest.find_first_of("?# \t\r\n") != std::string_view::npos ||
      rest.substr(0, rest.find('/')).contains('@'))
    return bad("query, fragment, user and spaces are not supported");
  const std::size_t slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  Url url;
  if (slash != std::string_view::npos) url.path = std::string(rest.substr(slash));
  while (url.path.ends_with('/')) url.path.pop_back();
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return bad("unclosed [");
    url.host = std::string(authority.substr(1, end - 1));
    authority = authority.substr(end + 1);
    if (!authority.empty() && authority.front() != ':') return bad("text after ]");
  } else {
    url.host = std::string(authority.substr(0, authority.find(':')));
    authority = authority.substr(url.host.size());
  }
  if (url.host.empty()) return bad("no host");
  if (!authority.empty()) {
    port = authority.substr(1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (error != std::errc{} || end != port.data() + port.size() || url.port == 0)
      return bad("the port must be 1..65535");
  }
  return url;
}

Connection::Connection(Url url) : url_(std::move(url)) {}
Connection::~Connection() {
  close();
}
Connection::Connection(Connection&& other) noexcept
    : url_(std::move(other.url_)), socket_(std::exchange(other.socket_, -1)) {}
Connection& Connection::operator=(Connection&& other) noexcept {
  std::swap(url_, other.url_);
  std::swap(socket_, other.socket_);
  return *this;
}

void Connection::close() {
  close_socket(socket_);
}

ClientResult Connection::exchange(const Request& request, std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  std::array flights{std::make_unique<Flight>(url_, socket_, request)};
  connect(*flights[0], deadline);
  if (!flights[0]->result) start(*flights[0], deadline);
  complete(flights, deadline);
  return std::move(*flights[0]->result);
}

std::vector<TimedResult> exchange_together(std::span<Connection*> connections,
                                           std::span<const Request> requests,
                                           std::chrono::milliseconds timeout) {
  assert(connections.size() == requests.size());
  const auto deadline = Clock::now() + timeout;
  std::vector<std::unique_ptr<Flight>> flights;
  for (std::size_t i = 0; i < connections.size(); ++i) {
    flights.push_back(std::make_unique<Flight>(connections[i]->url_, connections[i]->socket_, requests[i]));
    flights.back()->sent = Clock::now();
    connect(*flights.back(), deadline);
  }
  // All are connected before the first is written, so that the requests leave as close together as possible.
  for (const auto& flight : flights)
    if (!flight->result) start(*flight, deadline);
  complete(flights, deadline);
  std::vector<TimedResult> out;
  out.reserve(flights.size());
  for (const auto& flight : flights)
    out.push_back({std::move(*flight->result), flight->sent, flight->received});
  return out;
}

}  // namespace net
