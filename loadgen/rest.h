// The quiet end of a run: everything that the server has ordered of the processor is carried out, payouts
// that had to wait are paid once they can be, and what never comes to rest is a finding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "loadgen/database.h"
#include "loadgen/executor.h"
#include "model/vocabulary/finding.h"

namespace loadgen {

struct Rest {
  bool quiet = false;         // the outbox is empty (test mode), or the books stopped changing
  std::int64_t waiting = 0;   // in the outbox at the last look; 0 when the target does not tell
  double without_change = 0;  // seconds during which not one order less waited
};

// `target`: empty when it cannot be asked by plain HTTP; then the books are watched, as those of a server of
// somebody else. Nothing new is asked meanwhile. Not quiet: that did not happen within the limit, or there is
// nobody to ask (`providers` empty too). `stop` is asked ten times a second; true ends the waiting.
Rest come_to_rest(
    const std::string& target, const std::string& providers, int seconds_limit,
    const std::function<bool()>& stop = [] { return false; });

// Orders of the outbox that are carried out again and again, or never: none of them went away for five
// seconds although nothing else was to be done, or they are open in the database although the target says
// that it rests. Empty otherwise.
std::vector<model::Finding> stuck_orders(Database& database, const Rest& rest);

// Decision 5 and money.md §4: a payout that waits for an account, or whose transfer failed, is made once the
// account is there and the retry is due. Every other worker who waits gets an account, a day passes on the
// target's clock, the job runs, and the target comes to rest again; the books then tell (audit_books). Needs
// a target with the test clock and a database with transfer_retry_queue; 0 otherwise. `tasks`: only these;
// empty: all. Answers how many payouts were due. Throws std::runtime_error with one line.
std::size_t pay_late(const Endpoints& endpoints, const std::vector<std::string>& tasks, int seconds_limit);

}  // namespace loadgen
