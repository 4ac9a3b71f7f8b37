#include "reference_server/outbox.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace server {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr Statement kClaim{"outbox_claim", "SELECT api.outbox_claim($1::integer, $2::integer)"};
constexpr Statement kDone{"outbox_done", "SELECT api.outbox_done($1::uuid, $2)"};
constexpr Statement kDoneAll{"outbox_done_all", "SELECT api.outbox_done_all($1::jsonb)"};
constexpr Statement kLater{"outbox_later", "SELECT api.outbox_later($1::uuid, $2::integer, $3)"};
constexpr Statement kFailed{"outbox_failed", "SELECT api.outbox_failed($1::uuid, $2, $3)"};
constexpr Statement kPending{"outbox_pending", "SELECT api.outbox_pending()"};

constexpr int kQuickTriesMax = 5;  // claims before a payout goes to the retry queue
constexpr std::chrono::milliseconds kFirstDelay{250};
constexpr std::chrono::milliseconds kLongestDelay{60'000};
constexpr std::chrono::milliseconds kDatabasePause{1000};  // after trouble with the database
constexpr std::chrono::milliseconds kDrainLook{10};
constexpr std::chrono::milliseconds kGather{
    2};  // after a wake-up, so that one claim takes several commits' rows

Parties parties_of(const Json& payload) {
  return {payload.value("escrow_id", ""), payload.value("task_id", ""), payload.value("worker_user_id", "")};
}

ProcessorAnswer call(Processor& processor, const Json& row) {
  const Json& payload = row["payload"];
  const auto name = row["event_name"].get<std::string>();
  const auto key = row["key"].get<std::string>();
  if (name == "payout") {
    return processor.transfer(parties_of(payload), payload["amount"], payload["destination"], key);
  }
  if (name == "refund") {
    return processor.refund(parties_of(payload), payload["amount"], payload["payment_intent"], key);
  }
  if (name == "cancel_intent") return processor.cancel_intent(payload["payment_intent"], key);
  return {.code = "unknown_event", .message = "unknown outbox event " + name};  // JCR-5: failed, not done
}

std::string delay_after(int attempts) {
  const auto delay = std::min(kFirstDelay * (1 << std::clamp(attempts - 1, 0, 10)), kLongestDelay);
  return std::to_string(delay.count());
}

void settle_failed(Session& session, const Json& row, const ProcessorAnswer& answer, Log& log) {
  const auto id = row["id"].get<std::string>();
  const int attempts = row["attempts"];
  log.error("processor call failed: " + row["event_name"].get<std::string>(),
            answer.code + " " + answer.message);
  // A refund is owed for as long as it takes; a payout that keeps failing goes to its own slower queue.
  const bool keep_trying = answer.again && (row["event_name"] != "payout" || attempts < kQuickTriesMax);
  if (keep_trying) {
    session.call(kLater, {id, delay_after(attempts), answer.code});
  } else {
    session.call(kFailed, {id, answer.code, answer.message});
  }
}

// All in one transaction; one by one when that is refused, so that a row that cannot be closed keeps no other
// one open.
void close_rows(Session& session, const Json& done, Log& log) {
  if (done.empty()) return;
  try {
    session.call(kDoneAll, {done.dump()});
    return;
  } catch (const DatabaseTrouble& trouble) {
    if (trouble.sqlstate.empty()) throw;
  }
  for (const Json& row : done) {
    try {
      session.call(kDone, {row["id"].get<std::string>(), row["object_id"].get<std::string>()});
    } catch (const DatabaseTrouble& trouble) {
      log.error("outbox", trouble.what());
    }
  }
}

}  // namespace

Outbox::Outbox(const OutboxOptions& options, Processors& processors, Log& log)
    : options_(options), processors_(processors), log_(log) {
  for (int i = 0; i < options.dispatchers; ++i) threads_.emplace_back([this] { run(); });
}

Outbox::~Outbox() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Outbox::wake() {
  {
    const std::lock_guard lock(mutex_);
    ++woken_;
    if (gathering_) return;
  }
  wake_.notify_one();
}

void Outbox::run() {
  Session session(options_.database_url, std::chrono::milliseconds(60'000));
  const auto processor = processors_.make();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto seen = woken_;
    lock.unlock();
    std::size_t taken = 0;
    auto pause = options_.poll;
    try {
      taken = pass(session, *processor);
    } catch (const DatabaseTrouble& trouble) {
      log_.error("outbox", trouble.what());
      pause = kDatabasePause;
    }
    lock.lock();
    if (taken == static_cast<std::size_t>(options_.rows_per_claim)) continue;
    const bool woken = wake_.wait_for(lock, pause, [&] { return stopping_ || woken_ != seen; });
    if (!woken || gathering_) continue;
    gathering_ = true;
    wake_.wait_for(lock, kGather, [&] { return stopping_; });
    gathering_ = false;
  }
}

std::size_t Outbox::pass(Session& session, Processor& processor) {
  const Json rows = Json::parse(session.call(
      kClaim, {std::to_string(options_.rows_per_claim), std::to_string(options_.lease.count())}));
  Json done = Json::array();
  for (const Json& row : rows) {
    const ProcessorAnswer answer = call(processor, row);
    if (answer.done) {
      done.push_back({{"id", row["id"]}, {"object_id", answer.id}});
    } else {
      settle_failed(session, row, answer, log_);
    }
  }
  close_rows(session, done, log_);
  return rows.size();
}

OutboxState Outbox::state(Session& session) {
  const Json state = Json::parse(session.call(kPending, {}));
  return {state["pending"], state["due"], state["claimed"], state["oldest_age_seconds"]};
}

OutboxState Outbox::drain(Session& session, std::chrono::milliseconds limit) {
  const auto processor = processors_.make();
  const auto deadline = Clock::now() + limit;
  for (;;) {
    while (pass(session, *processor) > 0) {
    }
    OutboxState now = state(session);
    if ((now.due == 0 && now.claimed == 0) || Clock::now() >= deadline) return now;
    std::this_thread::sleep_for(kDrainLook);
  }
}

}  // namespace server
