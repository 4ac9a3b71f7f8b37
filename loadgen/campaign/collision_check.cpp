// Two calls about one task, held apart by locks that the harness takes: the first is started and stops where
// the lock stops it, the second is started and answered or stops as well, then the lock is given back. What
// comes of it must be what one of the two serial orders gives (state-machines.md §5), and those are simply
// tried. So every pair meets at every place where the first one waits for anything, on every run.
#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "loadgen/campaign/collision_scenes.h"
#include "loadgen/campaign/flight.h"
#include "loadgen/campaign/held.h"

namespace loadgen {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kTime{25};  // for all of them

struct Place {
  std::string_view name, lock;
};

// Rows are locked as somebody does who changes them; a table in SHARE mode lets rows be read and locked, and
// stops at the first write. In the order of what they are worth: time may be short.
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
  std::string middle;      // rows when one was answered and the other was not; "" when there was no such time
  std::string after, end;  // rows in the end; and at rest, with the books

  std::string told() const { return fmt::format("{}; {}; {}; {}", first, second, after, end); }
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
        monitor_(stage.client()) {}

  void run() {
    const Clock::time_point end = Clock::now() + kTime;
    for (const Place& place : kPlaces) {
      for (const Act& first : all_acts()) {
        for (const Act& second : all_acts()) {
          if (first.at != second.at) continue;
          if (stage_.interrupted() || Clock::now() > end) return;
          meet(first, second, place);
        }
      }
    }
  }

 private:
  // One after the other, nobody else there.
  const Seen& serial(const Act& first, const Act& second) {
    const auto [known, fresh] = serial_.try_emplace({&first, &second});
    if (!fresh) return known->second;
    const Scene scene = scenes_.make(first.at);
    Seen& seen = known->second;
    seen.first = scenes_.perform(first, scene, one_);
    seen.middle = scenes_.rows(scene);
    seen.second = scenes_.perform(second, scene, other_);
    seen.after = scenes_.rows(scene);
    seen.end = scenes_.settled(scene, first, second);
    return seen;
  }

  // Nothing when the first one does not wait there.
  std::optional<Seen> collide(const Act& first, const Act& second, const Place& place) {
    const Scene scene = scenes_.make(first.at);
    Seen seen;
    {
      Held held(holder_, filled(place.lock, scene));
      Flight one([&] { return scenes_.perform(first, scene, one_); });
      until_held(monitor_, one, 1);
      const bool waits = !one.answered();
      if (waits) {
        Flight other([&] { return scenes_.perform(second, scene, other_); });
        until_held(monitor_, other, 2);
        if (other.answered()) seen.middle = scenes_.rows(scene);
        held.release();
        seen.second = other.reply();
      }
      held.release();
      seen.first = one.reply();
      if (!waits) {
        scenes_.settled(scene, first, second);
        return std::nullopt;
      }
    }
    seen.after = scenes_.rows(scene);
    seen.end = scenes_.settled(scene, first, second);
    return seen;
  }

  void meet(const Act& first, const Act& second, const Place& place) {
    const auto spot = std::pair(&first, &place);
    if (passes_.contains(spot) || reported_.contains({&first, &second})) return;
    const Seen& forth = serial(first, second);
    const Seen& back = serial(second, first);
    const auto seen = collide(first, second, place);
    if (!seen) {
      passes_.insert(spot);
      return;
    }
    stage_.judge.count("safety collisions");
    // Who saw the second one done and nothing of the first has seen their order.
    const bool looked = !seen->middle.empty() && !first.changes_standing && !second.changes_standing;
    const bool in_order = seen->first == forth.first && seen->second == forth.second &&
                          seen->after == forth.after && seen->end == forth.end &&
                          (!looked || seen->middle == forth.after);
    const bool turned = seen->first == back.second && seen->second == back.first &&
                        seen->after == back.after && seen->end == back.end &&
                        (!looked || seen->middle == back.middle || seen->middle == back.after);
    if (in_order || turned) return;
    reported_.insert({&first, &second});
    std::string observed = seen->told();
    if (looked) observed += "; when the second was answered: " + seen->middle;
    stage_.broken(
        "SERIAL", "state-machines.md §5",
        fmt::format("{} and {} at the same moment, the first held at {}: no serial order gives this",
                    first.name, second.name, place.name),
        fmt::format("{}, or the other way round {}; {}; {}; {}", forth.told(), back.second, back.first,
                    back.after, back.end),
        observed);
  }

  const SafetyStage& stage_;
  Scenes scenes_;
  SideClient one_, other_, holder_, monitor_;
  std::map<std::pair<const Act*, const Act*>, Seen> serial_;
  std::set<std::pair<const Act*, const Act*>> reported_;
  std::set<std::pair<const Act*, const Place*>> passes_;
};

}  // namespace

void check_collisions(const SafetyStage& stage) {
  Collisions(stage).run();
}

}  // namespace loadgen
