#include "loadgen/side/proof_submissions.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "loadgen/encode.h"
#include "loadgen/side/proof_hands.h"
#include "model/vocabulary/contract.h"
#include "model/vocabulary/limits.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::string_view kSpec = "proof-and-gps.md PRF-6, PRF-8, GPS-1";
constexpr std::array kKinds{kJpeg, kPng, kHeic};
constexpr int kLong = 1000;  // requests: until the trouble is taken away
constexpr std::array<const char*, 4> kFix{"gps_lat", "gps_lng", "gps_accuracy_m", "gps_captured_at"};

// Another value of the same kind, so far off that no rounding brings the two together.
json another(const model::Field& field, const json& value, model::Instant now) {
  constexpr std::int64_t kDegreesMax = 180;
  switch (field.type) {
    case model::FieldType::text:
      return value.get<std::string>() + "x";
    case model::FieldType::decimal:
      return value.get<double>() + (field.max <= kDegreesMax ? 0.0001 : 1);
    case model::FieldType::instant:
      return iso_text(now + -2 * model::kSecond);
    case model::FieldType::boolean:
      return !value.get<bool>();
    default:
      throw std::logic_error(fmt::format("submissions: no other value of {} is known", field.name));
  }
}

struct Variant {
  std::string what;
  json input;
};

// A submission with one member changed, for every member that the contract has but the task. `spare`: photos
// that nobody has submitted.
std::vector<Variant> other_payloads(const json& input, const std::array<std::string, 2>& spare,
                                    model::Instant now) {
  std::vector<Variant> others;
  const auto add = [&](std::string_view what, std::string_view member, json value) {
    others.push_back({std::string(what), input});
    others.back().input[std::string(member)] = std::move(value);
  };
  for (const model::Field& field : model::procedure(model::Action::proof_submit).input) {
    if (field.name == "task_id" || field.name == "photo_urls") continue;
    add(fmt::format("another {}", field.name), field.name,
        another(field, input.at(std::string(field.name)), now));
  }
  const std::string first = input["photo_urls"][0], second = input["photo_urls"][1];
  add("another first photo", "photo_urls", {spare[0], second});
  add("another last photo", "photo_urls", {first, spare[0]});
  add("other photos", "photo_urls", {spare[0], spare[1]});
  add("a photo less", "photo_urls", json::array({first}));
  add("a photo more", "photo_urls", {first, second, spare[0]});
  add("the photos in another order", "photo_urls", {second, first});  // which sequence_number keeps
  return others;
}

class Submissions : ProofHands {
 public:
  explicit Submissions(const SafetyStage& stage) : ProofHands(stage, "safety uploads", kSpec) {}

  void run() {
    repeats();
    kinds();
    cheap_first();
    captions();
    parts_of_a_fix(true);
    capture_times();
    for (const PhotoKind& kind : kKinds) {
      for (const model::Millis fraction : {0, 900}) acceptance_times(kind, fraction);
    }
  }

  // GPS-1: a fix is whole, or where none is required there is none; a part that is missing is named.
  void parts_of_a_fix(bool required) {
    const std::string mode = required ? "where a fix is required" : "where a fix is optional";
    const SideTask at = task(2);
    const std::string key = uploaded(at, photo(), 2).key;
    constexpr unsigned kAll = (1U << kFix.size()) - 1;
    for (unsigned sent = required ? 0 : 1; sent < kAll; ++sent) {
      json input = submission(at, {key});
      std::vector<std::string> missing, present;
      for (std::size_t i = 0; i < kFix.size(); ++i)
        (sent >> i & 1U ? present : missing).emplace_back(kFix[i]);
      for (const std::string& part : missing) input.erase(part);
      const Reply reply = submit(input, 2);
      expect(
          "GPS-1",
          fmt::format("a submission with {} of a fix, {}",
                      present.empty() ? "nothing" : fmt::format("{} alone", fmt::join(present, ", ")), mode),
          "VALIDATION_ERROR, a missing part is named", naming(reply, missing));
      if (reply.ok()) return;  // the task is no longer at work
    }
    zeros(at, key, mode);
    expect("GPS-1", "attempts spent by parts of a fix, " + mode, "0", attempts(at));
    expect("GPS-1", "the same photo with all of a fix, " + mode, "ok", told(submit(at, {key}, 2)));
    if (required) return;
    const SideTask next = task(2);
    json input = submission(next, {uploaded(next, photo(), 2).key});
    for (const char* part : kFix) input.erase(part);
    expect("GPS-1", "a submission with nothing of a fix, " + mode, "ok", told(submit(input, 2)));
  }

 private:
  static std::string naming(const Reply& reply, const std::vector<std::string>& missing) {
    const std::string field = reply.text("/error/data/field");
    const bool named = std::ranges::find(missing, field) != missing.end();
    return fmt::format("{}, {}", reply.ok() ? "ok" : reply.hx,
                       named           ? "a missing part is named"
                       : field.empty() ? "nothing is named"
                                       : field + " is named");
  }

  // T-PRF-10, FM-127: zero is a number. Alone it is a part, and zero and zero is far outside the city.
  void zeros(const SideTask& at, const std::string& key, const std::string& mode) {
    const std::vector<std::vector<std::string>> sets{{"gps_lat"},
                                                     {"gps_lng"},
                                                     {"gps_accuracy_m"},
                                                     {"gps_lat", "gps_lng"},
                                                     {"gps_lat", "gps_lng", "gps_accuracy_m"}};
    for (const bool whole : {false, true}) {
      for (const std::vector<std::string>& set : sets) {
        if (whole && set == std::vector<std::string>{"gps_accuracy_m"}) continue;  // suspicious, not refused
        json input = submission(at, {key});
        if (!whole) {
          for (const char* part : kFix) input.erase(part);
        }
        for (const std::string& part : set) input[part] = 0;
        expect("GPS-1",
               fmt::format("a submission with zero as {}, {} of the fix, {}", fmt::join(set, ", "),
                           whole ? "and the rest" : "without the rest", mode),
               "400 VALIDATION_ERROR", told(submit(input, 2)).substr(0, 20));
      }
    }
  }

  // T-PRF-18, PRF-6: the same key again, before and after the review, with the same payload and another one.
  void repeats() {
    constexpr std::string_view kRule = "PRF-6";
    const SideTask at = task();
    const auto fresh = [&] { return uploaded(at, photo()).key; };
    json input = submission(at, {fresh(), fresh()});
    const std::array<std::string, 2> spare{fresh(), fresh()};
    input["gps_mock"] = false;
    input["client_key"] = net::random_hex(8);
    const Reply first = submit(input, 0);
    if (!expect(kRule, "a submission with a key of the client's", "ok", told(first))) return;
    expect(kRule, "the same once more", first.body, submit(input, 0).body);
    for (const bool reviewed : {false, true}) {
      // In review the task's state refuses as well (PRF-2); when it is back at work only the key does.
      const char* when = reviewed ? "after the review" : "before the review";
      if (reviewed) {
        const json verdict{{"proof_id", first.text("/result/data/proof/id")}, {"reason", "Blurred."}};
        must(client_.call("proof.reject", verdict.dump(), people_.posters[0].token), "proof.reject");
      }
      for (const Variant& other : other_payloads(input, spare, client_.now)) {
        expect(kRule, fmt::format("the same with {}, {}", other.what, when), "409 CONFLICT",
               told(submit(other.input, 0)).substr(0, 12));
      }
      elsewhere(input, when);
      expect(kRule, fmt::format("the same after all of these, {}", when), first.body, submit(input, 0).body);
    }
    expect(kRule, "proofs that came of it", "1", attempts(at));
  }

  // T-PRF-03: what the bytes are is what was declared, for every kind, whatever else is right about them.
  void kinds() {
    const SideTask at = task();
    for (const PhotoKind& declared : kKinds) {
      for (const PhotoKind& real : kKinds) {
        if (declared.type == real.type) continue;
        const std::string bytes = real.make({.nonce = net::random_hex(16), .captured = client_.now});
        expect("T-PRF-03", fmt::format("a photo ({}) that was declared as {}", real.type, declared.type),
               "400 VALIDATION_ERROR",
               told(submit(at, {uploaded(at, bytes, 0, "result", declared.type).key})).substr(0, 20));
      }
    }
    expect("T-PRF-03", "proofs that came of it", "0", attempts(at));
  }

  // The same for another task of the same worker. Refused it is in any case: keys of one task are no receipts
  // of another (PRF-7).
  void elsewhere(json input, const char* when) {
    const SideTask other = task();
    input["task_id"] = other.id;
    const Reply reply = submit(input, 0);
    expect("PRF-6", fmt::format("the same with another task_id, {}", when), "refused",
           reply.status / 100 == 4 ? "refused" : told(reply));
    expect("PRF-6", fmt::format("proofs of that other task, {}", when), "0", attempts(other));
  }

  // §8: whatever is refused, or answered from what is stored, before the photos are looked at needs no store.
  void cheap_first() {
    const SideTask at = task(), foreign = task(1);
    const std::string key = uploaded(at, photo()).key;
    json input = submission(at, {key});
    input["client_key"] = net::random_hex(8);
    const Reply first = submit(input, 0);
    if (!expect("proof-and-gps.md §8", "a submission with a key of the client's", "ok", told(first))) return;
    json nameless = submission(at, {key}), other = input;
    nameless.erase("description");
    other["description"] = "Done otherwise.";
    json unknown = submission(at, {key});
    unknown["task_id"] = "00000000-0000-4000-8000-000000000000";
    control_.store_trouble("error_500", "", kLong);
    struct Row {
      const char* what;
      std::string wanted, seen;
    };
    const std::vector<Row> rows{
        {"without a credential", "401 HX501", code_told(client_.call("proof.submit", input.dump(), ""))},
        {"without a description", "400 VALIDATION_ERROR", code_told(submit(nameless, 0))},
        {"of no task", "404 NOT_FOUND", code_told(submit(unknown, 0))},
        {"of another's task", "403 HX503", code_told(submit(submission(foreign, {key}), 0))},
        {"of a task in review", "409 CONFLICT", code_told(submit(submission(at, {key}), 0))},
        {"under a key with another payload", "409 CONFLICT", code_told(submit(other, 0))},
        {"that is repeated", first.body, submit(input, 0).body}};
    control_.store_trouble("none", "", 0);
    for (const Row& row : rows)
      expect("proof-and-gps.md §8", fmt::format("a submission {}, while the store has trouble", row.what),
             row.wanted, row.seen);
  }

  // safety-and-abuse.md §2.1: a proof's caption is moderated like every other text, wherever in it the words
  // are.
  void captions() {
    constexpr std::string_view kWords = "Venmo me";
    constexpr std::size_t kMost = model::limits::kProofDescriptionMax;
    const SideTask at = task();
    const std::string key = uploaded(at, photo()).key;
    for (const std::size_t before : {std::size_t{0}, kMost / 2, kMost - kWords.size()}) {
      client_.now = client_.now + model::kSecond;
      json input = submission(at, {key});
      std::string caption(kMost, ' ');
      for (std::size_t i = 0; i < kMost; i += 2) caption[i] = 'a';
      caption.replace(before, kWords.size(), kWords);
      if (before + kWords.size() < kMost) caption[before + kWords.size()] = ' ';
      if (before > 0) caption[before - 1] = ' ';
      caption.back() = caption.back() == ' ' ? 'a' : caption.back();
      input["description"] = caption;
      const std::string what =
          fmt::format("a proof with forbidden words after {} of {} characters", before, kMost);
      expect("safety-and-abuse.md §2.1", what, "400 VALIDATION_ERROR CONTENT_BLOCKED",
             told(submit(input, 0)));
      expect(
          "safety-and-abuse.md §2.1", what + ", cases for a human", "1",
          client_.sql(fmt::format("SELECT count(*) FROM content_moderation_queue WHERE user_id = '{}'"
                                  " AND flagged_at = '{}' AND severity = 'CRITICAL' AND content_text = '{}'",
                                  people_.workers[0].id, iso_text(client_.now), caption)));
    }
    expect("safety-and-abuse.md §2.1", "proofs that came of it", "0", attempts(at));
    expect("safety-and-abuse.md §2.1", "the same photo with other words", "ok", told(submit(at, {key}, 0)));
  }

  // PRF-8: when a photo was taken, in every kind of file that tells it, whatever the camera's time zone.
  void capture_times() {
    for (const auto& [make, type] : kKinds) {
      for (const int zone : {0, 120, -420, 345}) {
        const model::Millis hours = (zone == 0 ? 90 : std::abs(zone)) * model::kMinute;
        for (const model::Millis age : {10 * model::kSecond, hours}) {
          const SideTask at = task(2);
          client_.now = client_.now + 8 * model::kHour;  // so that only the age is wrong, not the acceptance
          const std::string bytes =
              make({.nonce = net::random_hex(16), .captured = client_.now + -age, .zone_minutes = zone});
          expect(
              "PRF-8",
              fmt::format("a photo ({}) taken {} s ago, {} minutes east", type, age / model::kSecond, zone),
              age < model::kMinute ? "ok" : "400 VALIDATION_ERROR",
              told(submit(at, {uploaded(at, bytes, 2, "result", type).key}, 2)).substr(0, 20));
        }
      }
    }
  }

  // PRF-8: nothing counts but the acceptance, long after the task was created and paid for. EXIF knows whole
  // seconds: a photo of the second of the acceptance may have been taken after it.
  void acceptance_times(const PhotoKind& kind, model::Millis fraction) {
    constexpr model::Millis kOpen = 4 * model::kMinute;  // all of it less than 300 s before the submission
    client_.now = {(client_.now.ms / model::kSecond + 60) * model::kSecond};
    const SideTask at =
        drive_task(client_, people_.posters[0], people_.workers[1], Stop::funded, 5000, "errands");
    const model::Instant second = client_.now + kOpen;  // of the acceptance
    client_.now = second + fraction;
    must(client_.call("task.accept", json{{"task_id", at.id}}.dump(), people_.workers[1].token),
         "task.accept");
    client_.now = second + 20 * model::kSecond;
    for (const model::Millis before :
         {kOpen - model::kSecond, kOpen / 2, 2 * model::kSecond, model::kSecond, model::Millis{0}}) {
      const std::string bytes = kind.make({.nonce = net::random_hex(16), .captured = second + -before});
      const Reply reply = submit(at, {uploaded(at, bytes, 1, "result", kind.type).key}, 1);
      expect("PRF-8",
             fmt::format("a photo ({}) taken {} s before the second of the acceptance ({} ms), and after the "
                         "task was paid for",
                         kind.type, before / model::kSecond, fraction),
             before == 0 ? "ok" : "400 VALIDATION_ERROR", told(reply).substr(0, 20));
      if (reply.ok()) return;  // the task is no longer at work
    }
  }
};

}  // namespace

void check_submissions(const SafetyStage& stage) {
  Submissions(stage).run();
  SafetyStage lenient = stage;
  // It looks at photos as well, those of the other server too: so it asks the same provider about faces.
  lenient.open_server = stage.side.start_server(
      {"--rate-limits", "off", "--biometrics-url", stage.side.providers(), "--proof-gps", "optional"});
  Submissions(lenient).parts_of_a_fix(false);
}

}  // namespace loadgen
