#include "cli/serve.h"

#include <chrono>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/signals.h"
#include "loadgen/environment/environment.h"

namespace cli {

int run_serve(const std::vector<std::string>& arguments) {
  loadgen::EnvironmentOptions options;
  bool real_clock = false;
  std::string log_level = "info";
  CLI::App app("Starts Postgres, the fake providers and the reference server, and keeps them until Ctrl-C.",
               "hustle serve");
  app.add_option("--listen", options.listen, "address:port of the reference server (port 0: any free one)");
  app.add_option("--database", options.database,
                 "use this PostgreSQL instead of a private one (it gets migrated)");
  app.add_option("--providers", options.providers, "use these fakes instead of our own (`hustle providers`)");
  app.add_option("--seed", options.seed, "seed of the ids that the fakes hand out");
  app.add_option("--log-level", log_level, "of the server: debug, info, warn, error, off")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}));
  app.add_flag("--durable", options.durable, "Postgres on disk with fsync on; default: in memory, fsync off");
  app.add_flag("--real-clock", real_clock,
               "the server refuses the test clock and runs its own background jobs");
  app.add_flag(
      "!--no-store", options.object_store,
      "proofs are not checked: photo keys are kept as they come, no fix is asked for (for `hustle load`)");
  if (const auto code = parse_arguments(app, arguments)) return *code;

  const StopSignals signals;
  options.test_clock = !real_clock;
  options.logs_to_stderr = true;
  options.server_flags = {"--log-level", log_level};
  options.interrupted = [&] { return signals.stopped(); };
  const loadgen::Environment environment = loadgen::boot(options);

  nlohmann::ordered_json ready;
  ready["target"] = environment.target();
  ready["database"] = environment.database();
  ready["providers"] = environment.providers();
  std::printf("%s\n", ready.dump().c_str());
  std::fflush(stdout);

  while (!signals.wait(std::chrono::milliseconds{200})) {
    if (const auto crash = environment.crashed()) {
      std::fprintf(stderr, "hustle serve: %s\n", crash->c_str());
      return 3;
    }
  }
  return 0;
}

}  // namespace cli
