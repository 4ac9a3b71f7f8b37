#include "net/client.h"

#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "net/server.h"
#include "tests/net/raw_socket.h"

namespace {

using namespace std::chrono_literals;
using Kind = net::ClientError::Kind;

// Accepts connections one after another and answers each with given bytes, however wrong they are.
class RawServer {
 public:
  using Conversation = std::function<void(int fd)>;

  explicit RawServer(std::vector<Conversation> conversations) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, conversations = std::move(conversations)] {
      for (const auto& conversation : conversations) {
        const int fd = ::accept(listener_, nullptr, nullptr);
        if (fd < 0) return;
        conversation(fd);
        ::close(fd);
      }
    });
  }
  ~RawServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  net::Url url() const { return {"127.0.0.1", port_, ""}; }

 private:
  int listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

void read_request(int fd) {
  std::string got;
  char chunk[1024];
  while (got.find("\r\n\r\n") == std::string::npos) {
    const ssize_t size = ::recv(fd, chunk, sizeof chunk, 0);
    if (size <= 0) return;
    got.append(chunk, static_cast<std::size_t>(size));
  }
}

RawServer::Conversation answer_with(std::string bytes) {
  return [bytes = std::move(bytes)](int fd) {
    read_request(fd);
    ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  };
}

// In pieces of one byte, so that every boundary of the framing is crossed.
RawServer::Conversation trickle(std::string bytes) {
  return [bytes = std::move(bytes)](int fd) {
    read_request(fd);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
    for (const char c : bytes) {
      ::send(fd, &c, 1, MSG_NOSIGNAL);
      std::this_thread::sleep_for(200us);
    }
  };
}

const net::Request kGet{"GET", "/", {}, ""};

net::ClientResult get_from(const std::string& bytes) {
  const RawServer server({answer_with(bytes)});
  return net::Connection(server.url()).exchange(kGet, 2s);
}

TEST(Client, ReadsEveryFraming) {
  EXPECT_EQ(get_from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")->body, "hello");
  EXPECT_EQ(get_from("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")->body, "");
  EXPECT_EQ(get_from("HTTP/1.1 200 OK\r\n\r\nuntil the end")->body, "until the end");
  EXPECT_EQ(
      get_from("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx")->status,
      201);
  EXPECT_EQ(get_from("HTTP/1.1 204 No Content\r\n\r\n")->status, 204);
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;note=1\r\nhello\r\n1\r\n "
      "\r\nA\r\n0123456789\r\n0\r\n";
  EXPECT_EQ(get_from(chunked + "\r\n")->body, "hello 0123456789");
  EXPECT_EQ(get_from(chunked + "x-trailer: 1\r\n\r\n")->body, "hello 0123456789");
  const RawServer server({trickle(chunked + "x-trailer: 1\r\n\r\n")});
  EXPECT_EQ(net::Connection(server.url()).exchange(kGet, 2s)->body, "hello 0123456789");
}

TEST(Client, ARefusedConnectionHasNotArrived) {
  std::uint16_t free_port = 0;
  {
    free_port = RawServer({}).url().port;
  }
  const auto result = net::Connection({"127.0.0.1", free_port, ""}).exchange(kGet, 2s);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::refused);
  EXPECT_FALSE(result.error().maybe_arrived);
  EXPECT_NE(result.error().message.find(std::to_string(free_port)), std::string::npos);
}

TEST(Client, AnUnknownHostHasNotArrived) {
  const auto result = net::Connection({"no-such-host.invalid", 80, ""}).exchange(kGet, 5s);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::refused);
  EXPECT_FALSE(result.error().maybe_arrived);
}

TEST(Client, AResetMayHaveArrived) {
  const RawServer server({[](int fd) {
    read_request(fd);
    const linger now{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }});
  const auto result = net::Connection(server.url()).exchange(kGet, 2s);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::reset);
  EXPECT_TRUE(result.error().maybe_arrived);
}

TEST(Client, ACutAnswerIsAReset) {
  for (const char* cut : {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
                          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    const auto result = get_from(cut);
    ASSERT_FALSE(result) << cut;
    EXPECT_EQ(result.error().kind, Kind::reset) << cut;
    EXPECT_TRUE(result.error().maybe_arrived);
  }
}

TEST(Client, ASilentServerIsATimeout) {
  const RawServer server({[](int fd) {
    read_request(fd);
    std::this_thread::sleep_for(200ms);
  }});
  const auto before = std::chrono::steady_clock::now();
  const auto result = net::Connection(server.url()).exchange(kGet, 80ms);
  const auto took = std::chrono::steady_clock::now() - before;
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::timeout);
  EXPECT_TRUE(result.error().maybe_arrived);
  EXPECT_GE(took, 79ms);
  EXPECT_LT(took, 1s);
}

class MalformedAnswer : public testing::TestWithParam<const char*> {};
TEST_P(MalformedAnswer, IsNamed) {
  const auto result = get_from(GetParam());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::malformed);
  EXPECT_FALSE(result.error().message.empty());
}
INSTANTIATE_TEST_SUITE_P(Answers, MalformedAnswer,
                         testing::Values("SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/2 200 OK\r\n\r\n",
                                         "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                                         "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
                                         "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello",
                                         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                                         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc"));

TEST(Client, AStaleKeptConnectionIsReopened) {
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
  const RawServer server({answer_with(ok + "a1"), answer_with(ok + "a2")});  // each closes after one answer
  net::Connection connection(server.url());
  EXPECT_EQ(connection.exchange(kGet, 2s)->body, "a1");
  std::this_thread::sleep_for(20ms);
  const auto second = connection.exchange(kGet, 2s);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->body, "a2");
}

TEST(Client, AnAnswerWithLeftOversIsTheLastOnItsConnection) {
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
  const RawServer server({answer_with(ok + "a1" + ok + "XX"), answer_with(ok + "a2")});
  net::Connection connection(server.url());
  EXPECT_EQ(connection.exchange(kGet, 2s)->body, "a1");
  EXPECT_EQ(connection.exchange(kGet, 2s)->body, "a2");
}

TEST(Client, SendsTogetherAndTimesEach) {
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  net::ServerOptions options;
  const net::Server server(options, [&](const net::Request& request, const net::Reply& reply) {
    most = std::max(most.load(), ++inside);
    std::thread([&inside, reply, target = request.target] {
      std::this_thread::sleep_for(target == "/1" ? 10ms : 60ms);
      --inside;
      reply(net::Response{200, {}, target});
    }).detach();
  });
  std::vector<net::Connection> connections;
  std::vector<net::Connection*> pointers;
  std::vector<net::Request> requests;
  for (int i = 0; i < 4; ++i) {
    connections.emplace_back(net::Url{"127.0.0.1", server.port(), ""});
    requests.push_back({"GET", "/" + std::to_string(i), {}, ""});
  }
  connections.emplace_back(net::Url{"127.0.0.1", 1, ""});  // nobody listens on port 1
  requests.push_back(kGet);
  for (auto& connection : connections) pointers.push_back(&connection);
  const auto results = net::exchange_together(pointers, requests, 5s);
  ASSERT_EQ(results.size(), 5U);
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(results[i].result);
    EXPECT_EQ(results[i].result->body, "/" + std::to_string(i));
    EXPECT_LT(results[i].sent, results[i].received);
  }
  EXPECT_LT(results[1].received, results[0].received);
  EXPECT_EQ(results[4].result.error().kind, Kind::refused);
  EXPECT_EQ(most, 4);
}

TEST(Url, Parses) {
  EXPECT_EQ(net::parse_url("http://127.0.0.1:8080")->text(), "http://127.0.0.1:8080");
  EXPECT_EQ(net::parse_url("http://host:1/base/")->path, "/base");
  EXPECT_EQ(net::parse_url("http://host")->port, 80);
  EXPECT_EQ(net::parse_url("http://[::1]:99/x")->text(), "http://[::1]:99/x");
  for (const char* bad :
       {"", "host:80", "https://host", "http://", "http://:80", "http://h:0", "http://h:65536", "http://h:8x",
        "http://u@h:80", "http://h:80/?q", "http://[::1", "http://h :80"}) {
    const auto url = net::parse_url(bad);
    ASSERT_FALSE(url) << bad;
    EXPECT_NE(url.error().find("http://HOST:PORT"), std::string::npos);
  }
}

}  // namespace
