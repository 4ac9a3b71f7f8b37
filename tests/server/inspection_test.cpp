// Photos of stored proofs are looked at by and by (proof-and-gps.md §8 step 10): T-PRF-05 for copies in other
// bytes, T-PRF-22, and renditions (§3, §6).
#include <gtest/gtest.h>

#include <thread>

#include "loadgen/control.h"
#include "loadgen/encode.h"
#include "net/sign.h"
#include "sim/photos.h"
#include "tests/server/stage.h"

namespace server_tests {
namespace {

// The camera's clock is ahead, because no task may be accepted after the picture of it (PRF-8).
sim::PhotoRecipe recipe() {
  return {.nonce = net::random_hex(8), .captured = model::Instant{now_ms() + 2000}, .camera = "Pixel 8"};
}

struct Submitted {
  std::string task;
  Json keys = Json::array();
};

// Submits pictures for a task of its own.
Submitted submitted(Stage& stage, const std::string& worker, const std::vector<std::string>& photos) {
  const Task task = stage.funded(stage.person("poster"), 5000, {{"category", "errands"}});
  EXPECT_EQ(stage.call("task.accept", {{"task_id", task.id}}, worker).status, 200);
  Json files = Json::array();
  for (const std::string& bytes : photos) {
    files.push_back({{"photo_type", "result"},
                     {"content_type", "image/jpeg"},
                     {"size_bytes", bytes.size()},
                     {"checksum_sha256", net::hex(net::sha256(bytes))}});
  }
  const Json places =
      stage.call("proof.requestUpload", {{"task_id", task.id}, {"files", files}}, worker).data()["uploads"];
  loadgen::Control control(stage.environment().providers());
  Submitted made{.task = task.id};
  for (std::size_t i = 0; i < photos.size(); ++i) {
    EXPECT_EQ(control.upload(places[i].value("url", ""), "image/jpeg", photos[i]), 200);
    made.keys.push_back(places[i].value("key", ""));
  }
  const Json input{{"task_id", task.id},
                   {"description", "Done"},
                   {"photo_urls", made.keys},
                   {"gps_lat", 47.6062437},
                   {"gps_lng", -122.3321519},
                   {"gps_accuracy_m", 8.3},
                   {"gps_captured_at", loadgen::iso_text({now_ms()})}};
  EXPECT_EQ(stage.call("proof.submit", input, worker).status, 200);
  return made;
}
std::string submitted(Stage& stage, const std::string& worker, const std::string& photo) {
  return submitted(stage, worker, std::vector{photo}).task;
}

// What came of it, once it was looked at: "" or the reasons for a review.
std::string reasons(Stage& stage, const std::string& task) {
  for (int i = 0; i < 1000; ++i) {
    const std::string found = stage.sql(
        "SELECT i.state || ':' || array_to_string(i.reasons, ' ') FROM proof_inspections i JOIN proofs p"
        " ON p.id = i.proof_id WHERE p.task_id = '" +
        task + "' AND i.state = 'done'");
    if (!found.empty()) return found.substr(5);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return "never looked at";
}

TEST(Inspection, T_PRF_05_ACopyInOtherBytesIsReviewedAndNotRefused) {
  Stage& stage = shared_stage();
  const std::string worker = stage.person("worker"), other = stage.person("worker");
  sim::PhotoRecipe scene = recipe();
  scene.look = 17;
  EXPECT_EQ(reasons(stage, submitted(stage, worker, sim::jpeg_photo(scene))), "");
  for (const auto& [copy, who] : {std::pair{sim::Copy::recompressed, worker}, {sim::Copy::cropped, other}}) {
    scene = recipe();
    scene.look = 17;
    scene.copy = copy;
    EXPECT_EQ(reasons(stage, submitted(stage, who, sim::jpeg_photo(scene))), "similar_photo");
  }
}

TEST(Inspection, T_PRF_22_AProviderThatIsDownLeavesItToPeople) {
  Stage probe;
  Stage stage(true, {"--biometrics-url", probe.environment().providers()});
  const auto provider = [&](int liveness, int deepfake, const char* trouble) {
    probe.control("PUT", "biometrics",
                  {{"liveness", liveness}, {"deepfake", deepfake}, {"trouble", trouble}});
  };
  const std::string worker = stage.person("worker");
  const auto advice = [&](const std::string& task) {
    return stage.sql(
        "SELECT coalesce(i.advice, 'none') FROM proof_inspections i JOIN proofs p ON p.id = i.proof_id"
        " WHERE p.task_id = '" +
        task + "'");
  };
  const auto state = [&](const std::string& task) {
    return stage.sql("SELECT state FROM tasks WHERE id = '" + task + "'");
  };
  provider(0, 100, "none");
  const std::string unasked = submitted(stage, worker, sim::jpeg_photo(recipe()));
  EXPECT_EQ(reasons(stage, unasked), "") << "no consent: nobody is asked";
  EXPECT_EQ(advice(unasked), "none");
  stage.sql("INSERT INTO biometric_consents SELECT id, true FROM users WHERE firebase_uid = '" + worker +
            "' RETURNING 'ok'");
  for (const char* trouble : {"down", "garbage"}) {
    provider(97, 2, trouble);
    const std::string task = submitted(stage, worker, sim::jpeg_photo(recipe()));
    EXPECT_EQ(reasons(stage, task), "biometrics") << trouble;
    EXPECT_EQ(advice(task), "MANUAL_REVIEW") << trouble;
    EXPECT_EQ(state(task), "PROOF_SUBMITTED") << "neither accepted nor refused";
  }
  provider(97, 2, "none");
  EXPECT_EQ(reasons(stage, submitted(stage, worker, sim::jpeg_photo(recipe()))), "");
  provider(30, 95, "none");
  const std::string fake = submitted(stage, worker, sim::jpeg_photo(recipe()));
  EXPECT_EQ(reasons(stage, fake), "biometrics");
  EXPECT_EQ(advice(fake), "REJECT");
  EXPECT_EQ(state(fake), "PROOF_SUBMITTED") << "advice, no verdict";
}

// An object that is gone, or is not the one that was verified any more (FM-124), when its turn comes: the
// second photo, while the store takes its time over the first.
TEST(Inspection, AnObjectThatChangedAfterTheSubmissionIsLeftToPeople) {
  Stage stage;  // its store is slow for everybody
  loadgen::Control control(stage.environment().providers());
  for (const bool gone : {true, false}) {
    stage.control("PUT", "objects/faults",
                  {{"kind", "slow"}, {"method", "GET"}, {"times", 3}, {"delay_ms", 1000}});
    const Submitted made =
        submitted(stage, stage.person("worker"), {sim::jpeg_photo(recipe()), sim::jpeg_photo(recipe())});
    if (gone) {
      control.store_trouble("missing", "GET", 1);
    } else {
      control.put_objects({{made.keys[1], "image/jpeg", sim::jpeg_photo(recipe())}});
    }
    EXPECT_EQ(reasons(stage, made.task), "photos_not_inspected") << gone;
    EXPECT_EQ(stage.sql("SELECT count(*) FROM photo_inspections i JOIN proofs p ON p.id = i.proof_id"
                        " WHERE p.task_id = '" +
                        made.task + "'"),
              "1")
        << "what was not verified is shown to nobody";
  }
}

TEST(Inspection, FM_142_PeopleSeeACopyWithoutMetadata) {
  Stage& stage = shared_stage();
  const std::string worker = stage.person("worker");
  sim::PhotoRecipe told = recipe();
  told.place = {476'062'000, -1'223'321'000};
  const std::string task = submitted(stage, worker, sim::jpeg_photo(told));
  EXPECT_EQ(reasons(stage, task), "");
  const Json photo = stage.call("proof.getByTaskId", {{"task_id", task}}, worker).data()["photos"][0];
  const std::string url = photo.value("read_url", "");
  EXPECT_NE(url.find("X-Amz-Expires=3600&"), std::string::npos) << url;
  net::Connection store(*net::parse_url(stage.environment().providers()));
  const auto shown =
      store.exchange({.method = "GET", .target = url.substr(url.find('/', 8)), .headers = {}, .body = {}},
                     std::chrono::seconds(5));
  ASSERT_TRUE(shown && shown->status == 200);
  EXPECT_TRUE(shown->body.starts_with("\xff\xd8\xff"));
  EXPECT_EQ(shown->body.find("Exif"), std::string::npos);
  EXPECT_EQ(shown->body.find("Pixel"), std::string::npos);
}

}  // namespace
}  // namespace server_tests
