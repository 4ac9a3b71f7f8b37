// Two submissions that have a worker, a photo or a key in common, each for a task of its own: the task's row
// keeps nobody apart.
#include <memory>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/collision_scenes.h"
#include "loadgen/side/meetings.h"
#include "net/sign.h"
#include "sim/photos.h"

namespace loadgen {
namespace {

using nlohmann::json;

struct Point {
  double latitude, longitude;
};
constexpr Point kHome{47.61, -122.33}, kAway{47.5312345, -122.3871234};  // 9.7 km apart
constexpr model::Millis kApart = model::kMinute;

class Submissions {
 public:
  explicit Submissions(Cast& cast) : cast_(cast), control_(cast.stage.side.providers()) {}

  // GPS-7: fixes of one worker follow each other, whatever the tasks.
  Asked fixes(const Point& second) {
    const Person& worker = cast_.next();
    const SideTask one = accepted(worker, 0), other = accepted(worker, 1);
    cast_.client.sql(fmt::format("UPDATE tasks SET location_lat = {}, location_lng = {} WHERE id = '{}'",
                                 second.latitude, second.longitude, other.id));
    json here = submission(one, worker, photo()), there = submission(other, worker, photo());
    found(here, kHome, cast_.client.now + -kApart);
    found(there, second, cast_.client.now);
    return asked(here, worker, there, worker, one, other);
  }
  // PRF-13: a photo belongs to one task and one worker.
  Asked photos(bool same_worker) {
    const Person& worker = cast_.next();
    const Person& second = same_worker ? worker : cast_.next();
    const SideTask one = accepted(worker, 0), other = accepted(second, 1);
    const std::string bytes = photo();
    return asked(submission(one, worker, bytes), worker, submission(other, second, bytes), second, one,
                 other);
  }
  // PRF-6: a key stands for one submission.
  Asked keys(bool same_task) {
    const Person& worker = cast_.next();
    const SideTask one = accepted(worker, 0);
    const SideTask other = same_task ? one : accepted(worker, 1);
    json first = submission(one, worker, photo());
    first["client_key"] = net::random_uuid();
    json second = same_task ? first : submission(other, worker, photo());
    second["client_key"] = first["client_key"];
    return asked(first, worker, second, worker, one, other);
  }

 private:
  SideTask accepted(const Person& worker, std::size_t poster) {
    return drive_task(cast_.client, cast_.people.posters[poster], worker, Stop::accepted);
  }
  std::string photo() const {
    return sim::jpeg_photo({.nonce = net::random_hex(16), .captured = cast_.client.now});
  }
  json submission(const SideTask& task, const Person& worker, const std::string& bytes) {
    json input{{"task_id", task.id},
               {"description", "Done."},
               {"photo_urls", {stored_photo(cast_.client, control_, worker, task.id, bytes)}}};
    found(input, kHome, cast_.client.now);
    return input;
  }
  static void found(json& submission, const Point& at, model::Instant when) {
    submission["gps_lat"] = at.latitude + 0.0000123;
    submission["gps_lng"] = at.longitude + 0.0000127;
    submission["gps_accuracy_m"] = 9.5;
    submission["gps_captured_at"] = iso_text(when);
  }
  Asked asked(const json& first, const Person& worker, const json& second, const Person& other,
              const SideTask& one, const SideTask& two) {
    return {asks("proof.submit", first, worker), asks("proof.submit", second, other),
            [this, one, two] { return left(one) + " + " + left(two); }};
  }
  std::string left(const SideTask& task) {
    return cast_.client.sql(fmt::format(
        "SELECT concat_ws(', ', t.state, (SELECT string_agg(concat_ws(' ', p.state, 'risk ' || "
        "l.risk_hundredths, CASE "
        "WHEN l.manual_review THEN 'for a human' END), ' ') FROM proofs p LEFT JOIN proof_locations l ON "
        "l.proof_id = p.id WHERE p.task_id = t.id), (SELECT 'signals ' || string_agg(f.kind, ' ' ORDER BY "
        "f.kind) FROM fraud_events f WHERE f.task_id = t.id)) FROM tasks t WHERE t.id = '{}'",
        task.id));
  }

  Cast& cast_;
  Control control_;
};

}  // namespace

std::vector<Meeting> meetings_of_proofs(Cast& cast) {
  const auto all = std::make_shared<Submissions>(cast);
  return {{"two fixes of one worker, far from each other", [all] { return all->fixes(kAway); }},
          {"two fixes of one worker, near each other", [all] { return all->fixes(kHome); }},
          {"one photo of two workers", [all] { return all->photos(false); }, true},
          {"one photo for two tasks of one worker", [all] { return all->photos(true); }, true},
          {"one key for two submissions", [all] { return all->keys(false); }, true},
          {"one submission, twice", [all] { return all->keys(true); }, true}};
}

}  // namespace loadgen
