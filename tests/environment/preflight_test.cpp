// Whatever a URL leads to, the answer is one clear line and the right exit code.
#include "loadgen/environment/preflight.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>

#include "loadgen/environment/environment.h"
#include "loadgen/environment/error.h"
#include "loadgen/environment/postgres.h"
#include "net/server.h"

namespace {

using loadgen::EnvironmentError;

struct Complaint {
  int exit_code = 0;
  std::string line;
};

Complaint complaint(const std::function<void()>& action) {
  try {
    action();
  } catch (const EnvironmentError& error) {
    return {error.exit_code, error.what()};
  }
  return {};
}

void expect(const Complaint& seen, int exit_code, const std::string& part) {
  EXPECT_EQ(seen.exit_code, exit_code) << seen.line;
  EXPECT_NE(seen.line.find(part), std::string::npos) << seen.line;
  EXPECT_EQ(seen.line.find('\n'), std::string::npos) << seen.line;
}

// Answers every request with the same status, type and body.
struct Stub {
  Stub(int status, std::string type, std::string body)
      : server({}, [=](const net::Request&, const net::Reply& reply) {
          net::Response response;
          response.status = status;
          response.headers.add("content-type", type);
          response.body = body;
          reply(std::move(response));
        }) {}
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server.port()); }
  net::Server server;
};

// Speaks just enough of PostgreSQL's protocol to say which version it is.
class OldPostgres {
 public:
  OldPostgres() {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    auto* generic = reinterpret_cast<sockaddr*>(&address_);
    if (bind(listener_, generic, size) != 0 || listen(listener_, 1) != 0 ||
        getsockname(listener_, generic, &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    thread_ = std::thread([this] { serve(); });
  }
  ~OldPostgres() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  std::string url() const {
    return "postgresql://hustle@127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) +
           "/hustle?sslmode=disable";
  }

 private:
  void serve() const {
    const int client = accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    char startup[1024];
    if (read(client, startup, sizeof startup) <= 0) return;
    using namespace std::string_literals;
    // AuthenticationOk; ParameterStatus of 4 + 15 + 5 bytes; ReadyForQuery.
    const std::string parameter = "S\0\0\0\x18server_version\0"s + "14.2\0"s;
    const std::string all = "R\0\0\0\x08\0\0\0\0"s + parameter + "Z\0\0\0\x05I"s;
    if (write(client, all.data(), all.size()) > 0) {
      while (read(client, startup, sizeof startup) > 0) {
      }
    }
    close(client);
  }

  int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address_{};
  std::thread thread_;
};

std::string closed_port_url() {
  return "http://127.0.0.1:" + std::to_string(loadgen::free_loopback_port());
}

TEST(Preflight, MalformedUrlsAreTheUsersMistake) {
  expect(complaint([] { loadgen::checked_http_url("--target", "localhost"); }), 2,
         "--target: expected http://");
  expect(complaint([] { loadgen::checked_http_url("--target", "ftp://x:1"); }), 2, "ftp://x:1");
  expect(complaint([] { loadgen::check_database_url("mysql://x/y"); }), 2, "expected postgresql://");
  expect(complaint([] { loadgen::check_database_url("postgresql://a:b:c:d@@/%zz"); }), 2, "--database");
  EXPECT_EQ(loadgen::checked_http_url("--target", "http://127.0.0.1:80/base//"), "http://127.0.0.1:80/base");
}

TEST(Preflight, TargetAloneIsRefused) {
  loadgen::EnvironmentOptions options;
  options.target = "http://127.0.0.1:1";
  expect(complaint([&] { loadgen::boot(options); }), 2, "--target needs --database");
  options.database = "postgresql://hustle@127.0.0.1:1/hustle";
  expect(complaint([&] { loadgen::boot(options); }), 2, "--target needs --providers");
}

TEST(Preflight, UnreachableTargetDatabaseAndProviders) {
  expect(complaint([] { loadgen::check_target(closed_port_url()); }), 3, "unreachable");
  expect(complaint([] { loadgen::check_providers(closed_port_url()); }), 3, "unreachable");
  const std::string port = std::to_string(loadgen::free_loopback_port());
  expect(complaint([&] { loadgen::check_database("postgresql://hustle@127.0.0.1:" + port + "/hustle"); }), 3,
         "unreachable");
}

TEST(Preflight, TargetThatAnswersHtml) {
  const Stub web_site(200, "text/html; charset=utf-8", "<!doctype html><title>Welcome</title>");
  expect(complaint([&] { loadgen::check_target(web_site.url()); }), 3, "HTML");
  const Stub untyped(404, "text/plain", "\n <html>not found</html>");
  expect(complaint([&] { loadgen::check_target(untyped.url()); }), 3, "HTML");
}

TEST(Preflight, TargetThatAnswersSomethingElse) {
  const Stub text(200, "text/plain", "pong");
  expect(complaint([&] { loadgen::check_target(text.url()); }), 3, "expected a JSON object");
  const Stub other_api(200, "application/json", R"({"status":"ok","data":[]})");
  expect(complaint([&] { loadgen::check_target(other_api.url()); }), 3, "no tRPC envelope");
  const Stub sick(503, "application/json",
                  R"({"status":"unavailable","checks":{"database":"connection refused"}})");
  expect(complaint([&] { loadgen::check_target(sick.url()); }), 3, "unavailable");
  const Stub not_fakes(200, "application/json", "{}");
  expect(complaint([&] { loadgen::check_providers(not_fakes.url()); }), 3, "hustle providers");
}

TEST(Preflight, OldPostgresIsNamedWithItsVersion) {
  const OldPostgres old;
  expect(complaint([&] { loadgen::check_database(old.url()); }), 3, "PostgreSQL 14; expected 15 or newer");
}

TEST(Preflight, DatabaseWithoutTheSchema) {
  const loadgen::Postgres postgres = loadgen::Postgres::start();
  expect(complaint([&] { loadgen::check_database(postgres.url()); }), 3, "table users is missing");
}

TEST(Preflight, PortInUse) {
  const Stub taken(200, "text/plain", "");
  const std::string address = taken.url().substr(7);
  expect(complaint([&] { loadgen::check_listen(address); }), 3, "port in use");
  expect(complaint([] { loadgen::check_listen("8080"); }), 2, "expected address:port");
  expect(complaint([] { loadgen::check_listen("127.0.0.1:99999"); }), 2, "expected address:port");
  expect(complaint([] { loadgen::check_listen("localhost:80"); }), 2, "expected address:port");
  EXPECT_EQ(complaint([] { loadgen::check_listen("127.0.0.1:0"); }).exit_code, 0);
}

}  // namespace
