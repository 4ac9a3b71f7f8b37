// Several tasks of the same two people (state-machines.md §1-§4): every precondition names one task, its
// escrow, its proof and its dispute. So whatever stands open or is over between the two, their next task goes
// its way.
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/side/side_checks.h"

namespace loadgen {
namespace {

using nlohmann::json;

// One call about a task that was driven so far.
struct Step {
  std::string_view what, procedure;
  Stop from;
  bool by_worker = false;
};
constexpr std::array kSteps{Step{"the payment is asked for", "escrow.createIntent", Stop::created},
                            Step{"the worker accepts", "task.accept", Stop::funded, true},
                            Step{"the poster accepts the proof", "proof.accept", Stop::submitted},
                            Step{"the poster rejects the proof", "proof.reject", Stop::submitted},
                            Step{"the poster disputes", "dispute.create", Stop::submitted},
                            Step{"the worker disputes", "dispute.create", Stop::submitted, true},
                            Step{"the poster disputes an accepted proof", "dispute.create", Stop::reviewed},
                            Step{"the poster completes", "task.complete", Stop::reviewed},
                            Step{"the poster cancels before payment", "task.cancel", Stop::asked},
                            Step{"the poster cancels", "task.cancel", Stop::funded},
                            Step{"the poster cancels after acceptance", "task.cancel", Stop::accepted}};
constexpr std::array kStops{Stop::created,   Stop::asked,    Stop::funded,  Stop::accepted,
                            Stop::submitted, Stop::reviewed, Stop::disputed};

class Pairs {
 public:
  explicit Pairs(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(1, 1)) {}

  // Twice: the second time everything that a step leads to stands beside it as well.
  void run() {
    for (const Stop stop : kStops) drive_task(client_, people_.posters[0], people_.workers[0], stop);
    for (const char* round : {"", ", once more"}) {
      for (const Step& step : kSteps) take(step, round);
    }
  }

 private:
  void take(const Step& step, std::string_view round) {
    const SideTask task = drive_task(client_, people_.posters[0], people_.workers[0], step.from);
    const json input =
        step.procedure == "proof.accept"   ? json{{"proof_id", task.proof}}
        : step.procedure == "proof.reject" ? json{{"proof_id", task.proof}, {"reason", "Blurred."}}
        : step.procedure == "dispute.create"
            ? json{{"task_id", task.id}, {"reason", "OTHER"}, {"description", "Not as agreed."}}
            : json{{"task_id", task.id}};
    const Person& caller = step.by_worker ? people_.workers[0] : people_.posters[0];
    stage_.expect(
        "safety collisions", "one task at a time", "state-machines.md §1-§4",
        fmt::format("{}, beside other tasks of the same two people in every state{}", step.what, round), "ok",
        told(client_.call(step.procedure, input.dump(), caller.token)));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_pairs(const SafetyStage& stage) {
  Pairs(stage).run();
}

}  // namespace loadgen
