// A mutant made runnable: the reference server with one change, as a program of its own.
#pragma once

#include <memory>
#include <string>

#include "loadgen/campaign/prove_catalogue.h"
#include "loadgen/environment/temp_directory.h"

namespace loadgen {

struct MutantBench {
  std::string source_root;     // the checkout: reference_server/ and tests/mutants/ are below it
  std::string server;          // the unchanged hustle-server
  std::string build_folder{};  // its build (build.ninja): for sources; empty: beside the server
};

// The folder has the changed migrations and SQL functions; program() is a script that starts the server with
// them. A changed source file is compiled by the build's own command and linked before the server's library,
// so a mutant costs one compilation; the result is kept in the cache directory until one of its inputs
// changes.
class MutantServer {
 public:
  // Throws std::runtime_error with one line when the change cannot be made or built.
  MutantServer(const Mutant& mutant, const MutantBench& bench);
  std::string program() const { return folder_.path() + "/hustle-server"; }

 private:
  TempDirectory folder_;
};

}  // namespace loadgen
