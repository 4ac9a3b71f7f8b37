#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace cli {

std::optional<int> parse_arguments(CLI::App& app, const std::vector<std::string>& arguments) {
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // CLI11 takes them from the back
  try {
    app.parse(std::move(reversed));
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return 0;
  } catch (const CLI::ParseError& error) {
    std::string line = error.what();
    for (char& c : line) c = c == '\n' ? ' ' : c;
    std::fprintf(stderr, "%s: %s (%s --help lists the flags)\n", app.get_name().c_str(), line.c_str(),
                 app.get_name().c_str());
    return 2;
  }
}

}  // namespace cli
