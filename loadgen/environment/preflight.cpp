#include "loadgen/environment/preflight.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <thread>

#include "loadgen/environment/error.h"
#include "net/client.h"

namespace loadgen {
namespace {

using nlohmann::json;
constexpr std::chrono::milliseconds answer_timeout{5000};

// schema.md, the tables that the money core cannot be judged without.
constexpr std::array<const char*, 9> core_tables = {"users",        "tasks",    "escrows",
                                                    "proofs",       "disputes", "xp_ledger",
                                                    "trust_ledger", "badges",   "processed_stripe_events"};

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

bool is_html(const net::Response& answer) {
  const std::string* type = answer.headers.find("content-type");
  const auto start = answer.body.find_first_not_of(" \t\r\n");
  return (type != nullptr && type->find("html") != std::string::npos) ||
         (start != std::string::npos && answer.body[start] == '<');
}

// The JSON object that GET url+path answers; throws when it is anything else.
json ask(const std::string& flag, const std::string& url, const std::string& path) {
  net::Connection connection(*net::parse_url(url));
  net::Request request;
  request.method = "GET";
  request.target = connection.url().path + path;
  const net::ClientResult result = connection.exchange(request, answer_timeout);
  if (!result)
    throw EnvironmentError(3, flag + " " + url + ": unreachable: " + first_line(result.error().message));
  const std::string where =
      flag + " " + url + ": GET " + path + " answered " + std::to_string(result->status);
  if (is_html(*result)) throw EnvironmentError(3, where + " with HTML; expected JSON of Hustle's contract");
  json body = json::parse(result->body, nullptr, false);
  if (!body.is_object()) throw EnvironmentError(3, where + "; expected a JSON object of Hustle's contract");
  return body;
}

struct Database {
  explicit Database(const std::string& url) {
    const std::array<const char*, 3> names = {"dbname", "connect_timeout", nullptr};
    const std::array<const char*, 3> values = {url.c_str(), "5", nullptr};
    connection.reset(PQconnectdbParams(names.data(), values.data(), 1));
    if (PQstatus(connection.get()) != CONNECTION_OK) {
      throw EnvironmentError(
          3, "--database " + url + ": unreachable: " + first_line(PQerrorMessage(connection.get())));
    }
  }
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection{nullptr, &PQfinish};
};

}  // namespace

std::string checked_http_url(const std::string& flag, const std::string& url) {
  std::string text = url;
  while (text.ends_with('/')) text.pop_back();
  const auto parsed = net::parse_url(text);
  if (!parsed) throw EnvironmentError(2, flag + ": expected http://host:port, got '" + url + "'");
  return text;
}

void check_database_url(const std::string& url) {
  char* reason = nullptr;
  PQconninfoOption* options = PQconninfoParse(url.c_str(), &reason);
  const bool parsed = options != nullptr;
  PQconninfoFree(options);
  PQfreemem(reason);
  if (!parsed || !(url.starts_with("postgresql://") || url.starts_with("postgres://"))) {
    throw EnvironmentError(2, "--database: expected postgresql://user@host:port/name, got '" + url + "'");
  }
}

TargetFacts check_target(const std::string& url, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  json health = ask("--target", url, "/health");
  while (health.value("status", json()) == "unavailable" && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
    health = ask("--target", url, "/health");
  }
  TargetFacts facts;
  if (const auto found = health.find("version"); found != health.end() && found->is_string())
    facts.version = *found;
  if (const auto found = health.find("test_clock"); found != health.end() && found->is_boolean()) {
    facts.test_clock = *found;
  }
  if (health.value("status", json()) == "unavailable") {
    throw EnvironmentError(
        3, "--target " + url + ": GET /health says unavailable: " + first_line(health.dump()));
  }
  // Without a token and input this is refused in tRPC's envelope; a result would be an envelope as well.
  const json envelope = ask("--target", url, "/trpc/task.getById");
  if (!envelope.contains("error") && !envelope.contains("result")) {
    throw EnvironmentError(
        3, "--target " + url + ": GET /trpc/task.getById answered no tRPC envelope (error, result)");
  }
  return facts;
}

void check_database(const std::string& url) {
  const Database database(url);
  PGconn* connection = database.connection.get();
  if (const int version = PQserverVersion(connection); version < 150000) {
    throw EnvironmentError(3, "--database " + url + ": PostgreSQL " + std::to_string(version / 10000) +
                                  "; expected 15 or newer");
  }
  for (const char* table : core_tables) {
    const std::array<const char*, 1> parameters = {table};
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexecParams(connection, "SELECT to_regclass($1) IS NOT NULL", 1, nullptr, parameters.data(), nullptr,
                     nullptr, 0),
        &PQclear);
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) {
      throw EnvironmentError(3, "--database " + url + ": " + first_line(PQerrorMessage(connection)));
    }
    if (std::string_view(PQgetvalue(result.get(), 0, 0)) != "t") {
      throw EnvironmentError(3, "--database " + url + ": table " + table +
                                    " is missing; expected a migrated schema (hustle-server migrate)");
    }
  }
}

void check_providers(const std::string& url) {
  if (!ask("--providers", url, "/control/books").contains("escrows")) {
    throw EnvironmentError(
        3, "--providers " + url + ": GET /control/books has no escrows; expected `hustle providers`");
  }
}

void check_listen(const std::string& address) {
  const auto colon = address.rfind(':');
  const std::string port_text = colon == std::string::npos ? "" : address.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  sockaddr_in wanted{};
  wanted.sin_family = AF_INET;
  wanted.sin_port = htons(port);
  if (error != std::errc() || end != port_text.data() + port_text.size() ||
      inet_pton(AF_INET, address.substr(0, colon).c_str(), &wanted.sin_addr) != 1) {
    throw EnvironmentError(2,
                           "--listen: expected address:port such as 127.0.0.1:8080, got '" + address + "'");
  }
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int reuse = 1;  // a port in TIME_WAIT is free for a server
  setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  const bool bound = bind(probe, reinterpret_cast<const sockaddr*>(&wanted), sizeof wanted) == 0;
  close(probe);
  if (!bound)
    throw EnvironmentError(3, "--listen " + address + ": port in use, or not an address of this machine");
}

}  // namespace loadgen
