// Two calls about one person at the same moment, each about another object of his (his streak and XP, his
// strikes, what his records open to him, who reported him), or about one key, one cap, the table of roles.
// The first is held where it would write, or where it waits for a lock of the harness, the second is started;
// what comes of it must be what one of the two orders gives, and those are simply tried with people of the
// same past. Calls about one task meet in collision_check.cpp.
#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "loadgen/side/flight.h"
#include "loadgen/side/held.h"
#include "loadgen/side/meetings.h"
#include "loadgen/side/side_checks.h"
#include "loadgen/side/turnstile.h"

namespace loadgen {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kTime{20};  // for all meetings of a check
constexpr int kWritesMax = 2;              // places before writes, beside the end
// Waited for before anything is written, or where several write.
constexpr std::array<std::string_view, 5> kLocks{
    "LOCK TABLE users IN SHARE MODE", "LOCK TABLE xp_ledger IN SHARE MODE", "LOCK TABLE badges IN SHARE MODE",
    "LOCK TABLE user_strikes IN SHARE MODE", "LOCK TABLE capability_profiles IN SHARE MODE"};

class Meetings {
 public:
  explicit Meetings(const SafetyStage& stage)
      : stage_(stage),
        cast_(stage),
        one_(stage.client()),
        other_(stage.side.start_server({"--rate-limits", "off", "--biometrics-url", stage.side.providers()}),
               stage.side.database(), stage.side.providers(), stage.log),
        holder_(stage.client()),
        monitor_(stage.client()),
        keeper_(stage.client()),
        turnstile_(keeper_) {}

  void run(std::vector<Meeting> (*of)(Cast&)) {
    for (const Meeting& meeting : of(cast_)) {
      if (over()) return;
      at_gates(meeting, serial(meeting, false), serial(meeting, true));
    }
  }
  void run_with_locks(std::vector<Meeting> (*of)(Cast&)) {
    for (const Meeting& meeting : of(cast_)) {
      if (over()) return;
      const std::string forth = serial(meeting, false), back = serial(meeting, true);
      if (!at_gates(meeting, forth, back)) continue;
      for (const std::string_view lock : kLocks) {
        if (!met(meeting, false, std::string(lock), std::string(lock), forth, back)) break;
      }
    }
  }

 private:
  struct Seen {
    std::string told;
    bool overtaken = false;  // the second was answered before the first went on
  };

  bool over() const { return stage_.interrupted() || Clock::now() > end_; }

  Asked prepared(const Meeting& meeting, bool turned) {
    cast_.client.now = cast_.start;
    Asked asked = meeting.prepare();
    if (turned) std::swap(asked.first, asked.second);
    one_.now = other_.now = cast_.client.now;
    return asked;
  }
  // What is told of the one that is named first comes first.
  std::string left(const Asked& asked, bool turned, const std::string& first, const std::string& second) {
    const std::string rows = asked.look();
    if (asked.undo) asked.undo();
    return fmt::format("{}; {}; {}", turned ? second : first, turned ? first : second, rows);
  }

  std::string serial(const Meeting& meeting, bool turned) {
    const Asked asked = prepared(meeting, turned);
    const std::string first = asked.first(one_);
    return left(asked, turned, first, asked.second(other_));
  }

  // Nothing when the first one does not wait there.
  std::optional<Seen> held(const Meeting& meeting, bool turned, const std::string& lock) {
    const Asked asked = prepared(meeting, turned);
    Seen seen;
    std::string second;
    Held held(holder_, lock);
    Flight first([&] { return asked.first(one_); });
    until_held(monitor_, first, 1);
    turnstile_.open();
    const bool waits = !first.answered();
    if (waits) {
      Flight other([&] { return asked.second(other_); });
      until_held(monitor_, other, 2);
      seen.overtaken = other.answered();
      held.release();
      second = other.reply();
    }
    held.release();
    seen.told = left(asked, turned, first.reply(), second);
    return waits ? std::optional(seen) : std::nullopt;
  }

  // False when that broke something.
  bool met(const Meeting& meeting, bool turned, const std::string& lock, const std::string& place,
           const std::string& forth, const std::string& back) {
    last_ = held(meeting, turned, lock);
    if (!last_) return true;
    stage_.judge.count("safety collisions");
    if (last_->told == forth || last_->told == back) return true;
    stage_.broken("SERIAL", "state-machines.md §5",
                  fmt::format("{} at the same moment, the {} held {}: no serial order gives this",
                              meeting.name, turned ? "second" : "first", place),
                  forth == back ? forth : fmt::format("{}, or {}", forth, back), last_->told);
    return false;
  }

  // Before one write after the other, as long as the second one overtakes: whoever waits for what the first
  // one has locked has read the same when he waits for what it has written.
  bool at_gates(const Meeting& meeting, const std::string& forth, const std::string& back) {
    for (const bool turned : {false, true}) {
      if (turned && meeting.alike) break;
      for (int statement = 1; statement <= kWritesMax + 1; ++statement) {
        const bool end = statement > kWritesMax;
        const int place = end ? Turnstile::kEnd : statement;
        if (!met(meeting, turned, turnstile_.before(place),
                 end ? "at its end" : fmt::format("before its write number {}", statement), forth, back))
          return false;
        if (last_ && !last_->overtaken) break;
        if (!last_ && !end) statement = statement == 1 ? kWritesMax + 1 : kWritesMax;
      }
    }
    return true;
  }

  const SafetyStage& stage_;
  Cast cast_;
  SideClient one_, other_, holder_, monitor_, keeper_;
  Turnstile turnstile_;
  std::optional<Seen> last_;
  Clock::time_point end_ = Clock::now() + kTime;
};

}  // namespace

Cast::Cast(const SafetyStage& on)
    : stage(on), client(on.client()), start(client.now), people(on.people(8, 0)) {}

const Person& Cast::next() {
  constexpr std::size_t kAtOnce = 128;
  if (fresh_.empty() || used_ == fresh_.back().size()) {
    fresh_.push_back(stage.people(0, kAtOnce).workers);
    used_ = 0;
  }
  return fresh_.back()[used_++];
}

Call asks(std::string_view procedure, const nlohmann::json& input, const Person& by) {
  return [procedure = std::string(procedure), text = input.dump(), token = by.token](SideClient& client) {
    return code_told(client.call(procedure, text, token));
  };
}

std::string must_ask(Cast& cast, std::string_view procedure, const nlohmann::json& input, const Person& by,
                     const char* member) {
  return must(cast.client.call(procedure, input.dump(), by.token), procedure).text(member);
}

void check_meetings(const SafetyStage& stage) {
  Meetings(stage).run_with_locks(meetings_of_people);
}

void check_meetings_of_records(const SafetyStage& stage) {
  Meetings meetings(stage);
  meetings.run(meetings_of_proofs);
  meetings.run(meetings_of_records);
}

void check_meetings_of_the_marketplace(const SafetyStage& stage) {
  Meetings(stage).run(meetings_of_the_marketplace);
}

}  // namespace loadgen
