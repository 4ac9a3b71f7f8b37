#include <gtest/gtest.h>

#include <thread>

#include "net/client.h"
#include "net/server.h"
#include "tests/net/raw_socket.h"

namespace {

using namespace std::chrono_literals;
using net_test::RawSocket;

void echo(const net::Request& request, const net::Reply& reply) {
  const std::string size = std::to_string(request.body.size());
  reply(net::Response{200, {}, request.method + " " + request.target + " " + size + " "});
}

net::Url url_of(const net::Server& server) {
  return net::Url{"127.0.0.1", server.port(), ""};
}

TEST(Conversation, AnswersBeforeItClosesThoughMoreWasSent) {
  const net::Server server({}, echo);
  RawSocket client(server.port());
  client.send("GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + std::string(100'000, 'z'));
  const std::string answer = client.read_until_seen("GET /last 0");
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << answer;
  client.half_close();
  client.read_all();
  EXPECT_TRUE(client.closed_by_peer());
}

TEST(Conversation, KeepsAnOldClientsConnectionOnlyWhenAsked) {
  const net::Server server({}, echo);
  RawSocket client(server.port());
  client.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(client.read_until_seen("GET /1 0").find("\r\nConnection: keep-alive\r\n"), std::string::npos);
  client.send("GET /2 HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(client.read_all().ends_with("GET /2 0 "));
  EXPECT_TRUE(client.closed_by_peer());
}

TEST(Conversation, GarbageBehindARequestIsRefusedAfterItsAnswer) {
  const net::Server server({}, echo);
  RawSocket client(server.port());
  client.send("GET /good HTTP/1.1\r\nHost: x\r\n\r\nSMUGGLED\r\n\r\nGET /never HTTP/1.1\r\nHost: x\r\n\r\n");
  client.half_close();
  const std::string answers = client.read_all();
  EXPECT_TRUE(answers.starts_with("HTTP/1.1 200 ")) << answers;
  EXPECT_NE(answers.find("HTTP/1.1 400 "), std::string::npos) << answers;
  EXPECT_EQ(answers.find("/never"), std::string::npos) << answers;
}

TEST(Conversation, AThousandPipelinedRequestsAreAnsweredInOrder) {
  const net::Server server({}, echo);
  RawSocket client(server.port());
  std::string requests, wanted;
  for (int i = 0; i < 1'000; ++i) requests += "GET /n" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  client.send(requests);
  const std::string answers = client.read_until_seen("GET /n", 1'000);
  std::size_t at = 0;
  for (int i = 0; i < 1'000 && at != std::string::npos; ++i)
    at = answers.find("GET /n" + std::to_string(i) + " 0 ", at);
  EXPECT_NE(at, std::string::npos);
}

TEST(Conversation, ASlowReaderGetsTheWholeAnswerAndHoldsNobodyUp) {
  net::ServerOptions options;
  options.idle_timeout = 20s;
  const std::string large(3'000'000, 'q');
  const net::Server server(options, [&large](const net::Request& request, const net::Reply& reply) {
    reply(net::Response{200, {}, request.target == "/large" ? large : "small"});
  });
  RawSocket slow(server.port());
  slow.send("GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  std::this_thread::sleep_for(20ms);
  net::Connection other(url_of(server));
  EXPECT_EQ(other.exchange({"GET", "/", {}, ""}, 5s)->body, "small");
  const std::string answer = slow.read_all();
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, large.size());
}

TEST(Conversation, TellsWhoAsks) {
  const net::Server server({}, [](const net::Request& request, const net::Reply& reply) {
    reply(net::Response{200, {}, request.peer});
  });
  net::Connection client(url_of(server));
  EXPECT_EQ(client.exchange({"GET", "/", {}, ""}, 5s)->body, "127.0.0.1");
}

}  // namespace
