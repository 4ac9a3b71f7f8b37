// What one more completion makes of a long record (money.md §5-§8): records at the edges of every tier and
// badge are planted as rows, then a task is completed in the usual way. Longer than any drill could drive.
// What a tier asks for counts whatever became of the tasks, and as often as somebody climbs.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "loadgen/encode.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "model/rules/money.h"
#include "model/rules/reputation.h"

namespace loadgen {
namespace {

using model::Category;

constexpr int kPrice = 5000;

// Before the completion. Everybody is rated by `ratings` people, `fours` of them with 4 stars, the others
// with 5. Rejected proofs and disputes belong to unfinished tasks first.
struct Record {
  std::string_view name;
  int completed = 0;
  int unfinished = 0;  // accepted, but not completed
  int disputed = 0;
  int rejected_proofs = 0;
  int ratings = 0, fours = 0;
  bool verified = true;
  int tier = 1;
  int streak = 0;
  int xp = 0;
  int early = 0;  // of the completed ones, before nine
  Category category = Category::errands;
  std::string_view end = "CANCELLED";  // of the unfinished tasks, so far
  bool demoted = false;                // after the completion; then another one
};

constexpr std::array kRecords{
    Record{.name = "four tasks", .completed = 3},
    Record{.name = "five tasks", .completed = 4, .demoted = true},
    Record{.name = "five tasks of somebody unverified", .completed = 4, .verified = false},
    Record{.name = "ten tasks", .completed = 9, .tier = 2},
    Record{.name = "nine tasks", .completed = 8, .tier = 2},
    Record{.name = "nineteen tasks", .completed = 18, .tier = 2},
    Record{.name = "twenty tasks", .completed = 19, .tier = 2, .demoted = true},
    Record{.name = "twenty tasks of a newcomer", .completed = 19, .tier = 1, .demoted = true},
    Record{.name = "95 % approved", .completed = 37, .rejected_proofs = 2, .tier = 2},
    Record{.name = "less than 95 % approved", .completed = 36, .rejected_proofs = 2, .tier = 2},
    Record{.name = "95.00 % approved", .completed = 474, .rejected_proofs = 25, .tier = 2},
    Record{.name = "94.99 % approved", .completed = 473, .rejected_proofs = 25, .tier = 2},
    Record{.name = "24 tasks", .completed = 23, .rejected_proofs = 9, .tier = 2},
    Record{.name = "25 tasks", .completed = 24, .rejected_proofs = 9, .tier = 2},
    Record{.name = "49 tasks", .completed = 48, .rejected_proofs = 9, .tier = 2},
    Record{.name = "50 tasks", .completed = 49, .rejected_proofs = 9, .tier = 2},
    Record{.name = "99 tasks", .completed = 98, .ratings = 5, .fours = 0, .tier = 3},
    Record{.name = "100 tasks", .completed = 99, .ratings = 5, .fours = 0, .tier = 3, .demoted = true},
    Record{.name = "100 tasks, no ratings", .completed = 99, .tier = 3},
    Record{.name = "100 tasks, rated 4.80", .completed = 99, .ratings = 5, .fours = 1, .tier = 3},
    Record{.name = "100 tasks, rated 4.79", .completed = 99, .ratings = 99, .fours = 21, .tier = 3},
    Record{.name = "1 % disputed", .completed = 99, .disputed = 1, .ratings = 5, .tier = 3},
    Record{.name = "less than 1 % disputed",
           .completed = 99,
           .unfinished = 1,
           .disputed = 1,
           .ratings = 5,
           .tier = 3},
    Record{.name = "two of 200 disputed",
           .completed = 150,
           .unfinished = 49,
           .disputed = 2,
           .ratings = 5,
           .tier = 3},
    Record{.name = "two of 201 disputed",
           .completed = 150,
           .unfinished = 50,
           .disputed = 2,
           .ratings = 5,
           .tier = 3},
    Record{.name = "from tier 1 to 4", .completed = 99, .ratings = 5, .tier = 1, .demoted = true},
    Record{.name = "a streak of 2", .completed = 1, .streak = 1},
    Record{.name = "a streak of 3", .completed = 2, .streak = 2},
    Record{.name = "a streak of 6", .completed = 3, .streak = 5},
    Record{.name = "a streak of 7", .completed = 3, .streak = 6},
    Record{.name = "a streak of 13", .completed = 3, .streak = 12},
    Record{.name = "a streak of 14", .completed = 3, .streak = 13},
    Record{.name = "a streak of 29", .completed = 3, .streak = 28},
    Record{.name = "a streak of 30", .completed = 3, .streak = 29},
    Record{.name = "level 2", .xp = 200},
    Record{.name = "level 3", .xp = 290},
    Record{.name = "level 4", .xp = 1400},
    Record{.name = "level 5", .xp = 1490},
    Record{.name = "level 7", .xp = 6900},
    Record{.name = "level 8", .xp = 6990},
    Record{.name = "level 9", .xp = 18400},
    Record{.name = "level 10", .xp = 18499},
    Record{.name = "nine times cleaning", .completed = 9, .category = Category::cleaning},
    Record{.name = "ten times cleaning", .completed = 10, .category = Category::cleaning},
    Record{.name = "four times early", .completed = 4, .early = 4},
    Record{.name = "five times early", .completed = 6, .early = 5},
};

// On either side of both shares, with what spoils them on tasks of every end.
constexpr std::array<std::string_view, 5> kEnds{"CANCELLED", "EXPIRED", "ACCEPTED", "PROOF_SUBMITTED",
                                                "DISPUTED"};
constexpr std::array kShares{
    Record{.name = "95 % approved", .completed = 37, .unfinished = 1, .rejected_proofs = 2, .tier = 2},
    Record{
        .name = "less than 95 % approved", .completed = 36, .unfinished = 1, .rejected_proofs = 2, .tier = 2},
    Record{.name = "one of 101 disputed",
           .completed = 99,
           .unfinished = 1,
           .disputed = 1,
           .ratings = 5,
           .tier = 3},
    Record{.name = "two of 101 disputed",
           .completed = 99,
           .unfinished = 1,
           .disputed = 2,
           .ratings = 5,
           .tier = 3}};

std::vector<Record> all_records() {
  std::vector<Record> all(kRecords.begin(), kRecords.end());
  for (const std::string_view end : kEnds) {
    for (Record record : kShares) {
      record.end = end;
      all.push_back(record);
    }
  }
  return all;
}

class Tiers {
 public:
  explicit Tiers(const SafetyStage& stage) : stage_(stage), client_(stage.client()) {}

  void run() {
    // At noon: what is completed now is not early.
    client_.now = {(client_.now.ms / model::kDay + 1) * model::kDay + 12 * model::kHour};
    const std::vector<Record> records = all_records();
    people_ = stage_.people(1, records.size());
    for (std::size_t i = 0; i < records.size(); ++i) try_record(records[i], people_.workers[i]);
  }

 private:
  void try_record(const Record& record, const Person& worker) {
    plant(record, worker, people_.posters[0]);
    model::World world = before(record);
    climbed_ = 0;
    complete(worker, world, described(record));
    if (!record.demoted) return;
    // eligibility.md §10: what was lost is earned again as it was the first time.
    client_.sql(fmt::format("UPDATE users SET trust_tier = {} WHERE id = '{}'", record.tier, worker.id));
    world.users[1].tier = static_cast<std::uint8_t>(record.tier);
    complete(worker, world, described(record) + ", and another one after a demotion");
  }
  static std::string described(const Record& record) {
    if (record.unfinished == 0) return std::string(record.name);
    return fmt::format("{}, {} unfinished ({})", record.name, record.unfinished, record.end);
  }

  void complete(const Person& worker, model::World& world, const std::string& what) {
    const SideTask task = drive_task(client_, people_.posters[0], worker, Stop::reviewed, kPrice);
    client_.call("task.complete", fmt::format(R"({{"task_id":"{}"}})", task.id), people_.posters[0].token);
    model::User& user = world.users[1];
    const int tier = user.tier;
    ++user.accepted_tasks;
    ++user.proofs_accepted;
    model::count_completion(world, model::TaskId{0}, client_.now);
    model::award(world, model::TaskId{0}, client_.now);
    climbed_ += user.tier - tier;
    stage_.expect("safety tiers", "money.md §6", "money.md §5-§8",
                  fmt::format("one more completion: {}", what), expected(user), observed(worker));
  }

  void plant(const Record& record, const Person& worker, const Person& poster) {
    const std::string long_ago = iso_text(client_.now + -60 * model::kDay);  // at noon
    const std::string early = iso_text(client_.now + (-60 * model::kDay - 4 * model::kHour));
    client_.sql(fmt::format(
        "SET session_replication_role = replica;"  // no guard would let such rows in
        " INSERT INTO tasks (poster_id, worker_id, title, description, category, price, state, created_at,"
        "   accepted_at, completed_at, cancelled_at, expired_at, location_state)"
        " SELECT '{0}', '{1}', 'Planted', 'Planted', '{2}', 5000,"
        "   CASE WHEN n <= {3} THEN 'COMPLETED' ELSE '{8}' END, '{5}', '{5}',"
        "   CASE WHEN n <= {6} THEN timestamptz '{7}' WHEN n <= {3} THEN '{5}' END,"
        "   CASE WHEN n > {3} AND '{8}' = 'CANCELLED' THEN timestamptz '{5}' END,"
        "   CASE WHEN n > {3} AND '{8}' = 'EXPIRED' THEN timestamptz '{5}' END, 'WA'"
        " FROM generate_series(1, {3} + {4}) n;",
        poster.id, worker.id, name(record.category), record.completed, record.unfinished, long_ago,
        record.early, early, record.end));
    client_.sql(fmt::format(
        "INSERT INTO proofs (task_id, submitter_id, state, submitted_at, reviewed_at, created_at)"
        " SELECT id, '{0}', 'ACCEPTED', '{1}', '{1}', '{1}' FROM tasks WHERE worker_id = '{0}' AND state = "
        "'COMPLETED';"
        " INSERT INTO proofs (task_id, submitter_id, state, submitted_at, reviewed_at, created_at)"
        " SELECT (SELECT id FROM tasks WHERE worker_id = '{0}' ORDER BY state = 'COMPLETED' LIMIT 1), '{0}',"
        "   'REJECTED', '{1}', '{1}', '{1}'"
        " FROM generate_series(1, {2});"
        " INSERT INTO disputes (task_id, escrow_id, initiated_by, poster_id, worker_id, state, reason, "
        "description)"
        " SELECT id, id, '{0}', '{3}', '{0}', 'RESOLVED', 'other', 'Planted' FROM tasks WHERE worker_id = "
        "'{0}'"
        " ORDER BY state = 'COMPLETED' LIMIT {4};"
        " INSERT INTO task_ratings (task_id, rater_id, ratee_id, stars)"
        " SELECT id, '{3}', '{0}', CASE WHEN row_number() OVER () <= {6} THEN 4 ELSE 5 END FROM tasks"
        " WHERE worker_id = '{0}' LIMIT {5};"
        " UPDATE users SET trust_tier = {7}, is_verified = {8}, current_streak = {9}, xp_total = {10},"
        "   current_level = {11}, last_task_completed_at = {12} WHERE id = '{0}';"
        " SET session_replication_role = DEFAULT",
        worker.id, long_ago, record.rejected_proofs, poster.id, record.disputed, record.ratings, record.fours,
        record.tier, record.verified, record.streak, record.xp, model::level_of(record.xp),
        record.streak > 0 ? fmt::format("'{}'", iso_text(client_.now + -model::kDay)) : "NULL"));
  }

  // What the completion will find.
  model::World before(const Record& record) const {
    model::World world;
    world.users.resize(2), world.tasks.resize(1), world.escrows.resize(1), world.proofs.resize(1);
    model::User& worker = world.users[1];
    worker.completed = record.completed;
    worker.accepted_tasks = record.completed + record.unfinished;
    worker.disputed_tasks = record.disputed;
    worker.proofs_accepted = record.completed;
    worker.proofs_rejected = record.rejected_proofs;
    worker.rating_hundredths = static_cast<std::uint16_t>(
        record.ratings == 0 ? 0 : ((record.ratings * 5 - record.fours) * 200 / record.ratings + 1) / 2);
    worker.is_verified = record.verified;
    worker.tier = static_cast<std::uint8_t>(record.tier);
    worker.streak = record.streak;
    worker.xp_total = record.xp;
    worker.early_completions = record.early;
    worker.completed_by_category[static_cast<std::size_t>(record.category)] =
        static_cast<std::uint16_t>(record.completed);
    if (record.streak > 0) worker.last_completed_day = model::utc_day(client_.now) - 1;
    world.tasks[0].exists = true;
    world.tasks[0].worker = model::UserId{1};
    world.tasks[0].attempts = 1;
    world.tasks[0].latest_proof = model::ProofId{0};
    world.proofs[0].state = model::ProofState::accepted;
    world.escrows[0].amount = kPrice;
    return world;
  }

  std::string expected(const model::User& worker) const {
    std::string badges;
    for (std::size_t i = 0; i < model::kBadges.size(); ++i) {
      if ((worker.badges >> i & 1) != 0)
        badges += fmt::format(" {}/{}", model::kBadges[i].type, model::kBadges[i].tier);
    }
    return fmt::format("tier {}, climbed {}, level {}, streak {}, {} XP, badges{}", worker.tier, climbed_,
                       worker.level, worker.streak, worker.xp_total, sorted(badges));
  }

  std::string observed(const Person& worker) {
    const std::string badges =
        client_.sql(fmt::format("SELECT coalesce(string_agg(' ' || badge_type || '/' || badge_tier, ''), '') "
                                "FROM badges WHERE user_id = '{}'",
                                worker.id));
    return client_.sql(fmt::format(
               "SELECT 'tier ' || trust_tier || ', climbed ' ||"
               " (SELECT count(*) FROM trust_ledger l WHERE l.user_id = u.id AND new_tier > old_tier) ||"
               " ', level ' || current_level || ', streak ' || current_streak || ', ' || xp_total || ' XP, "
               "badges' FROM users u WHERE id = '{}'",
               worker.id)) +
           sorted(badges);
  }

  static std::string sorted(const std::string& badges) {
    std::vector<std::string> parts;
    for (std::size_t from = 1; from < badges.size();) {
      const std::size_t to = std::min(badges.find(' ', from), badges.size());
      parts.push_back(badges.substr(from, to - from));
      from = to + 1;
    }
    std::ranges::sort(parts);
    return fmt::format(" {}", fmt::join(parts, " "));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  int climbed_ = 0;  // steps of the worker at hand, one row of the ledger each
};

}  // namespace

void check_tiers(const SafetyStage& stage) {
  Tiers(stage).run();
}

}  // namespace loadgen
