// What all commands share of reading flags: one line per mistake, exit code 2, --help on standard output.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

// A mistake that a flag's type alone does not show; main prints "hustle: WHAT" and exits 2.
struct UserMistake : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Reads `arguments` (without the command's name) into what the app was given. A value is the exit code to
// return with: 0 after --help, 2 after one line on standard error.
std::optional<int> parse_arguments(CLI::App& app, const std::vector<std::string>& arguments);

// "hustle load --rate 5": what a report says it came from. Reports are shared: passwords in URLs are left
// out.
std::string told_command_line(const std::string& command, const std::vector<std::string>& arguments);

// Seconds of "60s", "5m", "1.5h" or "200ms": a time carries its unit (at most 1000h, more than nothing).
// Throws UserMistake that names the flag.
double parse_seconds(const std::string& flag, const std::string& text);

// The number in `text`; none given: a new one, which the command prints. Throws UserMistake.
std::uint64_t parse_seed(const std::string& text);

}  // namespace cli
