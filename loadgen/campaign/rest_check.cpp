#include "loadgen/campaign/rest_check.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "loadgen/books.h"

namespace loadgen {
namespace {

constexpr std::chrono::milliseconds kPause{400};
constexpr std::chrono::milliseconds kRowsRest{100};   // rows are written before the last answer comes
constexpr std::chrono::milliseconds kBooksRest{500};  // orders go out after the commit
constexpr std::size_t kCasesPerLook = 2000;           // what is left over waits for the next look

// Those of these escrows for which no order waits or is under way. None where that cannot be known.
std::vector<std::string> at_rest(Database& database, const std::vector<std::string>& escrows) {
  if (escrows.empty()) return {};
  const auto table = database.query("SELECT to_regclass('outbox_events') IS NOT NULL");
  if (table[0][0].value_or("") != "t") return {};
  std::vector<std::string> resting;
  for (const Row& row : database.query("SELECT e.id FROM escrows e WHERE e.id = ANY($1::uuid[]) AND NOT "
                                       "EXISTS (SELECT 1 FROM outbox_events o "
                                       "WHERE o.aggregate_id = e.id AND o.status <> 'processed')",
                                       {fmt::format("{{{}}}", fmt::join(escrows, ","))}))
    resting.push_back(row[0].value_or(""));
  return resting;
}

}  // namespace

void RestCheck::look(Database& database) {
  compare_rows(database, judge_.ended_worlds(rows_seen_, kRowsRest, kCasesPerLook));
  if (!providers_.empty())
    compare_books(database, judge_.ended_worlds(books_seen_, kBooksRest, kCasesPerLook));
}

void RestCheck::compare_rows(Database& database, const std::vector<FinalWorld>& ended) {
  if (ended.empty() || audit_final_worlds(database, ended, test_clock_).empty()) return;
  std::this_thread::sleep_for(kPause);
  for (model::Finding& finding : audit_final_worlds(database, ended, test_clock_))
    judge_.add(std::move(finding));
}

void RestCheck::compare_books(Database& database, const std::vector<FinalWorld>& ended) {
  std::vector<std::string> escrows;
  for (const FinalWorld& world : ended)
    escrows.insert(escrows.end(), world.escrows.begin(), world.escrows.end());
  escrows = at_rest(database, escrows);
  if (escrows.empty() || audit_books(database, providers_, escrows).findings.empty()) return;
  std::this_thread::sleep_for(kPause);
  escrows = at_rest(database, escrows);
  if (escrows.empty()) return;
  for (model::Finding& finding : audit_books(database, providers_, escrows).findings)
    judge_.add(std::move(finding));
}

}  // namespace loadgen
