#include "loadgen/load/journeys.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "loadgen/books.h"
#include "loadgen/campaign/watch.h"
#include "loadgen/control.h"
#include "loadgen/database.h"
#include "loadgen/environment/error.h"
#include "loadgen/load/journey_judge.h"
#include "loadgen/rest.h"
#include "sim/journey_steps.h"

namespace loadgen::load {
namespace {

std::int64_t monotonic_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

// All accounts in three round trips: posters and workers of every share, and one admin.
void engage(const JourneyOptions& options, JourneySetup& setup) {
  const sim::PlannerOptions sizes = sim::planner_options(*setup.load, 0, 0, {});
  model::World people;
  sim::begin_world(people);
  const std::vector<model::User> kinds = people.users;  // poster, worker, admin
  people.users.assign(1, kinds[2]);
  people.users.insert(people.users.end(), sim::kShards * sizes.posters, kinds[0]);
  people.users.insert(people.users.end(), sim::kShards * sizes.workers, kinds[1]);
  Fixture fixture({options.target.text(), options.database, options.providers, false});
  const std::vector<const model::World*> worlds{&people};
  std::vector<Person> made = std::move(fixture.prepare(worlds).front());
  setup.admin = made.front();
  auto next = made.begin() + 1;
  setup.people.resize(sim::kShards);
  for (ShardPeople& share : setup.people)
    share.posters.assign(next, next + sizes.posters), next += sizes.posters;
  for (ShardPeople& share : setup.people)
    share.workers.assign(next, next + sizes.workers), next += sizes.workers;
}

net::Endpoint reach(const net::TargetAddress& address, std::string_view flag, bool verify) {
  auto endpoint = net::resolve(address, verify);
  if (!endpoint)
    throw EnvironmentError(
        3, fmt::format("{} {}: cannot be reached: {}", flag, address.text(), endpoint.error()));
  return *endpoint;
}

JourneySetup set_up(const JourneyOptions& options) {
  JourneySetup setup;
  setup.load = &*options.scenario.load;
  setup.seed = options.seed;
  setup.spans = spans_of(*setup.load, options.seed);
  setup.target = options.target;
  setup.providers = net::parse_target(options.providers).value();
  setup.target_endpoint = reach(setup.target, "--target", options.verify);
  setup.providers_endpoint = reach(setup.providers, "--providers", true);
  setup.timeout_ns = std::llround(options.timeout_s * 1e9);
  setup.threads = std::clamp<unsigned>(options.threads, 1, sim::kShards);
  // Each user has a connection, or he would wait for another one's.
  const auto lines = std::max(options.connections, static_cast<unsigned>(setup.load->users()));
  setup.connections = std::max(1U, (lines + setup.threads - 1) / setup.threads);
  try {
    Control(options.providers).deliver_by_itself();
    engage(options, setup);
  } catch (const std::runtime_error& trouble) {
    throw EnvironmentError(3, trouble.what());
  }
  return setup;
}

using Workers = std::vector<std::unique_ptr<JourneyWorker>>;

Workers make_workers(const JourneySetup& setup, JourneyShared& shared) {
  Workers workers;
  for (unsigned i = 0; i < setup.threads; ++i) {
    workers.push_back(std::make_unique<JourneyWorker>(setup, i, shared));
    try {
      workers.back()->connect_all();
    } catch (const std::system_error& error) {
      throw EnvironmentError(
          3, fmt::format("--target {}: cannot be reached: {}", setup.target.text(), error.code().message()));
    }
  }
  return workers;
}

// What the caller is told each second, and what of it may end the run.
class Attendance {
 public:
  Attendance(const JourneyOptions& options, const JourneySetup& setup, const Workers& workers,
             JourneyShared& shared, JourneyResult& result)
      : options_(options), setup_(setup), workers_(workers), shared_(shared), result_(result) {}

  void look(double elapsed) {
    LiveCounts now;
    for (const auto& worker : workers_) now.add(worker->live());
    JourneyProgress progress{.elapsed_s = elapsed,
                             .whole_s = static_cast<double>(setup_.spans.back().to_ns) / 1e9,
                             .phase = phase_at(elapsed),
                             .counts = &now};
    result_.watch.memory.look(now.ok + now.errors);
    progress.crossed = crossed_now(options_.thresholds, setup_.spans, now, elapsed);
    if (!progress.crossed.empty() && setup_.load->abort && result_.aborted.empty()) {
      result_.aborted = progress.crossed;
      shared_.stop = true;
    }
    const double seconds = std::max(0.1, elapsed - before_s_);
    progress.asked_rate = static_cast<double>(now.due - due_) / seconds;
    progress.ok_rate = static_cast<double>(now.ok - ok_) / seconds;
    CoarseCounts recent = all_of(now);
    const CoarseCounts kept = recent;
    for (std::size_t i = 0; i < kCoarse; ++i) recent[i] -= before_[i];
    progress.p50_us = coarse_percentile(recent, 50);
    progress.p99_us = coarse_percentile(recent, 99);
    before_ = kept, before_s_ = elapsed, due_ = now.due, ok_ = now.ok;
    if (options_.progress) options_.progress(progress);
  }

 private:
  static CoarseCounts all_of(const LiveCounts& counts) {
    CoarseCounts sum{};
    for (const auto& phase : counts.phases) {
      if (phase.empty() || !phase[kAllScope]) continue;
      for (std::size_t i = 0; i < kCoarse; ++i) sum[i] += phase[kAllScope]->ok[i];
    }
    return sum;
  }
  std::string phase_at(double elapsed) const {
    for (const PhaseSpan& span : setup_.spans) {
      if (elapsed * 1e9 < static_cast<double>(span.to_ns)) return span.phase->name;
    }
    return "last answers";
  }

  const JourneyOptions& options_;
  const JourneySetup& setup_;
  const Workers& workers_;
  JourneyShared& shared_;
  JourneyResult& result_;
  CoarseCounts before_{};
  double before_s_ = 0;
  std::uint64_t due_ = 0, ok_ = 0;
};

void drive(const JourneyOptions& options, JourneySetup& setup, JourneyResult& result) {
  JourneyShared shared;
  using std::chrono::system_clock;
  const auto wall = system_clock::now() + std::chrono::milliseconds(5);
  setup.start = {std::chrono::duration_cast<std::chrono::milliseconds>(wall.time_since_epoch()).count()};
  result.started_epoch_s = static_cast<double>(setup.start.ms) / 1e3;
  const Workers workers = make_workers(setup, shared);
  const MachineTime before = machine_time();
  result.watch.memory_begin_kb = resident_kb();
  const std::int64_t start = monotonic_ns() + 5'000'000;
  std::atomic<unsigned> running = static_cast<unsigned>(workers.size());
  {
    std::vector<std::jthread> threads;
    for (const auto& worker : workers) {
      threads.emplace_back([&running, &worker, start] {
        worker->run(start);
        --running;
      });
    }
    Attendance attendance(options, setup, workers, shared, result);
    double told = 0;
    while (running > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      if (options.interrupted != nullptr && *options.interrupted) shared.stop = true;
      const double elapsed = static_cast<double>(monotonic_ns() - start) / 1e9;
      if (elapsed < told + 1.1) continue;  // a little after the threads have published
      told = std::floor(elapsed);
      attendance.look(elapsed);
    }
  }
  result.watch.memory_end_kb = resident_kb();
  std::vector<std::string> shares(sim::kShards);
  for (const auto& worker : workers) {
    result.tally.merge(worker->tally());
    result.seconds = std::max(result.seconds, static_cast<double>(worker->measured_ns()) / 1e9);
    result.sampled += worker->sampled();
    result.xp_ignored += worker->xp_ignored();
    result.feeds_open += worker->feeds_open();
    for (std::size_t shard = 0; shard < sim::kShards; ++shard) shares[shard] += worker->share_hash(shard);
    result.longest_story = std::max(result.longest_story, worker->longest_story());
    result.journey_bytes += worker->active_bytes();
    const auto [cpu, waiting] = worker->measured_time();
    const auto whole = static_cast<double>(std::max<std::int64_t>(1, worker->measured_ns()));
    result.watch.threads.push_back({static_cast<double>(cpu) / whole, static_cast<double>(waiting) / whole});
    result.watch.cpu_s += static_cast<double>(cpu) / 1e9;
  }
  result.begun_hash = schedule_hash(shares);
  const MachineTime after = machine_time();
  const auto total = static_cast<double>(std::max<std::uint64_t>(1, after.total - before.total));
  result.watch.steal = static_cast<double>(after.steal - before.steal) / total;
  result.watch.machine_busy = 1 - static_cast<double>(after.idle - before.idle) / total;
  result.died = shared.died;
  result.complete = !shared.stop;
  result.reason = shared.died               ? "the target refused connections for a second without one answer"
                  : !result.aborted.empty() ? "threshold crossed: " + result.aborted
                  : !result.complete        ? "interrupted"
                                            : "";
}

// Everything that the auditors ask (invariants.md §9), the processor's books, conservation.
void audit(const JourneyOptions& options, JourneyResult& result) {
  const auto interrupted = [&] { return options.interrupted != nullptr && *options.interrupted; };
  if (options.progress) options.progress({.phase = "audit"});
  const bool plain = options.target.socket_path.empty() && !options.target.tls;
  const Rest rest =
      come_to_rest(plain ? options.target.text() : "", options.providers, options.rest_seconds, interrupted);
  const bool quiet = rest.quiet;
  if (interrupted()) {
    result.not_audited = "interrupted";
    return;
  }
  Database database(options.database);
  for (const AuditResult& one : database.audit(quiet ? AuditTime::quiet : AuditTime::any)) {
    result.audits.push_back({std::string(one.audit->id), std::string(one.audit->rule),
                             std::string(one.audit->sentence), one.verdict, one.hit_count});
    if (one.verdict == model::Verdict::broken) result.findings.push_back(finding_of(one));
  }
  if (!quiet) {
    result.not_audited = fmt::format(
        "the target did not come to rest within {} s: books and what holds only "
        "at rest were left out",
        options.rest_seconds);
    return;
  }
  for (model::Finding& finding : stuck_orders(database, rest)) result.findings.push_back(std::move(finding));
  BookAudit books = audit_books(database, options.providers);
  result.books_compared = books.compared;
  for (model::Finding& finding : books.findings) result.findings.push_back(std::move(finding));
  result.audited = true;
}

}  // namespace

std::expected<void, std::string> check_thresholds(const std::vector<Threshold>& thresholds,
                                                  const sim::Load& load) {
  for (const Threshold& one : thresholds) {
    const auto named = [&](const sim::LoadPhase& phase) { return phase.name == one.phase; };
    if (!one.phase.empty() && std::ranges::none_of(load.phases, named))
      return std::unexpected(
          fmt::format("'{}': expected a phase of the scenario before ':', got '{}'", one.text, one.phase));
    if (!one.of.empty() && one.metric == Threshold::Metric::goodput)
      return std::unexpected(fmt::format("'{}': expected goodput alone, as it is of whole journeys, got '{}'",
                                         one.text, one.of));
    if (!one.of.empty() && scope_of(one.of) == kScopes)
      return std::unexpected(
          fmt::format("'{}': expected a procedure, journey.NAME or webhook.loop before the metric, got '{}'",
                      one.text, one.of));
  }
  return {};
}

JourneyResult run_journeys(const JourneyOptions& options) {
  JourneySetup setup = set_up(options);
  JourneyResult result{.spans = setup.spans,
                       .tally = JourneyTally(setup.spans, setup.load->populations.size())};
  result.schedule = journey_schedule(*setup.load, options.seed);
  drive(options, setup, result);
  try {
    result.died ? void(result.not_audited = "the target died") : audit(options, result);
  } catch (const std::runtime_error& trouble) {
    result.not_audited = trouble.what();
  }
  return result;
}

}  // namespace loadgen::load
