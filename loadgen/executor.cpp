#include "loadgen/executor.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "loadgen/case_runner.h"
#include "loadgen/fixture.h"

namespace loadgen {
namespace {

constexpr std::size_t kBatch = 16;  // cases prepared in one go
constexpr std::size_t kAhead = 24;  // prepared cases that may wait: enough that no worker ever does

struct Prepared {
  sim::Plan plan;
  std::vector<Person> people;
};

std::vector<Prepared> prepare_batch(Fixture& fixture, std::vector<sim::Plan> plans) {
  std::vector<const model::World*> worlds;
  worlds.reserve(plans.size());
  for (const sim::Plan& plan : plans) worlds.push_back(&plan.start);
  std::vector<std::vector<Person>> people = fixture.prepare(worlds);
  std::vector<Prepared> batch;
  batch.reserve(plans.size());
  for (std::size_t i = 0; i < plans.size(); ++i) batch.push_back({std::move(plans[i]), std::move(people[i])});
  return batch;
}

}  // namespace

struct Executor::Impl {
  explicit Impl(ExecutorOptions with)
      : options(std::move(with)), fixture(options.endpoints), began(std::chrono::steady_clock::now()) {
    Control(options.endpoints.providers).deliver_manually();
  }

  ExecutorOptions options;
  Fixture fixture;
  SteadyTime began;
  std::unique_ptr<HttpTarget> single;  // of run_one
};

namespace {

// What the threads of one run share. One thread prepares cases, the workers run them.
class Campaign {
 public:
  Campaign(const ExecutorOptions& options, Fixture& fixture, SteadyTime began,
           const std::function<std::optional<sim::Plan>()>& next, const std::function<void(CaseRecord)>& done,
           const RunCallbacks& callbacks)
      : options_(options),
        fixture_(fixture),
        began_(began),
        next_(next),
        done_(done),
        callbacks_(callbacks) {}

  Ended run() {
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::jthread> threads;
    threads.emplace_back([this] { guarded([this] { produce(); }); });
    for (int i = 0; i < options_.workers; ++i) {
      threads.emplace_back([this] { guarded([this] { work(); }); });
    }
    watch(start);
    threads.clear();
    if (failure_) std::rethrow_exception(failure_);
    ended_.progress = progress(start);
    return ended_;
  }

 private:
  void guarded(const std::function<void()>& body) {
    try {
      body();
    } catch (...) {
      const std::scoped_lock lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      end_locked(Ended::Why::stopped, "");
    }
    const std::scoped_lock lock(mutex_);
    ++finished_;
    changed_.notify_all();
  }

  void end_locked(Ended::Why why, std::string message) {
    if (!over_) {
      ended_.why = why;
      ended_.message = std::move(message);
    }
    over_ = true;
    changed_.notify_all();
  }

  void produce() {
    while (true) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return over_ || ready_.size() < kAhead; });
        if (over_) return;
      }
      std::vector<sim::Plan> plans;
      bool last = false;
      while (plans.size() < kBatch && !last) {
        std::optional<sim::Plan> plan = next_();
        last = !plan;
        if (plan) plans.push_back(std::move(*plan));
      }
      std::vector<Prepared> batch = prepare_batch(fixture_, std::move(plans));
      const std::scoped_lock lock(mutex_);
      for (Prepared& each : batch) ready_.push_back(std::move(each));
      exhausted_ = last;
      changed_.notify_all();
      if (last) return;
    }
  }

  std::optional<Prepared> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return over_ || exhausted_ || !ready_.empty(); });
    if (over_ || ready_.empty()) return std::nullopt;
    Prepared taken = std::move(ready_.front());
    ready_.pop_front();
    changed_.notify_all();
    return taken;
  }

  void work() {
    HttpTarget target(options_, began_);
    while (std::optional<Prepared> taken = take()) {
      if (callbacks_.stop && callbacks_.stop()) {
        const std::scoped_lock lock(mutex_);
        return end_locked(Ended::Why::stopped, "");
      }
      CaseRecord record = run_case(target, std::move(taken->plan), taken->people);
      const bool gone = record.target_gone;
      const std::string why = record.cut_short;
      plans_ += 1;
      commands_ += record.history.operations.size();
      done_(std::move(record));
      if (gone) {
        const std::scoped_lock lock(mutex_);
        return end_locked(Ended::Why::target_died, options_.endpoints.target + ": " + why);
      }
    }
  }

  Progress progress(SteadyTime start) const {
    return {plans_, commands_,
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()};
  }

  // Until every thread is done.
  void watch(SteadyTime start) {
    const int threads = options_.workers + 1;
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, std::chrono::milliseconds(100), [&] { return finished_ == threads; })) {
      const auto now = std::chrono::steady_clock::now();
      if (!callbacks_.progress || now - told_ < std::chrono::seconds(1)) continue;
      told_ = now;
      lock.unlock();
      callbacks_.progress(progress(start));
      lock.lock();
    }
  }

  const ExecutorOptions& options_;
  Fixture& fixture_;
  SteadyTime began_;
  const std::function<std::optional<sim::Plan>()>& next_;
  const std::function<void(CaseRecord)>& done_;
  const RunCallbacks& callbacks_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Prepared> ready_;
  bool exhausted_ = false;
  bool over_ = false;
  int finished_ = 0;
  Ended ended_;
  std::exception_ptr failure_;
  std::atomic<std::uint64_t> plans_{0}, commands_{0};
  SteadyTime told_ = std::chrono::steady_clock::now();
};

}  // namespace

Executor::Executor(ExecutorOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Executor::~Executor() = default;

Ended Executor::run(const std::function<std::optional<sim::Plan>()>& next,
                    const std::function<void(CaseRecord)>& done, const RunCallbacks& callbacks) {
  return Campaign(impl_->options, impl_->fixture, impl_->began, next, done, callbacks).run();
}

CaseRecord Executor::run_one(const sim::Plan& plan) {
  if (!impl_->single) impl_->single = std::make_unique<HttpTarget>(impl_->options, impl_->began);
  std::vector<Prepared> batch = prepare_batch(impl_->fixture, {plan});
  return run_case(*impl_->single, std::move(batch.front().plan), batch.front().people);
}

}  // namespace loadgen
