// `hustle prove --schema N`: the attack measured with damages of the schema alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace cli {

struct SchemaFlags {
  std::size_t count = 0;
  std::uint64_t seed = 1;
  std::string kind, only, database;
  bool serial = false, list = false;
};

// Prints one line for each damage and the rate. 0: all were tried; 4: interrupted.
int prove_schema(const SchemaFlags& flags);

}  // namespace cli
