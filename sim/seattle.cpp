#include "sim/seattle.h"

#include <array>

namespace sim {
namespace {

constexpr std::array<Zone, 12> kZones{{
    {"capitol_hill", "Capitol Hill", 47.635, 47.615, -122.305, -122.325},
    {"ballard", "Ballard", 47.690, 47.660, -122.360, -122.400},
    {"fremont", "Fremont", 47.665, 47.648, -122.345, -122.365},
    {"university_district", "University District", 47.675, 47.655, -122.295, -122.325},
    {"queen_anne", "Queen Anne", 47.645, 47.625, -122.345, -122.365},
    {"downtown", "Downtown", 47.620, 47.600, -122.325, -122.345},
    {"south_lake_union", "South Lake Union", 47.635, 47.620, -122.330, -122.345},
    {"beacon_hill", "Beacon Hill", 47.590, 47.565, -122.295, -122.315},
    {"columbia_city", "Columbia City", 47.570, 47.555, -122.275, -122.295},
    {"west_seattle", "West Seattle", 47.580, 47.545, -122.365, -122.405},
    {"greenwood", "Greenwood", 47.710, 47.690, -122.345, -122.365},
    {"wallingford", "Wallingford", 47.665, 47.650, -122.325, -122.345},
}};

// A grid of 97 x 89 points per zone (primes, so that neighbouring numbers do not share a line).
double between(double low, double high, std::uint64_t step, std::uint64_t steps) {
  const double exact =
      low + (high - low) * static_cast<double>(step % steps + 1) / static_cast<double>(steps + 1);
  return static_cast<double>(static_cast<std::int64_t>(exact * 10'000 + (exact < 0 ? -0.5 : 0.5))) / 10'000;
}

}  // namespace

std::span<const Zone> seattle_zones() {
  return kZones;
}

Place place_of(std::uint64_t number) {
  const Zone& zone = kZones[number % kZones.size()];
  return {&zone, between(zone.south, zone.north, number * 31, 97),
          between(zone.west, zone.east, number * 57, 89)};
}

}  // namespace sim
