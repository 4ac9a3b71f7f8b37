// Two calls about one task, held apart by locks that the harness takes: the first is started and stops where
// the lock stops it, the second is started and answered or stops as well, then the lock is given back. What
// comes of it must be what one of the two serial orders gives (state-machines.md §5), and those are simply
// tried. So every pair meets at every place where the first one waits for anything, and at those where it
// waits for nothing but its end, on every run.
#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <tuple>

#include <fmt/format.h>

#include "loadgen/side/collision_scenes.h"
#include "loadgen/side/flight.h"
#include "loadgen/side/held.h"
#include "loadgen/side/side_checks.h"
#include "loadgen/side/turnstile.h"

namespace loadgen {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kTime{25};  // for all of them

struct Place {
  std::string_view name, lock;
  int statement = 0;  // without a lock: where a turnstile stands
};

// Rows are locked as somebody does who changes them; a table in SHARE mode lets rows be read and locked, and
// stops at the first write. In the order of what they are worth: time may be short.
constexpr Place kFirstWrite{"its first write", "", 1};
constexpr Place kEnd{"its end, with all that it has written", "", Turnstile::kEnd};
constexpr std::array kPlaces{
    Place{"its first write of the task", "LOCK TABLE tasks IN SHARE MODE"},
    Place{"the escrow's row", "SELECT 1 FROM escrows WHERE task_id = '$task' FOR NO KEY UPDATE"},
    Place{"its first write of the escrow", "LOCK TABLE escrows IN SHARE MODE"},
    Place{"the worker's row", "SELECT 1 FROM users WHERE id = '$worker' FOR NO KEY UPDATE"},
    Place{"the rows of proofs", "SELECT 1 FROM proofs WHERE task_id = '$task' FOR NO KEY UPDATE"},
    Place{"the rows of disputes", "SELECT 1 FROM disputes WHERE task_id = '$task' FOR NO KEY UPDATE"},
    Place{"its first write of a proof", "LOCK TABLE proofs IN SHARE MODE"},
    Place{"its first write of a payout that waits", "LOCK TABLE transfer_retry_queue IN SHARE MODE"},
    Place{"its first write of XP", "LOCK TABLE xp_ledger IN SHARE MODE"},
    Place{"its first write of a profile", "LOCK TABLE capability_profiles IN SHARE MODE"},
    Place{"the task's row", "SELECT 1 FROM tasks WHERE id = '$task' FOR NO KEY UPDATE"},
};

// What a meeting looks like from outside.
struct Seen {
  std::string first, second;  // answers
  std::string middle;   // rows when the second was answered and the first was not; "": there was no such time
  std::string between;  // rows when the first was answered and the second was not
  std::string after, end;  // rows in the end; and at rest, with the books

  std::string told() const { return fmt::format("{}; {}; {}; {}", first, second, after, end); }
};

struct Pair {
  const Act *first, *second;

  // What is not too late then happens at the very instant of the job that it meets.
  model::Millis later(const Act& act) const {
    return first->timely || second->timely ? act.later : std::max(first->later, second->later);
  }
  Pair turned() const { return {second, first}; }
  auto operator<=>(const Pair&) const = default;
};

class Collisions {
 public:
  explicit Collisions(const SafetyStage& stage)
      : stage_(stage),
        scenes_(stage),
        one_(stage.client()),
        other_(stage.side.start_server({"--rate-limits", "off", "--biometrics-url", stage.side.providers()}),
               stage.side.database(), stage.side.providers(), stage.log),
        holder_(stage.client()),
        later_holder_(stage.client()),
        monitor_(stage.client()),
        keeper_(stage.client()),
        turnstile_(keeper_) {}

  // In the order of what they are worth: time may be short.
  void run() {
    const auto at_gates = [&](const Pair& pair) { meet_at_gates(pair); };
    each_pair(main_acts(), at_gates);
    each_pair(all_acts(), at_gates);
    for (const Place& place : kPlaces) each_pair(all_acts(), [&](const Pair& pair) { meet(pair, place); });
  }

 private:
  template <class Meet>
  void each_pair(std::span<const Act> acts, const Meet& meet_them) {
    for (const Act& first : acts) {
      for (const Act& second : acts) {
        if (first.at != second.at || (first.about_all() && second.about_all())) continue;
        if (stage_.interrupted() || Clock::now() > end_) return;
        meet_them(Pair{&first, &second});
      }
    }
  }
  // Whoever waits for what the first one has locked has read the same when he waits for what it has written.
  void meet_at_gates(const Pair& pair) {
    if (meet(pair, kFirstWrite)) meet(pair, kEnd);
  }

  // One after the other, nobody else there.
  const Seen& serial(const Pair& pair) {
    const auto [known, fresh] = serial_.try_emplace(pair);
    if (!fresh) return known->second;
    const Scene scene = scenes_.make(pair.first->at);
    Seen& seen = known->second;
    seen.first = perform(pair, *pair.first, scene, one_);
    seen.middle = scenes_.rows(scene);
    seen.second = perform(pair, *pair.second, scene, other_);
    seen.after = scenes_.rows(scene);
    seen.end = scenes_.settled(scene, *pair.first, *pair.second);
    return seen;
  }
  std::string perform(const Pair& pair, const Act& act, const Scene& scene, SideClient& client) {
    return scenes_.perform(act, pair.later(act), scene, client);
  }
  std::string lock_of(const Place& place, const Scene& scene) {
    return place.lock.empty() ? turnstile_.before(place.statement) : filled(place.lock, scene);
  }

  // Nothing when the first one does not wait there.
  std::optional<Seen> collide(const Pair& pair, const Place& place) {
    const Scene scene = scenes_.make(pair.first->at);
    Seen seen;
    {
      Held held(holder_, lock_of(place, scene));
      Flight one([&] { return perform(pair, *pair.first, scene, one_); });
      until_held(monitor_, one, 1);
      turnstile_.open();
      const bool waits = !one.answered();
      if (waits) meet_held(pair, scene, held, one, seen);
      held.release();
      seen.first = one.reply();
      if (!waits) {  // no task of another time is left to those who come later
        perform(pair, *pair.second, scene, other_);
        scenes_.settled(scene, *pair.first, *pair.second);
        return std::nullopt;
      }
    }
    seen.after = scenes_.rows(scene);
    seen.end = scenes_.settled(scene, *pair.first, *pair.second);
    return seen;
  }

  // What comes after a switch was turned must know it, however early it began: so whoever waits for the
  // switch is held at his own end until everybody may see that it was turned.
  void meet_held(const Pair& pair, const Scene& scene, Held& held, Flight& one, Seen& seen) {
    std::optional<Held> later;
    if (pair.first->turns_a_switch()) later.emplace(later_holder_, turnstile_.before(Turnstile::kEnd));
    Flight other([&] { return perform(pair, *pair.second, scene, other_); });
    until_held(monitor_, other, 2);
    if (other.answered()) seen.middle = scenes_.rows(scene);
    held.release();
    if (later) {
      one.reply();
      until_held(monitor_, other, 1);
      turnstile_.open();
      if (!other.answered()) seen.between = scenes_.rows(scene);
      later->release();
    }
    seen.second = other.reply();
  }

  // Whether the second was answered before the first went on.
  bool meet(const Pair& pair, const Place& place) {
    const auto spot = std::tuple(pair.first, pair.later(*pair.first), &place);
    if (passes_.contains(spot) || reported_.contains(pair) || !met_.emplace(pair, &place).second)
      return false;
    const auto seen = collide(pair, place);
    if (!seen) {
      passes_.insert(spot);
      return false;
    }
    stage_.judge.count("safety collisions");
    if (!in_order(pair, *seen, serial(pair)) && !turned(pair, *seen, serial(pair.turned())))
      report(pair, place, *seen, serial(pair), serial(pair.turned()));
    return !seen->middle.empty();
  }
  void report(const Pair& pair, const Place& place, const Seen& seen, const Seen& forth, const Seen& back) {
    reported_.insert(pair);
    std::string observed = seen.told();
    if (looked(pair, seen)) observed += "; when the second was answered: " + seen.middle;
    if (!seen.between.empty()) observed += "; when the first was answered: " + seen.between;
    stage_.broken(
        "SERIAL", "state-machines.md §5",
        fmt::format("{} and {} at the same moment, the first held at {}: no serial order gives this",
                    pair.first->name, pair.second->name, place.name),
        fmt::format("{}, or the other way round {}; {}; {}; {}", forth.told(), back.second, back.first,
                    back.after, back.end),
        observed);
  }

  // Whoever loses his standing meanwhile may be refused for that, or for what became of the task.
  static bool same(const Pair& pair, const std::string& answer, const std::string& other) {
    if (pair.first->changes_standing || pair.second->changes_standing)
      return (answer == "ok") == (other == "ok");
    return answer == other;
  }
  // Who saw one of them done and nothing of the other has seen their order.
  static bool looked(const Pair& pair, const Seen& seen) {
    return !seen.middle.empty() && !pair.first->changes_standing && !pair.second->changes_standing;
  }
  static bool in_order(const Pair& pair, const Seen& seen, const Seen& forth) {
    return same(pair, seen.first, forth.first) && same(pair, seen.second, forth.second) &&
           seen.after == forth.after && seen.end == forth.end &&
           (!looked(pair, seen) || seen.middle == forth.after) &&
           (seen.between.empty() || seen.between == forth.middle || seen.between == forth.after);
  }
  static bool turned(const Pair& pair, const Seen& seen, const Seen& back) {
    return same(pair, seen.first, back.second) && same(pair, seen.second, back.first) &&
           seen.after == back.after && seen.end == back.end &&
           (!looked(pair, seen) || seen.middle == back.middle || seen.middle == back.after) &&
           (seen.between.empty() || seen.between == back.after);
  }

  const SafetyStage& stage_;
  Scenes scenes_;
  SideClient one_, other_, holder_, later_holder_, monitor_, keeper_;
  Turnstile turnstile_;
  Clock::time_point end_ = Clock::now() + kTime;
  std::map<Pair, Seen> serial_;
  std::set<Pair> reported_;
  std::set<std::tuple<Pair, const Place*>> met_;
  std::set<std::tuple<const Act*, model::Millis, const Place*>> passes_;
};

}  // namespace

void check_collisions(const SafetyStage& stage) {
  Collisions(stage).run();
}

}  // namespace loadgen
