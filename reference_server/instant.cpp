#include <array>
#include <chrono>

#include "reference_server/validate.h"

namespace server {
namespace {

// Reads exactly `digits` decimal digits and steps over them; -1 when there are fewer.
int take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> take_milliseconds(std::string_view& text) {
  if (!take(text, '.')) return 0;
  std::int64_t value = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 3) value = value * 10 + (text.front() - '0');
    if (++digits > 9) return std::nullopt;
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 3; ++digits) value *= 10;
  return value;
}

std::optional<int> take_zone_minutes(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const bool west = !text.empty() && text.front() == '-';
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const int hours = take_number(text, 2);
  take(text, ':');
  const int minutes = take_number(text, 2);
  if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return std::nullopt;
  return (hours * 60 + minutes) * (west ? -1 : 1);
}

}  // namespace

std::optional<model::Instant> parse_instant(std::string_view text) {
  const int year = take_number(text, 4);
  const bool first = take(text, '-');
  const int month = take_number(text, 2);
  const bool second = take(text, '-');
  const int day = take_number(text, 2);
  if (year < 1 || month < 0 || day < 0 || !first || !second || !(take(text, 'T') || take(text, 't')))
    return {};
  const int hour = take_number(text, 2);
  const bool third = take(text, ':');
  const int minute = take_number(text, 2);
  const bool fourth = take(text, ':');
  const int second_of_minute = take_number(text, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second_of_minute < 0 || second_of_minute > 59)
    return {};
  if (!third || !fourth) return {};
  const auto ms = take_milliseconds(text);
  const auto zone = ms ? take_zone_minutes(text) : std::nullopt;
  if (!zone || !text.empty()) return {};
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return {};
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  const std::int64_t minutes = (days * 24 + hour) * 60 + minute - *zone;
  return model::Instant{(minutes * 60 + second_of_minute) * 1000 + *ms};
}

}  // namespace server
