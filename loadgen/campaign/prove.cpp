#include "loadgen/campaign/prove.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

#include "loadgen/campaign/gate.h"
#include "loadgen/campaign/prove_server.h"
#include "loadgen/environment/environment.h"

namespace loadgen {
namespace {

using Clock = std::chrono::steady_clock;

// A liveness breach shows when the target should have come to rest. The reference server's claims run out
// after two seconds when it is started for tests.
constexpr int kRestSeconds = 12;

double since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// What the judges said while the gate ran, and when it has seen enough.
class Sightings {
 public:
  explicit Sightings(ProofRun& run) : run_(run) {}

  void start() { begin_ = Clock::now(); }
  void add(const model::Finding& finding, std::uint64_t commands) {
    const std::scoped_lock lock(mutex_);
    if (finding.rule == "TARGET-DIED") return;
    if (!run_.found) {
      run_.found = true;
      run_.first_judge = finding.judge;
      run_.rule = finding.rule;
      run_.headline = finding.headline;
      run_.seconds = since(begin_);
      run_.commands = commands;
    }
    run_.seen.try_emplace(finding.judge, finding.rule);
  }
  // Two judges are as many as anybody asks for.
  bool enough(double more_seconds) {
    const std::scoped_lock lock(mutex_);
    const double more = run_.seen.size() > 1 ? more_seconds / 3 : more_seconds;
    return run_.found && since(begin_) > run_.seconds + more;
  }

 private:
  ProofRun& run_;
  std::mutex mutex_;
  Clock::time_point begin_ = Clock::now();
};

std::string server_of(const ProveOptions& options) {
  if (!options.server.empty()) return options.server;
  return std::filesystem::read_symlink("/proc/self/exe").replace_filename("hustle-server").string();
}

bool changes_schema(const Mutant& mutant) {
  return mutant.kind == MutantKind::migration ||
         std::ranges::any_of(mutant.edits, [](const Edit& e) { return e.file.starts_with("migrations/"); });
}

// A cluster with the schema of the mutant's server. Where that is everybody's, the cached one.
Postgres start_postgres(const Mutant& mutant, const MutantServer& server, const ProveOptions& options) {
  if (!changes_schema(mutant)) return start_migrated_postgres(server_of(options));
  Postgres postgres = Postgres::start();
  prepare_database(server.program(), postgres.url(), postgres.directory() + "/migrate.log");
  return postgres;
}

GateOptions gate_options(const Mutant& mutant, std::uint64_t seed, const ProveOptions& options) {
  GateOptions gate;
  gate.seed = seed;
  gate.seconds = options.mutant_seconds;
  gate.checks = options.checks;
  gate.scenario_folder = options.scenario_folder;
  gate.shrink_seconds = options.shrink_seconds;
  gate.rest_seconds = kRestSeconds;
  // The attack on a copy of the schema and the checks of the migrations see nothing but the schema: where
  // that is unchanged they would repeat what they said about the unchanged server, which is the first decoy.
  gate.attack = mutant.edits.empty() || changes_schema(mutant);
  gate.migrations = gate.attack;
  return gate;
}

std::size_t shortest_story(const Run& run) {
  std::size_t shortest = 0;
  for (const model::Finding& finding : run.findings) {
    if (finding.verdict != model::Verdict::broken || finding.story.empty()) continue;
    if (shortest == 0 || finding.story.size() < shortest) shortest = finding.story.size();
  }
  return shortest;
}

void run_against(const Mutant& mutant, const ProveOptions& options, const ProveEvents& events,
                 ProofRun& run) {
  const Clock::time_point begin = Clock::now();
  const MutantServer server(mutant, {.source_root = options.source_root, .server = server_of(options)});
  const Postgres postgres = start_postgres(mutant, server, options);
  EnvironmentOptions wanted;
  wanted.database = postgres.url();
  wanted.pristine = kPristine;
  wanted.harness = options.harness;
  wanted.server = server.program();
  wanted.seed = run.seed;
  wanted.interrupted = events.interrupted;
  Environment environment = boot(wanted);
  Sightings sightings(run);
  std::atomic<bool> driving =
      true;  // until the judges' last look: only before that there is something to cut short
  GateEvents gate;
  gate.found = [&](const model::Finding& finding, std::uint64_t commands) {
    sightings.add(finding, commands);
  };
  gate.progress = [&](const GateProgress& p) {
    if (p.phase == "quiet" || p.phase == "shrinking") driving = false;
  };
  gate.interrupted = [&] {
    return events.interrupted() || (driving && sightings.enough(options.more_seconds));
  };
  run.boot_s = since(begin);
  sightings.start();
  const Run result = run_gate(gate_options(mutant, run.seed, options), environment, gate);
  run.story_length = shortest_story(result);
  events.ran(mutant, result);
  if (!run.found && result.exit_code == 3) run.error = result.incomplete_reason;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

const ProofRun* find_run(const std::vector<Proof>& proofs, const std::string& id, std::uint64_t seed) {
  for (const Proof& proof : proofs) {
    if (proof.mutant->id != id) continue;
    for (const ProofRun& run : proof.runs) {
      if (run.seed == seed && run.error.empty()) return &run;
    }
  }
  return nullptr;
}

}  // namespace

bool Proof::killed() const {
  if (runs.empty() || !error().empty()) return false;
  const auto found = [](const ProofRun& run) { return run.found; };
  return mutant->decoy ? std::ranges::any_of(runs, found) : std::ranges::all_of(runs, found);
}

std::string Proof::error() const {
  for (const ProofRun& run : runs) {
    if (!run.error.empty()) return run.error;
  }
  return {};
}

ProofRun prove_once(const Mutant& mutant, std::uint64_t seed, const ProveOptions& options,
                    const ProveEvents& events) {
  ProofRun run;
  run.seed = seed;
  const Clock::time_point begin = Clock::now();
  try {
    run_against(mutant, options, events, run);
  } catch (const std::exception& trouble) {
    run.error = trouble.what();
  }
  run.took_s = since(begin);
  return run;
}

namespace {

// Nothing when it was interrupted.
std::optional<Proof> prove_mutant(const Mutant& mutant, const std::vector<Proof>& earlier,
                                  const ProveOptions& options, const ProveEvents& events) {
  Proof proof{.mutant = &mutant, .runs = {}};
  for (int i = 0; i < options.seeds; ++i) {
    const std::uint64_t seed = options.seed + static_cast<std::uint64_t>(i);
    if (events.interrupted()) return std::nullopt;
    if (const ProofRun* known = find_run(earlier, mutant.id, seed)) {
      proof.runs.push_back(*known);
      continue;
    }
    ProofRun run = prove_once(mutant, seed, options, events);
    if (events.interrupted()) return std::nullopt;
    proof.runs.push_back(std::move(run));
  }
  return proof;
}

}  // namespace

std::vector<Proof> prove(const std::vector<Mutant>& mutants, const std::vector<Proof>& earlier,
                         const ProveOptions& options, const ProveEvents& events) {
  std::mutex mutex;
  std::size_t next = 0;
  std::vector<Proof> proofs;
  const auto work = [&] {
    while (true) {
      std::size_t mine = 0;
      {
        const std::scoped_lock lock(mutex);
        mine = next++;
      }
      if (mine >= mutants.size()) return;
      std::optional<Proof> proof = prove_mutant(mutants[mine], earlier, options, events);
      if (!proof) return;
      const std::scoped_lock lock(mutex);
      events.done(*proof);
      proofs.push_back(std::move(*proof));
    }
  };
  std::vector<std::jthread> others;
  for (int i = 1; i < options.jobs; ++i) others.emplace_back(work);
  work();
  others.clear();
  return proofs;
}

std::set<std::string> judges_of(const Proof& proof) {
  std::set<std::string> judges;
  for (const ProofRun& run : proof.runs) {
    for (const auto& [judge, rule] : run.seen) judges.insert(judge);
  }
  return judges;
}

ProofScore score_of(const std::vector<Proof>& proofs) {
  ProofScore score;
  std::vector<double> seconds, stories;
  for (const Proof& proof : proofs) {
    if (!proof.error().empty()) {
      ++score.errors;
      continue;
    }
    if (proof.mutant->decoy) {
      ++score.decoys;
      score.alarms += proof.killed() ? 1 : 0;
      continue;
    }
    const bool sequential = proof.mutant->difficulty == Difficulty::sequential;
    ++score.mutants;
    score.killed += proof.killed() ? 1 : 0;
    if (proof.mutant->severity == 1 && proof.killed()) {
      ++score.grave;
      score.grave_by_two += judges_of(proof).size() > 1 ? 1 : 0;
    }
    score.sequential += sequential ? 1 : 0;
    score.sequential_killed += sequential && proof.killed() ? 1 : 0;
    for (const ProofRun& run : proof.runs) {
      if (!run.found) continue;
      seconds.push_back(run.seconds);
      if (run.story_length > 0) stories.push_back(static_cast<double>(run.story_length));
    }
  }
  score.median_seconds = median(std::move(seconds));
  score.median_story = median(std::move(stories));
  return score;
}

int exit_code_of(const ProofScore& score, bool complete) {
  if (score.alarms > 0 || score.sequential_killed < score.sequential) return 1;
  if (score.mutants > 0 && score.score() < kScoreWanted) return 1;
  return complete && score.errors == 0 ? 0 : 4;
}

}  // namespace loadgen
