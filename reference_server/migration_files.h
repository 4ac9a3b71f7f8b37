// The folder of SQL migrations, read and linted (protocols.md §9). One file per migration, so that
// node-pg-migrate applies the same files:
//
//   1767225600000_people_and_tasks.sql        13 digits (milliseconds of the epoch), lower case, unique
//   digits
//     -- Up Migration                         first line that is not blank
//     create table …;
//
//     -- Down Migration                       once at most
//     drop table …;
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace server {

// One line for a person that names the file and what was expected. exit_code 2: a file or the folder is
// wrong; 3: the database cannot be reached or refuses.
struct MigrationError : std::runtime_error {
  MigrationError(int code, const std::string& message) : std::runtime_error(message), exit_code(code) {}
  int exit_code;
};

struct MigrationFile {
  std::string name;      // the file name without .sql, as in table pgmigrations
  std::string up;        // SQL of the Up part
  std::string checksum;  // SHA-256 of the whole file, 64 hexadecimal digits
};

// All migrations of the folder in the order in which they run. Refused (MigrationError 2): a file not named
// as above, a folder inside, two files with the same digits, and whatever lint_migration() says. Dotfiles are
// skipped.
std::vector<MigrationFile> load_migrations(const std::string& directory);

// What is wrong with a migration's text, as "line N: …" each; empty when it may run:
//   - no Up marker at the top; more than one marker of a kind; Down before Up;
//   - a comment that begins like a marker but is not exactly one (node-pg-migrate would cut the file there);
//   - BEGIN, COMMIT, ROLLBACK and the like: both runners bring the transaction;
//   - statements that no transaction takes (CREATE INDEX CONCURRENTLY, VACUUM, …);
//   - in the Up part DROP, TRUNCATE, DELETE, ALTER … DROP and DISABLE TRIGGER without a line "-- hustle:
//   destructive".
std::vector<std::string> lint_migration(std::string_view text);

}  // namespace server
