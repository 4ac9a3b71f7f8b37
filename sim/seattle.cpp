#include "sim/seattle.h"

#include <cmath>
#include <numbers>

#include "model/vocabulary/limits.h"

namespace sim {
namespace {

constexpr double kEdgeM = 30;

// A grid of 97 x 89 points per zone (primes, so that neighbouring numbers do not share a line).
model::DegreesE7 between(model::DegreesE7 low, model::DegreesE7 high, std::uint64_t step,
                         std::int64_t steps) {
  const std::int64_t exact = low + (static_cast<std::int64_t>(high) - low) *
                                       (static_cast<std::int64_t>(step) % steps + 1) / (steps + 1);
  return static_cast<model::DegreesE7>(exact / 100 * 100 + 37);
}

}  // namespace

PlaceInZone place_of(std::uint64_t number) {
  const model::CityZone& zone = model::kZones[number % model::kZones.size()];
  return {&zone,
          {between(zone.box.south, zone.box.north, number * 31, 97),
           between(zone.box.west, zone.box.east, number * 57, 89)}};
}

model::GeoPoint place_at_edge(std::uint32_t side) {
  const model::Box& box = model::kSeattle;
  const model::GeoPoint middle{(box.north + box.south) / 2 + 41, box.east / 2 + box.west / 2 + 59};
  switch (side % 4) {
    case 0:
      return moved({box.north, middle.longitude_e7}, -kEdgeM, 0);
    case 1:
      return moved({box.south, middle.longitude_e7}, kEdgeM, 0);
    case 2:
      return moved({middle.latitude_e7, box.east}, 0, -kEdgeM);
    default:
      return moved({middle.latitude_e7, box.west}, 0, kEdgeM);
  }
}

model::GeoPoint moved(model::GeoPoint from, double north_m, double east_m) {
  constexpr double kPerMetre = 180 / std::numbers::pi / model::limits::kEarthRadiusM * 1e7;
  const double shrink = std::cos(from.latitude_e7 / 1e7 * std::numbers::pi / 180);
  return {from.latitude_e7 + static_cast<model::DegreesE7>(std::lround(north_m * kPerMetre)),
          from.longitude_e7 + static_cast<model::DegreesE7>(std::lround(east_m * kPerMetre / shrink))};
}

}  // namespace sim
