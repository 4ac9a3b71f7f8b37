// What a deadline does to a task with a past (state-machines.md T12, T13): whatever was handed in and
// rejected, a task that waits for its worker expires and its money goes back; one that waits for its poster
// or an admin stays. All of them are past their deadline when the job runs, once for all and once more for
// each.
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/side/proof_hands.h"
#include "loadgen/side/side_checks.h"
#include "model/vocabulary/limits.h"

namespace loadgen {
namespace {

using nlohmann::json;

// After so many rejected proofs.
enum class Then : std::uint8_t { nothing, submitted, accepted, disputed };
struct Past {
  int rejections = 0;
  Then then = Then::nothing;
};
constexpr std::array<std::string_view, 4> kThen{"nothing more", "one in review", "an accepted one",
                                                "a dispute"};
struct Waiting {
  std::string what, due;
  SideTask task;
  int refunded = 0;
};

class Expiry : ProofHands {
 public:
  explicit Expiry(const SafetyStage& stage)
      : ProofHands(stage, "safety jobs", "state-machines.md T12, T13") {}

  void run() {
    std::vector<Waiting> all;
    for (const auto& [stop, name] :
         {std::pair{Stop::created, "an open task"}, {Stop::asked, "an open task that is being paid for"}})
      all.push_back(
          {name, "EXPIRED, REFUNDED", drive_task(client_, people_.posters[0], people_.workers[0], stop)});
    all.push_back({"an open task that is paid for", "EXPIRED, REFUNDED",
                   drive_task(client_, people_.posters[0], people_.workers[0], Stop::funded), kPrice});
    for (int rejections = 0; rejections <= model::limits::kProofAttemptsMax; ++rejections) {
      for (const Then then : {Then::nothing, Then::submitted, Then::accepted, Then::disputed}) {
        const bool more = then == Then::submitted || then == Then::accepted;
        if (more && rejections == model::limits::kProofAttemptsMax) continue;
        if (then == Then::disputed && rejections == 0) continue;
        all.push_back(waiting({rejections, then}));
      }
    }
    client_.now = client_.now + 49 * model::kHour;
    std::vector<std::string> ids;
    for (const Waiting& each : all) ids.push_back(each.task.id);
    client_.post("/test/jobs/task_expiry", json{{"task_ids", ids}}.dump());
    for (const Waiting& each : all) look(each, "");
    for (const Waiting& each : all) {
      client_.post("/test/jobs/task_expiry", json{{"task_ids", {each.task.id}}}.dump());
      look(each, ", once more");
    }
  }

 private:
  static constexpr int kPrice = 5000;

  Waiting waiting(const Past& past) {
    SideTask at = task();
    for (int i = 0; i < past.rejections; ++i) {
      hand_in(at);
      decide("proof.reject", json{{"proof_id", at.proof}, {"reason", "Blurred."}});
    }
    if (past.then == Then::submitted || past.then == Then::accepted) hand_in(at);
    if (past.then == Then::accepted) decide("proof.accept", json{{"proof_id", at.proof}});
    if (past.then == Then::disputed)
      decide("dispute.create",
             json{{"task_id", at.id}, {"reason", "OTHER"}, {"description", "Not as agreed."}});
    const bool expires = past.then == Then::nothing;
    const bool disputed = past.then == Then::disputed;
    return {fmt::format("an accepted task, {} proofs rejected, then {}", past.rejections,
                        kThen.at(static_cast<std::size_t>(past.then))),
            expires    ? "EXPIRED, REFUNDED"
            : disputed ? "DISPUTED, LOCKED_DISPUTE"
                       : "PROOF_SUBMITTED, FUNDED",
            at, expires ? kPrice : 0};
  }
  void hand_in(SideTask& at) {
    client_.now = client_.now + model::kMinute;
    at.proof = must(submit(at, {uploaded(at, photo()).key}), "proof.submit").text("/result/data/proof/id");
  }
  void decide(std::string_view procedure, const json& input) {
    must(client_.call(procedure, input.dump(), people_.posters[0].token), procedure);
  }

  void look(const Waiting& each, std::string_view when) {
    client_.drain();
    expect("T13", fmt::format("past its deadline: {}{}", each.what, when),
           fmt::format("{}, {} cents returned", each.due, each.refunded),
           fmt::format("{}, {} cents returned",
                       client_.sql(fmt::format("SELECT t.state || ', ' || e.state FROM tasks t"
                                               " JOIN escrows e ON e.task_id = t.id WHERE t.id = '{}'",
                                               each.task.id)),
                       client_.book(each.task.escrow, "refunded")));
  }
};

}  // namespace

void check_expiry(const SafetyStage& stage) {
  Expiry(stage).run();
}

}  // namespace loadgen
