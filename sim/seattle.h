// Points of Seattle for tasks and people: inside the zones of proof-and-gps.md §5.2, or at the city's edge.
#pragma once

#include <cstdint>

#include "model/vocabulary/place.h"

namespace sim {

struct PlaceInZone {
  const model::CityZone* zone;
  model::GeoPoint place;  // five decimals (about 1 m), inside the zone
};
PlaceInZone place_of(std::uint64_t number);  // the same number gives the same place

// Some metres inside the middle of one side of the city: 0 north, 1 south, 2 east, 3 west.
model::GeoPoint place_at_edge(std::uint32_t side);

// So many metres to the north and to the east of a point.
model::GeoPoint moved(model::GeoPoint from, double north_m, double east_m);

}  // namespace sim
