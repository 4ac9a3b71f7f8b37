// The attack measured: damages of the schema that nobody listed, each made in a database of its own and
// attacked until something is found. No server, no gate: what the database alone lets through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "loadgen/campaign/schema_damages.h"

namespace loadgen {

struct DamageRun {
  SchemaDamage damage;
  std::string rule, attempt;  // of the first finding; empty: survived
  double seconds = 0;         // of attacking
  std::string error;          // not empty: the damage cannot be made in this schema
};

struct DamageOptions {
  std::size_t count = 0;
  std::uint64_t seed = 1;
  std::string kind, only;  // as of draw_damages
  bool concurrent = true;  // what one session does not find is tried with two
  std::function<bool()> interrupted = [] { return false; };
  std::function<void(const DamageRun&)> done = [](const DamageRun&) {};
};

// The database is only copied. Throws std::runtime_error with one line when it does not answer.
void prove_schema(const std::string& database_url, const DamageOptions& options);

}  // namespace loadgen
