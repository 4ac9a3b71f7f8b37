// A read is of one instant (state-machines.md §5, the pairs that may be observed): who looks at a task while
// something happens to it sees task and escrow as they were before or as they are afterwards. The read is
// held at every table that it needs, the call is made meanwhile, as far as it does not need that table
// itself.
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "loadgen/side/collision_scenes.h"
#include "loadgen/side/flight.h"
#include "loadgen/side/held.h"
#include "loadgen/side/side_checks.h"

namespace loadgen {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr std::chrono::seconds kTime{10};  // for all of them

class TornReads {
 public:
  explicit TornReads(const SafetyStage& stage)
      : stage_(stage),
        scenes_(stage),
        reader_(stage.client()),
        caller_(stage.side.start_server({"--rate-limits", "off", "--biometrics-url", stage.side.providers()}),
                stage.side.database(), stage.side.providers(), stage.log),
        holder_(stage.client()),
        monitor_(stage.client()) {}

  void run() {
    const Clock::time_point end = Clock::now() + kTime;
    for (const Act& act : main_acts()) {
      if (act.about_all()) continue;
      for (const std::string& table : tables()) {
        if (stage_.interrupted() || Clock::now() > end) return;
        look_during(act, table);
      }
    }
  }

 private:
  // That the read needs. Everybody's call begins with who he is, and changes tasks and escrows.
  const std::vector<std::string>& tables() {
    if (tables_) return *tables_;
    tables_.emplace();
    const json all = json::parse(
        monitor_.sql("SELECT json_agg(relname ORDER BY relname) FROM pg_class WHERE relkind = 'r' AND"
                     " relnamespace = 'public'::regnamespace AND relname NOT IN ('users', 'admin_roles',"
                     " 'tasks', 'escrows')"));
    const Scene scene = scenes_.make(Scenery::funded);
    for (const json& table : all) {
      Held held(holder_, locked(table));
      Flight read([&] { return seen_by_reader(scene); });
      until_held(monitor_, read, 1);
      if (!read.answered()) tables_->push_back(table);
      held.release();
    }
    return *tables_;
  }
  static std::string locked(const std::string& table) {
    return fmt::format("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", table);
  }

  std::string seen_by_reader(const Scene& scene) {
    const Reply reply =
        reader_.call("task.getById", json{{"task_id", scene.task.id}}.dump(), scene.poster.token);
    if (!reply.ok()) return told(reply);
    return fmt::format("task {}, escrow {}", reply.text("/result/data/state"),
                       reply.text("/result/data/escrow/state"));
  }

  void look_during(const Act& act, const std::string& table) {
    const Scene scene = scenes_.make(act.at);
    const std::string before = seen_by_reader(scene);
    std::string seen;
    {
      Held held(holder_, locked(table));
      Flight read([&] { return seen_by_reader(scene); });
      until_held(monitor_, read, 1);
      Flight call([&] { return scenes_.perform(act, act.later, scene, caller_); });
      until_held(monitor_, call, 2);
      held.release();
      call.reply();
      seen = read.reply();
    }
    const std::string after = seen_by_reader(scene);
    scenes_.settled(scene, act, act);
    stage_.judge.count("safety collisions");
    if (seen == before || seen == after || !reported_.insert(table).second) return;
    stage_.broken(
        "one instant", "state-machines.md §5",
        fmt::format("task.getById during {}, held at the table {}: a pair that never was", act.name, table),
        before == after ? before : fmt::format("{}, or {}", before, after), seen);
  }

  const SafetyStage& stage_;
  Scenes scenes_;
  SideClient reader_, caller_, holder_, monitor_;
  std::optional<std::vector<std::string>> tables_;
  std::set<std::string> reported_;
};

}  // namespace

void check_torn_reads(const SafetyStage& stage) {
  TornReads(stage).run();
}

}  // namespace loadgen
