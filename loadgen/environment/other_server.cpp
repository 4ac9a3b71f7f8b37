#include "loadgen/environment/other_server.h"

#include <algorithm>

namespace loadgen {

OtherServer start_other_server(const Environment& environment, const OtherPlace& place,
                               const std::vector<std::string>& flags) {
  ChildOptions options;
  options.command = environment.server_command("127.0.0.1:0");
  for (std::string& argument : options.command) {
    if (argument == environment.database()) argument = place.database;
    if (argument.starts_with(environment.providers()))
      argument.replace(0, environment.providers().size(), place.providers);
  }
  std::erase(options.command, "--test-clock");
  if (place.test_clock) options.command.emplace_back("--test-clock");
  // Of each pool only what workers and reads leave over serves writes: races need several of them.
  options.command.insert(options.command.end(), {"--pool", "12"});
  options.command.insert(options.command.end(), flags.begin(), flags.end());
  options.log_file = place.log_file;
  OtherServer server{.child = std::make_unique<Child>(std::move(options)), .url = {}};
  server.url = ready_line(*server.child, "target", environment.options());
  return server;
}

}  // namespace loadgen
