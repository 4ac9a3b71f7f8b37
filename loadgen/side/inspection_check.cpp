// What must become of photos after their proof was stored (proof-and-gps.md §4, §6, §8 step 10): copies and
// generated pictures are marked for a person to look at and never refused, honest ones are left alone, and
// what people are shown is private, short-lived and free of metadata (§3, FM-125, FM-142).
#include "loadgen/side/inspection_check.h"
#include "loadgen/side/side_checks.h"

#include <array>
#include <chrono>
#include <thread>

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/proof_hands.h"
#include "loadgen/side/proof_metadata.h"
#include "loadgen/side/proof_shown.h"
#include "model/vocabulary/place.h"
#include "net/sign.h"
#include "sim/photos.h"
#include "sim/picture.h"
#include "sim/seattle.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::string_view kSpec = "proof-and-gps.md §3, §4, §6, §7";
constexpr std::chrono::milliseconds kTimeout{10'000};
constexpr std::int64_t kReadLifetimeS = 3600;

struct Submitted {
  SideTask task;
  std::string key;  // of the photo as it was uploaded
};

class Inspections : ProofHands {
 public:
  explicit Inspections(const SafetyStage& stage) : ProofHands(stage, "safety inspections", kSpec) {}

  void run() {
    copies();
    origins();
    places();
    faces();
    for (const PhotoKind& kind : {kJpeg, kPng, kHeic}) shown(kind);
    lifetime();
  }

 private:
  // Where the worker stands; every time a little elsewhere.
  model::GeoPoint standing() { return sim::moved(kPlaceOfTask, 11.3 + 0.7 * ++places_, 2.9); }

  sim::PhotoRecipe bare() const { return {.nonce = net::random_hex(16)}; }

  // Submits the picture; §4 and §6: whatever it is, the submission is taken.
  Submitted submitted(const std::string& what, const PhotoKind& kind, sim::PhotoRecipe recipe,
                      const model::GeoPoint& place, std::size_t who = 0, bool mock = false) {
    client_.now = client_.now + model::kHour;
    const SideTask at = task(who);
    if (recipe.captured) recipe.captured = client_.now;
    const std::string key = uploaded(at, kind.make(recipe), who, "result", kind.type).key;
    const json input{{"task_id", at.id},
                     {"description", "Done."},
                     {"photo_urls", {key}},
                     {"gps_lat", place.latitude()},
                     {"gps_lng", place.longitude()},
                     {"gps_accuracy_m", 9.5},
                     {"gps_mock", mock},
                     {"gps_captured_at", iso_text(client_.now)}};
    expect("proof-and-gps.md §4", what + ": the submission", "ok", told(submit(input, who)));
    expect_nothing_told(fmt::format("a photo ({}) right after its submission", kind.type), at, who);
    await_inspections(client_);
    return {at, key};
  }

  std::string review_of(const Submitted& proof) {
    return client_.sql(
        "SELECT CASE WHEN manual_review THEN 'review' ELSE 'no review' END FROM proof_inspections"
        " WHERE proof_id = (SELECT id FROM proofs WHERE task_id = '" +
        proof.task.id + "')");
  }
  std::string signals_of(const Submitted& proof) {
    return client_.sql(
        "SELECT coalesce(string_agg(DISTINCT kind, ' ' ORDER BY kind), '') FROM fraud_events"
        " WHERE kind IN ('similar_photo', 'low_authenticity', 'exif_elsewhere') AND task_id = '" +
        proof.task.id + "'");
  }
  void judged(std::string_view rule, const std::string& what, const Submitted& proof,
              const std::string& review, const std::string& signals) {
    expect(rule, what + ": sent to a person", review, review_of(proof));
    expect(rule, what + ": signals", signals, signals_of(proof));
    // "Never refuses alone": the poster decides, whatever was found.
    expect(rule, what + ": the task", "PROOF_SUBMITTED",
           client_.sql("SELECT state FROM tasks WHERE id = '" + proof.task.id + "'"));
  }

  // §4: a copy in other bytes, by the same worker and by another one, for other tasks.
  void copies() {
    constexpr std::string_view kRule = "proof-and-gps.md §4";
    const model::GeoPoint place = standing();
    sim::PhotoRecipe recipe = honest(place);
    judged(kRule, "a photo", submitted("a photo", kJpeg, recipe, place), "no review", "");
    const model::GeoPoint next = standing();
    judged(kRule, "a photo of another scene",
           submitted("a photo of another scene", kJpeg, honest(next), next), "no review", "");
    for (const auto& [copy, name] : {std::pair{sim::Copy::recompressed, "a recompressed copy"},
                                     {sim::Copy::cropped, "a cropped copy"}}) {
      for (const std::size_t who : {std::size_t{0}, std::size_t{1}}) {
        recipe.nonce = net::random_hex(16);
        recipe.copy = copy;
        recipe.place = standing();
        const std::string what = fmt::format("{} by {}", name, who == 0 ? "its worker" : "somebody else");
        judged(kRule, what, submitted(what, kJpeg, recipe, recipe.place, who), "review", "similar_photo");
      }
    }
  }

  // §6: what its metadata say about how a picture came about. Weights of 17; below half a person looks.
  void origins() {
    struct Row {
      const char* what;
      PhotoKind kind;
      bool dated, camera, screen;
      const char* software;
      bool review;
    };
    constexpr std::array kRows{
        Row{"a JPEG without EXIF (5 of 17)", kJpeg, false, false, false, "", false},
        Row{"a PNG without EXIF (7 of 17)", kPng, false, false, false, "", false},
        Row{"a screenshot (9 of 17)", kPng, false, false, true, "", true},
        Row{"a screenshot with EXIF (6 of 17)", kPng, true, false, true, "", false},
        Row{"a JPEG by a generator (5 of 17)", kJpeg, true, true, false, "Adobe Firefly 3", false},
        Row{"a PNG by a generator (9 of 17)", kPng, true, false, false, "Stable Diffusion XL", true},
        Row{"a bare PNG by a generator (12 of 17)", kPng, false, false, false, "Midjourney 6", true},
        Row{"a PNG by an editor (7 of 17)", kPng, false, false, false, "GIMP 2.10", false}};
    for (const Row& row : kRows) {
      const model::GeoPoint place = standing();
      sim::PhotoRecipe recipe = row.dated ? honest(place) : bare();
      if (!row.camera) recipe.camera.clear();
      recipe.software = row.software;
      recipe.screen = row.screen;
      judged("proof-and-gps.md §6", row.what, submitted(row.what, row.kind, recipe, place, 2),
             row.review ? "review" : "no review", row.review ? "low_authenticity" : "");
    }
  }

  // §6: the place in the EXIF against the fix; alone it is a signal, with another one a person looks (§5.6).
  void places() {
    constexpr std::string_view kRule = "proof-and-gps.md §6";
    struct Row {
      double metres;
      bool mock;
      const char *review, *signals;
    };
    for (const Row& row : {Row{490, false, "no review", ""}, Row{510, false, "no review", "exif_elsewhere"},
                           Row{490, true, "no review", ""}, Row{510, true, "review", "exif_elsewhere"}}) {
      const model::GeoPoint place = standing();
      const std::string what = fmt::format("a photo taken {} m from the fix{}", row.metres,
                                           row.mock ? ", which is a mock location" : "");
      judged(kRule, what,
             submitted(what, kJpeg, honest(sim::moved(place, row.metres, 0)), place, 2, row.mock), row.review,
             row.signals);
    }
  }

  // What the biometric provider says from now on, in hundredths; how often it was asked before.
  int scores(int liveness, int deepfake, std::string_view trouble = "none") {
    net::Request request{
        .method = "PUT",
        .target = "/control/biometrics",
        .headers = {},
        .body = json{{"liveness", liveness}, {"deepfake", deepfake}, {"trouble", trouble}}.dump()};
    request.headers.add("content-type", "application/json");
    const net::ClientResult answer = store_.exchange(request, kTimeout);
    if (!answer || answer->status != 200) throw std::runtime_error("providers: /control/biometrics failed");
    return json::parse(answer->body).at("asked");
  }

  // §7, T-PRF-22: scores at their thresholds are advice, a provider that is down is none, and nobody is asked
  // about the faces of people who have not consented.
  void faces() {
    constexpr std::string_view kRule = "proof-and-gps.md §7";
    struct Row {
      int liveness, deepfake;
      const char *trouble, *advice;
    };
    constexpr std::array kRows{Row{97, 2, "none", "APPROVE"},         Row{70, 2, "none", "APPROVE"},
                               Row{69, 2, "none", "MANUAL_REVIEW"},   Row{50, 2, "none", "MANUAL_REVIEW"},
                               Row{49, 2, "none", "REJECT"},          Row{97, 70, "none", "APPROVE"},
                               Row{97, 71, "none", "MANUAL_REVIEW"},  Row{97, 85, "none", "MANUAL_REVIEW"},
                               Row{97, 86, "none", "REJECT"},         Row{97, 2, "down", "MANUAL_REVIEW"},
                               Row{97, 2, "garbage", "MANUAL_REVIEW"}};
    const auto seen = [&](const std::string& what, const char* advice) {
      const model::GeoPoint place = standing();
      const Submitted proof = submitted(what, kJpeg, honest(place), place, 2);
      const bool review = std::string_view(advice) == "MANUAL_REVIEW" || std::string_view(advice) == "REJECT";
      judged(kRule, what, proof, review ? "review" : "no review", "");
      expect(kRule, what + ": advice", advice,
             client_.sql("SELECT coalesce(advice, 'none') FROM proof_inspections WHERE proof_id ="
                         " (SELECT id FROM proofs WHERE task_id = '" +
                         proof.task.id + "')"));
    };
    const int before = scores(0, 100);
    seen("a worker who has not consented, scores of a deepfake", "none");
    client_.sql(fmt::format("INSERT INTO biometric_consents VALUES ('{}', false)", people_.workers[2].id));
    seen("a worker who has refused, scores of a deepfake", "none");
    expect(kRule, "how often the provider was asked without consent", "0",
           std::to_string(scores(97, 2) - before));
    client_.sql(fmt::format("UPDATE biometric_consents SET granted = true WHERE user_id = '{}'",
                            people_.workers[2].id));
    for (const Row& row : kRows) {
      scores(row.liveness, row.deepfake, row.trouble);
      seen(fmt::format("liveness 0.{:02}, deepfake 0.{:02}, provider {}", row.liveness, row.deepfake,
                       std::string_view(row.trouble) == "none" ? "well" : row.trouble),
           row.advice);
    }
    const int asked = scores(97, 2);
    seen("one more proof", "APPROVE");
    expect(kRule, "how often the provider is asked about one proof", "1",
           std::to_string(scores(97, 2) - asked));
  }

  std::string read_url(const Submitted& proof, const std::string& token) {
    const Reply reply = client_.call("proof.getByTaskId", json{{"task_id", proof.task.id}}.dump(), token);
    return reply.ok() ? reply.text("/result/data/photos/0/read_url") : told(reply).substr(0, 3);
  }

  // FM-125, FM-142: who may see the photo sees a copy without metadata, by a URL for nothing else.
  void shown(const PhotoKind& kind) {
    const model::GeoPoint place = standing();
    const sim::PhotoRecipe recipe = honest(place);
    const Submitted proof = submitted(fmt::format("a photo ({})", kind.type), kind, recipe, place, 1);
    const std::string what = fmt::format("the URL of a photo ({})", kind.type);
    const std::string url = read_url(proof, people_.posters[0].token);
    const Fetched copy = fetch(url);
    expect("FM-125", what + ", read by the poster", "read", copy.outcome);
    expect("FM-125", what + ", read by the worker", "read",
           fetch(read_url(proof, people_.workers[1].token)).outcome);
    // Decision 10: 403 and 404 are the same to him.
    const std::string stranger = read_url(proof, people_.workers[0].token);
    expect("FM-125", what + ", asked for by a stranger", "404", stranger == "403" ? "404" : stranger);
    expect("FM-125", what + " without its signature", "refused", fetch(url.substr(0, url.find('?'))).outcome);
    expect("FM-125", what + " as a place to upload to", "refused", fetch(url, "PUT").outcome);
    const std::string original = kind.make(recipe);
    expect("FM-142", what + ": it is a picture of its kind", net::hex(original.substr(0, 3)),
           net::hex(copy.bytes.substr(0, 3)));
    if (const auto taken = sim::decoded(original)) {
      const auto seen = sim::decoded(copy.bytes);
      expect("FM-142", what + ": it shows what the photo shows", "yes",
             !seen                            ? "it cannot be decoded"
             : sim::look_alike(*taken, *seen) ? "yes"
                                              : "another picture");
    }
    expect("FM-142", what + ": by what it tells its place or camera", "nothing",
           told_by_metadata(copy.bytes));
  }

  // §3: an hour. The store's clock goes ahead, the URL ages.
  void lifetime() {
    const model::GeoPoint place = standing();
    const Submitted proof = submitted("a photo", kJpeg, honest(place), place, 1);
    for (const auto& [ahead, wanted] :
         {std::pair{kReadLifetimeS - 30, "read"}, {kReadLifetimeS + 2, "refused"}}) {
      const std::string url = read_url(proof, people_.posters[0].token);
      control_.store_ahead(std::chrono::seconds(ahead));
      const std::string outcome = fetch(url).outcome;
      control_.store_ahead(std::chrono::seconds(0));
      expect("proof-and-gps.md §3", fmt::format("reading a photo {} s after its URL was made", ahead), wanted,
             outcome);
    }
  }

  int places_ = 0;
};

}  // namespace

void await_inspections(SideClient& client) {
  constexpr std::chrono::seconds kPatience{20};
  constexpr std::chrono::milliseconds kLook{10};
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (client.sql("SELECT count(*) FROM proof_inspections WHERE state <> 'done'") != "0") {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error("side stage: photos of a stored proof are never looked at");
    std::this_thread::sleep_for(kLook);
  }
}

void check_inspections(const SafetyStage& stage) {
  Inspections(stage).run();
  check_shown_photos(stage);
  check_photo_metadata(stage);
}

}  // namespace loadgen
