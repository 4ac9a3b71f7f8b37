// The vectors of proof-and-gps.md §9 that a world can show (T-PRF-01 … T-PRF-24), and the tables of §5 by
// their edges.
#include <gtest/gtest.h>

#include <GeographicLib/Geodesic.hpp>

#include "model/rules/submission.h"
#include "model/vocabulary/limits.h"
#include "tests/model/scenes.h"

namespace model {
namespace {

constexpr Instant kLater = kStart + kHour;

// Task 0 accepted by the worker at kStart; the command submits for it an hour later.
struct Field {
  World world = world_in(Scene::accepted);
  Command command = ask(world, Action::proof_submit, kWorker);
  Field() { world.pictures.resize(4); }
  SubmissionVerdict judge() const { return judge_submission(world, command, kLater); }
  std::string_view submit() { return verdict(apply(world, command, kLater)); }
};

constexpr std::string_view kInvalid = "VALIDATION_ERROR";

bool has(const SubmissionVerdict& verdict, Signal signal) {
  return (verdict.signals & bit(signal)) != 0;
}

std::string_view with_photos(int count) {
  Field f;
  f.command.photos = static_cast<std::uint8_t>(count);
  return f.submit();
}

TEST(Vectors, T_PRF_01_OneToFivePhotos) {
  EXPECT_EQ(with_photos(0), kInvalid);
  EXPECT_EQ(with_photos(1), "ok");
  EXPECT_EQ(with_photos(5), "ok");
  EXPECT_EQ(with_photos(6), kInvalid);
}

TEST(Vectors, T_PRF_03_04_09_PhotosThatAreNotWhatWasDeclared) {
  for (const PhotoTrick trick :
       {PhotoTrick::not_issued, PhotoTrick::raw_url, PhotoTrick::foreign_receipt, PhotoTrick::not_uploaded,
        PhotoTrick::wrong_magic, PhotoTrick::truncated, PhotoTrick::other_bytes}) {
    Field f;
    f.command.trick = trick;
    EXPECT_EQ(f.submit(), kInvalid) << name(trick);
  }
}

TEST(Vectors, T_PRF_05_OnePictureIsBoundOnce) {
  Field twice;
  twice.command.photos = 2;
  twice.command.trick = PhotoTrick::same_twice;
  EXPECT_EQ(twice.submit(), "CONFLICT");
  Field f;
  f.command.picture = PictureId{0};
  ASSERT_EQ(f.submit(), "ok");
  must(f.world, Action::proof_reject, kPoster, kLater);
  f.command = ask(f.world, Action::proof_submit, kWorker);
  f.command.picture = PictureId{0};
  EXPECT_TRUE(has(f.judge(), Signal::reused_photo));
  EXPECT_EQ(f.submit(), "CONFLICT");
  f.command.picture = PictureId{1};
  EXPECT_EQ(f.submit(), "ok") << "T-PRF-06: another picture";
}

TEST(Vectors, T_PRF_07_08_OnlyTheWorkerWhileAccepted) {
  Field f;
  for (const UserId other : {kPoster, kStranger, kAdmin}) {
    f.command.actor = other;
    EXPECT_EQ(f.submit(), "HX503");
  }
  for (const Scene scene : {Scene::submitted, Scene::disputed}) {
    f.world = world_in(scene);
    f.command = ask(f.world, Action::proof_submit, kWorker);
    EXPECT_EQ(f.submit(), "CONFLICT");
  }
  for (const Scene scene : {Scene::completed, Scene::cancelled_assigned, Scene::expired_assigned}) {
    f.world = world_in(scene);
    f.command = ask(f.world, Action::proof_submit, kWorker);
    EXPECT_EQ(f.submit(), "HX001");
  }
}

TEST(Vectors, T_PRF_10_11_ZeroIsANumberAndNinetyOneIsNone) {
  Field f;
  f.command.fix.latitude = f.command.fix.longitude = 0;
  EXPECT_TRUE(has(f.judge(), Signal::outside_city));
  EXPECT_EQ(f.submit(), kInvalid);
  f.command.fix = {};
  f.command.fix.latitude = 910'000'000;
  EXPECT_EQ(f.submit(), kInvalid);
  f.command.fix = {};
  f.command.fix.present = false;
  EXPECT_EQ(f.submit(), kInvalid) << "GPS-1, decision 15";
}

// Generated from the box: each side, and the corners.
TEST(Vectors, T_PRF_12_TheCitysBoxIsInclusive) {
  const auto inside = [](DegreesE7 latitude, DegreesE7 longitude) {
    Fix fix;
    fix.latitude = latitude;
    fix.longitude = longitude;
    return !has(judge_fix(User{}, {latitude, longitude}, fix, kLater), Signal::outside_city);
  };
  const Box box = kSeattle;
  for (const DegreesE7 latitude : {box.north, box.south}) {
    for (const DegreesE7 longitude : {box.east, box.west}) EXPECT_TRUE(inside(latitude, longitude));
  }
  const DegreesE7 middle = box.east / 2 + box.west / 2;
  for (const int step : {-1000, -1, 0, 1, 1000}) {
    EXPECT_EQ(inside(box.north + step, middle), step <= 0) << step;
    EXPECT_EQ(inside(box.south - step, middle), step <= 0) << step;
    EXPECT_EQ(inside(476'000'000, box.east + step), step <= 0) << step;
    EXPECT_EQ(inside(476'000'000, box.west - step), step <= 0) << step;
  }
}

TEST(Vectors, T_PRF_13_Accuracy) {
  struct Row {
    int accuracy_dm;
    bool accepted;
    int risk;
    bool zero;
  };
  for (const Row row : {Row{500, true, 0, false}, Row{501, true, 10, false}, Row{1000, true, 10, false},
                        Row{1001, false, 0, false}, Row{0, true, 0, true}}) {
    Fix fix;
    fix.accuracy_dm = row.accuracy_dm;
    const SubmissionVerdict got = judge_fix(User{}, kDowntown, fix, kLater);
    EXPECT_EQ(got.code == Code::none, row.accepted) << row.accuracy_dm;
    EXPECT_EQ(has(got, Signal::zero_accuracy), row.zero) << row.accuracy_dm;
    if (row.accepted) EXPECT_EQ(got.risk, row.risk) << row.accuracy_dm;
  }
  Field f;
  f.command.fix.accuracy_dm = -10;
  EXPECT_EQ(f.submit(), kInvalid);
}

TEST(Vectors, T_PRF_14_DistanceToTheTask) {
  constexpr double kMetresPerE7 = 0.0111194926644559;  // of latitude, with the radius of GPS-5
  for (const double metres : {99.9, 100.1, 499.9, 500.1, 3000.0}) {
    Fix fix;
    fix.longitude = kDowntown.longitude_e7;
    fix.latitude = kDowntown.latitude_e7 + static_cast<DegreesE7>(metres / kMetresPerE7);
    const SubmissionVerdict got = judge_fix(User{}, kDowntown, fix, kLater);
    EXPECT_EQ(got.code == Code::none, metres < 500) << metres;
    EXPECT_EQ(has(got, Signal::out_of_range), metres > 100) << metres;
    if (metres < 500) EXPECT_EQ(got.risk, metres > 100 ? 15 : 0) << metres;
  }
}

TEST(Vectors, T_PRF_15_SpeedAndOrderOfFixes) {
  EXPECT_EQ(level_of_speed(100.0), Level::low);
  EXPECT_EQ(level_of_speed(100.1), Level::high);
  EXPECT_EQ(level_of_speed(200.0), Level::high);
  EXPECT_EQ(level_of_speed(200.1), Level::critical);
  User worker;
  worker.fix_at = kLater;
  worker.fix_latitude = 476'250'000;  // Capitol Hill; 8.71 km to West Seattle (§5.4)
  worker.fix_longitude = -1'223'150'000;
  worker.fix_accuracy_dm = 50;
  const GeoPoint there{475'625'000, -1'223'850'000};
  Fix fix;
  fix.latitude = there.latitude_e7;
  fix.longitude = there.longitude_e7;
  for (const int minutes : {-1, 0, 2, 5, 6, 25}) {
    const SubmissionVerdict got = judge_fix(worker, there, fix, kLater + minutes * kMinute);
    EXPECT_EQ(got.code == Code::none, minutes > 0) << minutes;
    if (minutes > 0) EXPECT_EQ(has(got, Signal::impossible_travel), minutes < 6) << minutes;
  }
}

// Over any gap: from another state, 25 minutes ago.
TEST(Vectors, T_PRF_16_ATeleportWithALongGap) {
  User worker;
  worker.fix_at = kLater;
  worker.fix_latitude = 455'000'000;
  worker.fix_longitude = -1'223'150'000;
  worker.fix_accuracy_dm = 50;
  const GeoPoint there{475'625'000, -1'223'850'000};
  Fix fix;
  fix.latitude = there.latitude_e7;
  fix.longitude = there.longitude_e7;
  const SubmissionVerdict far = judge_fix(worker, there, fix, kLater + 25 * kMinute);
  EXPECT_TRUE(has(far, Signal::impossible_travel));
  EXPECT_TRUE(far.manual_review);
}

TEST(Vectors, T_PRF_17_NoFourthAttempt) {
  Field f;
  for (int attempt = 0; attempt < 3; ++attempt) {
    must(f.world, Action::proof_submit, kWorker, kLater);
    must(f.world, Action::proof_reject, kPoster, kLater);
  }
  f.command = ask(f.world, Action::proof_submit, kWorker);
  EXPECT_EQ(f.submit(), "CONFLICT");
  f.command.action = Action::proof_request_upload;
  EXPECT_EQ(f.submit(), "CONFLICT");
}

TEST(Vectors, T_PRF_23_TheFirstZoneWins) {
  EXPECT_EQ(zone_of(476'625'000, -1'223'625'000)->slug, "ballard");
  EXPECT_EQ(zone_of(476'062'000, -1'223'321'000)->slug, "downtown");
  EXPECT_EQ(zone_of(476'205'000, -1'223'493'000), nullptr);
  for (std::size_t i = 0; i < kZones.size(); ++i) {
    const Box& box = kZones[i].box;
    for (const DegreesE7 latitude : {box.south, box.north}) {
      for (const DegreesE7 longitude : {box.west, box.east})
        EXPECT_LE(zone_of(latitude, longitude) - kZones.data(), static_cast<std::ptrdiff_t>(i))
            << kZones[i].slug;
    }
  }
}

TEST(Vectors, T_PRF_24_KindsOfPhotosByCategory) {
  for (std::size_t i = 0; i < kCategoryNames.size(); ++i) {
    const auto category = static_cast<Category>(i);
    const bool both =
        category == Category::cleaning || category == Category::moving || category == Category::yard_work;
    Field f;
    f.world.tasks[0].category = f.command.category = category;
    f.command.photos = 1;
    EXPECT_EQ(f.judge().code == Code::none, !both) << name(category);
    f.command.photos = 2;
    EXPECT_EQ(f.judge().code, Code::none) << name(category);
    f.command.trick = PhotoTrick::only_result;
    EXPECT_EQ(f.judge().code == Code::none, !both) << name(category);
  }
}

TEST(Submission, PRF_8_CaptureTimes) {
  for (const int age : {-61, -60, 0, 300, 301}) {
    Field f;
    f.command.photo_age_s = static_cast<std::int16_t>(age);
    EXPECT_EQ(f.judge().code == Code::none, age >= -60 && age <= 300) << age;
  }
  Field early;
  early.world.tasks[0].accepted_at = kLater + -10 * kSecond;
  early.command.photo_age_s = 11;
  EXPECT_EQ(early.judge().code, Code::validation_error) << "before the task was accepted";
}

TEST(Submission, GPS_6_CaptureAgainstReceipt) {
  for (const int ms : {-60'001, -60'000, 300'000, 300'001}) {
    Fix fix;
    fix.age_ms = ms;
    const SubmissionVerdict got = judge_fix(User{}, kDowntown, fix, kLater);
    EXPECT_EQ(got.code == Code::none, ms >= -60'000) << ms;
    EXPECT_EQ(has(got, Signal::time_manipulation), ms < -60'000 || ms > 300'000) << ms;
  }
}

TEST(Submission, RisksAddUpInHundredths) {
  EXPECT_EQ(level_of_risk(29), Level::low);
  EXPECT_EQ(level_of_risk(30), Level::medium);
  EXPECT_EQ(level_of_risk(49), Level::medium);
  EXPECT_EQ(level_of_risk(50), Level::high);
  EXPECT_EQ(level_of_risk(40 + 30), Level::critical);
  Fix fix;
  fix.latitude = kDowntown.latitude_e7 + 20'000;  // 222 m
  fix.accuracy_dm = 900;
  fix.age_ms = 301'000;
  const SubmissionVerdict got = judge_fix(User{}, kDowntown, fix, kLater);
  EXPECT_EQ(got.risk, 15 + 10 + 20);
  EXPECT_TRUE(got.manual_review);
}

TEST(Submission, TwoIndependentSignalsGoToReviewOneDoesNot) {
  Fix fix;
  fix.mock = true;
  EXPECT_FALSE(judge_fix(User{}, kDowntown, fix, kLater).manual_review);
  fix.accuracy_dm = 0;
  EXPECT_TRUE(judge_fix(User{}, kDowntown, fix, kLater).manual_review);
}

// The ellipsoid differs from the sphere of GPS-5 by at most half a percent.
TEST(Submission, DistancesAgreeWithTheGeodesic) {
  const GeographicLib::Geodesic& earth = GeographicLib::Geodesic::WGS84();
  for (const CityZone& a : kZones) {
    for (const CityZone& b : kZones) {
      double geodesic = 0;
      earth.Inverse(a.box.north / 1e7, a.box.west / 1e7, b.box.south / 1e7, b.box.east / 1e7, geodesic);
      const double haversine = distance_m(a.box.north, a.box.west, b.box.south, b.box.east);
      EXPECT_NEAR(haversine / geodesic, 1, 0.005) << a.slug << " " << b.slug;
    }
  }
}

}  // namespace
}  // namespace model
