// The test vectors of proof-and-gps.md §9 that need a server and a store: T-PRF-02, 04, 06, 09, 12, 18, 19,
// 20, 21, and an object that changed after it was verified.
#include <gtest/gtest.h>

#include <thread>

#include <fmt/format.h>

#include "loadgen/control.h"
#include "loadgen/encode.h"
#include "model/vocabulary/place.h"
#include "net/sign.h"
#include "sim/photos.h"
#include "tests/server/stage.h"

namespace server_tests {
namespace {

constexpr std::size_t kMost = 10 * 1024 * 1024;

std::string photo(std::size_t padding = 0) {
  return sim::jpeg_photo(
      {.nonce = net::random_hex(8), .captured = model::Instant{now_ms()}, .padding = padding});
}

std::string photo_of(std::size_t bytes) {
  constexpr std::size_t kComment = 60'000;
  const std::size_t bare = photo().size();
  const std::size_t comments = (bytes - bare + kComment + 3) / (kComment + 4);
  return photo(bytes - bare - 4 * comments);
}

// An accepted task of errands, which asks for photos of the result.
struct Job {
  explicit Job(Stage& s) : stage(s), poster(s.person("poster")), worker(s.person("worker")) {
    task = stage.funded(poster, 5000, {{"category", "errands"}});
    EXPECT_EQ(stage.call("task.accept", {{"task_id", task.id}}, worker).status, 200);
  }

  Reply ask(const std::vector<std::string>& photos, std::size_t extra = 0,
            const std::string& type = "image/jpeg") {
    Json files = Json::array();
    for (const std::string& bytes : photos) {
      files.push_back({{"photo_type", "result"},
                       {"content_type", type},
                       {"size_bytes", bytes.size() + extra},
                       {"checksum_sha256", net::hex(net::sha256(bytes))}});
    }
    return stage.call("proof.requestUpload", {{"task_id", task.id}, {"files", files}}, worker);
  }
  // Uploaded as a client does; their keys.
  Json uploaded(const std::vector<std::string>& photos, const std::string& type = "image/jpeg") {
    const Json places = ask(photos, 0, type).data()["uploads"];
    Json keys = Json::array();
    loadgen::Control control(stage.environment().providers());
    for (std::size_t i = 0; i < photos.size(); ++i) {
      EXPECT_EQ(control.upload(places[i].value("url", ""), type, photos[i]), 200);
      keys.push_back(places[i].value("key", ""));
    }
    return keys;
  }
  Json input(const Json& keys) const {
    return {{"task_id", task.id},
            {"description", "Done"},
            {"photo_urls", keys},
            {"gps_lat", 47.6062437},
            {"gps_lng", -122.3321519},
            {"gps_accuracy_m", 8.3},
            {"gps_captured_at", loadgen::iso_text({now_ms()})}};
  }
  Reply submit(const Json& keys) { return stage.call("proof.submit", input(keys), worker); }
  std::string proofs() { return stage.sql("SELECT count(*) FROM proofs WHERE task_id = '" + task.id + "'"); }
  std::string state() { return stage.sql("SELECT state FROM tasks WHERE id = '" + task.id + "'"); }

  Stage& stage;
  std::string poster, worker;
  Task task;
};

TEST(Proof, T_PRF_02_TenMebibytesAndOneByteMore) {
  Job job(shared_stage());
  const std::string largest = photo_of(kMost);
  ASSERT_EQ(largest.size(), kMost);
  EXPECT_EQ(job.ask({largest}, 1).hx(), "VALIDATION_ERROR");
  EXPECT_EQ(job.submit(job.uploaded({largest})).status, 200);
}

TEST(Proof, T_PRF_04_ChecksumsAreHexadecimal) {
  Job job(shared_stage());
  for (const std::string& bad : {std::string(64, 'Z'), std::string(64, 'A'), std::string(63, 'a')}) {
    const Json file{{"photo_type", "result"},
                    {"content_type", "image/jpeg"},
                    {"size_bytes", 1000},
                    {"checksum_sha256", bad}};
    const Reply reply = job.stage.call(
        "proof.requestUpload", {{"task_id", job.task.id}, {"files", Json::array({file})}}, job.worker);
    EXPECT_EQ(reply.hx() + " " + reply.field(), "VALIDATION_ERROR files.checksum_sha256");
  }
}

TEST(Proof, T_PRF_06_PhotosThatDifferInOneByte) {
  Job job(shared_stage());
  const std::string lead(5000, 'n');
  std::vector<std::string> photos;
  for (const char* tail : {"1", "2"})
    photos.push_back(sim::jpeg_photo({.nonce = lead + tail, .captured = model::Instant{now_ms()}}));
  EXPECT_EQ(photos[0].substr(0, 4000), photos[1].substr(0, 4000));
  EXPECT_EQ(job.submit(job.uploaded(photos)).status, 200);
}

TEST(Proof, T_PRF_09_APlaceIsForTenMinutesAndForItsOwner) {
  Job job(shared_stage());
  Job other(shared_stage());
  const std::string bytes = photo();
  const std::string url = job.ask({bytes}).data()["uploads"][0].value("url", "");
  EXPECT_NE(url.find("X-Amz-Expires=600&"), std::string::npos) << url;
  EXPECT_EQ(other.submit(job.uploaded({photo()})).hx(), "VALIDATION_ERROR");
}

// The bytes that were verified, not those that are there later; and not the key that was verified before.
TEST(Proof, AnObjectThatChangedAfterTheUploadIsRefused) {
  Job job(shared_stage());
  const Json keys = job.uploaded({photo()});
  loadgen::Control control(job.stage.environment().providers());
  control.put_objects({{keys[0], "image/jpeg", photo()}});
  EXPECT_EQ(job.submit(keys).hx(), "VALIDATION_ERROR");
  EXPECT_EQ(job.proofs(), "0");
}

// GPS-3 and GPS-4 on digits beyond those that are stored: nothing is rounded in favour of the caller.
TEST(Proof, T_PRF_12_13_DigitsBeyondTheStoredOnesCount) {
  Stage& stage = shared_stage();
  for (const auto& [name, value, taken] :
       {std::tuple{"gps_accuracy_m", 100.04, false}, {"gps_accuracy_m", 100.0, true}}) {
    Job job(stage);
    Json input = job.input(job.uploaded({photo()}));
    input[name] = value;
    EXPECT_EQ(stage.call("proof.submit", input, job.worker).status, taken ? 200 : 400) << name << value;
  }
  Job north(stage);
  Json input = north.input(north.uploaded({photo()}));
  input["gps_lat"] = 47.73410004;
  EXPECT_EQ(stage.call("proof.submit", input, north.worker).hx(), "VALIDATION_ERROR");
  EXPECT_EQ(stage.sql("SELECT kind FROM fraud_events WHERE task_id = '" + north.task.id +
                      "' ORDER BY kind "
                      "DESC LIMIT 1"),
            "outside_city");
}

// PRF-8: no kind of file hides that a photo was taken before the task was accepted.
TEST(Proof, OldPhotosOfEveryKindAreRefused) {
  const std::pair<std::string (*)(const sim::PhotoRecipe&), const char*> kKinds[] = {
      {sim::jpeg_photo, "image/jpeg"}, {sim::png_photo, "image/png"}, {sim::heic_photo, "image/heic"}};
  for (const auto& [make, type] : kKinds) {
    Job job(shared_stage());
    constexpr std::int64_t kDay = 86'400'000;
    const std::string old = make({.nonce = net::random_hex(8), .captured = model::Instant{now_ms() - kDay}});
    const Reply refused = job.submit(job.uploaded({old}, type));
    EXPECT_EQ(refused.hx() + " " + refused.field(), "VALIDATION_ERROR photo_urls") << type;
    const std::string fresh = make({.nonce = net::random_hex(8), .captured = model::Instant{now_ms()}});
    EXPECT_EQ(job.submit(job.uploaded({fresh}, type)).status, 200) << type;
    EXPECT_EQ(
        job.stage.sql("SELECT count(capture_time) FROM proof_photos WHERE content_type = '" +
                      std::string(type) + "' AND checksum_sha256 = '" + net::hex(net::sha256(fresh)) + "'"),
        "1");
  }
}

TEST(Proof, T_PRF_18_TheSameKeyGivesOneProof) {
  Job job(shared_stage());
  Json input = job.input(job.uploaded({photo()}));
  input["client_key"] = "a-" + job.task.id;
  const net::Request request = job.stage.request_of("proof.submit", input, job.worker);
  std::vector<Reply> replies(4);
  {
    std::vector<std::jthread> threads;
    for (Reply& reply : replies) threads.emplace_back([&] { reply = job.stage.send(request); });
  }
  for (const Reply& reply : replies) {
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.body, replies[0].body);
  }
  EXPECT_EQ(job.proofs(), "1");
  input["description"] = "Done, I think";
  EXPECT_EQ(job.stage.call("proof.submit", input, job.worker).hx(), "CONFLICT");
  Job other(shared_stage());  // somebody else's keys are his own
  input = other.input(other.uploaded({photo()}));
  input["client_key"] = "a-" + job.task.id;
  EXPECT_EQ(other.stage.call("proof.submit", input, other.worker).status, 200);
}

TEST(Proof, T_PRF_19_AcceptingWhileADisputeOpens) {
  Stage& stage = shared_stage();
  for (int round = 0; round < 8; ++round) {
    Job job(stage);
    const std::string proof = job.submit(job.uploaded({photo()})).data()["proof"].value("id", "");
    const net::Request accept = stage.request_of("proof.accept", {{"proof_id", proof}}, job.poster);
    const net::Request dispute = stage.request_of(
        "dispute.create", {{"task_id", job.task.id}, {"reason", "OTHER"}, {"description", "No"}}, job.worker);
    Reply first, second;
    {
      const std::jthread one([&] { first = stage.send(accept); });
      const std::jthread two([&] { second = stage.send(dispute); });
    }
    const std::string proof_state = stage.sql("SELECT state FROM proofs WHERE id = '" + proof + "'");
    const bool disputed = job.state() == "DISPUTED";
    EXPECT_EQ(second.status == 200, disputed);
    EXPECT_EQ(first.status == 200, proof_state == "ACCEPTED");
    EXPECT_TRUE(first.status == 200 || second.status == 200);
    if (first.status == 200 && second.status == 200)
      EXPECT_EQ(stage.call("task.complete", {{"task_id", job.task.id}}, job.poster).hx(), "CONFLICT")
          << "an accepted proof does not end a dispute";
  }
}

TEST(Proof, T_PRF_20_TheClockAcceptsOnceAndNotDuringADispute) {
  Stage& stage = shared_stage();
  Job quiet(stage), disputed(stage);
  for (Job* job : {&quiet, &disputed}) EXPECT_EQ(job->submit(job->uploaded({photo()})).status, 200);
  stage.disputed(disputed.task, disputed.worker);
  const std::string later = std::to_string(now_ms() + 48 * 3'600'000 + 60'000);
  for (int again = 0; again < 2; ++again) {
    for (Job* job : {&quiet, &disputed}) {
      net::Request request{.method = "POST",
                           .target = "/test/jobs/review_timeout",
                           .headers = {},
                           .body = Json{{"task_ids", {job->task.id}}}.dump()};
      request.headers.add("x-hustle-now", later);
      request.headers.add("content-type", "application/json");
      EXPECT_EQ(stage.send(request).status, 200);
    }
    EXPECT_EQ(quiet.state(), "COMPLETED");
    EXPECT_EQ(disputed.state(), "DISPUTED");
  }
  EXPECT_EQ(stage.sql("SELECT count(*) FROM xp_ledger WHERE task_id = '" + quiet.task.id + "'"), "1");
}

TEST(Proof, T_PRF_21_AStoreThatIsDownCostsNothing) {
  Stage stage;  // its store fails for everybody
  Job job(stage);
  const Json keys = job.uploaded({photo()});
  loadgen::Control control(stage.environment().providers());
  for (const char* trouble : {"error_500", "slow_down"}) {
    control.store_trouble(trouble, "GET", 100);
    EXPECT_GE(job.submit(keys).status, 500) << trouble;
    EXPECT_EQ(job.proofs(), "0");
    EXPECT_EQ(job.state(), "ACCEPTED");
    control.store_trouble("none", "GET", 0);
  }
  control.store_trouble("missing", "GET", 1);
  EXPECT_EQ(job.submit(keys).hx(), "VALIDATION_ERROR") << "no object: the photo was never uploaded";
  control.store_trouble("none", "GET", 0);
  EXPECT_EQ(job.submit(keys).status, 200);
  EXPECT_EQ(job.proofs(), "1");
}

}  // namespace
}  // namespace server_tests
