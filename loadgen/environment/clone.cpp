#include "loadgen/environment/clone.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <pqxx/pqxx>
#include <utility>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "loadgen/environment/children.h"
#include "loadgen/environment/error.h"
#include "loadgen/environment/temp_directory.h"

namespace loadgen {
namespace {

std::string program(const std::string& name) {
  for (const char* folder : {"/usr/lib/postgresql/15/bin/", "/usr/bin/", "/usr/local/bin/"}) {
    if (access((folder + name).c_str(), X_OK) == 0) return folder + name;
  }
  throw EnvironmentError(3, name + " not found: install postgresql-client-15");
}

std::string fresh_name() {
  static std::atomic<unsigned> counter{0};  // process-wide so that two clones never share a name
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return fmt::format("hustle_clone_{}_{}_{}", getpid(),
                     std::chrono::duration_cast<std::chrono::milliseconds>(now).count(), counter++);
}

void execute(const std::string& url, const std::string& sql) {
  pqxx::connection connection(url);
  pqxx::nontransaction direct(connection);
  direct.exec(sql);
}

std::string first_error(const std::string& log) {
  const std::size_t at = log.find("ERROR");
  const std::size_t begin = at == std::string::npos ? 0 : at;
  return log.substr(begin, log.find('\n', begin) - begin);
}

void run(std::vector<std::string> command, const std::string& log) {
  ChildOptions options;
  options.command = std::move(command);
  options.log_file = log;
  Child child(std::move(options));
  const auto exit = child.wait(std::chrono::seconds(60));
  if (exit && exit->ok()) return;
  const std::string tail = child.log_tail(5);
  throw EnvironmentError(
      3, fmt::format("cannot copy the schema: {}", tail.empty() ? "no answer in 60 s" : first_error(tail)));
}

}  // namespace

std::string with_database(const std::string& url, const std::string& database) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(url.c_str(), &message), &PQconninfoFree);
  if (!options) {
    std::string text = message != nullptr ? message : "not a connection string";
    PQfreemem(message);
    throw EnvironmentError(2, "--database: " + text.substr(0, text.find('\n')));
  }
  if (const std::size_t scheme = url.find("://"); scheme != std::string::npos) {
    const std::size_t path = url.find_first_of("/?", scheme + 3);
    const std::size_t question = url.find('?', scheme + 3);
    return url.substr(0, path) + "/" + database + (question == std::string::npos ? "" : url.substr(question));
  }
  std::string result;
  for (const PQconninfoOption* o = options.get(); o->keyword != nullptr; ++o) {
    if (o->val == nullptr || std::string_view(o->keyword) == "dbname") continue;
    std::string quoted;
    for (const char c : std::string_view(o->val)) {
      if (c == '\'' || c == '\\') quoted += '\\';
      quoted += c;
    }
    result += fmt::format("{}='{}' ", o->keyword, quoted);
  }
  return result + fmt::format("dbname='{}'", database);
}

DatabaseClone::DatabaseClone(const std::string& url)
    : original_(url), name_(fresh_name()), url_(with_database(url, name_)) {
  const TempDirectory files("/tmp");
  const std::string dump = files.path() + "/schema.sql";
  const std::string log = files.path() + "/log";
  run({program("pg_dump"), "--schema-only", "--no-owner", "--no-privileges", "--file", dump, "--dbname", url},
      log);
  try {
    execute(original_, "CREATE DATABASE " + name_ + " TEMPLATE template0");
  } catch (const std::exception& e) {
    throw EnvironmentError(3, fmt::format("cannot create a throw-away database: {}", first_error(e.what())));
  }
  try {
    run({program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "--file", dump, "--dbname", url_}, log);
    keep_search_path();
  } catch (...) {
    execute(original_, "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    throw;
  }
}

// A dump carries no settings of the database: tables outside the schema public would not be found.
void DatabaseClone::keep_search_path() const {
  pqxx::connection connection(original_);
  pqxx::nontransaction direct(connection);
  const auto path = direct.exec1("SELECT current_setting('search_path')")[0].as<std::string>();
  direct.exec("ALTER DATABASE " + name_ + " SET search_path = " + path);
}

DatabaseClone::DatabaseClone(DatabaseClone&& other) noexcept
    : original_(std::move(other.original_)),
      name_(std::exchange(other.name_, {})),
      url_(std::move(other.url_)) {}

DatabaseClone::~DatabaseClone() {
  if (name_.empty()) return;
  try {
    execute(original_, "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {
    // The server is gone, and the copy with it or left to its owner: nothing to add while unwinding.
  }
}

}  // namespace loadgen
