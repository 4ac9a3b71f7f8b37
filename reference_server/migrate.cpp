#include "reference_server/migrate.h"

#include <fmt/format.h>

#include <cstddef>
#include <map>
#include <pqxx/pqxx>
#include <string_view>

namespace server {
namespace {

constexpr long long migration_lock = 7241865325823964;  // node-pg-migrate's
constexpr std::string_view lock_timeout = "5min";

struct Applied {
  std::vector<std::string> names;                // in the order of application
  std::map<std::string, std::string> checksums;  // of those that our runner knows
};

std::string one_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text.substr(0, text.find('\n'));
}

bool has_table(pqxx::transaction_base& work, const std::string& name) {
  return work.exec("SELECT to_regclass(" + work.quote("public." + name) + ") IS NOT NULL")[0][0].as<bool>();
}

Applied read_applied(pqxx::transaction_base& work) {
  Applied applied;
  if (has_table(work, "pgmigrations")) {
    for (const pqxx::row& row : work.exec("SELECT name FROM public.pgmigrations ORDER BY run_on, id")) {
      applied.names.push_back(row[0].as<std::string>());
    }
  }
  if (has_table(work, "hustle_migration_checksums")) {
    for (const pqxx::row& row : work.exec("SELECT name, sha256 FROM public.hustle_migration_checksums")) {
      applied.checksums.emplace(row[0].as<std::string>(), row[1].as<std::string>());
    }
  }
  return applied;
}

// Position by position the applied names must be the first files, with the text they were applied with.
void check_applied(const Applied& applied, const std::vector<MigrationFile>& files) {
  for (std::size_t i = 0; i < applied.names.size(); ++i) {
    const std::string& name = applied.names[i];
    if (i >= files.size()) throw MigrationError(2, fmt::format("applied migration {} has no file", name));
    if (files[i].name != name) {
      throw MigrationError(
          2, fmt::format("migration {} is not applied but sorts before {}, which is", files[i].name, name));
    }
    const auto known = applied.checksums.find(name);
    if (known != applied.checksums.end() && known->second != files[i].checksum) {
      throw MigrationError(
          2, fmt::format("migration {} was changed after it was applied: restore the file and put the "
                         "change into a new migration",
                         name));
    }
  }
}

void create_tables(pqxx::connection& database) {
  pqxx::work work(database);
  work.exec("SET LOCAL client_min_messages = warning");
  work.exec(
      "CREATE TABLE IF NOT EXISTS public.pgmigrations (id SERIAL PRIMARY KEY, name varchar(255) NOT NULL, "
      "run_on timestamp NOT NULL)");
  work.exec(
      "CREATE TABLE IF NOT EXISTS public.hustle_migration_checksums (name varchar(255) PRIMARY KEY, "
      "sha256 char(64) NOT NULL)");
  work.commit();
}

void keep_checksum(pqxx::work& work, const MigrationFile& file) {
  work.exec("INSERT INTO public.hustle_migration_checksums (name, sha256) VALUES (" + work.quote(file.name) +
            ", " + work.quote(file.checksum) + ") ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256");
}

void apply(pqxx::connection& database, const MigrationFile& file) {
  try {
    pqxx::work work(database);
    work.exec(file.up);
    work.exec("INSERT INTO public.pgmigrations (name, run_on) VALUES (" + work.quote(file.name) + ", NOW())");
    keep_checksum(work, file);
    work.commit();
  } catch (const pqxx::broken_connection&) {
    throw;
  } catch (const pqxx::failure& failure) {
    throw MigrationError(3, fmt::format("migration {} failed: {}", file.name, one_line(failure.what())));
  }
}

// The first sight of what node-pg-migrate applied: its text counts from now on. Checksums of migrations that
// node-pg-migrate has rolled back are forgotten.
void adopt(pqxx::connection& database, const Applied& applied, const std::vector<MigrationFile>& files) {
  pqxx::work work(database);
  work.exec(
      "DELETE FROM public.hustle_migration_checksums c WHERE NOT EXISTS "
      "(SELECT 1 FROM public.pgmigrations m WHERE m.name = c.name)");
  for (std::size_t i = 0; i < applied.names.size(); ++i) {
    if (!applied.checksums.contains(applied.names[i])) keep_checksum(work, files[i]);
  }
  work.commit();
}

// Held until it goes out of scope or the connection ends, whichever comes first.
class SessionLock {
 public:
  explicit SessionLock(pqxx::connection& database) : database_(database) {
    pqxx::nontransaction work(database_);
    work.exec(fmt::format("SET lock_timeout = '{}'", lock_timeout));
    try {
      work.exec(fmt::format("SELECT pg_advisory_lock({})", migration_lock));
    } catch (const pqxx::sql_error& error) {
      if (error.sqlstate() != "55P03") throw;
      throw MigrationError(3, fmt::format("another migration has been running for {}", lock_timeout));
    }
    work.exec("RESET lock_timeout");
  }
  ~SessionLock() {
    try {
      pqxx::nontransaction work(database_);
      work.exec(fmt::format("SELECT pg_advisory_unlock({})", migration_lock));
    } catch (const std::exception&) {
      // The connection is gone, and the lock with it.
    }
  }
  SessionLock(const SessionLock&) = delete;
  SessionLock& operator=(const SessionLock&) = delete;

 private:
  pqxx::connection& database_;
};

MigrationResult apply_pending(const std::string& database_url, const std::vector<MigrationFile>& files) {
  pqxx::connection database(database_url);
  const SessionLock lock(database);
  create_tables(database);
  Applied applied;
  {
    pqxx::work work(database);
    applied = read_applied(work);
  }
  check_applied(applied, files);
  adopt(database, applied, files);
  MigrationResult result;
  for (std::size_t i = applied.names.size(); i < files.size(); ++i) {
    apply(database, files[i]);
    result.applied.push_back(files[i].name);
  }
  if (!files.empty()) result.schema_version = files.back().name;
  return result;
}

std::vector<std::string> list_pending(const std::string& database_url,
                                      const std::vector<MigrationFile>& files) {
  pqxx::connection database(database_url);
  pqxx::read_transaction work(database);
  const Applied applied = read_applied(work);
  check_applied(applied, files);
  std::vector<std::string> names;
  for (std::size_t i = applied.names.size(); i < files.size(); ++i) names.push_back(files[i].name);
  return names;
}

// Runs `job`; everything the driver throws becomes one clear line.
template <class Job>
auto with_clear_errors(Job job) {
  try {
    return job();
  } catch (const pqxx::failure& failure) {
    throw MigrationError(3, "database: " + one_line(failure.what()));
  }
}

}  // namespace

MigrationResult migrate(const std::string& database_url, const std::string& directory) {
  const std::vector<MigrationFile> files = load_migrations(directory);
  return with_clear_errors([&] { return apply_pending(database_url, files); });
}

std::vector<std::string> pending(const std::string& database_url, const std::string& directory) {
  const std::vector<MigrationFile> files = load_migrations(directory);
  return with_clear_errors([&] { return list_pending(database_url, files); });
}

}  // namespace server
