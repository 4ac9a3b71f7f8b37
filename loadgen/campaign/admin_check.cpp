#include "loadgen/campaign/admin_check.h"

#include <map>
#include <set>

#include <fmt/format.h>

namespace loadgen {
namespace {

struct Counts {
  std::uint64_t certain = 0, possible = 0, rows = 0;
};

model::Finding finding(std::string headline, const std::string& admin, const std::string& task,
                       const Counts& c) {
  model::Finding f;
  f.rule = "AUDIT-3";
  f.spec = "invariants.md §4";
  f.judge = "database";
  f.headline = std::move(headline);
  f.expected = fmt::format("{} to {} rows in admin_actions", c.certain, c.possible);
  f.observed = fmt::format("{} rows", c.rows);
  f.entities = {"user " + admin, "target " + task};
  return f;
}

}  // namespace

void check_admin_actions(Database& database, CaseJudge& judge) {
  std::map<std::pair<std::string, std::string>, Counts> counts;
  std::set<std::string> admins;
  for (const AdminEffect& effect : judge.admin_effects()) {
    Counts& c = counts[{effect.admin, effect.target}];
    c.certain += effect.certain ? 1 : 0;
    ++c.possible;
    admins.insert(effect.admin);
  }
  const auto rows = database.query(
      "SELECT a.admin_user_id, coalesce(a.target_task_id, d.task_id, e.task_id, a.target_user_id),"
      " a.performed_at IS NULL"
      " FROM admin_actions a LEFT JOIN disputes d ON d.id = a.target_dispute_id"
      " LEFT JOIN escrows e ON e.id = a.target_escrow_id WHERE a.result = 'success'");
  for (const Row& row : rows) {
    const std::string admin = row[0].value_or("");
    if (admins.contains(admin)) ++counts[{admin, row[1].value_or("")}].rows;
  }
  for (const auto& [who, c] : counts) {
    if (c.rows < c.certain)
      judge.add(
          finding("an admin changed a task's money or a worker's capability and left no row in admin_actions",
                  who.first, who.second, c));
    if (c.rows > c.possible)
      judge.add(finding("admin_actions has a row for something that the admin did not do", who.first,
                        who.second, c));
    judge.count("admin effects", c.certain);
  }
}

}  // namespace loadgen
