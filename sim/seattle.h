// Seattle as far as tasks need it: the twelve zones of proof-and-gps.md §5.2 and points inside them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sim {

struct Zone {
  std::string_view slug;
  std::string_view name;
  double north, south, east, west;  // degrees; edges are inclusive
};

std::span<const Zone> seattle_zones();  // in the order in which the first match wins

struct Place {
  const Zone* zone;
  double latitude, longitude;  // four decimals (about 11 m), inside the zone
};
Place place_of(std::uint64_t number);  // the same number gives the same place

}  // namespace sim
