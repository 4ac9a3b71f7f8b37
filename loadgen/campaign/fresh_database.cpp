#include "loadgen/campaign/fresh_database.h"

#include <unistd.h>

#include <pqxx/pqxx>

#include <fmt/format.h>

#include "loadgen/environment/clone.h"

namespace loadgen {

FreshDatabase::FreshDatabase(const std::string& url, std::string_view name)
    : original_(url),
      name_(fmt::format("hustle_fresh_{}_{}", name, getpid())),
      url_(with_database(url, name_)) {
  execute("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
  execute("CREATE DATABASE " + name_ + " TEMPLATE template0");
}

FreshDatabase::~FreshDatabase() {
  drop();
}

// False: the cluster is gone, and the database with it.
bool FreshDatabase::drop() {
  try {
    execute("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void FreshDatabase::execute(const std::string& sql) {
  pqxx::connection connection(original_);
  pqxx::nontransaction(connection).exec(sql);
}

}  // namespace loadgen
