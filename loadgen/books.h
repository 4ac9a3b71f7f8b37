// The payment processor's books against the database, escrow by escrow, once everything has come to rest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/database.h"
#include "model/judge/conservation.h"
#include "model/vocabulary/finding.h"

namespace loadgen {

struct BookLine {
  std::string escrow;  // as the server told the processor in the metadata
  model::ProcessorAccount account;
  std::vector<std::string> destinations{};  // the account of each transfer; empty when not told
  int open_intents = 0;                     // neither captured nor canceled; 0 when not told
};

struct Books {
  std::vector<BookLine> lines;
  bool balanced = true;  // the processor's own double entry
};

// GET /control/books, or only the lines of these escrows. Throws std::runtime_error with one line.
Books fetch_books(const std::string& providers, const std::vector<std::string>& escrows = {});

struct BookAudit {
  std::uint64_t compared = 0, released = 0, refunded = 0;  // escrows; refunded counts splits too
  std::vector<model::Finding> findings;
};

// Conservation (money.md §3) and liveness (state-machines.md §5) of every escrow; transfers go to the
// worker's own account, payouts without an account wait (decision 5), unpaid intents are given up (E2). Only
// at a quiet moment. With `escrows`: of these alone.
BookAudit audit_books(Database& database, const std::string& providers,
                      const std::vector<std::string>& escrows = {});

// At any moment: nothing paid twice, nothing paid that was not captured.
std::vector<model::Finding> audit_books_now(const std::string& providers);

}  // namespace loadgen
