// The payment processor's objects as plain values: what is remembered of each (protocols.md §3.2).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/vocabulary/cents.h"
#include "sim/providers/params.h"

namespace sim::providers {

enum class IntentStatus : std::uint8_t {
  requires_payment_method,
  requires_confirmation,
  requires_action,
  requires_capture,
  succeeded,
  canceled
};
inline constexpr std::array<std::string_view, 6> kIntentStatusNames{"requires_payment_method",
                                                                    "requires_confirmation",
                                                                    "requires_action",
                                                                    "requires_capture",
                                                                    "succeeded",
                                                                    "canceled"};
constexpr std::string_view name(IntentStatus s) {
  return kIntentStatusNames[static_cast<std::size_t>(s)];
}

struct Decline {
  std::string decline_code;  // "insufficient_funds"; the code is always card_declined
  std::string message;
};

struct PaymentIntent {
  std::string id, client_secret, currency, customer, description, payment_method, latest_charge,
      receipt_email, transfer_group, cancellation_reason;
  model::Cents amount = 0, amount_capturable = 0, amount_received = 0;
  IntentStatus status = IntentStatus::requires_payment_method;
  bool manual_capture = false;
  Metadata metadata;
  std::int64_t created = 0;
  std::optional<std::int64_t> canceled_at;
  std::optional<Decline> last_error;
};

struct Charge {
  std::string id, currency, customer, payment_intent, payment_method, transfer_group, balance_transaction;
  model::Cents amount = 0, amount_captured = 0, amount_refunded = 0;
  model::Cents amount_transferred = 0;  // by transfers that name it as their source_transaction
  bool captured = false;
  std::optional<Decline> failure;
  Metadata metadata;
  std::int64_t created = 0;
};

struct Transfer {
  std::string id, currency, destination, destination_payment, source_transaction, transfer_group, description,
      balance_transaction;
  model::Cents amount = 0;
  bool reversed = false;  // failed afterwards: the money is back with the platform
  Metadata metadata;
  std::int64_t created = 0;
};

struct Refund {
  std::string id, currency, charge, payment_intent, reason, balance_transaction;
  model::Cents amount = 0;
  Metadata metadata;
  std::int64_t created = 0;
};

struct Account {
  std::string id, type, country, email, business_type;
  bool transfers_active = false;  // onboarding is immediate here: a requested capability is active at once
  Metadata metadata;
  std::int64_t created = 0;
};

struct Customer {
  std::string id, email, name, description;
  Metadata metadata;
  std::int64_t created = 0;
};

}  // namespace sim::providers
