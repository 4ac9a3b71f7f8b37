#include "loadgen/campaign/proof_drills.h"

#include <array>

#include <fmt/format.h>

#include "model/rules/apply.h"
#include "sim/seattle.h"

namespace loadgen {
namespace {

using model::Action;
using model::Command;
using model::Fix;
using model::GeoPoint;
using model::UserId;

constexpr UserId kPoster{0};
constexpr UserId kWorker{1};
constexpr UserId kOther{2};

// A case with one or more accepted tasks.
class Field {
 public:
  Field(std::string name, std::string variant, model::Instant start) : now_(start) {
    drill_.name = std::move(name);
    drill_.variant = std::move(variant);
    drill_.plan.scenario = "drill:" + drill_.name + ":" + drill_.variant;
    drill_.plan.needs_processor_events = drill_.plan.needs_clock = true;
    world_.users.resize(3);
    for (model::User& user : world_.users) user.has_payout_account = true;
    drill_.plan.start.users = world_.users;
  }

  Command command(Action action, UserId actor = {}) const {
    const auto slot = static_cast<std::uint16_t>(world_.tasks.size() - 1);
    return {.action = action,
            .actor = actor,
            .task = {slot},
            .escrow = {slot},
            .event = {slot},
            .price = 5000,
            .category = category_,
            .place = place_};
  }
  Field& then(const Command& c) {
    drill_.plan.steps.push_back({.now = now_, .together = {{c, model::apply(world_, c, now_)}}});
    return *this;
  }
  // A task that is paid for and that nobody has taken.
  Field& posted(GeoPoint place = model::kDowntown, model::Category category = model::Category::errands) {
    world_.tasks.emplace_back(), world_.escrows.emplace_back(), world_.events.emplace_back();
    place_ = place;
    category_ = category;
    then(command(Action::task_create, kPoster)).then(command(Action::escrow_create_intent, kPoster));
    return then(command(Action::processor_pay)).then(command(Action::webhook_deliver));
  }
  Field& accepted(GeoPoint place = model::kDowntown, UserId worker = kWorker,
                  model::Category category = model::Category::errands) {
    return posted(place, category).then(command(Action::task_accept, worker));
  }
  // A submission by `worker`, standing some metres from the task unless `fix` says otherwise.
  Command submission(UserId worker = kWorker) {
    world_.proofs.emplace_back();
    Command c = command(Action::proof_submit, worker);
    c.proof = {static_cast<std::uint16_t>(world_.proofs.size() - 1)};
    const GeoPoint near = sim::moved(place_, 12.3, 7.7);
    c.fix.latitude = near.latitude_e7;
    c.fix.longitude = near.longitude_e7;
    return c;
  }
  Field& rejected() {
    Command c = command(Action::proof_reject, kPoster);
    c.proof = {static_cast<std::uint16_t>(world_.proofs.size() - 1)};
    return then(c);
  }
  Field& later(model::Millis duration) {
    now_ = now_ + duration;
    return *this;
  }
  model::Instant now() const { return now_; }
  model::PictureId picture() {
    world_.pictures.emplace_back();
    return {static_cast<std::uint16_t>(world_.pictures.size() - 1)};
  }
  Drill done() {
    then(command(Action::task_get_by_id, kPoster)).then(command(Action::proof_get_by_task_id, kPoster));
    model::World& start = drill_.plan.start;
    start.tasks.resize(world_.tasks.size()), start.escrows.resize(world_.escrows.size());
    start.events.resize(world_.events.size()), start.proofs.resize(world_.proofs.size());
    start.pictures.resize(world_.pictures.size());
    return std::move(drill_);
  }

 private:
  Drill drill_;
  model::World world_;
  model::Instant now_;
  GeoPoint place_;
  model::Category category_ = model::Category::errands;
};

// Each edge of the box, one step of 0.0001 degrees inside, on and outside it; the task is near enough.
void add_box(std::vector<Drill>& drills, model::Instant start) {
  constexpr model::DegreesE7 kStep = 1000;
  const model::Box& box = model::kSeattle;
  const model::DegreesE7 middle = box.east / 2 + box.west / 2;
  for (int side = 0; side < 4; ++side) {
    for (int step = -1; step <= 1; ++step) {
      GeoPoint at{box.north + step * kStep, middle};
      if (side == 1) at = {box.south - step * kStep, middle};
      if (side == 2) at = {(box.north + box.south) / 2, box.east + step * kStep};
      if (side == 3) at = {(box.north + box.south) / 2, box.west - step * kStep};
      Field f("GPS vectors", fmt::format("side {}, step {}", side, step), start);
      f.accepted(sim::place_at_edge(static_cast<std::uint32_t>(side)));
      Command c = f.submission();
      c.fix.latitude = at.latitude_e7;
      c.fix.longitude = at.longitude_e7;
      f.then(c);
      drills.push_back(f.done());
    }
  }
}

void add_single_fixes(std::vector<Drill>& drills, model::Instant start) {
  const auto add = [&](const std::string& variant, auto change) {
    Field f("GPS vectors", variant, start);
    f.accepted();
    Command c = f.submission();
    change(c.fix);
    f.then(c);
    drills.push_back(f.done());
  };
  for (const int dm : {-10, 0, 499, 500, 501, 999, 1000, 1001, 50'000, 100'010})
    add(fmt::format("accuracy {} dm", dm), [&](Fix& fix) { fix.accuracy_dm = dm; });
  for (const int metres : {99, 101, 499, 501, 3000})
    add(fmt::format("distance {} m", metres), [&](Fix& fix) {
      const GeoPoint there = sim::moved(model::kDowntown, metres, 0);
      fix.latitude = there.latitude_e7, fix.longitude = there.longitude_e7;
    });
  for (const int ms : {-86'400'000, -60'001, -60'000, -59'999, 0, 299'999, 300'000, 300'001})
    add(fmt::format("age {} ms", ms), [&](Fix& fix) { fix.age_ms = ms; });
  add("zero and zero", [](Fix& fix) { fix.latitude = fix.longitude = 0; });
  add("missing", [](Fix& fix) { fix.present = false; });
  add("swapped", [](Fix& fix) { std::swap(fix.latitude, fix.longitude); });
  add("91 degrees", [](Fix& fix) { fix.latitude = 910'000'000; });
}

// T-PRF-23 and the shared edges of §5.2: a task in each corner of each zone, and where Ballard and Fremont
// overlap.
void add_zones(std::vector<Drill>& drills, model::Instant start) {
  std::vector<GeoPoint> points{{476'625'000, -1'223'625'000}};
  for (const model::CityZone& zone : model::kZones) {
    for (const model::DegreesE7 latitude : {zone.box.north, zone.box.south})
      for (const model::DegreesE7 longitude : {zone.box.east, zone.box.west})
        points.push_back({latitude, longitude});
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    Field f("zone vectors", fmt::format("point {}", i), start);
    f.accepted(sim::moved(points[i], 21.3, 13.1));
    Command c = f.submission();
    c.fix.latitude = points[i].latitude_e7;
    c.fix.longitude = points[i].longitude_e7;
    f.then(c);
    drills.push_back(f.done());
  }
}

// From Capitol Hill to West Seattle (8.71 km) and how long it took (§5.4): the middles of both zones.
void add_journeys(std::vector<Drill>& drills, model::Instant start) {
  const auto middle = [](std::size_t zone) {
    const model::Box& box = model::kZones[zone].box;
    return GeoPoint{box.north / 2 + box.south / 2 + 11, box.east / 2 + box.west / 2 + 13};
  };
  for (const int seconds : {-30, 0, 120, 155, 158, 300, 312, 315, 360, 1500}) {
    Field f("GPS vectors", fmt::format("journey {} s", seconds), start);
    f.accepted(middle(0)).later(10 * model::kMinute).then(f.submission());
    f.accepted(middle(9)).later(std::max(0, seconds) * model::kSecond);
    Command c = f.submission();
    if (seconds < 0) c.fix.age_ms = -seconds * 1000;
    f.then(c);
    drills.push_back(f.done());
  }
  // T-PRF-16: over any gap. From the northern edge of the city to the southern one, 27 km.
  for (const int seconds : {900, 960, 980, 1000}) {
    Field f("GPS vectors", fmt::format("across the city in {} s", seconds), start);
    f.accepted(sim::place_at_edge(0)).later(10 * model::kMinute).then(f.submission());
    f.accepted(sim::place_at_edge(1)).later(seconds * model::kSecond).then(f.submission());
    drills.push_back(f.done());
  }
}

// Two fixes less than a few seconds apart: time between them is counted as finely as they tell it, and what
// both accuracies add up to is no way that anybody went.
void add_moments_between(std::vector<Drill>& drills, model::Instant start) {
  const auto add = [&](const std::string& variant, model::Millis first_at, model::Millis apart, double metres,
                       std::int32_t first_dm, std::int32_t second_dm) {
    Field f("GPS vectors", variant, start);
    f.accepted().later(10 * model::kMinute);
    f.later(model::kSecond - f.now().ms % model::kSecond + first_at);
    Command first = f.submission();
    first.fix.accuracy_dm = first_dm;
    f.then(first).accepted().later(apart);
    Command second = f.submission();
    const GeoPoint there = sim::moved({first.fix.latitude, first.fix.longitude}, 0, metres);
    second.fix.latitude = there.latitude_e7, second.fix.longitude = there.longitude_e7;
    second.fix.accuracy_dm = second_dm;
    f.then(second);
    drills.push_back(f.done());
  };
  for (const model::Millis first_at : {0, 100, 999}) {
    for (const model::Millis apart : {1, 400, 1000, 1400})
      add(fmt::format("{} ms after a fix at {} ms", apart, first_at), first_at, apart, 3, 83, 83);
  }
  for (const auto& [first, second] : {std::pair{450, 450}, {500, 20}, {20, 500}, {300, 500}}) {
    for (const double over : {-2.0, 2.0}) {
      const double metres = (first + second) / 10.0 + over;
      add(fmt::format("{:.1f} m within 400 ms, accuracies {} and {} dm", metres, first, second), 300, 400,
          metres, first, second);
    }
  }
}

// §5.6: each advisory signal alone, which changes nothing, and each two together, which ask for a review.
void add_signals(std::vector<Drill>& drills, model::Instant start) {
  using Sign = void (*)(Field&, Command&);
  constexpr std::array<std::pair<const char*, Sign>, 5> kSigns{{
      {"mock flag", [](Field&, Command& c) { c.fix.mock = true; }},
      {"accuracy 0", [](Field&, Command& c) { c.fix.accuracy_dm = 0; }},
      {"four decimals",
       [](Field&, Command& c) {
         c.fix.latitude = c.fix.latitude / 1000 * 1000;
         c.fix.longitude = c.fix.longitude / 1000 * 1000;
       }},
      {"the point of the task",
       [](Field&, Command& c) {
         c.fix.latitude = c.place.latitude_e7;
         c.fix.longitude = c.place.longitude_e7;
       }},
      {"no EXIF", [](Field& f, Command& c) { c.picture = f.picture(); }},
  }};
  for (std::size_t first = 0; first < kSigns.size(); ++first) {
    for (std::size_t second = first; second < kSigns.size(); ++second) {
      Field f("GPS signals", fmt::format("{} and {}", kSigns[first].first, kSigns[second].first), start);
      f.accepted(sim::moved(model::kDowntown, 3.3, 1.7));
      Command c = f.submission();
      kSigns[first].second(f, c);
      if (second != first) kSigns[second].second(f, c);
      f.then(c);
      drills.push_back(f.done());
    }
  }
  Field frozen("GPS signals", "one point five times", start);
  for (int i = 0; i < 5; ++i) frozen.accepted().later(10 * model::kMinute).then(frozen.submission());
  drills.push_back(frozen.done());
}

void add_photos(std::vector<Drill>& drills, model::Instant start) {
  const auto add = [&](const std::string& variant, model::Category category, auto change) {
    Field f("photo rules", variant, start);
    f.accepted(model::kDowntown, kWorker, category).later(20 * model::kMinute);
    Command c = f.submission();
    c.photos = 2;
    change(c);
    f.then(c);
    drills.push_back(f.done());
  };
  for (const int photos : {0, 1, 5, 6})
    add(fmt::format("{} photos", photos), model::Category::errands,
        [&](Command& c) { c.photos = static_cast<std::uint8_t>(photos); });
  for (const model::Category category : {model::Category::moving, model::Category::errands}) {
    for (std::size_t i = 1; i < model::kPhotoTrickNames.size(); ++i)
      add(fmt::format("{}, {}", model::kPhotoTrickNames[i], name(category)), category,
          [&](Command& c) { c.trick = static_cast<model::PhotoTrick>(i); });
  }
  for (const int age : {-61, -60, 299, 300, 301, 1201})
    add(fmt::format("captured {} s ago", age), model::Category::errands,
        [&](Command& c) { c.photo_age_s = static_cast<std::int16_t>(age); });
  // PRF-8: the task was accepted a minute ago, three minutes after it was posted: when that was is no matter.
  for (const int age : {59, 60, 61, 120, 239}) {
    Field f("photo rules", fmt::format("captured {} s before acceptance", age - 60), start);
    f.posted().later(3 * model::kMinute).then(f.command(Action::task_accept, kWorker)).later(model::kMinute);
    Command c = f.submission();
    c.photo_age_s = static_cast<std::int16_t>(age);
    f.then(c);
    drills.push_back(f.done());
  }
  add("before and after", model::Category::cleaning, [](Command&) {});
  add("one photo of cleaning", model::Category::cleaning, [](Command& c) { c.photos = 1; });
}

// T-PRF-05: one picture on the same task again, on another task, by another worker.
void add_reuse(std::vector<Drill>& drills, model::Instant start) {
  for (const UserId second : {kWorker, kOther}) {
    for (const bool same_task : {true, false}) {
      if (same_task && second == kOther) continue;
      Field f(
          "photo rules",
          fmt::format("one picture, {}, worker {}", same_task ? "same task" : "another task", second.value),
          start);
      const model::PictureId picture = f.picture();
      f.accepted();
      Command first = f.submission();
      first.picture = picture;
      f.then(first).later(model::kMinute).rejected();
      if (!same_task) f.accepted(model::kDowntown, second);
      Command again = f.submission(second);
      again.picture = picture;
      f.later(model::kMinute).then(again);
      Command used = f.submission(second);
      used.trick = model::PhotoTrick::used_receipt;
      f.then(used).then(f.submission(second));
      drills.push_back(f.done());
    }
  }
}

}  // namespace

std::vector<Drill> proof_drills(model::Instant start) {
  std::vector<Drill> drills;
  add_box(drills, start);
  add_single_fixes(drills, start);
  add_zones(drills, start);
  add_journeys(drills, start);
  add_moments_between(drills, start);
  add_signals(drills, start);
  add_photos(drills, start);
  add_reuse(drills, start);
  return drills;
}

}  // namespace loadgen
