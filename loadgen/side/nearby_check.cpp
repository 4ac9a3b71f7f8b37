// The nearby feed around points from Hawaii to Alaska (eligibility.md §8): tasks are planted as rows in rings
// just inside and just outside of several radii, in every direction. What is inside is shown, at every
// radius.
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "loadgen/encode.h"
#include "loadgen/side/side_checks.h"
#include "model/rules/eligibility.h"
#include "model/vocabulary/limits.h"

namespace loadgen {
namespace {

using model::GeoPoint;
using nlohmann::json;

constexpr std::array kCentres{GeoPoint{195'000'000, -1'555'000'000}, model::kDowntown,
                              GeoPoint{713'000'000, -1'568'000'000}};
constexpr std::array<double, 4> kRadii{1, 10, 25, model::limits::kFeedRadiusMaxMiles};
constexpr int kDirections = 16;
// The earth is no sphere: who measures along the ellipsoid gets up to 0.6 % more or less than the haversine.
constexpr double kDoubt = 0.0075;

struct Planted {
  GeoPoint place;
  std::string name;
};

// So many miles from `centre` on the great circle that leaves it at `bearing`.
GeoPoint away(const GeoPoint& centre, double miles, double bearing) {
  constexpr double kDegree = std::numbers::pi / 180;
  const double arc = miles / 3959;
  const double latitude = centre.latitude() * kDegree;
  const double sine =
      std::sin(latitude) * std::cos(arc) + std::cos(latitude) * std::sin(arc) * std::cos(bearing);
  const double across = std::atan2(std::sin(bearing) * std::sin(arc) * std::cos(latitude),
                                   std::cos(arc) - std::sin(latitude) * sine);
  return {static_cast<std::int32_t>(std::lround(std::asin(sine) / kDegree * 1e7)),
          centre.longitude_e7 + static_cast<std::int32_t>(std::lround(across / kDegree * 1e7))};
}

std::vector<Planted> rings(const GeoPoint& centre) {
  std::vector<Planted> all;
  for (const double radius : kRadii) {
    for (const double share : {1 - kDoubt, 1 + kDoubt}) {
      for (int i = 0; i < kDirections; ++i) {
        const double bearing = 2 * std::numbers::pi * i / kDirections;
        all.push_back({away(centre, radius * share, bearing),
                       fmt::format("{:.2f} miles away, {:.1f} degrees from north", radius * share,
                                   360.0 * i / kDirections)});
      }
    }
  }
  return all;
}

class Nearby {
 public:
  explicit Nearby(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(1, 1)) {}

  void run() {
    for (const GeoPoint& centre : kCentres) {
      const std::vector<Planted> all = rings(centre);
      plant(all);
      for (const double radius : kRadii) look(centre, all, radius);
      clear();
    }
  }

 private:
  // Task i is called "Ring i".
  void plant(const std::vector<Planted>& all) {
    std::vector<std::string> places;
    for (std::size_t i = 0; i < all.size(); ++i)
      places.push_back(
          fmt::format("({}, {:.7f}, {:.7f})", i, all[i].place.latitude(), all[i].place.longitude()));
    client_.sql(
        fmt::format("SET session_replication_role = replica;"  // so many calls take long
                    " WITH made AS (INSERT INTO tasks (poster_id, title, description, category, price, "
                    "created_at, deadline,"
                    "   location_lat, location_lng, location_state, urgency)"
                    "   SELECT '{0}', 'Ring ' || n, 'Planted', 'errands', 5000, '{1}', timestamptz '{1}' + "
                    "interval '1 day',"
                    "   lat, lng, 'WA', 'standard' FROM (VALUES {2}) place (n, lat, lng) RETURNING id)"
                    " INSERT INTO escrows (task_id, amount, state, funded_at, created_at)"
                    "   SELECT id, 5000, 'FUNDED', '{1}', '{1}' FROM made;"
                    " SET session_replication_role = DEFAULT",
                    people_.posters[0].id, iso_text(client_.now), fmt::join(places, ", ")));
  }
  void clear() {
    client_.sql(
        fmt::format("SET session_replication_role = replica;"
                    " UPDATE tasks SET state = 'CANCELLED', cancelled_at = '{}'"
                    " WHERE poster_id = '{}' AND state = 'OPEN';"
                    " SET session_replication_role = DEFAULT",
                    iso_text(client_.now), people_.posters[0].id));
  }

  // §8: without a radius ten miles.
  void look(const GeoPoint& centre, const std::vector<Planted>& all, double radius) {
    json input{{"feed_mode", "nearby"},
               {"limit", 100},
               {"location", {{"latitude", centre.latitude()}, {"longitude", centre.longitude()}}}};
    if (radius != 10) input["radius"] = radius;
    const std::set<std::string> shown = titles(input);
    std::vector<std::string> missing, wrong;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool due = model::miles_between(centre, all[i].place) <= radius;
      const bool seen = shown.contains(fmt::format("Ring {}", i));
      if (due && !seen) missing.push_back(all[i].name);
      if (!due && seen) wrong.push_back(all[i].name);
    }
    for (const auto& [what, names] : {std::pair{"missing", &missing}, {"shown wrongly", &wrong}})
      stage_.expect("safety requirements", "nearby", "eligibility.md §8",
                    fmt::format("a feed of {} miles around {}, {}: {}", radius, centre.latitude(),
                                centre.longitude(), what),
                    "nothing", names->empty() ? "nothing" : fmt::format("{}", fmt::join(*names, "; ")));
  }

  std::set<std::string> titles(json input) {
    std::set<std::string> all;
    constexpr int kPagesMax = 8;
    for (int pages = 0; pages < kPagesMax; ++pages) {
      const Reply reply = must(client_.call("feed.get", input.dump(), people_.workers[0].token), "feed.get");
      for (const json& task : json::parse(reply.body)["result"]["data"]["tasks"])
        all.insert(task.value("title", ""));
      if (reply.text("/result/data/pagination/has_more") != "true") break;
      input["pagination_cursor"] = reply.text("/result/data/pagination/next_cursor");
    }
    return all;
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_nearby(const SafetyStage& stage) {
  Nearby(stage).run();
}

}  // namespace loadgen
