#include "sim/field_work.h"

#include <algorithm>
#include <array>

#include "model/rules/submission.h"
#include "sim/seattle.h"

namespace sim {
namespace {

using model::Command;
using model::Fix;
using model::GeoPoint;
using model::Millis;
using model::User;

const User& worker_of(const Stage& stage, const Command& command) {
  static const User kNobody{};
  const std::size_t at = command.actor.value;
  return at < stage.world.users.size() ? stage.world.users[at] : kNobody;
}

GeoPoint place_of_task(const Stage& stage, const Command& command) {
  const std::size_t at = command.task.value;
  const bool placed = at < stage.world.tasks.size() && stage.world.tasks[at].place.present();
  return placed ? stage.world.tasks[at].place : model::kDowntown;
}

void stand_at(Fix& fix, GeoPoint place) {
  fix.latitude = place.latitude_e7;
  fix.longitude = place.longitude_e7;
}

double metres_from_last(const User& worker, const Fix& fix) {
  return model::distance_m(worker.fix_latitude, worker.fix_longitude, fix.latitude, fix.longitude);
}

// By bicycle or car, through real neighbourhoods rather than as the crow flies: slower than the direct speed
// tells.
void travel(Stage& stage, const User& worker, const Fix& fix) {
  if (!worker.fix_at.present()) return;
  const double km_per_h = static_cast<double>(stage.choices.between(15, 60));
  const auto needed = model::kSecond + static_cast<Millis>(metres_from_last(worker, fix) * 3600 / km_per_h);
  const Millis since = stage.now - worker.fix_at;
  if (since < needed) pass_time(stage, needed - since);
}

// Noise of a phone among houses. A lost signal (a tunnel, a basement) gives an older and less exact fix.
Fix honest_fix(Stage& stage, const Command& command) {
  Fix fix;
  const auto noise = [&] { return static_cast<double>(stage.choices.between(-300, 300)) / 10.0 + 0.7; };
  const double north = noise();
  stand_at(fix, moved(place_of_task(stage, command), north, noise()));
  const User& worker = worker_of(stage, command);
  travel(stage, worker, fix);
  const bool lost = stage.choices.chance(1, 10);
  fix.accuracy_dm =
      static_cast<std::int32_t>(lost ? stage.choices.between(300, 700) : stage.choices.between(30, 300));
  const Millis age = stage.choices.between(0, lost ? 240 : 20) * model::kSecond;
  const Millis most = worker.fix_at.present() ? std::max<Millis>(0, stage.now - worker.fix_at - 500) : age;
  fix.age_ms = static_cast<std::int32_t>(std::min(age, most));
  return fix;
}

// The same place and the same noise as before, far away, nowhere, too early: one way of lying about the fix.
struct Lie {
  const char* name;
  void (*tell)(Stage& stage, const Command& command, Fix& fix);
};

void at_distance(Stage& stage, const Command& command, Fix& fix, double metres) {
  stand_at(fix, moved(place_of_task(stage, command), stage.choices.chance(1, 2) ? metres : -metres, 0));
}

template <std::size_t N>
std::int64_t edge(Stage& stage, const std::array<std::int64_t, N>& edges) {
  return edges[stage.choices.pick(N)];
}

// As far from the last fix as the speed makes in the time since, if that is near the task anyway.
void at_speed(Stage& stage, const Command& command, Fix& fix) {
  const User& worker = worker_of(stage, command);
  if (!worker.fix_at.present()) return;
  const auto km_per_h =
      static_cast<double>(edge(stage, std::array<std::int64_t, 6>{90, 99, 101, 110, 199, 201}));
  const auto needed = static_cast<Millis>(metres_from_last(worker, fix) * 3600 / km_per_h);
  const Millis since = stage.now - worker.fix_at;
  if (since < needed) pass_time(stage, needed - since);
  fix.age_ms = 0;
}

constexpr std::array kLies{
    Lie{"teleport", [](Stage&, const Command&, Fix&) {}},  // near the task, without the time to get there
    Lie{"speed edges", at_speed},
    Lie{"replayed fix",
        [](Stage& stage, const Command& command, Fix& fix) {
          const User& last = worker_of(stage, command);
          if (!last.fix_at.present()) return;
          stand_at(fix, {last.fix_latitude, last.fix_longitude});
          fix.accuracy_dm = last.fix_accuracy_dm;
          fix.age_ms = static_cast<std::int32_t>(std::min<Millis>(stage.now - last.fix_at, model::kDay));
        }},
    Lie{"frozen point",
        [](Stage& stage, const Command& command, Fix& fix) {
          const User& last = worker_of(stage, command);
          if (last.fix_at.present()) stand_at(fix, {last.fix_latitude, last.fix_longitude});
        }},
    Lie{"swapped coordinates",
        [](Stage&, const Command&, Fix& fix) { std::swap(fix.latitude, fix.longitude); }},
    Lie{"exact task point",
        [](Stage& stage, const Command& command, Fix& fix) { stand_at(fix, place_of_task(stage, command)); }},
    Lie{"coarse coordinates",
        [](Stage&, const Command&, Fix& fix) {
          stand_at(fix, {fix.latitude / 1000 * 1000, fix.longitude / 1000 * 1000});
        }},
    Lie{"drift across the border",
        [](Stage& stage, const Command&, Fix& fix) {
          const GeoPoint edge_place = place_at_edge(stage.choices.pick(4));
          const double step = static_cast<double>(stage.choices.between(-60, 60));
          stand_at(fix, moved(edge_place, step, step));
        }},
    Lie{"distance edges",
        [](Stage& stage, const Command& command, Fix& fix) {
          const auto metres = edge(stage, std::array<std::int64_t, 6>{95, 105, 300, 495, 505, 3000});
          at_distance(stage, command, fix, static_cast<double>(metres));
        }},
    Lie{"clock edges",
        [](Stage& stage, const Command&, Fix& fix) {
          fix.age_ms = static_cast<std::int32_t>(
              edge(stage, std::array<std::int64_t, 7>{-59'000, -60'000, -60'001, -86'400'000, 300'000,
                                                      300'001, 900'000}));
        }},
    Lie{"accuracy edges",
        [](Stage& stage, const Command&, Fix& fix) {
          fix.accuracy_dm = static_cast<std::int32_t>(
              edge(stage, std::array<std::int64_t, 8>{0, -10, 500, 501, 1000, 1001, 50'000, 100'010}));
        }},
    Lie{"mock flag", [](Stage&, const Command&, Fix& fix) { fix.mock = true; }},
    Lie{"no fix", [](Stage&, const Command&, Fix& fix) { fix.present = false; }},
    Lie{"null island", [](Stage&, const Command&, Fix& fix) { stand_at(fix, {0, 0}); }},
    Lie{"91 degrees", [](Stage&, const Command&, Fix& fix) { fix.latitude = 910'000'000; }},
    Lie{"a little of all",
        [](Stage& stage, const Command& command, Fix& fix) {
          at_distance(stage, command, fix, 250);
          fix.accuracy_dm = stage.choices.chance(1, 2) ? 800 : 100;
          fix.age_ms = stage.choices.chance(1, 2) ? 400'000 : 0;
          fix.mock = stage.choices.chance(1, 2);
        }},
};

void lie_about_fix(Stage& stage, Command& command) {
  Fix fix;
  stand_at(fix, moved(place_of_task(stage, command),
                      static_cast<double>(stage.choices.between(-30, 30)) + 0.3, 4.1));
  const std::uint32_t lies = stage.choices.chance(1, 4) ? 2 : 1;
  for (std::uint32_t i = 0; i < lies; ++i) kLies[stage.choices.pick(kLies.size())].tell(stage, command, fix);
  command.fix = fix;
}

model::PictureId some_picture(Stage& stage) {
  std::vector<model::Picture>& pictures = stage.world.pictures;
  if (pictures.empty() || stage.choices.chance(1, 3)) {
    pictures.emplace_back();
    return {static_cast<std::uint16_t>(pictures.size() - 1)};
  }
  return {static_cast<std::uint16_t>(stage.choices.pick(static_cast<std::uint32_t>(pictures.size())))};
}

void cheat_with_photos(Stage& stage, Command& command) {
  if (stage.choices.chance(1, 2)) {
    command.picture = some_picture(stage);  // the same one for several tasks, workers and attempts
  } else if (stage.choices.chance(1, 4)) {
    command.photo_age_s = static_cast<std::int16_t>(
        edge(stage, std::array<std::int64_t, 7>{299, 300, 301, 3600, -59, -60, -61}));
  } else {
    command.trick =
        static_cast<model::PhotoTrick>(1 + stage.choices.pick(model::kPhotoTrickNames.size() - 1));
    command.photos = std::max<std::uint8_t>(command.photos, 2);
  }
}

}  // namespace

GeoPoint next_place(Stage& stage) {
  if (stage.choices.chance(1, 12)) return place_at_edge(stage.choices.pick(4));
  const std::uint32_t place = stage.choices.pick(1000);
  const bool same_zone = !stage.world.tasks.empty() && stage.choices.chance(3, 4);
  return place_of(same_zone ? place / 12 * 12 + stage.home_zone : place).place;
}

void fill_submission(Stage& stage, Command& command) {
  const std::size_t task = command.task.value;
  if (task < stage.world.tasks.size()) command.category = stage.world.tasks[task].category;
  command.photos = static_cast<std::uint8_t>(stage.choices.between(1, 5));
  // Cleaning, moving and yard work ask for before and after (proof-and-gps.md §2.1).
  if (command.photos == 1 && !stage.choices.chance(1, 20)) command.photos = 2;
  const Proofs& proofs = stage.scenario.proofs;
  if (stage.choices.chance(static_cast<std::uint32_t>(proofs.spoofed_percent), 100)) {
    lie_about_fix(stage, command);
  } else {
    command.fix = honest_fix(stage, command);
  }
  if (stage.choices.chance(static_cast<std::uint32_t>(proofs.false_photo_percent), 100))
    cheat_with_photos(stage, command);
}

}  // namespace sim
