#include "model/judge/liveness.h"

namespace model {

std::vector<Stuck> judge_liveness(const Progress& p) {
  std::vector<Stuck> stuck;
  const std::string task(name(p.task));
  const std::string escrow(p.escrow ? name(*p.escrow) : std::string_view("missing"));
  if (p.task == TaskState::completed && p.escrow != EscrowState::released) {
    stuck.push_back(
        {"Q29", "the task is COMPLETED and at rest, but its escrow is " + escrow + " instead of RELEASED"});
  }
  if (p.escrow == EscrowState::released && !p.has_xp) {
    stuck.push_back({"Q12", "the escrow is RELEASED and at rest, but the worker has no XP row for it"});
  }
  const bool ended = p.task == TaskState::cancelled || p.task == TaskState::expired;
  if (ended && p.escrow && !is_terminal(*p.escrow)) {
    stuck.push_back({"Q07", "the task is " + task + " and at rest, but its escrow is still " + escrow});
  }
  if (p.transfer_expected && !p.transfer_made) {
    stuck.push_back({"PAYOUT", "the escrow is " + escrow +
                                   " and the worker has a payout account, but no transfer was made"});
  }
  if (p.deadline_passed && (p.task == TaskState::open || p.task == TaskState::accepted)) {
    stuck.push_back(
        {"T12", "the deadline has passed and the expiry job has run, but the task is still " + task});
  }
  return stuck;
}

}  // namespace model
