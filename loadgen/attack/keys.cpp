#include "loadgen/attack/keys.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include <fmt/format.h>

namespace loadgen::attack {
namespace {

// A number is a block of a hundred thousand for each case and the last five digits of the id; int4 holds them
// all.
constexpr std::size_t kDigits = 5, kTail = 13;  // "-000000000020"
constexpr unsigned kFirstBlock = 10000, kBlocks = 11000;

std::string block_of(const std::string& prefix) {
  if (prefix == kIdPrefix) return std::to_string(kFirstBlock);
  const auto number = std::strtoul(prefix.substr(0, 8).c_str(), nullptr, 16);
  return std::to_string(kFirstBlock + 1 + number % kBlocks);
}

bool are_digits(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

}  // namespace

std::string spelled(std::string sql, Keys keys) {
  if (keys == Keys::uuids) return sql;
  for (auto at = sql.find(kIdPrefix); at != std::string::npos; at = sql.find(kIdPrefix, at + 1)) {
    const std::size_t length = kIdPrefix.size() + kTail;
    const std::string last = sql.substr(at + length - kDigits, kDigits);
    if (are_digits(last)) sql.replace(at, length, block_of(std::string(kIdPrefix)) + last);
  }
  return sql;
}

std::string under_prefix(std::string sql, const std::string& prefix) {
  for (auto at = sql.find(kIdPrefix); at != std::string::npos; at = sql.find(kIdPrefix, at)) {
    sql.replace(at, kIdPrefix.size(), prefix);
    at += prefix.size();
  }
  const std::string first = "'" + std::to_string(kFirstBlock);
  const std::string block = "'" + block_of(prefix);
  for (auto at = sql.find(first); at != std::string::npos;
       at = sql.find(first, at + first.size() + kDigits)) {
    const std::string last = sql.substr(at + first.size(), kDigits + 1);
    if (last.ends_with('\'') && are_digits(std::string_view(last).substr(0, kDigits)))
      sql.replace(at, first.size(), block);
  }
  for (const std::string_view word : {"@attack.invalid", "evt_attack"}) {
    for (auto at = sql.find(word); at != std::string::npos; at = sql.find(word, at + word.size() + 9)) {
      sql.insert(at, prefix.substr(0, 8) + ".");  // "'evt_attack'" becomes "'1234abcd.evt_attack'"
    }
  }
  return sql;
}

std::string prefix_of_case(std::uint32_t number) {
  return fmt::format("{:08x}-0000-4000-8000", number);
}

std::string within_case(const std::string& column, const std::string& prefix, Keys keys) {
  if (keys == Keys::numbers)
    return fmt::format("{0} BETWEEN '{1}00000' AND '{1}99999'", column, block_of(prefix));
  return fmt::format("{0} BETWEEN '{1}-000000000000' AND '{1}-ffffffffffff'", column, prefix);
}

}  // namespace loadgen::attack
