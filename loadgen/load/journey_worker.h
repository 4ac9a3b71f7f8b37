// One thread of a scenario's run: its shares of the plan, its connections, its tally. Instants are
// nanoseconds from the run's start.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/fixture.h"
#include "loadgen/load/journey_tally.h"
#include "loadgen/load/lines.h"
#include "loadgen/load/live.h"
#include "loadgen/load/request_template.h"
#include "loadgen/load/self_watch.h"
#include "loadgen/load/shard_run.h"
#include "sim/journeys.h"

namespace loadgen::load {

// The accounts of every share, as the planners number them.
struct ShardPeople {
  std::vector<Person> posters, workers;
};

struct JourneySetup {  // shared by all threads, only read while they run
  const sim::Load* load = nullptr;
  std::vector<PhaseSpan> spans;
  std::uint64_t seed = 0;
  model::Instant start;  // wall clock at instant 0
  net::TargetAddress target, providers;
  net::Endpoint target_endpoint, providers_endpoint;
  std::vector<ShardPeople> people;
  Person admin;
  std::int64_t timeout_ns = 0;
  unsigned connections = 1;  // of one thread, to the target
  unsigned threads = 1;
};

struct JourneyShared {
  std::atomic<bool> stop = false, died = false;
};

class JourneyWorker {
 public:
  JourneyWorker(const JourneySetup& setup, unsigned number, JourneyShared& shared);
  ~JourneyWorker();
  JourneyWorker(const JourneyWorker&) = delete;
  JourneyWorker& operator=(const JourneyWorker&) = delete;

  void connect_all();
  void run(std::int64_t start_monotonic_ns);

  LiveCounts live() const;  // as of about a second ago; from any thread while run() goes on

  JourneyTally& tally() { return tally_; }                // after run()
  ThreadTime measured_time() const { return measured_; }  // from the first measured phase's begin to the end
  std::int64_t measured_ns() const { return measured_ns_; }
  std::uint64_t sampled() const { return sampled_; }  // answers checked against the whole contract
  std::uint64_t xp_ignored() const { return xp_ignored_; }
  std::uint32_t longest_story() const { return longest_story_; }
  std::size_t active_bytes() const;                         // memory of journeys, the idle ones among them
  std::uint64_t feeds_open() const { return feeds_open_; }  // first pages that could not tell
  // Of what was begun; empty for a share that is another thread's.
  std::string share_hash(std::size_t shard);

 private:
  static constexpr std::uint32_t kNobody = UINT32_MAX;
  struct Delivery {  // of a webhook storm
    std::string body, signature;
  };
  struct Active {
    sim::PlannedJourney plan;
    std::uint32_t phase = 0, step = 0;
    std::int64_t intended = 0;       // of the journey
    std::int64_t step_intended = 0;  // of the request under way
    std::int64_t event_ns = 0;       // when the processor had the payment event
    std::int64_t poll_pause = 0;
    std::int64_t free_ns = 0;  // when nothing but a connection was missing any more for its first request
    std::uint32_t user = kNobody;
    StoryRun* story = nullptr;  // of the plan's task; nullptr: it has none
    std::unique_ptr<Delivery> delivery;
    bool used = false, waited = false;  // waited: for an earlier journey of the same task
  };
  struct User {  // closed loop
    std::uint32_t population;
    std::uint16_t shard;
    std::uint64_t random;
  };
  struct Timer {
    std::int64_t at;
    std::uint32_t job;  // or the user's number
    bool operator>(const Timer& other) const { return at > other.at; }
  };
  enum class Where : std::uint8_t { target, processor };

  std::int64_t now();
  void read_ahead();
  void dispatch(std::int64_t time);
  void engage_users();
  std::int64_t think(User& user);
  std::uint32_t phase_at(std::int64_t at_ns) const;
  void begin_arrival();
  void begin_user();
  void begin(std::int64_t at_ns, std::uint32_t phase, std::size_t shard, std::uint32_t user);
  void try_begin(std::uint32_t job, std::int64_t time);
  void queue(std::uint32_t job);
  void pump(std::int64_t time);
  void launch(std::uint32_t job, Lines& lines, std::int64_t time);
  void write_request(const Active& active, std::string& out);
  std::string_view token_of(const Active& active, model::UserId actor, std::string_view& id) const;
  Where where(const Active& active) const;
  void answered(std::uint32_t job, const LineAnswer& answer, std::int64_t time);
  Fault judge(Active& active, const LineAnswer& answer);
  Fault judge_call(Active& active, const LineAnswer& answer);
  Fault judge_processor(Active& active, const LineAnswer& answer);
  bool contract_kept(const sim::JourneyStep& step, const LineAnswer& answer);
  bool agrees(const Active& active, const sim::JourneyStep& step, const model::Outcome& observed);
  void next_step(std::uint32_t job, std::int64_t time);
  void over(std::uint32_t job, const Fault& fault, bool skipped, std::int64_t time);
  void note_refusals(const LineAnswer& answer, std::int64_t time);
  void mark_phases(std::int64_t time);
  void publish(std::int64_t time);
  void close_books();
  std::int64_t next_wake(std::int64_t time) const;
  bool finished(std::int64_t time) const;

  const JourneySetup& setup_;
  JourneyShared& shared_;
  unsigned number_;
  JourneyTally tally_;
  PhasedArrivals arrivals_;
  std::optional<PhasedArrivals::Next> head_;
  std::uint64_t head_number_ = 0, seen_ = 0;
  std::vector<std::unique_ptr<sim::JourneyPlanner>> planners_;  // by share; empty where another thread's
  std::vector<std::unique_ptr<ShardRun>> shards_;
  std::vector<ShareDigest> digests_;
  std::vector<User> users_;
  std::vector<Timer> ready_;                                 // heap: when a user's next journey is due
  std::vector<std::unique_ptr<RequestTemplate>> templates_;  // by action and variant
  QuickReader reader_;
  int epoll_ = -1;
  std::unique_ptr<Lines> target_, processor_;
  std::deque<std::uint32_t> for_target_, for_processor_;
  std::vector<Active> actives_;
  std::vector<std::uint32_t> free_actives_, woken_;
  std::size_t in_use_ = 0;
  std::vector<Timer> timers_;
  std::string request_;
  std::int64_t start_ = 0, end_ = 0, latest_ = 0, refused_since_ = -1, next_publish_ = 0, midnight_ = 0;
  std::uint64_t answers_ = 0, sampled_ = 0, xp_ignored_ = 0, feeds_open_ = 0;
  std::uint32_t longest_story_ = 0;
  bool warm_ = false, measured_over_ = false;
  bool pending_ = false;  // the effect that was read is not there yet
  ThreadTime measured_;
  std::int64_t measured_ns_ = 0, measured_from_ = 0, measured_to_ = 0;
  mutable std::mutex live_mutex_;
  LiveCounts live_;
};

}  // namespace loadgen::load
