#include "cli/arguments.h"

#include <charconv>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <random>

#include <fmt/format.h>

#include "reports/text.h"

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

std::string told_command_line(const std::string& command, const std::vector<std::string>& arguments) {
  return reports::without_passwords(fmt::format("hustle {} {}", command, fmt::join(arguments, " ")));
}

double parse_seconds(const std::string& flag, const std::string& text) {
  static const std::map<std::string, double, std::less<>> units{
      {"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}};
  constexpr double longest_s = 1000.0 * 3600;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto unit = units.find(std::string(end, text.data() + text.size()));
  const double seconds = unit == units.end() ? 0 : value * unit->second;
  if (error != std::errc{} || !(seconds > 0) || seconds > longest_s) {
    throw UserMistake(fmt::format("{}: expected a time with its unit such as 60s, 5m or 1h, got '{}'{}", flag,
                                  text, seconds > longest_s ? " (at most 1000h)" : ""));
  }
  return seconds;
}

std::uint64_t parse_seed(const std::string& text) {
  if (text.empty()) return std::random_device{}() % 1'000'000'000;
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw UserMistake(
        fmt::format("--seed: expected a whole number from 0 to 18446744073709551615, got '{}'", text));
  }
  return seed;
}

}  // namespace cli
