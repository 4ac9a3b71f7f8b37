// A place on earth as the database stores it (tasks.location_lat, location_lng: NUMERIC(10,7)).
#pragma once

#include <compare>
#include <cstdint>

namespace model {

struct GeoPoint {
  static constexpr std::int32_t kNone = INT32_MIN;
  std::int32_t latitude_e7 = kNone;  // degrees * 10,000,000
  std::int32_t longitude_e7 = kNone;

  constexpr bool present() const { return latitude_e7 != kNone; }
  constexpr double latitude() const { return latitude_e7 / 1e7; }
  constexpr double longitude() const { return longitude_e7 / 1e7; }
  constexpr auto operator<=>(const GeoPoint&) const = default;
};

}  // namespace model
