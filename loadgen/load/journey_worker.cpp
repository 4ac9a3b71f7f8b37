#include "loadgen/load/journey_worker.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <ctime>
#include <functional>
#include <system_error>

namespace loadgen::load {
namespace {

constexpr std::int64_t kLook = 50'000'000;         // how often a quiet thread looks for the stop flag
constexpr std::int64_t kPatience = 1'000'000'000;  // refused for so long without one answer: dead
constexpr std::int64_t kAgain = 10'000'000;        // a user whose journey failed does not spin
constexpr std::uint32_t kTargetTag = 1, kProcessorTag = 2;
constexpr std::uint32_t kProcessorLines = 16;

}  // namespace

JourneyWorker::JourneyWorker(const JourneySetup& setup, unsigned number, JourneyShared& shared)
    : setup_(setup),
      shared_(shared),
      number_(number),
      tally_(setup.spans, setup.load->populations.size()),
      arrivals_(setup.spans),
      planners_(sim::kShards),
      shards_(sim::kShards),
      digests_(sim::kShards),
      templates_(model::kProcedureCount * sim::kVariants),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      end_(setup.spans.back().to_ns),
      measured_from_(INT64_MAX) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  for (std::size_t shard = number; shard < sim::kShards; shard += setup.threads) {
    const auto options = sim::planner_options(*setup.load, setup.seed, shard, setup.start);
    planners_[shard] = std::make_unique<sim::JourneyPlanner>(*setup.load, options);
    shards_[shard] = std::make_unique<ShardRun>(options.workers);
  }
  target_ =
      std::make_unique<Lines>(epoll_, kTargetTag, setup.target_endpoint, setup.connections, setup.timeout_ns);
  processor_ = std::make_unique<Lines>(epoll_, kProcessorTag, setup.providers_endpoint, kProcessorLines,
                                       setup.timeout_ns);
  for (const auto& lines : {target_.get(), processor_.get()}) {
    lines->done = [this](std::uint32_t job, const LineAnswer& answer, std::int64_t, std::int64_t time) {
      answered(job, answer, time);
    };
  }
  for (const PhaseSpan& span : setup.spans) {
    if (!span.measured) continue;
    measured_from_ = std::min(measured_from_, span.from_ns);
    measured_to_ = span.to_ns;
  }
  engage_users();
  midnight_ = (model::kDay - setup.start.ms % model::kDay) * 1'000'000;
  read_ahead();
}

JourneyWorker::~JourneyWorker() {
  target_.reset();
  processor_.reset();
  close(epoll_);
}

std::int64_t JourneyWorker::now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return latest_ = time.tv_sec * 1'000'000'000 + time.tv_nsec - start_;
}

void JourneyWorker::connect_all() {
  target_->connect_all();
}

void JourneyWorker::read_ahead() {
  do {
    head_ = arrivals_.next();
    head_number_ = seen_++;
  } while (head_ && head_number_ % sim::kShards % setup_.threads != number_);
}

// Users do not begin in step: their first journeys spread over one time of thinking, at least a second.
void JourneyWorker::engage_users() {
  std::uint64_t number = 0;
  for (std::uint32_t population = 0; population < setup_.load->populations.size(); ++population) {
    const sim::Population& of = setup_.load->populations[population];
    const double spread_ns = std::max(1.0, of.think_seconds) * 1e9 / static_cast<double>(of.users);
    for (std::int64_t i = 0; i < of.users; ++i, ++number) {
      const auto shard = static_cast<std::uint16_t>(number % sim::kShards);
      if (shard % setup_.threads != number_) continue;
      ready_.push_back({static_cast<std::int64_t>(spread_ns * static_cast<double>(i)),
                        static_cast<std::uint32_t>(users_.size())});
      users_.push_back({population, shard, setup_.seed ^ number * 0xD1B54A32D192ED03U});
    }
  }
  std::ranges::make_heap(ready_, std::greater<>{});
}

std::int64_t JourneyWorker::think(User& user) {
  const double mean = setup_.load->populations[user.population].think_seconds;
  return mean <= 0 ? 0 : std::llround(exponential(user.random) * mean * 1e9);
}

std::uint32_t JourneyWorker::phase_at(std::int64_t at_ns) const {
  std::uint32_t phase = 0;
  while (phase + 1 < setup_.spans.size() && setup_.spans[phase].to_ns <= at_ns) ++phase;
  return phase;
}

// In the order of their instants, because planners never go back.
void JourneyWorker::dispatch(std::int64_t time) {
  while (true) {
    const std::int64_t arrival = head_ ? head_->at_ns : INT64_MAX;
    const std::int64_t user = ready_.empty() ? INT64_MAX : ready_.front().at;
    if (std::min(arrival, user) > time) return;
    arrival <= user ? begin_arrival() : begin_user();
  }
}

void JourneyWorker::begin_arrival() {
  begin(head_->at_ns, head_->phase, head_number_ % sim::kShards, kNobody);
  read_ahead();
}

void JourneyWorker::begin_user() {
  std::ranges::pop_heap(ready_, std::greater<>{});
  const auto [at, user] = ready_.back();
  ready_.pop_back();
  if (at < end_) begin(at, phase_at(at), users_[user].shard, user);
}

void JourneyWorker::begin(std::int64_t at_ns, std::uint32_t phase, std::size_t shard, std::uint32_t user) {
  if (free_actives_.empty()) {
    actives_.emplace_back();
    free_actives_.push_back(static_cast<std::uint32_t>(actives_.size() - 1));
  }
  const std::uint32_t job = free_actives_.back();
  free_actives_.pop_back();
  Active& active = actives_[job];
  planners_[shard]->next(at_ns, active.plan,
                         user == kNobody ? sim::JourneyPlanner::kArrives : users_[user].population);
  digests_[shard].add(at_ns, active.plan);
  active.phase = phase;
  active.step = 0;
  active.intended = active.step_intended = active.free_ns = at_ns;
  active.user = user;
  active.used = true;
  active.waited = false;
  ++in_use_;
  JourneyPhase& here = tally_.phases[phase];
  ++here.journeys[static_cast<std::size_t>(active.plan.kind)].due;
  ++here.populations[active.plan.population].due;
  here.intended.add(at_ns);
  ++tally_.second(at_ns).journeys;
  active.story = shards_[shard]->admit(active.plan);
  longest_story_ = std::max(longest_story_, active.plan.turn + 1);
  try_begin(job, latest_);
}

void JourneyWorker::try_begin(std::uint32_t job, std::int64_t time) {
  Active& active = actives_[job];
  switch (shards_[active.plan.shard]->turn(active.plan, active.story, job)) {
    case ShardRun::Turn::go:
      if (active.waited) active.free_ns = time;
      return queue(job);
    case ShardRun::Turn::wait:
      active.waited = true;
      return;
    case ShardRun::Turn::skip:
      return over(job, {}, true, time);
  }
}

void JourneyWorker::queue(std::uint32_t job) {
  (where(actives_[job]) == Where::target ? for_target_ : for_processor_).push_back(job);
}

// Everything that waits for a connection, in the order of its waiting.
void JourneyWorker::pump(std::int64_t time) {
  while (!for_target_.empty() && target_->free()) {
    const std::uint32_t job = for_target_.front();
    for_target_.pop_front();
    launch(job, *target_, time);
    if (!for_target_.empty()) time = now();
  }
  while (!for_processor_.empty() && processor_->free()) {
    const std::uint32_t job = for_processor_.front();
    for_processor_.pop_front();
    launch(job, *processor_, time);
  }
}

void JourneyWorker::launch(std::uint32_t job, Lines& lines, std::int64_t time) {
  Active& active = actives_[job];
  write_request(active, request_);
  if (&lines == target_.get()) {
    JourneyPhase& here = tally_.phases[active.phase];
    ++tally_.second(time).sent;
    if (active.step == 0) {
      ++here.begun;
      here.sent.add(time);
      here.lateness.record((time - std::max(active.free_ns, lines.free_since())) / 1000);
      if (active.waited || lines.free_since() > active.intended) ++here.waited;
      if (time < setup_.spans[active.phase].to_ns) ++here.on_time;
    }
  }
  lines.send(job, request_, time);
}

void JourneyWorker::note_refusals(const LineAnswer& answer, std::int64_t time) {
  if (answer.status != 0) {
    refused_since_ = -1;
  } else if (answer.failure == Failure::refused) {
    if (refused_since_ < 0) refused_since_ = time;
    if (time - refused_since_ >= kPatience) shared_.died = shared_.stop = true;
  }
}

void JourneyWorker::next_step(std::uint32_t job, std::int64_t time) {
  Active& active = actives_[job];
  if (++active.step == active.plan.steps.size()) return over(job, {}, false, time);
  active.step_intended = time;
  queue(job);
}

void JourneyWorker::over(std::uint32_t job, const Fault& fault, bool skipped, std::int64_t time) {
  Active& active = actives_[job];
  const bool clean = fault == Fault{} && !skipped;
  JourneyPhase& here = tally_.phases[active.phase];
  const auto kind = static_cast<std::size_t>(active.plan.kind);
  for (JourneyCounts* counts : {&here.journeys[kind], &here.populations[active.plan.population]}) {
    ++(skipped ? counts->skipped : clean ? counts->clean : counts->failed);
  }
  if (clean) {
    tally_.success(active.phase, kFirstJourney + kind, active.intended, time);
  } else if (!skipped) {
    tally_.failure(active.phase, kFirstJourney + kind, fault, active.intended, time);
  }
  const std::size_t first = woken_.size();
  shards_[active.plan.shard]->over(active.plan, active.story, clean, woken_);
  active.used = false;
  active.delivery.reset();
  free_actives_.push_back(job);
  --in_use_;
  if (active.user != kNobody) {
    const std::int64_t pause = std::max(think(users_[active.user]), clean ? 0 : kAgain);
    ready_.push_back({time + pause, active.user});
    std::ranges::push_heap(ready_, std::greater<>{});
  }
  while (woken_.size() > first) {
    const std::uint32_t next = woken_.back();
    woken_.pop_back();
    try_begin(next, time);
  }
}

bool JourneyWorker::finished(std::int64_t time) const {
  if (shared_.stop.load(std::memory_order_relaxed)) return true;
  if (head_ || time < end_) return false;
  return in_use_ == 0 || time >= end_ + setup_.timeout_ns;
}

std::int64_t JourneyWorker::next_wake(std::int64_t time) const {
  std::int64_t wake = std::min(time + kLook, next_publish_);
  if (head_) wake = std::min(wake, head_->at_ns);
  if (!ready_.empty()) wake = std::min(wake, ready_.front().at);
  if (!timers_.empty()) wake = std::min(wake, timers_.front().at);
  wake = std::min({wake, target_->next_expiry(), processor_->next_expiry()});
  if (time < end_) wake = std::min(wake, end_);
  return wake;
}

void JourneyWorker::mark_phases(std::int64_t time) {
  if (!warm_ && time >= measured_from_) {
    warm_ = true;
    measured_from_ = time;
    measured_ = thread_time();
  }
  const bool over = time >= measured_to_ || shared_.stop.load(std::memory_order_relaxed);
  if (warm_ && !measured_over_ && over) {
    measured_over_ = true;
    const ThreadTime there = thread_time();
    measured_ = {there.cpu_ns - measured_.cpu_ns, there.waiting_ns - measured_.waiting_ns};
    measured_ns_ = time - measured_from_;
  }
}

void JourneyWorker::publish(std::int64_t time) {
  if (time < next_publish_) return;
  next_publish_ = (time / 1'000'000'000 + 1) * 1'000'000'000;
  LiveCounts counts = live_of(tally_);
  counts.in_flight = in_use_;
  const std::scoped_lock lock(live_mutex_);
  live_ = std::move(counts);
}

std::string JourneyWorker::share_hash(std::size_t shard) {
  return planners_[shard] ? digests_[shard].hex() : std::string();
}

LiveCounts JourneyWorker::live() const {
  LiveCounts copy;
  const std::scoped_lock lock(live_mutex_);
  copy.add(live_);
  return copy;
}

std::size_t JourneyWorker::active_bytes() const {
  std::size_t sum = actives_.capacity() * sizeof(Active);
  for (const Active& active : actives_) sum += active.plan.steps.capacity() * sizeof(sim::JourneyStep);
  return sum;
}

// What is still open: interrupted journeys are unfinished; at the regular end, time is up for those under way
// and no connection became free for the others.
void JourneyWorker::close_books() {
  const bool cut = shared_.stop;
  for (Active& active : actives_) {
    if (!active.used) continue;
    JourneyPhase& here = tally_.phases[active.phase];
    const auto kind = static_cast<std::size_t>(active.plan.kind);
    for (JourneyCounts* counts : {&here.journeys[kind], &here.populations[active.plan.population]}) {
      ++(cut ? counts->unfinished : counts->failed);
    }
    if (cut) continue;
    const Fault fault{active.step == 0 ? Fault::Kind::unsent : Fault::Kind::timeout};
    tally_.failure(active.phase, kFirstJourney + kind, fault, active.intended, latest_);
  }
}

void JourneyWorker::run(std::int64_t start_monotonic_ns) {
  start_ = start_monotonic_ns;
  prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  std::array<epoll_event, 256> events{};
  std::int64_t time = now();
  while (!finished(time)) {
    dispatch(time);
    for (; !timers_.empty() && timers_.front().at <= time;) {
      std::ranges::pop_heap(timers_, std::greater<>{});
      const std::uint32_t job = timers_.back().job;
      timers_.pop_back();
      actives_[job].step_intended = time;
      queue(job);
    }
    target_->expire(time);
    processor_->expire(time);
    pump(time);
    time = now();
    const std::int64_t wait = std::max<std::int64_t>(0, next_wake(time) - time);
    const timespec timeout{wait / 1'000'000'000, wait % 1'000'000'000};
    const int got = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    time = now();
    for (int i = 0; i < got; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      const bool of_target = event.data.u64 >> 32 == kTargetTag;
      (of_target ? *target_ : *processor_)
          .event(static_cast<std::uint32_t>(event.data.u64), event.events, time);
      if (i + 1 == got) break;
      time = now();
      // An arrival is sent in time; whoever reads on waits for the rest of the answers, which saves wake-ups.
      if (!head_ || head_->at_ns > time) continue;
      dispatch(time);
      pump(time);
    }
    mark_phases(time);
    publish(time);
  }
  mark_phases(now());
  close_books();
}

}  // namespace loadgen::load
