#include "loadgen/campaign/gate.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <thread>
#include <tuple>

#include <fmt/format.h>

#include "loadgen/books.h"
#include "loadgen/campaign/admin_check.h"
#include "loadgen/campaign/case_judge.h"
#include "loadgen/campaign/disturb.h"
#include "loadgen/campaign/drills.h"
#include "loadgen/campaign/final_world.h"
#include "loadgen/campaign/findings.h"
#include "loadgen/campaign/items.h"
#include "loadgen/campaign/proof_evidence.h"
#include "loadgen/campaign/retry.h"
#include "loadgen/campaign/row_instants.h"
#include "loadgen/campaign/shown_rows.h"
#include "loadgen/campaign/static_checks.h"
#include "loadgen/campaign/timeline.h"
#include "loadgen/campaign/turns.h"
#include "loadgen/campaign/watch.h"
#include "loadgen/control.h"
#include "loadgen/environment/error.h"
#include "loadgen/executor.h"
#include "loadgen/rest.h"
#include "loadgen/side/side_schedule.h"
#include "sim/interpret.h"
#include "sim/scenario.h"
#include "sim/tour.h"

namespace loadgen {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kTargetDied = "TARGET-DIED";

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

model::Instant wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

bool database_answers(const std::string& url) {
  try {
    Database(url).query("SELECT 1");
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

class Gate {
 public:
  Gate(const GateOptions& options, Environment& environment, const GateEvents& events)
      : options_(options), environment_(environment), events_(events) {
    judge_.listen([this](const model::Finding& finding, std::uint64_t commands) {
      if (judges_.insert(finding.judge).second)
        timeline_.note("first finding of " + finding.judge, timeline_.seconds(), 0);
      if (events_.found) events_.found(finding, commands);
    });
  }
  Run run();

 private:
  void load_scenarios();
  Endpoints endpoints() const;
  bool selected(std::initializer_list<std::string_view> groups) const;
  void progress(std::string_view phase);
  void check_database();
  bool driving_possible() const { return !environment_.providers().empty(); }
  void drill_and_drive(Executor& executor);
  void check_beside(const std::function<void()>& work);
  void drive(Executor& executor);
  std::optional<sim::Plan> next_plan();
  void target_died(const std::string& message);
  void judge_rest();
  void conclude(Run& run, Executor* executor);

  const GateOptions& options_;
  Environment& environment_;
  const GateEvents& events_;
  std::vector<sim::Scenario> scenarios_;
  Timeline timeline_;
  Turns side_turns_{kSideLanes};
  CaseJudge judge_;
  const std::function<bool()> stopped_ = [this] { return died_ || events_.interrupted(); };
  std::unique_ptr<Watch> watch_;
  std::map<std::string, std::string, std::less<>> impossible_;
  std::uint64_t next_case_ = 0;
  Progress driven_;  // so far; later phases tell it too
  std::atomic<bool> died_ = false;
  std::string incomplete_;
  std::vector<Retried> retried_;
  std::set<std::string> judges_;  // that have found something; under the judge's lock
};

void Gate::load_scenarios() {
  const bool clock = environment_.facts().test_clock;
  for (const std::string& name : options_.scenarios.empty() ? default_mix() : options_.scenarios) {
    auto scenario = sim::load_scenario(name, options_.scenario_folder);
    if (!scenario) throw EnvironmentError(2, "--scenario: " + scenario.error());
    if (scenario->told && scenario->story.empty()) {
      throw EnvironmentError(
          2,
          "--scenario story: expected the path of a story.json (hustle replay FINDING --export writes one)");
    }
    if (name.ends_with(".json")) scenario->name = name;  // so that a replay finds the file again
    if (scenario->needs.clock && !clock) continue;
    scenarios_.push_back(std::move(*scenario));
  }
  if (scenarios_.empty()) {
    throw EnvironmentError(3,
                           "--scenario: every scenario needs a target that takes the clock from the harness");
  }
  if (!clock) {
    impossible_["job.reviewTimeout"] = "the target has no test clock";
    impossible_["drill review timeout after restart"] = "the target has no test clock";
  }
}

Endpoints Gate::endpoints() const {
  return {environment_.target(), environment_.database(), environment_.providers(),
          environment_.facts().test_clock};
}

bool Gate::selected(std::initializer_list<std::string_view> groups) const {
  return options_.only.empty() || std::ranges::any_of(groups, [&](std::string_view group) {
           return std::ranges::find(options_.only, group) != options_.only.end();
         });
}

void Gate::progress(std::string_view phase) {
  events_.progress(
      {phase, driven_.seconds, options_.seconds, driven_.plans, driven_.commands, judge_.findings()});
}

void Gate::check_database() {
  Database database(environment_.database());
  const std::vector<std::string> missing = database.missing_columns();
  if (missing.empty()) return;
  throw EnvironmentError(
      3, fmt::format("--database: not the schema of the money core: {} missing", fmt::join(missing, ", ")));
}

std::optional<sim::Plan> Gate::next_plan() {
  const bool clock = environment_.facts().test_clock;
  while (true) {
    const std::uint64_t number = next_case_++;
    // All tours first: however short the run, every situation is met once.
    const auto tour = std::ranges::find_if(scenarios_, &sim::Scenario::tour);
    const bool touring = tour != scenarios_.end() && number < sim::all_tours().size();
    const sim::Scenario& scenario = touring ? *tour : scenarios_[number % scenarios_.size()];
    sim::Plan plan = sim::plan_case(scenario, options_.seed, number, wall_clock());
    if (clock || !plan.needs_clock) return plan;
  }
}

void Gate::drive(Executor& executor) {
  const Clock::time_point begin = Clock::now();
  const auto elapsed = [begin] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  Disturber disturber(environment_, judge_, *watch_, options_.seconds);
  if (environment_.owns_server()) {
    disturber.start();
  } else {
    const std::string reason = "the server is not ours to kill";
    for (const char* key : {"crash kill -9", "crash lost answers", "shutdown drained"})
      impossible_[key] = reason;
  }
  const Ended ended =
      executor.run([&] { return next_plan(); }, [&](const CaseRecord& record) { judge_.judge(record); },
                   {.stop = [&] { return elapsed() >= options_.seconds || events_.interrupted(); },
                    .progress =
                        [&](const Progress& p) {
                          driven_ = p;
                          progress("driving");
                        }});
  disturber.stop();
  driven_ = ended.progress;
  if (ended.why == Ended::Why::target_died) target_died(ended.message);
  if (!died_ && events_.interrupted()) incomplete_ = "interrupted";
}

// The checks of the schema and those of the side stage touch nothing that is driven: all run at the same
// time, so that a breach that only one of them shows is not seen later for the sake of the others.
void Gate::check_beside(const std::function<void()>& work) {
  GateEvents silent = events_;
  silent.progress = [](const GateProgress&) {};
  silent.interrupted = stopped_;
  Impossible of_schema, of_side;
  std::vector<Retried> attacks;
  std::exception_ptr trouble;
  {
    const std::jthread schema([&] {
      if (!options_.checks.empty() && std::ranges::count(options_.checks, kAttackCheck) == 0) return;
      try {
        run_static_checks({options_, environment_, judge_, silent, timeline_, attacks}, of_schema);
      } catch (...) {
        trouble = std::current_exception();
      }
    });
    const std::jthread side([&] {
      if (driving_possible())
        check_safety({environment_, judge_, stopped_, timeline_, side_turns_, options_.checks, options_.only},
                     of_side);
    });
    try {
      work();
    } catch (const std::exception& died) {
      target_died(died.what());
    }
    side_turns_.allow(kSideLanes);
    progress("side stage");
  }
  impossible_.merge(of_schema);
  impossible_.merge(of_side);
  retried_.insert(retried_.end(), attacks.begin(), attacks.end());
  if (trouble) std::rethrow_exception(trouble);
}

void Gate::drill_and_drive(Executor& executor) {
  if (events_.interrupted() || !options_.checks.empty()) return;
  if (!options_.corpus.empty()) {
    progress("corpus");
    timeline_.during("corpus", [&] {
      retried_ = retry_findings(
          options_.corpus,
          {.again = {executor, endpoints(), events_.interrupted}, .judge = judge_, .scenarios = scenarios_});
    });
  }
  progress("drills");
  run_drills({options_, environment_, executor, judge_, events_.interrupted, timeline_}, impossible_,
             *watch_);
  if (events_.interrupted()) return;
  // While the target is driven the lanes take turns: a crowd beside it would halve what is driven.
  side_turns_.allow(1);
  timeline_.during("driving", [&] { drive(executor); });
}

void Gate::target_died(const std::string& message) {
  if (died_.exchange(true)) return;
  incomplete_ = "the target died: " + message;
  model::Finding finding;
  finding.rule = kTargetDied;
  finding.spec = "operations.md §2";
  finding.judge = "health";
  finding.headline = incomplete_;
  finding.expected = "a target that answers";
  finding.observed = message;
  judge_.add(std::move(finding));
}

// After the driving: rest, then every judge with zero grace.
void Gate::judge_rest() {
  progress("quiet");
  Database database(environment_.database());
  bool quiet = false;
  if (!died_) {
    const Rest rest = come_to_rest(environment_.target(), environment_.providers(), options_.rest_seconds);
    quiet = rest.quiet;
    for (model::Finding& finding : stuck_orders(database, rest)) judge_.add(std::move(finding));
  }
  if (!quiet && incomplete_.empty()) {
    incomplete_ = driving_possible()
                      ? fmt::format("the target did not come to rest within {} s", options_.rest_seconds)
                      : "nobody tells whether work is under way: only what is true at any time was judged";
  }
  watch_->stop();
  // A database that was not driven is only read.
  if (quiet && driving_possible())
    judge_.count("late payouts", pay_late(endpoints(), {}, options_.rest_seconds));
  watch_->final_look(quiet);
  check_admin_actions(database, judge_);
  if (!quiet) return;
  const std::vector<FinalWorld> worlds = judge_.take_final_worlds();
  judge_.count("final worlds", worlds.size());
  for (model::Finding& finding : audit_final_worlds(database, worlds, environment_.facts().test_clock))
    judge_.add(std::move(finding));
  Tally compared;
  std::optional<Control> control;
  if (driving_possible()) control.emplace(environment_.providers());
  for (model::Finding& finding : audit_proofs(database, control ? &*control : nullptr, worlds, compared))
    judge_.add(std::move(finding));
  for (const auto& [counter, times] : compared) judge_.count(counter, times);
  for (model::Finding& finding : audit_row_instants(database, worlds)) judge_.add(std::move(finding));
  if (!driving_possible()) return;
  if (const std::string why = check_shown_rows(endpoints(), wall_clock(), judge_); !why.empty())
    impossible_[std::string(kShownRowsCounter)] = why;
}

void Gate::conclude(Run& run, Executor* executor) {
  judge_.report_into(run);
  std::vector<Blame> blames;
  std::vector<Found> found = judge_.take_findings();
  if (died_ && !database_answers(environment_.database())) excuse_server_errors(found);
  attach_cases(found, judge_, scenarios_, options_.seed);
  if (executor != nullptr && !died_ && !events_.interrupted()) {
    progress("shrinking");
    timeline_.during("shrinking", [&] {
      shrink_findings(found, {.again = {*executor, endpoints(), events_.interrupted},
                              .scenarios = scenarios_,
                              .seconds = options_.shrink_seconds});
    });
  }
  for (Found& f : found) {
    if (f.finding.verdict == model::Verdict::broken) {
      for (const int item : f.items) blames.push_back({item, f.finding.headline});
    }
    if (f.times > 1) f.finding.evidence.emplace_back("seen", fmt::format("{} times in this run", f.times));
    run.findings.push_back(std::move(f.finding));
  }
  // The shortest story explains most; what has none is told last.
  std::ranges::stable_sort(run.findings, {}, [](const model::Finding& f) {
    return std::tuple(f.verdict != model::Verdict::broken, f.story.empty(), f.story.size());
  });
  run.items = judge_items(judge_.tally(), blames, options_.only, impossible_);
  run.assumptions.assign(all_assumptions().begin(), all_assumptions().end());
  run.retried = std::move(retried_);
  run.phases = timeline_.phases();
  run.seconds = driven_.seconds;
  run.complete = incomplete_.empty();
  run.incomplete_reason = incomplete_;
  run.exit_code = exit_code_of(run, died_);
}

Run Gate::run() {
  Run run;
  run.command = "gate";
  run.command_line = options_.command_line;
  run.started_utc = utc_now();
  run.seed = options_.seed;
  run.target = environment_.target();
  run.database = environment_.database();
  run.providers = environment_.providers();
  run.server_version = environment_.facts().version;
  load_scenarios();
  check_database();
  watch_ = std::make_unique<Watch>(WatchOptions{environment_.target(), environment_.database(),
                                                environment_.providers(), environment_.facts().test_clock},
                                   judge_);
  std::unique_ptr<Executor> executor;
  try {
    watch_->start();
    if (driving_possible()) {
      executor = std::make_unique<Executor>(
          ExecutorOptions{.endpoints = endpoints(),
                          .workers = options_.workers,
                          .patience = std::chrono::seconds(environment_.owns_server() ? 40 : 0)});
      check_beside([&] { drill_and_drive(*executor); });
    } else {
      check_beside([] {});
      impossible_["*"] = "without --providers nothing can be driven: only the database was judged";
    }
    timeline_.during("quiet end", [&] { judge_rest(); });
  } catch (const std::exception& trouble) {
    target_died(trouble.what());
  }
  if (incomplete_.empty() && events_.interrupted()) incomplete_ = "interrupted";
  watch_->stop();
  conclude(run, executor.get());
  return run;
}

}  // namespace

int exit_code_of(const Run& run, bool target_died) {
  const bool broken = std::ranges::any_of(run.findings, [](const model::Finding& f) {
    return f.verdict == model::Verdict::broken && f.rule != kTargetDied;
  });
  if (broken) return 1;
  if (target_died) return 3;
  const bool unknown = std::ranges::any_of(
      run.items, [](const Item& item) { return item.selected && item.verdict != model::Verdict::holds; });
  return unknown || !run.complete ? 4 : 0;
}

Run run_gate(const GateOptions& options, Environment& environment, const GateEvents& events) {
  return Gate(options, environment, events).run();
}

}  // namespace loadgen
