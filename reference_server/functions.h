// The SQL functions of schema api: one file each under reference_server/sql, installed at start.
#pragma once

#include <string>

#include "reference_server/database.h"

namespace server {

// Creates or replaces every function of `directory` in one transaction under an advisory lock. Does nothing
// when the same texts are installed already (their digest is the comment of the schema). Throws
// DatabaseTrouble, and MigrationError when the folder has no .sql file.
void install_functions(Session& session, const std::string& directory);

}  // namespace server
