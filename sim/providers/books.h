// Double-entry books of the processor: every movement debits one account and credits another, and belongs to
// an escrow (metadata escrow_id). The conservation judge reads them (money.md §3).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/vocabulary/cents.h"

namespace sim::providers {

enum class LedgerAccount : std::uint8_t {
  customers,      // the posters' cards
  platform_held,  // the platform's balance: what is held and the fees that it keeps
  connected,      // the workers' accounts
};

struct EscrowBooks {
  model::Cents captured = 0, transferred = 0, refunded = 0;
  int transfers = 0, refunds = 0, intents = 0;
  int open_intents = 0;                     // neither captured nor given up
  std::vector<std::string> destinations{};  // the connected account of each living transfer, in their order
  bool operator==(const EscrowBooks&) const = default;
};

class Books {
 public:
  // `escrow` is empty for objects that name none: the money counts, but for no escrow.
  void open_intent(const std::string& escrow);
  void cancel_intent(const std::string& escrow);
  void capture(const std::string& escrow, const std::string& currency, model::Cents amount);
  void transfer(const std::string& escrow, const std::string& currency, model::Cents amount,
                const std::string& destination = {});
  void fail_transfer(const std::string& escrow, const std::string& currency, model::Cents amount,
                     const std::string& destination);  // takes a transfer back
  void refund(const std::string& escrow, const std::string& currency, model::Cents amount);

  model::Cents balance(LedgerAccount account, const std::string& currency) const;
  EscrowBooks of(const std::string& escrow) const;                    // zeros when never seen
  const std::vector<std::string>& escrows() const { return order_; }  // in order of appearance

  // Recomputes everything from the journal: all accounts together are zero, each account and each escrow is
  // the sum of its entries.
  bool balanced() const;

 private:
  struct Entry {
    LedgerAccount from, to;
    std::string currency, escrow;
    model::Cents amount;
    std::string destination{};  // of a transfer
  };
  using Balances = std::map<std::pair<std::string, LedgerAccount>, model::Cents>;

  static void apply(const Entry& entry, Balances& balances, EscrowBooks& escrow);
  EscrowBooks& escrow_row(const std::string& escrow);
  void post(Entry entry);

  std::vector<Entry> journal_;
  Balances balances_;
  std::unordered_map<std::string, EscrowBooks> per_escrow_;
  std::vector<std::string> order_;
};

}  // namespace sim::providers
