// What a handler sees and answers, and what a client sends and gets: plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace net {

// Header names are kept as sent; find() compares them without regard to case.
struct Headers {
  std::vector<std::pair<std::string, std::string>> entries;

  void add(std::string name, std::string value) { entries.emplace_back(std::move(name), std::move(value)); }
  const std::string* find(std::string_view name) const;  // first match, nullptr if absent
};

struct Request {
  std::string method;  // "GET", "POST", ...
  std::string target;  // origin form, still percent-encoded: "/trpc/task.create?batch=1"
  Headers headers;
  std::string body;
  std::string peer{};  // of a server's request: the address at the other end of the connection

  std::string_view path() const;                                       // before '?', still encoded
  std::optional<std::string_view> query(std::string_view name) const;  // still encoded
};

struct Response {
  int status = 200;  // a server that answers 0 closes the connection without a word (a lost answer)
  Headers headers;   // Content-Length and Connection are the server's business
  std::string body;
};

// Percent-decoding as in a URL path; nullopt for a malformed escape.
std::optional<std::string> percent_decode(std::string_view text);
std::string percent_encode(std::string_view text);  // everything but RFC 3986 unreserved

// application/x-www-form-urlencoded: '+' is a space; nullopt for a malformed escape.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_form(std::string_view body);

}  // namespace net
