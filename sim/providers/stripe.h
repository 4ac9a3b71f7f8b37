// The honest payment processor: PaymentIntents, Transfers, Refunds, Accounts and Customers with the state
// machine, the errors and the events of protocols.md §3, on books of its own. No sockets, no faults, no
// idempotency (that is idempotency.h); not thread-safe.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "sim/providers/books.h"
#include "sim/providers/errors.h"
#include "sim/providers/events.h"
#include "sim/providers/ids.h"
#include "sim/providers/objects.h"
#include "sim/providers/operations.h"
#include "sim/providers/params.h"
#include "sim/providers/table.h"

namespace sim::providers {

// Stripe takes eight digits of usd cents; the contract's largest price (100,000,000) is allowed on top.
inline constexpr model::Cents kAmountMin = 50;
inline constexpr model::Cents kAmountMax = 100'000'000;

using Answer = std::expected<std::string, StripeError>;  // JSON text of the object

class Stripe {
 public:
  explicit Stripe(std::uint64_t seed) : ids_(seed) {}

  Answer execute(const Route& route, const Params& params, const Cause& cause);

  // The next confirmation is declined by the bank, whatever the card.
  void decline_next() { decline_next_ = true; }

  // The newest living transfer of the escrow fails after all: the money is back with the platform, and
  // transfer.failed tells. The event's id; "" when no transfer of the escrow lives.
  std::string fail_transfer(const std::string& escrow);

  // A connected account that is ready for transfers, without the detour of onboarding.
  std::string ready_account();

  const Books& books() const { return books_; }
  EventLog& events() { return events_; }
  const EventLog& events() const { return events_; }
  IdSource& ids() { return ids_; }

 private:
  // stripe_intents.cpp
  Answer create_intent(const Params& params, const Cause& cause);
  Answer confirm_intent(PaymentIntent& intent, const Params& params, const Cause& cause);
  Answer charge_card(PaymentIntent& intent, const Params& params, const Cause& cause);
  Answer decline(PaymentIntent& intent, Charge charge, const Cause& cause);
  Answer capture_intent(PaymentIntent& intent, const Params& params, const Cause& cause);
  Answer cancel_intent(PaymentIntent& intent, const Params& params, const Cause& cause);
  Answer list_intents(const Params& params) const;
  Answer show(const PaymentIntent& intent, const Params& params) const;
  void settle(PaymentIntent& intent, Charge& charge, model::Cents amount);

  // stripe_payouts.cpp
  Answer create_transfer(const Params& params, const Cause& cause);
  Answer list_transfers(const Params& params) const;
  std::expected<Charge*, StripeError> refundable_charge(const Params& params);
  Answer create_refund(const Params& params, const Cause& cause);
  Answer list_refunds(const Params& params) const;

  // stripe.cpp
  Answer create_account(const Params& params, const Cause& cause);
  Answer create_customer(const Params& params, const Cause& cause);
  Answer show_balance() const;
  void emit(const char* type, std::string object, const Cause& cause, const std::string& intent,
            const std::string& escrow);

  IdSource ids_;
  Books books_;
  EventLog events_;
  Table<PaymentIntent> intents_;
  Table<Charge> charges_;
  Table<Transfer> transfers_;
  Table<Refund> refunds_;
  Table<Account> accounts_;
  Table<Customer> customers_;
  std::unordered_map<std::string, std::vector<std::string>> transfers_by_group_;  // transfer_group -> ids
  std::unordered_map<std::string, std::vector<std::string>>
      transfers_by_escrow_;  // metadata escrow_id -> ids
  bool decline_next_ = false;
};

// The escrow that metadata names, "" if none.
std::string escrow_of(const Metadata& metadata);

// amount=… between the bounds; refusals are parameter validation, which no idempotency key remembers.
std::expected<model::Cents, StripeError> read_amount(const Params& params, const char* name, model::Cents low,
                                                     model::Cents high);
std::expected<std::string, StripeError> read_currency(const Params& params);

}  // namespace sim::providers
