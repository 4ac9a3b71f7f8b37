#include "loadgen/instant_text.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "loadgen/encode.h"

namespace loadgen {

using model::Field;
using model::FieldType;
using nlohmann::json;

namespace {

// Minutes east of Greenwich.
std::optional<int> zone_told(const std::string& text) {
  if (text == "Z") return 0;
  int hours = 0, minutes = 0;
  if (std::sscanf(text.c_str(), "%3d:%2d", &hours, &minutes) < 1) return std::nullopt;
  return hours * 60 + (text.front() == '-' ? -minutes : minutes);
}

// As iso_text() writes: 2026-01-31T23:59:59.123Z.
bool is_plain(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd.dddZ";
  return std::ranges::equal(
      text, kShape, [](char c, char shape) { return shape == 'd' ? c >= '0' && c <= '9' : c == shape; });
}

}  // namespace

std::optional<model::Instant> instant_told(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, length = 0;
  double second = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%lf%n", &year, &month, &day, &hour, &minute, &second,
                  &length) != 6)
    return std::nullopt;
  const auto zone = zone_told(text.substr(static_cast<std::size_t>(length)));
  if (!zone) return std::nullopt;
  const std::chrono::sys_days date = std::chrono::year(year) /
                                     std::chrono::month(static_cast<unsigned>(month)) /
                                     std::chrono::day(static_cast<unsigned>(day));
  const std::int64_t minutes =
      std::int64_t{date.time_since_epoch().count()} * 24 * 60 + std::int64_t{hour} * 60 + minute - *zone;
  constexpr double kRounding = 1e-6;  // a decimal fraction may lie just below its millisecond
  return model::Instant{minutes * 60'000 + std::llround(std::floor(second * 1000 + kRounding))};
}

bool same_instant(const std::string& one, const std::string& other, model::Millis tolerance) {
  const auto first = instant_told(one), second = instant_told(other);
  return first && second && std::abs(first->ms - second->ms) <= tolerance;
}

void in_one_zone(std::span<const Field> fields, json& object) {
  if (!object.is_object()) return;
  for (const Field& field : fields) {
    const auto found = object.find(field.name);
    if (found == object.end()) continue;
    if (field.type == FieldType::instant && found->is_string()) {
      const auto& text = found->get_ref<const std::string&>();
      if (is_plain(text)) continue;
      if (const auto at = instant_told(text)) *found = iso_text(*at);
    } else if (field.type == FieldType::object) {
      in_one_zone(field.members, *found);
    } else if (field.type == FieldType::object_list && found->is_array()) {
      for (json& element : *found) in_one_zone(field.members, element);
    }
  }
}

}  // namespace loadgen
