// One plain connection to a database under attack: simple protocol, explicit errors, asynchronous when two
// sessions have to be interleaved. libpq, because libpqxx cannot send without waiting.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loadgen::attack {

struct Answer {
  bool ok = false;
  std::string sqlstate;  // five characters when !ok
  std::string message;   // first line of the server's message
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // NULL as "∅"
  long affected = 0;
};

class Session {
 public:
  explicit Session(const std::string& url);  // throws std::runtime_error with one line
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // Runs one or several statements; the answer is the last statement's, or the first error.
  Answer run(const std::string& sql);
  // The first column of the first row, empty when there is none. Throws std::runtime_error on an error.
  std::string value(const std::string& sql);
  // COPY table (columns) FROM STDIN with one row of text.
  Answer copy_row(const std::string& table, const std::vector<std::string>& columns,
                  const std::vector<std::optional<std::string>>& values);

  void send(const std::string& sql);                               // returns at once
  std::optional<Answer> receive(std::chrono::milliseconds limit);  // nullopt: still running
  int backend_pid() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Literals and identifiers for statements that a person can paste into psql.
std::string sql_quoted(std::string_view text);  // 'it''s'
std::string identifier(std::string_view name);  // "name"

}  // namespace loadgen::attack
