#include "net/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "net/client.h"
#include "tests/net/raw_socket.h"

namespace {

using namespace std::chrono_literals;
using net_test::RawSocket;

// Answers with what it saw: "METHOD target body-size body".
void echo(const net::Request& request, const net::Reply& reply) {
  std::string text = request.method + " " + request.target + " " + std::to_string(request.body.size()) + " ";
  text += request.body.substr(0, 100);
  reply(net::Response{200, {{{"content-type", "text/plain"}}}, text});
}

net::Url url_of(const net::Server& server) {
  return net::Url{"127.0.0.1", server.port(), ""};
}

TEST(Server, KeepsAConnectionAlive) {
  const net::Server server({}, echo);
  RawSocket client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string answer = client.read_until_seen("GET /" + std::to_string(i) + " 0");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_NE(answer.find("\r\nContent-Length: 9\r\n"), std::string::npos) << answer;
  }
  EXPECT_FALSE(client.closed_by_peer());
}

TEST(Server, AnswersPipelinedRequestsInOrderThoughTheFirstIsSlow) {
  const net::Server server({}, [](const net::Request& request, const net::Reply& reply) {
    std::thread([target = request.target, reply] {
      if (target == "/0") std::this_thread::sleep_for(60ms);
      reply(net::Response{200, {}, "answer" + target});
    }).detach();
  });
  RawSocket client(server.port());
  std::string requests;
  for (int i = 0; i < 5; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  client.send(requests);
  const std::string answers = client.read_until_seen("answer/", 5);
  std::size_t before = 0;
  for (int i = 0; i < 5; ++i) {
    const std::size_t at = answers.find("answer/" + std::to_string(i));
    ASSERT_NE(at, std::string::npos) << answers;
    EXPECT_GT(at, before);
    before = at;
  }
}

TEST(Server, ReadsARequestThatComesByteByByte) {
  const net::Server server({}, echo);
  RawSocket client(server.port());
  for (const char c : std::string_view("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")) {
    client.send({&c, 1});
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_NE(client.read_until_seen("POST /slow 3 abc").find("POST /slow 3 abc"), std::string::npos);
}

TEST(Server, SurvivesClientsThatGoAwayAtAnyByte) {
  const net::Server server({}, [](const net::Request&, const net::Reply& reply) {
    std::thread([reply] {
      std::this_thread::sleep_for(2ms);
      reply(net::Response{200, {}, std::string(200'000, 'x')});
    }).detach();
  });
  const std::string_view request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd";
  for (std::size_t cut = 0; cut <= request.size(); ++cut) {
    const RawSocket client(server.port());
    client.send(request.substr(0, cut));
    if (cut % 2 == 0) client.reset_on_close();
  }
  net::Connection after(url_of(server));
  const auto answer = after.exchange({"GET", "/", {}, ""}, 5s);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body.size(), 200'000U);
}

TEST(Server, ContinuesOnlyWhenAsked) {
  const net::Server server({}, echo);
  RawSocket client(server.port());
  client.send("POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_until_seen("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_NE(client.read_until_seen("POST /c 2 ok").find("200 OK"), std::string::npos);
}

TEST(Server, RefusesALargeBodyByItsAnnouncedAndByItsRealSize) {
  net::ServerOptions options;
  options.body_max = 1'000;
  options.body_too_large = [](const net::Request& request) {
    return net::Response{413, {}, "too large for " + request.target};
  };
  const net::Server server(options, echo);
  RawSocket announced(server.port());
  announced.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
  announced.half_close();
  const std::string first = announced.read_all();
  EXPECT_TRUE(first.starts_with("HTTP/1.1 413 ")) << first;
  EXPECT_NE(first.find("Connection: close"), std::string::npos) << first;
  EXPECT_TRUE(first.ends_with("too large for /a")) << first;

  RawSocket chunked(server.port());
  chunked.send("POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 5; ++i) chunked.send("100\r\n" + std::string(256, 'x') + "\r\n");
  chunked.send("0\r\n\r\n");
  chunked.half_close();
  EXPECT_TRUE(chunked.read_all().starts_with("HTTP/1.1 413 "));

  net::Connection whole(url_of(server));  // a client that sends all of it still gets the answer
  const auto answer = whole.exchange({"POST", "/c", {}, std::string(3'000'000, 'x')}, 5s);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 413);
  const auto small = whole.exchange({"POST", "/c", {}, std::string(1'000, 'x')}, 5s);
  ASSERT_TRUE(small) << small.error().message;
  EXPECT_EQ(small->status, 200);
}

TEST(Server, RefusesALongHeader) {
  const net::Server server({}, echo);
  RawSocket client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(20'000, 'a') + "\r\n\r\n");
  client.half_close();
  EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 431 "));
}

class Malformed : public testing::TestWithParam<const char*> {};

TEST_P(Malformed, Gets400AndTheConnectionCloses) {
  const net::Server server({}, echo);
  RawSocket client(server.port());
  client.send(GetParam());
  const std::string answer = client.read_until_seen("Connection: close\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << answer;
  client.read_all();
  EXPECT_TRUE(client.closed_by_peer());
}

INSTANTIATE_TEST_SUITE_P(
    Requests, Malformed,
    testing::Values("nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n",
                    "GET / HTTP/1.1\r\nno colon\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                    "POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
                    "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: "
                    "chunked\r\n\r\nabc",
                    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));

TEST(Server, HeadHasTheHeadersAndNoBody) {
  const net::Server server({}, echo);
  RawSocket client(server.port());
  client.send("HEAD /h HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string answer = client.read_all();
  EXPECT_NE(answer.find("Content-Length: 10\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST(Server, Status204HasNoLength) {
  const net::Server server(
      {}, [](const net::Request&, const net::Reply& reply) { reply(net::Response{204, {}, ""}); });
  RawSocket client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string answer = client.read_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 204 No Content\r\n"));
  EXPECT_EQ(answer.find("Content-Length"), std::string::npos) << answer;
}

TEST(Server, AHandlerThatThrowsOrForgetsAnswers500) {
  const net::Server server({}, [](const net::Request& request, net::Reply reply) {
    if (request.target == "/throw") throw std::runtime_error("boom");
    if (request.target == "/forget") std::thread([kept = std::move(reply)] {}).detach();
    if (request.target == "/twice") {
      reply(net::Response{200, {}, "first"});
      reply(net::Response{404, {}, "second"});
    }
  });
  net::Connection client(url_of(server));
  for (const char* target : {"/throw", "/forget", "/never"}) {
    const auto answer = client.exchange({"GET", target, {}, ""}, 5s);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 500) << target;
    EXPECT_EQ(answer->body, "");
  }
  EXPECT_EQ(client.exchange({"GET", "/twice", {}, ""}, 5s)->body, "first");
  EXPECT_EQ(client.exchange({"GET", "/throw", {}, ""}, 5s)->status, 500);
}

TEST(Server, LineBreaksInAValueForgeNoHeader) {
  const net::Server server({}, [](const net::Request&, const net::Reply& reply) {
    reply(net::Response{200, {{{"x-id", "a\r\nset-cookie: b"}}}, "body"});
  });
  net::Connection client(url_of(server));
  const auto answer = client.exchange({"GET", "/", {}, ""}, 5s);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->headers.find("set-cookie"), nullptr);
  EXPECT_EQ(*answer->headers.find("X-ID"), "a  set-cookie: b");
}

TEST(Server, ClosesIdleAndSlowConnections) {
  net::ServerOptions options;
  options.idle_timeout = 60ms;
  const net::Server server(options, [](const net::Request&, const net::Reply& reply) {
    std::thread([reply] {
      std::this_thread::sleep_for(150ms);
      reply(net::Response{200, {}, "late but whole"});
    }).detach();
  });
  RawSocket idle(server.port());
  RawSocket slow(server.port());
  RawSocket busy(server.port());
  slow.send("POST / HTTP/1.1\r\nContent-Le");
  busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_TRUE(idle.closed_by_peer());
  EXPECT_EQ(slow.read_all(), "");
  EXPECT_TRUE(slow.closed_by_peer());
  EXPECT_TRUE(busy.read_all().ends_with("late but whole"));  // work of the handler is not idleness
}

TEST(Server, FiftyConnectionsInParallelOnTwoThreads) {
  net::ServerOptions options;
  options.threads = 2;
  std::atomic<int> handled{0};
  const net::Server server(options, [&handled](const net::Request& request, const net::Reply& reply) {
    ++handled;
    echo(request, reply);
  });
  std::atomic<int> right{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 50; ++c) {
    clients.emplace_back([&right, &server, c] {
      net::Connection connection(url_of(server));
      for (int i = 0; i < 20; ++i) {
        const std::string body = std::to_string(c) + ":" + std::to_string(i);
        const auto answer = connection.exchange({"POST", "/p", {}, body}, 10s);
        if (answer && answer->body == "POST /p " + std::to_string(body.size()) + " " + body) ++right;
      }
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(right, 1'000);
  EXPECT_EQ(handled, 1'000);
}

TEST(Server, LargeBodiesBothWays) {
  net::ServerOptions options;
  options.body_max = 64 << 20;
  const net::Server server(options, [](const net::Request& request, const net::Reply& reply) {
    reply(net::Response{200, {}, request.body});
  });
  std::string body(20'000'000, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 2654435761U >> 24);
  net::Connection client(url_of(server));
  const auto answer = client.exchange({"POST", "/", {}, body}, 20s);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->body == body);
}

TEST(Server, DrainFinishesTheRequestInFlightAndClosesIdleConnections) {
  net::Server server({}, [](const net::Request&, const net::Reply& reply) {
    std::thread([reply] {
      std::this_thread::sleep_for(100ms);
      reply(net::Response{200, {}, "finished"});
    }).detach();
  });
  RawSocket idle(server.port());
  RawSocket busy(server.port());
  busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  std::this_thread::sleep_for(30ms);
  EXPECT_TRUE(server.drain(5s));
  const std::string answer = busy.read_all();
  EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("finished")) << answer;
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_TRUE(idle.closed_by_peer());
  EXPECT_FALSE(RawSocket(server.port()).connected());
}

TEST(Server, DrainTellsWhenARequestDidNotFinish) {
  std::vector<net::Reply> kept;
  {
    net::Server server({},
                       [&kept](const net::Request&, net::Reply reply) { kept.push_back(std::move(reply)); });
    RawSocket client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    std::this_thread::sleep_for(30ms);
    EXPECT_FALSE(server.drain(50ms));
  }
  ASSERT_EQ(kept.size(), 1U);
  kept[0](net::Response{200, {}, "nobody listens"});  // after the server has gone: harmless
  kept.clear();
}

TEST(Server, APortInUseIsAnErrorThatNamesIt) {
  const net::Server first({}, echo);
  net::ServerOptions options;
  options.port = first.port();
  try {
    const net::Server second(options, echo);
    FAIL() << "bound twice";
  } catch (const std::system_error& error) {
    EXPECT_NE(std::string(error.what()).find(std::to_string(first.port())), std::string::npos)
        << error.what();
    EXPECT_EQ(error.code(), std::errc::address_in_use);
  }
}

TEST(Server, TalksToCurl) {
  const net::Server server({}, echo);
  const std::string base = "http://127.0.0.1:" + std::to_string(server.port());
  const std::string command = "curl -s -H 'Expect: 100-continue' --data-binary hello '" + base +
                              "/one?x=%20' '" + base + "/two' -w '|%{http_code},%{num_connects};'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  ASSERT_NE(pipe, nullptr);
  std::string got(500, '\0');
  got.resize(std::fread(got.data(), 1, got.size(), pipe.get()));
  EXPECT_EQ(got, "POST /one?x=%20 5 hello|200,1;POST /two 5 hello|200,0;");
}

}  // namespace
