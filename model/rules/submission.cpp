#include "model/rules/submission.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "model/rules/steps.h"
#include "model/vocabulary/limits.h"

namespace model {
namespace {

constexpr int kRiskPoorAccuracy = 10;  // §5.5, in hundredths so that the sums meet the boundaries exactly
constexpr int kRiskFar = 15;
constexpr int kRiskTime = 20;
constexpr int kRiskTravel = 30;
constexpr int kRiskReview = 30;
constexpr int kRiskReject = 50;
constexpr int kRiskCritical = 70;

constexpr std::uint32_t kAdvisory =  // §5.6: two independent ones send the proof to manual review
    bit(Signal::zero_accuracy) | bit(Signal::mock_location) | bit(Signal::repeated_point) |
    bit(Signal::coarse_coordinates) | bit(Signal::exact_task_point) | bit(Signal::exif_missing);

double radians(DegreesE7 degrees) {
  return degrees * (std::numbers::pi / 180 / 1e7);
}

std::int64_t whole_seconds(Instant at) {
  return at.ms >= 0 ? at.ms / kSecond : -((-at.ms + kSecond - 1) / kSecond);
}

// §2.1, with the category of the task.
bool needs_before_and_after(Category category) {
  return category == Category::cleaning || category == Category::moving || category == Category::yard_work;
}

// PRF-8 on the EXIF of photos, which knows whole seconds only.
bool captured_in_time(const Command& command, Instant accepted, Instant now) {
  if (command.picture.present() && command.photos == 1) return true;  // no EXIF: advisory only (§6)
  const std::int64_t captured = whole_seconds(now) - command.photo_age_s;
  return captured >= whole_seconds(accepted) && command.photo_age_s <= limits::kCaptureAgeMax / kSecond &&
         command.photo_age_s >= -(limits::kCaptureSkew / kSecond);
}

Code receipt_trouble(const Command& command, const Task& task) {
  using enum PhotoTrick;
  switch (command.trick) {
    case not_issued:
    case raw_url:
    case foreign_receipt:
    case not_uploaded:
    case wrong_magic:
    case truncated:
    case other_bytes:
      return Code::validation_error;
    case used_receipt:  // without an earlier proof there is no such key
      return task.latest_proof.present() ? Code::conflict : Code::validation_error;
    case none:
    case same_twice:
    case only_result:
      return Code::none;
  }
  return Code::internal_error;
}

// The sender takes the kinds that `command.category` asks for, if there are photos enough: before and after,
// or results only.
bool has_photo_kinds(const Command& command, const Task& task) {
  const bool before_and_after = needs_before_and_after(command.category) && command.photos >= 2 &&
                                command.trick != PhotoTrick::only_result;
  return before_and_after == needs_before_and_after(task.category);
}

bool same_fix(const User& worker, const Fix& fix, Instant at) {
  return worker.fix_at == at && worker.fix_latitude == fix.latitude &&
         worker.fix_longitude == fix.longitude && worker.fix_accuracy_dm == fix.accuracy_dm;
}

std::uint32_t advisory_signals(const User& worker, const GeoPoint& task, const Fix& fix) {
  std::uint32_t signals = 0;
  const auto note = [&](bool seen, Signal signal) { signals |= seen ? bit(signal) : 0; };
  note(fix.accuracy_dm == 0, Signal::zero_accuracy);
  note(fix.mock, Signal::mock_location);
  const bool again =
      worker.fix_at.present() && worker.fix_latitude == fix.latitude && worker.fix_longitude == fix.longitude;
  note(again && worker.fix_repeats >= limits::kRepeatedFixes, Signal::repeated_point);
  note(fix.latitude % 1000 == 0 && fix.longitude % 1000 == 0, Signal::coarse_coordinates);
  note(fix.latitude == task.latitude_e7 && fix.longitude == task.longitude_e7, Signal::exact_task_point);
  return signals;
}

SubmissionVerdict refused_with(SubmissionVerdict verdict, Signal signal) {
  verdict.code = Code::validation_error;
  verdict.signals |= bit(signal);
  return verdict;
}

// GPS-7 and §5.4. False: the two instants make no journey.
bool add_travel(SubmissionVerdict& verdict, const User& worker, const Fix& fix, Instant at) {
  if (!worker.fix_at.present() || same_fix(worker, fix, at)) return true;
  const Millis elapsed = at - worker.fix_at;
  if (elapsed <= 0) return false;
  double metres = distance_m(worker.fix_latitude, worker.fix_longitude, fix.latitude, fix.longitude);
  if (metres <= (worker.fix_accuracy_dm + fix.accuracy_dm) / 10.0) metres = 0;
  if (level_of_speed(metres / static_cast<double>(elapsed) * 3600) != Level::low) {
    verdict.signals |= bit(Signal::impossible_travel);
    verdict.risk += kRiskTravel;
  }
  return true;
}

}  // namespace

double distance_m(DegreesE7 latitude1, DegreesE7 longitude1, DegreesE7 latitude2, DegreesE7 longitude2) {
  const double up = std::sin((radians(latitude2) - radians(latitude1)) / 2);
  const double across = std::sin((radians(longitude2) - radians(longitude1)) / 2);
  const double chord =
      up * up + std::cos(radians(latitude1)) * std::cos(radians(latitude2)) * across * across;
  return 2 * limits::kEarthRadiusM * std::asin(std::sqrt(std::min(1.0, chord)));
}

Level level_of_speed(double km_per_h) {
  if (km_per_h > limits::kSpeedCriticalKmh) return Level::critical;
  return km_per_h > limits::kSpeedHighKmh ? Level::high : Level::low;
}

Level level_of_risk(int hundredths) {
  if (hundredths >= kRiskCritical) return Level::critical;
  if (hundredths >= kRiskReject) return Level::high;
  return hundredths >= kRiskReview ? Level::medium : Level::low;
}

const CityZone* zone_of(DegreesE7 latitude, DegreesE7 longitude) {
  const auto found = std::ranges::find_if(
      kZones, [&](const CityZone& zone) { return zone.box.contains(latitude, longitude); });
  return found == kZones.end() ? nullptr : &*found;
}

SubmissionVerdict judge_fix(const User& worker, const GeoPoint& task, const Fix& fix, Instant now) {
  SubmissionVerdict verdict;
  verdict.code = Code::validation_error;
  if (!fix.present) return verdict;  // GPS-1, decision 15
  if (fix.accuracy_dm > limits::kAccuracyRefusedM * 10) return refused_with(verdict, Signal::poor_accuracy);
  verdict.signals = advisory_signals(worker, task, fix);
  if (fix.accuracy_dm > limits::kAccuracyPoorM * 10) {
    verdict.signals |= bit(Signal::poor_accuracy);
    verdict.risk += kRiskPoorAccuracy;
  }
  if (!kSeattle.contains(fix.latitude, fix.longitude)) return refused_with(verdict, Signal::outside_city);
  const double away =
      task.present() ? distance_m(fix.latitude, fix.longitude, task.latitude_e7, task.longitude_e7) : 0;
  if (away > limits::kDistanceMaxM) return refused_with(verdict, Signal::out_of_range);
  if (away > limits::kDistanceNearM) {
    verdict.signals |= bit(Signal::out_of_range);
    verdict.risk += kRiskFar;
  }
  if (fix.age_ms < -limits::kCaptureSkew) return refused_with(verdict, Signal::time_manipulation);
  if (fix.age_ms > limits::kCaptureAgeMax) {
    verdict.signals |= bit(Signal::time_manipulation);
    verdict.risk += kRiskTime;
  }
  const Instant at = now + -std::max(fix.age_ms, 0);  // never later than its receipt
  if (!add_travel(verdict, worker, fix, at)) return refused_with(verdict, Signal::time_manipulation);
  verdict.code = verdict.risk >= kRiskReject ? Code::validation_error : Code::none;
  verdict.manual_review =
      level_of_risk(verdict.risk) == Level::medium || std::popcount(verdict.signals & kAdvisory) >= 2;
  return verdict;
}

SubmissionVerdict judge_submission(const World& world, const Command& command, Instant now) {
  const Task& task = world.tasks[command.task.value];
  SubmissionVerdict verdict;
  verdict.code = receipt_trouble(command, task);
  if (verdict.code != Code::none) return verdict;
  if (!has_photo_kinds(command, task) || !captured_in_time(command, task.accepted_at, now)) {
    verdict.code = Code::validation_error;
    return verdict;
  }
  const bool bound =
      command.picture.value < world.pictures.size() && world.pictures[command.picture.value].proof.present();
  if (bound || (command.trick == PhotoTrick::same_twice && command.photos > 1)) {
    verdict.code = Code::conflict;  // PRF-13, §4
    verdict.signals = bit(Signal::reused_photo);
    return verdict;
  }
  verdict = judge_fix(world.users[command.actor.value], task.place, command.fix, now);
  if (verdict.code == Code::none && command.picture.present()) {
    const bool enough = (verdict.signals & kAdvisory) != 0;
    verdict.signals |= bit(Signal::exif_missing);
    verdict.manual_review |= enough;
  }
  return verdict;
}

}  // namespace model
