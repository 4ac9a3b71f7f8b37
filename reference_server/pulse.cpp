#include "reference_server/pulse.h"

#include <chrono>

#include "reference_server/outbox.h"

namespace server {
namespace {

constexpr std::chrono::milliseconds kPeriod{500};
constexpr std::chrono::milliseconds kLimit{1000};  // OPS-2: a check has its own time limit
constexpr Statement kVersion{
    "schema_version",
    "SELECT coalesce((SELECT max(name) FROM pgmigrations), (SELECT max(version) FROM schema_versions))"};

}  // namespace

Pulse::Pulse(std::string database_url, std::function<PoolLoad()> load, Metrics& metrics, Log& log)
    : url_(std::move(database_url)), load_(std::move(load)), metrics_(metrics), log_(log) {
  Session session(url_, kLimit);
  try_to_look(session);
  thread_ = std::thread([this] { run(); });
}

Pulse::~Pulse() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::string Pulse::schema_version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

void Pulse::look(Session& session) {
  const std::string version = session.call(kVersion, {});
  const OutboxState outbox = Outbox::state(session);
  metrics_.outbox(outbox.pending, outbox.oldest_age_seconds);
  const std::lock_guard lock(mutex_);
  version_ = version;
}

void Pulse::try_to_look(Session& session) {
  try {
    look(session);
    healthy_ = true;
  } catch (const DatabaseTrouble& trouble) {
    if (healthy_.exchange(false)) log_.error("database", trouble.what());
  }
}

void Pulse::run() {
  Session session(url_, kLimit);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, kPeriod, [this] { return stopping_; });
    if (stopping_) return;
    lock.unlock();
    try_to_look(session);
    const PoolLoad load = load_();
    metrics_.connections_active(load.busy, load.waiting);
    lock.lock();
  }
}

}  // namespace server
