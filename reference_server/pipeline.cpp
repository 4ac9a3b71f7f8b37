#include "reference_server/pipeline.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
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

constexpr std::chrono::milliseconds kLook{1000};  // for connections that have become idle
constexpr std::chrono::milliseconds kRetryLook{2};
constexpr std::chrono::milliseconds kAfterRefused{100};  // before the next try to connect

}  // namespace

struct Pipeline::Impl {
  explicit Impl(const PipelineOptions& given);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void ring() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(bell, &one, sizeof one);
  }

  void add(int descriptor) const;
  void turn(int patience_ms);
  void welcome();
  void fetch();
  void look_after(Clock::time_point now);
  void set_alarm();
  void dispatch();
  void dispatch_reads();
  void dispatch_writes();
  void connect_one(std::vector<std::unique_ptr<Link>>& links, std::deque<Query>& queue);
  void take(Link& link);
  void settle(Finished finished);

  PipelineOptions options;
  int epoll = -1, bell = -1, alarm = -1;
  std::vector<std::unique_ptr<Link>> readers, writers;
  std::deque<Query> reads, writes;                        // waiting, the owner's own
  std::vector<std::pair<Clock::time_point, Query>> late;  // to be tried again
  bool alarmed = false;                                   // soon, because something is late
  bool dispatching = false, more = false;
  std::string trouble;  // of the last try to connect
  Clock::time_point connect_after{};

  std::mutex mutex;
  std::vector<Query> arrived;  // guarded by mutex
  std::atomic<std::size_t> unanswered{0};
  std::atomic<std::thread::id> owner{};
};

Pipeline::Impl::Impl(const PipelineOptions& given)
    : options(given),
      epoll(epoll_create1(EPOLL_CLOEXEC)),
      bell(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      alarm(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  if (epoll < 0 || bell < 0 || alarm < 0) throw std::system_error(errno, std::generic_category(), "epoll");
  add(bell);
  add(alarm);
  const LinkOptions link{options.url, options.statement_timeout};
  const auto ring_back = [this] { ring(); };
  for (int i = 0; i < options.readers; ++i) readers.push_back(std::make_unique<Link>(link, epoll, ring_back));
  for (int i = 0; i < options.writers; ++i) writers.push_back(std::make_unique<Link>(link, epoll, ring_back));
  set_alarm();
}

Pipeline::Impl::~Impl() {
  owner = std::this_thread::get_id();
  while (unanswered > 0) turn(static_cast<int>(kRetryLook.count()));
  readers.clear();
  writers.clear();
  for (const int descriptor : {epoll, bell, alarm}) close(descriptor);
}

void Pipeline::Impl::add(int descriptor) const {
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

void Pipeline::Impl::set_alarm() {
  alarmed = !late.empty();
  const std::chrono::nanoseconds next = alarmed ? kRetryLook : kLook;
  itimerspec when{};
  when.it_value.tv_sec = next.count() / 1'000'000'000;
  when.it_value.tv_nsec = next.count() % 1'000'000'000;
  timerfd_settime(alarm, 0, &when, nullptr);
}

void Pipeline::Impl::turn(int patience_ms) {
  std::array<epoll_event, 64> events{};
  const int count = epoll_wait(epoll, events.data(), events.size(), patience_ms);
  bool rung = false;
  for (int i = 0; i < count; ++i) {
    auto* link = static_cast<Link*>(events[static_cast<std::size_t>(i)].data.ptr);
    rung = rung || link == nullptr;
    if (link != nullptr) take(*link);
  }
  if (rung) {
    std::uint64_t number = 0;
    [[maybe_unused]] const auto from_bell = ::read(bell, &number, sizeof number);
    welcome();
    if (::read(alarm, &number, sizeof number) > 0) {
      look_after(Clock::now());
      set_alarm();
    }
  }
  fetch();
  dispatch();
  if (!late.empty() && !alarmed) set_alarm();
}

// Connections that have been made, or not, since the last look.
void Pipeline::Impl::welcome() {
  for (const auto* links : {&readers, &writers}) {
    for (const auto& link : *links) {
      if (link->finish_connecting(trouble) && !link->ready()) connect_after = Clock::now() + kAfterRefused;
    }
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
    if (i + 1 < late.size()) late[i] = std::move(late.back());
    late.pop_back();
    (query.reads ? reads : writes).push_back(std::move(query));
  }
}

// An answer may submit the next statement, which must not begin to dispatch in the middle of this.
void Pipeline::Impl::dispatch() {
  more = true;
  if (std::exchange(dispatching, true)) return;
  while (std::exchange(more, false)) {
    dispatch_reads();
    dispatch_writes();
  }
  dispatching = false;
}

// One more of these connections is wanted. Without any, and none on its way, everybody who waits is told so.
void Pipeline::Impl::connect_one(std::vector<std::unique_ptr<Link>>& links, std::deque<Query>& queue) {
  const auto idle =
      std::ranges::find_if(links, [](const auto& link) { return !link->ready() && !link->connecting(); });
  if (idle != links.end() && Clock::now() >= connect_after) {
    (*idle)->connect();
    return;
  }
  const auto usable = [](const auto& link) { return link->ready() || link->connecting(); };
  if (std::ranges::any_of(links, usable)) return;
  while (!queue.empty()) {
    Query query = std::move(queue.front());
    queue.pop_front();
    settle({std::move(query), std::unexpected(DatabaseTrouble("no connection: " + trouble, "")), false});
  }
}

void Pipeline::Impl::dispatch_reads() {
  for (const auto& link : readers) {
    while (!reads.empty() && link->ready() && link->under_way() == 0) {
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
  if (!reads.empty()) connect_one(readers, reads);
}

// The least busy connection; one more is made while all have something to do.
void Pipeline::Impl::dispatch_writes() {
  const auto depth = static_cast<std::size_t>(options.depth);
  while (!writes.empty()) {
    Link* least = nullptr;
    for (const auto& link : writers) {
      if (link->ready() && (least == nullptr || link->under_way() < least->under_way())) least = link.get();
    }
    if (least == nullptr || least->under_way() > 0) connect_one(writers, writes);
    if (least == nullptr || least->under_way() >= depth || writes.empty()) return;
    std::vector<Query> one;
    one.push_back(std::move(writes.front()));
    writes.pop_front();
    least->send(std::move(one));
    if (least->lost()) take(*least);
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
  if (query.attempt == 1) query.first_failure = Clock::now();
  if (again && may_try_again(query.attempt, query.first_failure)) {
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

int Pipeline::descriptor() const {
  return impl_->epoll;
}

void Pipeline::turn() {
  if (impl_->owner.load(std::memory_order_relaxed) == std::thread::id())
    impl_->owner = std::this_thread::get_id();
  impl_->turn(0);
}

bool Pipeline::owned_by_this_thread() const {
  return impl_->owner == std::this_thread::get_id();
}

Pipeline& own_pipeline(const Pipelines& pipelines) {
  const auto own =
      std::ranges::find_if(pipelines, [](const auto& each) { return each->owned_by_this_thread(); });
  return own == pipelines.end() ? *pipelines.front() : **own;
}

bool Pipeline::submit(Kind kind, const Statement& statement, std::vector<std::string> arguments,
                      Answered answered) {
  if (impl_->unanswered >= impl_->options.waiting_max) return false;
  ++impl_->unanswered;
  Query query{.statement = statement,
              .arguments = std::move(arguments),
              .answered = std::move(answered),
              .reads = kind == Kind::read};
  if (owned_by_this_thread()) {
    (query.reads ? impl_->reads : impl_->writes).push_back(std::move(query));
    impl_->dispatch();
    return true;
  }
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->arrived.push_back(std::move(query));
  }
  impl_->ring();
  return true;
}

}  // namespace server
