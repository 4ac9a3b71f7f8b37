#include "loadgen/side/frail_line.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace loadgen {
namespace {

constexpr std::size_t kHeader = 5;  // of a message: its kind and its length
constexpr char kReadyForQuery = 'Z', kIdle = 'I';

class Socket {
 public:
  explicit Socket(int number) : number_(number) {
    if (number < 0) throw std::runtime_error("side stage: no socket for a line to the database");
  }
  ~Socket() { ::close(number_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int number() const { return number_; }

  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(number_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  bool receive(std::string& into) const {  // false: the other side has closed
    std::array<char, 65536> buffer;
    const ssize_t got = ::recv(number_, buffer.data(), buffer.size(), 0);
    if (got > 0) into.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

 private:
  int number_;
};

// host, port and the rest of postgresql://user@host:port/name?options.
struct Address {
  std::string before, host, port, after;
};
Address address_of(const std::string& url) {
  const std::size_t slashes = url.find("://");
  const std::size_t begin = slashes == std::string::npos ? slashes : slashes + 3;
  const std::size_t end = begin == std::string::npos ? begin : url.find('/', begin);
  if (end == std::string::npos) throw std::runtime_error("side stage: no host in " + url);
  const std::size_t at = url.rfind('@', end);
  const std::size_t host = at == std::string::npos || at < begin ? begin : at + 1;
  const std::size_t colon = url.rfind(':', end);
  if (colon == std::string::npos || colon < host) throw std::runtime_error("side stage: no port in " + url);
  return {url.substr(0, host), url.substr(host, colon - host), url.substr(colon + 1, end - colon - 1),
          url.substr(end)};
}

int connected_to(const Address& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found) != 0) return -1;
  const int number = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool made = number >= 0 && ::connect(number, found->ai_addr, found->ai_addrlen) == 0;
  ::freeaddrinfo(found);
  if (made) return number;
  if (number >= 0) ::close(number);
  return -1;
}

// One connection of the server, and ours for it.
struct Strand {
  explicit Strand(int from, int to) : server(from), database(to) {}
  Socket server, database;
  std::string asked;     // the last bytes that the server has sent
  std::string answered;  // bytes of the database that are not passed on yet
  bool marked = false;   // a statement of the transaction under way carries the text
};

}  // namespace

struct FrailLine::Impl {
  explicit Impl(const std::string& url)
      : address(address_of(url)),
        listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
        bell(::eventfd(0, EFD_CLOEXEC)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    auto* generic = reinterpret_cast<sockaddr*>(&here);
    if (::bind(listener.number(), generic, size) != 0 || ::listen(listener.number(), SOMAXCONN) != 0 ||
        ::getsockname(listener.number(), generic, &size) != 0)
      throw std::runtime_error("side stage: a line to the database cannot be laid");
    // Messages are read, so they must be readable from the first byte on.
    const bool options = address.after.contains('?');
    database = fmt::format("{}127.0.0.1:{}{}{}sslmode=disable&gssencmode=disable", address.before,
                           ntohs(here.sin_port), address.after, options ? '&' : '?');
    thread = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) turn();
    });
  }
  ~Impl() {
    thread.request_stop();
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto rung = ::write(bell.number(), &one, sizeof one);
    thread.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void turn() {
    std::vector<pollfd> watched{{listener.number(), POLLIN, 0}, {bell.number(), POLLIN, 0}};
    for (const Strand& strand : strands) {
      watched.push_back({strand.server.number(), POLLIN, 0});
      watched.push_back({strand.database.number(), POLLIN, 0});
    }
    if (::poll(watched.data(), watched.size(), -1) <= 0) return;
    std::size_t at = 2;
    for (auto strand = strands.begin(); strand != strands.end(); at += 2) {
      const bool lives = (watched[at].revents == 0 || pass_question(*strand)) &&
                         (watched[at + 1].revents == 0 || pass_answer(*strand));
      strand = lives ? std::next(strand) : strands.erase(strand);
    }
    if (watched[0].revents != 0) welcome();
  }

  void welcome() {
    const int from = ::accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC);
    if (from < 0) return;
    const int to = connected_to(address);
    if (to < 0) {
      ::close(from);
      return;
    }
    strands.emplace_back(from, to);
  }

  bool pass_question(Strand& strand) {
    const std::size_t before = strand.asked.size();
    if (!strand.server.receive(strand.asked)) return false;
    const std::scoped_lock lock(mutex);
    if (left > 0 && strand.asked.contains(text)) strand.marked = true;
    const bool sent = strand.database.send(std::string_view(strand.asked).substr(before));
    // The text may be cut in two by the end of what was received.
    const std::size_t kept = strand.marked || text.empty() ? 0 : text.size() - 1;
    if (strand.asked.size() > kept) strand.asked.erase(0, strand.asked.size() - kept);
    return sent;
  }

  // Message by message; of a marked transaction all of an answer at once, or nothing.
  bool pass_answer(Strand& strand) {
    if (!strand.database.receive(strand.answered)) return false;
    const std::scoped_lock lock(mutex);
    std::size_t passed = 0;
    for (std::size_t next = 0; const std::size_t size = message_at(strand.answered, next); next += size) {
      const bool ready = strand.answered[next] == kReadyForQuery;
      if (strand.marked && !ready) continue;
      if (strand.marked && strand.answered[next + kHeader] == kIdle) {
        strand.marked = false;
        if (--left == 0) {
          if (part == Arrives::all_but_the_end)
            strand.server.send(std::string_view(strand.answered).substr(0, next));
          return false;
        }
      }
      passed = next + size;
    }
    const bool sent = strand.server.send(std::string_view(strand.answered).substr(0, passed));
    strand.answered.erase(0, passed);
    return sent;
  }

  // The size of the whole message that begins there; 0: it is not complete yet.
  static std::size_t message_at(const std::string& bytes, std::size_t at) {
    if (bytes.size() < at + kHeader) return 0;
    std::uint32_t length = 0;
    for (std::size_t i = 1; i < kHeader; ++i)
      length = length << 8 | static_cast<unsigned char>(bytes[at + i]);
    const std::size_t size = std::size_t{length} + 1;
    return bytes.size() < at + size ? 0 : size;
  }

  Address address;
  Socket listener, bell;
  std::string database;
  std::list<Strand> strands;  // the thread's own
  mutable std::mutex mutex;
  std::string text;  // guarded by mutex, as `left`
  Arrives part = Arrives::nothing;
  int left = 0;  // transactions that carry it until the line breaks; 0: it has broken, or none is meant
  std::jthread thread;
};

FrailLine::FrailLine(const std::string& database) : impl_(std::make_unique<Impl>(database)) {}
FrailLine::~FrailLine() = default;

const std::string& FrailLine::database() const {
  return impl_->database;
}

void FrailLine::break_after(const std::string& text, int which, Arrives part) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->text = text;
  impl_->left = which;
  impl_->part = part;
}

void FrailLine::hold() {
  break_after("", 0, Arrives::nothing);
}

bool FrailLine::broke() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->left == 0;
}

}  // namespace loadgen
