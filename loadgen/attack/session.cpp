#include "loadgen/attack/session.h"

#include <libpq-fe.h>
#include <poll.h>

#include <cstdlib>
#include <stdexcept>

namespace loadgen::attack {
namespace {

std::string first_line(std::string_view text) {
  const auto end = text.find('\n');
  return std::string(text.substr(0, end));
}

Answer answer_of(PGresult* result) {
  Answer answer;
  const ExecStatusType status = PQresultStatus(result);
  answer.ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN ||
              status == PGRES_EMPTY_QUERY;
  if (!answer.ok) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    answer.sqlstate = state != nullptr ? state : "";
    answer.message = first_line(message != nullptr ? message : PQresultErrorMessage(result));
    return answer;
  }
  answer.affected = std::strtol(PQcmdTuples(result), nullptr, 10);
  for (int column = 0; column < PQnfields(result); ++column)
    answer.columns.emplace_back(PQfname(result, column));
  for (int row = 0; row < PQntuples(result); ++row) {
    auto& cells = answer.rows.emplace_back();
    for (int column = 0; column < PQnfields(result); ++column) {
      cells.emplace_back(PQgetisnull(result, row, column) != 0 ? "∅" : PQgetvalue(result, row, column));
    }
  }
  return answer;
}

std::string copy_text(const std::optional<std::string>& value) {
  if (!value) return "\\N";
  std::string text;
  for (const char c : *value) {
    if (c == '\\' || c == '\t' || c == '\n') text += '\\';
    text += c == '\t' ? 't' : c == '\n' ? 'n' : c;
  }
  return text;
}

}  // namespace

struct Session::Impl {
  PGconn* connection = nullptr;
  ~Impl() { PQfinish(connection); }
};

Session::Session(const std::string& url) : impl_(std::make_unique<Impl>()) {
  impl_->connection = PQconnectdb(url.c_str());
  if (PQstatus(impl_->connection) != CONNECTION_OK) {
    throw std::runtime_error("database: " + first_line(PQerrorMessage(impl_->connection)));
  }
  PQsetNoticeProcessor(impl_->connection, [](void*, const char*) {}, nullptr);
}

Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

Answer Session::run(const std::string& sql) {
  send(sql);
  auto answer = receive(std::chrono::minutes(5));
  if (!answer) throw std::runtime_error("database: no answer within 5 minutes to " + first_line(sql));
  return std::move(*answer);
}

std::string Session::value(const std::string& sql) {
  const Answer answer = run(sql);
  if (!answer.ok) throw std::runtime_error("database: " + answer.message + " in " + first_line(sql));
  return answer.rows.empty() ? "" : answer.rows.front().front();
}

Answer Session::copy_row(const std::string& table, const std::vector<std::string>& columns,
                         const std::vector<std::optional<std::string>>& values) {
  std::string names;
  std::string line;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    names += (i > 0 ? ", " : "") + identifier(columns[i]);
    line += (i > 0 ? "\t" : "") + copy_text(values[i]);
  }
  line += '\n';
  send("COPY " + identifier(table) + " (" + names + ") FROM STDIN");
  PGresult* start = PQgetResult(impl_->connection);
  if (PQresultStatus(start) != PGRES_COPY_IN) {
    Answer refused = answer_of(start);
    PQclear(start);
    while (PGresult* rest = PQgetResult(impl_->connection)) PQclear(rest);
    return refused;
  }
  PQclear(start);
  PQputCopyData(impl_->connection, line.data(), static_cast<int>(line.size()));
  PQputCopyEnd(impl_->connection, nullptr);
  auto answer = receive(std::chrono::minutes(1));
  if (!answer) throw std::runtime_error("database: COPY into " + table + " did not end");
  return std::move(*answer);
}

void Session::send(const std::string& sql) {
  if (PQsendQuery(impl_->connection, sql.c_str()) == 0) {
    throw std::runtime_error("database: " + first_line(PQerrorMessage(impl_->connection)));
  }
}

std::optional<Answer> Session::receive(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (PQisBusy(impl_->connection) != 0) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() < 0) return std::nullopt;
    pollfd waiting{.fd = PQsocket(impl_->connection), .events = POLLIN, .revents = 0};
    poll(&waiting, 1, static_cast<int>(left.count()));
    if (waiting.revents == 0) return std::nullopt;
    if (PQconsumeInput(impl_->connection) == 0) {
      throw std::runtime_error("database: " + first_line(PQerrorMessage(impl_->connection)));
    }
  }
  // One query string may hold several statements: keep the last answer, or the first error.
  Answer answer;
  answer.ok = true;
  while (PGresult* result = PQgetResult(impl_->connection)) {
    if (answer.ok) answer = answer_of(result);
    PQclear(result);
  }
  return answer;
}

int Session::backend_pid() const {
  return PQbackendPID(impl_->connection);
}

std::string sql_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += '\'';
    result += c;
  }
  return result + "'";
}

std::string identifier(std::string_view name) {
  std::string result = "\"";
  for (const char c : name) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + "\"";
}

}  // namespace loadgen::attack
