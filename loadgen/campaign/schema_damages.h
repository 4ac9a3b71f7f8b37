// Damages of a schema that nobody listed: one small change each of a trigger, a trigger's function, a
// constraint, a unique index or a required column, read from the catalogue of a database and drawn by seed.
// Some change nothing that anybody can see, and some only refuse what no rule allows anyway: survivors are
// for a reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace loadgen {

struct SchemaDamage {
  std::string kind;    // "trigger", "function", "check", "unique", "reference", "required"
  std::string object;  // "tasks.task_terminal_guard"
  std::string what;    // "disabled"
  std::string sql;     // makes it, in one or several statements
};

// At most `count`, kinds in turn and objects in turn, so that no long function takes all places; the order
// follows from the seed. `kinds`: empty means all. Throws std::runtime_error with one line when the database
// does not answer.
std::vector<SchemaDamage> draw_damages(const std::string& database_url, std::size_t count, std::uint64_t seed,
                                       const std::string& kind = "", const std::string& only = "");

}  // namespace loadgen
