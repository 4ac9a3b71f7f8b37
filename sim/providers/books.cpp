#include "sim/providers/books.h"

#include <algorithm>
#include <utility>

namespace sim::providers {

EscrowBooks& Books::escrow_row(const std::string& escrow) {
  const auto [row, added] = per_escrow_.try_emplace(escrow);
  if (added && !escrow.empty()) order_.push_back(escrow);
  return row->second;
}

void Books::apply(const Entry& entry, Balances& balances, EscrowBooks& escrow) {
  balances[{entry.currency, entry.from}] -= entry.amount;
  balances[{entry.currency, entry.to}] += entry.amount;
  if (entry.from == LedgerAccount::connected) {
    escrow.transferred -= entry.amount;
    --escrow.transfers;
    const auto last = std::find(escrow.destinations.rbegin(), escrow.destinations.rend(), entry.destination);
    if (last != escrow.destinations.rend()) escrow.destinations.erase(std::next(last).base());
    return;
  }
  switch (entry.to) {
    case LedgerAccount::platform_held:
      escrow.captured += entry.amount;
      break;
    case LedgerAccount::connected:
      escrow.transferred += entry.amount;
      ++escrow.transfers;
      if (!entry.destination.empty()) escrow.destinations.push_back(entry.destination);
      break;
    case LedgerAccount::customers:
      escrow.refunded += entry.amount;
      ++escrow.refunds;
      break;
  }
}

void Books::post(Entry entry) {
  apply(entry, balances_, escrow_row(entry.escrow));
  journal_.push_back(std::move(entry));
}

void Books::open_intent(const std::string& escrow) {
  EscrowBooks& row = escrow_row(escrow);
  ++row.intents;
  ++row.open_intents;
}

void Books::cancel_intent(const std::string& escrow) {
  --escrow_row(escrow).open_intents;
}

void Books::capture(const std::string& escrow, const std::string& currency, model::Cents amount) {
  post({LedgerAccount::customers, LedgerAccount::platform_held, currency, escrow, amount});
  if (EscrowBooks& row = escrow_row(escrow); row.open_intents > 0) --row.open_intents;
}

void Books::transfer(const std::string& escrow, const std::string& currency, model::Cents amount,
                     const std::string& destination) {
  post({LedgerAccount::platform_held, LedgerAccount::connected, currency, escrow, amount, destination});
}

void Books::fail_transfer(const std::string& escrow, const std::string& currency, model::Cents amount,
                          const std::string& destination) {
  post({LedgerAccount::connected, LedgerAccount::platform_held, currency, escrow, amount, destination});
}

void Books::refund(const std::string& escrow, const std::string& currency, model::Cents amount) {
  post({LedgerAccount::platform_held, LedgerAccount::customers, currency, escrow, amount});
}

model::Cents Books::balance(LedgerAccount account, const std::string& currency) const {
  const auto found = balances_.find({currency, account});
  return found == balances_.end() ? 0 : found->second;
}

EscrowBooks Books::of(const std::string& escrow) const {
  const auto found = per_escrow_.find(escrow);
  return found == per_escrow_.end() ? EscrowBooks{} : found->second;
}

bool Books::balanced() const {
  Balances balances;
  std::unordered_map<std::string, EscrowBooks> per_escrow;
  for (const Entry& entry : journal_) apply(entry, balances, per_escrow[entry.escrow]);
  std::map<std::string, model::Cents> sums;
  for (const auto& [key, amount] : balances) sums[key.first] += amount;
  for (const auto& [currency, sum] : sums)
    if (sum != 0) return false;
  for (const auto& [escrow, kept] : per_escrow_) {
    EscrowBooks again = per_escrow[escrow];
    again.intents = kept.intents;  // not a movement of money
    again.open_intents = kept.open_intents;
    if (again != kept) return false;
  }
  return balances == balances_;
}

}  // namespace sim::providers
