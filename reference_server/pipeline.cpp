#include "reference_server/pipeline.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "reference_server/link.h"

namespace server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{250};  // idle connections
constexpr std::chrono::milliseconds kRetryLook{2};
constexpr std::chrono::milliseconds kAfterRefused{100};  // before the next try to connect

}  // namespace

struct Pipeline::Impl {
  explicit Impl(const PipelineOptions& given)
      : options(given), epoll(epoll_create1(EPOLL_CLOEXEC)), bell(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (epoll < 0 || bell < 0) throw std::system_error(errno, std::generic_category(), "epoll");
    epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, bell, &event);
    const LinkOptions link{options.url, options.statement_timeout};
    for (int i = 0; i < options.readers; ++i) readers.push_back(std::make_unique<Link>(link, epoll));
    for (int i = 0; i < options.writers; ++i) writers.push_back(std::make_unique<Link>(link, epoll));
    thread = std::thread([this] { run(); });
  }
  ~Impl() {
    stopping = true;
    ring();
    thread.join();
    readers.clear();
    writers.clear();
    close(bell);
    close(epoll);
  }

  void ring() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(bell, &one, sizeof one);
  }

  void run();
  void fetch();
  void wait(std::chrono::milliseconds limit);
  void look_after(Clock::time_point now);
  void dispatch();
  void dispatch_reads();
  void dispatch_writes();
  bool connected(Link& link, std::deque<Query>& queue);
  void take(Link& link);
  void settle(Finished finished);
  bool quiet() const;

  PipelineOptions options;
  int epoll, bell;
  std::vector<std::unique_ptr<Link>> readers, writers;
  std::deque<Query> reads, writes;                        // waiting, the pipeline thread's own
  std::vector<std::pair<Clock::time_point, Query>> late;  // to be tried again
  Clock::time_point connect_after{};

  std::mutex mutex;
  std::vector<Query> arrived;  // guarded by mutex
  bool asleep = false;         // guarded by mutex: the thread needs the bell
  std::atomic<std::size_t> unanswered{0};
  std::atomic<bool> stopping{false};
  std::thread thread;
};

bool Pipeline::Impl::quiet() const {
  return unanswered == 0;
}

void Pipeline::Impl::run() {
  while (!stopping || !quiet()) {
    fetch();
    dispatch();
    wait(late.empty() ? kLook : kRetryLook);
    look_after(Clock::now());
  }
}

void Pipeline::Impl::fetch() {
  std::vector<Query> queries;
  {
    const std::lock_guard lock(mutex);
    queries.swap(arrived);
  }
  for (Query& query : queries) (query.reads ? reads : writes).push_back(std::move(query));
}

void Pipeline::Impl::wait(std::chrono::milliseconds limit) {
  bool sleeping = false;
  {
    const std::lock_guard lock(mutex);
    asleep = sleeping = arrived.empty();
  }
  std::array<epoll_event, 64> events{};
  const int count =
      epoll_wait(epoll, events.data(), events.size(), sleeping ? static_cast<int>(limit.count()) : 0);
  {
    const std::lock_guard lock(mutex);
    asleep = false;
  }
  for (int i = 0; i < count; ++i) {
    auto* link = static_cast<Link*>(events[static_cast<std::size_t>(i)].data.ptr);
    if (link != nullptr) {
      take(*link);
      continue;
    }
    std::uint64_t rung = 0;
    [[maybe_unused]] const auto size = ::read(bell, &rung, sizeof rung);
  }
}

void Pipeline::Impl::look_after(Clock::time_point now) {
  for (const auto* links : {&readers, &writers}) {
    for (const auto& link : *links) link->close_if_idle(now, options.idle);
  }
  for (std::size_t i = 0; i < late.size();) {
    if (late[i].first > now) {
      ++i;
      continue;
    }
    Query query = std::move(late[i].second);
    late[i] = std::move(late.back());
    late.pop_back();
    (query.reads ? reads : writes).push_back(std::move(query));
  }
}

void Pipeline::Impl::dispatch() {
  dispatch_reads();
  dispatch_writes();
}

// False when there is no connection: then the first waiting statement has been answered so.
bool Pipeline::Impl::connected(Link& link, std::deque<Query>& queue) {
  if (link.ready()) return true;
  std::string trouble = "no connection a moment ago";
  if (Clock::now() >= connect_after) {
    if (link.connect(trouble)) return true;
    connect_after = Clock::now() + kAfterRefused;
  }
  Query query = std::move(queue.front());
  queue.pop_front();
  settle({std::move(query), std::unexpected(DatabaseTrouble(trouble, "")), false});
  return false;
}

void Pipeline::Impl::dispatch_reads() {
  for (const auto& link : readers) {
    while (!reads.empty() && link->under_way() == 0) {
      if (!connected(*link, reads)) continue;
      std::vector<Query> bundle;
      while (!reads.empty() && bundle.size() < options.bundle_max) {
        const bool alone = reads.front().alone;
        if (alone && !bundle.empty()) break;
        bundle.push_back(std::move(reads.front()));
        reads.pop_front();
        if (alone) break;
      }
      link->send(std::move(bundle));
      if (link->lost()) take(*link);
    }
  }
}

void Pipeline::Impl::dispatch_writes() {
  const auto depth = static_cast<std::size_t>(options.depth);
  while (!writes.empty()) {
    const auto least =
        std::ranges::min_element(writers, {}, [](const auto& link) { return link->under_way(); });
    if ((*least)->under_way() >= depth) return;
    if (!connected(**least, writes)) continue;
    std::vector<Query> one;
    one.push_back(std::move(writes.front()));
    writes.pop_front();
    (*least)->send(std::move(one));
    if ((*least)->lost()) take(**least);
  }
}

void Pipeline::Impl::take(Link& link) {
  for (Finished& finished : link.receive()) settle(std::move(finished));
}

void Pipeline::Impl::settle(Finished finished) {
  Query& query = finished.query;
  if (finished.undone) {
    query.alone = true;
    reads.push_back(std::move(query));
    return;
  }
  const bool again = !finished.text && is_retried(finished.text.error().sqlstate);
  if (again && query.attempt < kAttemptsMax) {
    late.emplace_back(Clock::now() + retry_pause(query.attempt), std::move(query));
    ++late.back().second.attempt;
    return;
  }
  const auto retries = static_cast<std::uint64_t>(query.attempt - 1);
  Answered answered = std::move(query.answered);
  answered({std::move(finished.text), retries});
  --unanswered;
}

Pipeline::Pipeline(const PipelineOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Pipeline::~Pipeline() = default;

std::size_t Pipeline::busy() const {
  return std::min(impl_->unanswered.load(), impl_->readers.size() + impl_->writers.size());
}
std::size_t Pipeline::waiting() const {
  return impl_->unanswered - busy();
}

bool Pipeline::submit(Kind kind, const Statement& statement, std::vector<std::string> arguments,
                      Answered answered) {
  if (impl_->unanswered >= impl_->options.waiting_max) return false;
  ++impl_->unanswered;
  bool ring = false;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->arrived.push_back({.statement = statement,
                              .arguments = std::move(arguments),
                              .answered = std::move(answered),
                              .reads = kind == Kind::read});
    ring = std::exchange(impl_->asleep, false);
  }
  if (ring) impl_->ring();
  return true;
}

}  // namespace server
