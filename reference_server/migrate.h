// Applies the SQL migrations (protocols.md §9) in a way that node-pg-migrate shares: same table pgmigrations,
// same session lock, so both may be used on one database in turn.
//
// One session lock, then per file one transaction: the Up part, the row in pgmigrations, its checksum in
// hustle_migration_checksums. Parallel starters wait; the first applies, the others find nothing to do. A
// crash leaves whole files only.
#pragma once

#include <string>
#include <vector>

#include "reference_server/migration_files.h"

namespace server {

struct MigrationResult {
  std::vector<std::string> applied;  // names, in order, that this call applied
  std::string schema_version;        // the latest applied name, "" in an empty folder
};

// Throws MigrationError 2: the folder is wrong (migration_files.h), the text of an applied migration has
// changed, an applied migration has no file, or a new file sorts before an applied one. MigrationError 3: the
// database is not reachable, the lock is held for five minutes, or a statement fails (the message has the
// migration and the database's words; that migration is rolled back, earlier ones stay).
MigrationResult migrate(const std::string& database_url, const std::string& directory);

// Names that migrate() would apply, in order, without changing anything. Throws as migrate().
std::vector<std::string> pending(const std::string& database_url, const std::string& directory);

}  // namespace server
