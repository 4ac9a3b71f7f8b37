#include "loadgen/campaign/watch.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

#include "loadgen/books.h"
#include "net/client.h"

namespace loadgen {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kRowsTold = 20;
// What is broken everywhere shows at once: in the first seconds rounds come more often, and may cost more.
constexpr double kEarly = 10;  // seconds
constexpr double kEarlyPeriod = 0.4;
constexpr double kShare = 10, kEarlyShare = 2;  // so many times as long as a round took, nothing

model::Finding finding_of(const SnapshotBreach& breach) {
  model::Finding finding;
  finding.rule = breach.rule;
  finding.spec = "invariants.md §9 " + breach.check;
  finding.judge = "snapshot";
  finding.headline = breach.sentence;
  finding.expected = "unchanged between two polls";
  finding.observed = breach.sentence;
  finding.entities = {breach.entity};
  return finding;
}

bool still_there(const AuditHit& hit, const AuditResult& later) {
  return std::ranges::any_of(later.hits, [&](const AuditHit& other) { return other.entity == hit.entity; });
}

void wait(const std::stop_token& stop, std::chrono::duration<double> time) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

model::Finding finding_of(const AuditResult& result) {
  model::Finding finding;
  finding.rule = result.audit->rule;
  finding.spec = fmt::format("invariants.md §9 {}", result.audit->id);
  finding.judge = "database";
  finding.headline =
      fmt::format("{}: broken by {} row{}, first {}: {}", result.audit->sentence, result.hit_count,
                  result.hit_count == 1 ? "" : "s", result.hits.front().entity, result.hits.front().detail);
  finding.expected = result.audit->sentence;
  finding.observed = fmt::format("{} violating rows", result.hit_count);
  std::string rows;
  for (const AuditHit& hit : result.hits) {
    if (finding.entities.size() == kRowsTold) break;
    finding.entities.push_back(hit.entity);
    rows += hit.entity + ": " + hit.detail + "\n";
  }
  finding.evidence.emplace_back("rows", rows);
  finding.evidence.emplace_back("SQL", result.audit->sql);
  return finding;
}

Watch::Watch(WatchOptions options, CaseJudge& judge)
    : options_(std::move(options)),
      judge_(judge),
      database_(options_.database),
      snapshots_(options_.database),
      rest_(judge, options_.providers, options_.test_clock) {}

Watch::~Watch() {
  stop();
}

void Watch::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Watch::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Watch::run(const std::stop_token& stop) {
  Clock::time_point next_look = Clock::now();
  Clock::time_point next_health = next_look;
  const Clock::time_point early_end =
      next_look + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(kEarly));
  while (!stop.stop_requested()) {
    if (Clock::now() >= next_health) {
      ask_health();
      next_health = Clock::now() + std::chrono::seconds(1);
    }
    if (Clock::now() >= next_look) {
      const Clock::time_point begin = Clock::now();
      try {
        look();
      } catch (const std::exception& trouble) {
        judge_.count(std::string("watch trouble: ") + trouble.what());
      }
      // In the long run at most a tenth of one core, however large the database has become.
      const std::chrono::duration<double> spent = Clock::now() - begin;
      const bool early = Clock::now() < early_end;
      const double pause =
          std::max(early ? kEarlyPeriod : options_.period_s, (early ? kEarlyShare : kShare) * spent.count());
      next_look =
          Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(pause));
    }
    wait(stop, std::chrono::milliseconds(100));
  }
}

void Watch::ask_health() {
  if (silent_) return;
  const auto url = net::parse_url(options_.target);
  if (!url) return;
  net::Connection connection(*url);
  net::Request request;
  request.method = "GET";
  request.target = url->path + "/health";
  const net::ClientResult result = connection.exchange(request, std::chrono::seconds(5));
  if (silent_ || !result) return;  // a dead target is the executor's finding
  if (result->status == 200) {
    judge_.count("health");
    return;
  }
  model::Finding finding;
  finding.rule = "OPS-1";
  finding.spec = "operations.md §1";
  finding.judge = "health";
  finding.headline = fmt::format("GET /health answered {} while the server was serving", result->status);
  finding.expected = "200";
  finding.observed = std::to_string(result->status);
  judge_.add(std::move(finding));
}

void Watch::poll_snapshots() {
  for (const SnapshotBreach& breach : snapshots_.poll()) judge_.add(finding_of(breach));
  judge_.count("snapshot polls");
}

// A hit under load is asked once more after a pause before it counts (invariants.md §9).
void Watch::look() {
  poll_snapshots();
  std::vector<AuditResult> first = database_.audit(AuditTime::any);
  const bool hit =
      std::ranges::any_of(first, [](const AuditResult& r) { return r.verdict == model::Verdict::broken; });
  std::vector<AuditResult> second;
  if (hit) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    second = database_.audit(AuditTime::any);
  }
  for (std::size_t i = 0; i < first.size(); ++i) {
    judge_.count(fmt::format("audit {}", first[i].audit->id),
                 first[i].verdict == model::Verdict::unknown ? 0 : 1);
    if (first[i].verdict != model::Verdict::broken) continue;
    std::erase_if(second[i].hits, [&](const AuditHit& h) { return !still_there(h, first[i]); });
    if (!second[i].hits.empty()) report(second[i]);
  }
  rest_.look(database_);
  if (options_.providers.empty()) return;
  for (model::Finding& finding : audit_books_now(options_.providers)) judge_.add(std::move(finding));
}

void Watch::report(const AuditResult& result) {
  judge_.add(finding_of(result));
}

void Watch::final_look(bool quiet) {
  poll_snapshots();
  for (const AuditResult& result : database_.audit(quiet ? AuditTime::quiet : AuditTime::any)) {
    if (result.verdict == model::Verdict::unknown) continue;
    judge_.count(fmt::format("audit {}", result.audit->id));
    if (result.verdict == model::Verdict::broken) report(result);
  }
  if (!quiet || options_.providers.empty()) return;
  BookAudit books = audit_books(database_, options_.providers);
  judge_.count("books compared", books.compared);
  judge_.count("books released", books.released);
  judge_.count("books refunded", books.refunded);
  for (model::Finding& finding : books.findings) judge_.add(std::move(finding));
}

}  // namespace loadgen
