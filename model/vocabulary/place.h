// Places and fixes as whole numbers: ten-millionths of a degree (about 1 cm), tenths of a metre. Seattle's
// box and zones are facts of proof-and-gps.md §5.1 and §5.2; what follows from them is decided elsewhere.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/vocabulary/geo.h"

namespace model {

using DegreesE7 = std::int32_t;

// Downtown, the first seed point of §5.2.
inline constexpr GeoPoint kDowntown{476'062'000, -1'223'321'000};

// What a device reports when a proof is submitted. The default is an honest one, some metres from
// downtown.
struct Fix {
  bool present = true;
  bool mock = false;  // the device's own mock-location flag
  DegreesE7 latitude = 476'062'437;
  DegreesE7 longitude = -1'223'321'519;
  std::int32_t accuracy_dm = 83;  // tenths of a metre
  std::int32_t age_ms = 0;        // captured so long before the call; negative: after it
  bool operator==(const Fix&) const = default;
};

struct Box {  // edges are inclusive
  DegreesE7 north, south, east, west;
  constexpr bool contains(DegreesE7 latitude, DegreesE7 longitude) const {
    return latitude <= north && latitude >= south && longitude <= east && longitude >= west;
  }
};

inline constexpr Box kSeattle{477'341'000, 474'919'000, -1'222'244'000, -1'224'596'000};  // box A

struct CityZone {
  std::string_view slug;
  std::string_view name;
  Box box;
};

// In the order in which the first match wins.
inline constexpr std::array<CityZone, 12> kZones{{
    {"capitol_hill", "Capitol Hill", {476'350'000, 476'150'000, -1'223'050'000, -1'223'250'000}},
    {"ballard", "Ballard", {476'900'000, 476'600'000, -1'223'600'000, -1'224'000'000}},
    {"fremont", "Fremont", {476'650'000, 476'480'000, -1'223'450'000, -1'223'650'000}},
    {"university_district",
     "University District",
     {476'750'000, 476'550'000, -1'222'950'000, -1'223'250'000}},
    {"queen_anne", "Queen Anne", {476'450'000, 476'250'000, -1'223'450'000, -1'223'650'000}},
    {"downtown", "Downtown", {476'200'000, 476'000'000, -1'223'250'000, -1'223'450'000}},
    {"south_lake_union", "South Lake Union", {476'350'000, 476'200'000, -1'223'300'000, -1'223'450'000}},
    {"beacon_hill", "Beacon Hill", {475'900'000, 475'650'000, -1'222'950'000, -1'223'150'000}},
    {"columbia_city", "Columbia City", {475'700'000, 475'550'000, -1'222'750'000, -1'222'950'000}},
    {"west_seattle", "West Seattle", {475'800'000, 475'450'000, -1'223'650'000, -1'224'050'000}},
    {"greenwood", "Greenwood", {477'100'000, 476'900'000, -1'223'450'000, -1'223'650'000}},
    {"wallingford", "Wallingford", {476'650'000, 476'500'000, -1'223'250'000, -1'223'450'000}},
}};

}  // namespace model
