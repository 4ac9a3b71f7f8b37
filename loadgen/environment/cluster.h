// Prepared clusters as tar files in the cache: made once, copied at every start. Helper of postgres.h.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "loadgen/environment/children.h"

namespace loadgen {

struct PostgresPrograms {
  std::string postgres, initdb;
  std::optional<Account> account;  // `postgres` when we are root: PostgreSQL refuses to run as root
};
// Throws EnvironmentError 3 with the package to install when version 15 is missing.
PostgresPrograms find_postgres();

// Names the empty cluster of this PostgreSQL build.
std::string base_key(const PostgresPrograms& programs);

// The path of a prepared cluster in the cache (whether or not it is there).
std::string cached_path(const std::string& key);

// Returns cached_path(key) after making it if it is missing: make(path) writes a temporary file that is
// renamed when complete, under a lock, so parallel starters make it once and never read half of it. Old ones
// are deleted.
std::string ensure_cached(const std::string& key, const std::function<void(const std::string& tar)>& make);

void make_base(const PostgresPrograms& programs, const std::string& tar);  // initdb and database `hustle`
void pack_cluster(const PostgresPrograms& programs, const std::string& data, const std::string& tar);
void unpack_cluster(const PostgresPrograms& programs, const std::string& tar,
                    const std::string& into);  // INTO/data

}  // namespace loadgen
