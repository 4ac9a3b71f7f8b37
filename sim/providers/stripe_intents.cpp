// PaymentIntents: the state machine of protocols.md §3.2.
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "sim/providers/listing.h"
#include "sim/providers/render.h"
#include "sim/providers/stripe.h"

namespace sim::providers {
namespace {

struct TestCard {
  std::string_view payment_method;
  std::string_view decline_code;  // "" pays
  bool needs_action = false;
};
constexpr std::array<TestCard, 12> kTestCards{{
    {"pm_card_visa", ""},
    {"pm_card_mastercard", ""},
    {"pm_card_amex", ""},
    {"pm_card_us", ""},
    {"pm_card_visa_debit", ""},
    {"pm_card_chargeDeclined", "generic_decline"},
    {"pm_card_visa_chargeDeclined", "generic_decline"},
    {"pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"},
    {"pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"},
    {"pm_card_visa_chargeDeclinedLostCard", "lost_card"},
    {"pm_card_visa_chargeDeclinedStolenCard", "stolen_card"},
    {"pm_card_authenticationRequired", "", true},
}};

const TestCard* card_named(std::string_view payment_method) {
  for (const TestCard& card : kTestCards)
    if (card.payment_method == payment_method) return &card;
  return nullptr;
}

Decline decline_of(std::string_view decline_code) {
  return {std::string(decline_code), decline_code == "insufficient_funds"
                                         ? "Your card has insufficient funds."
                                         : "Your card was declined."};
}

bool confirmable(IntentStatus status) {
  return status == IntentStatus::requires_payment_method || status == IntentStatus::requires_confirmation ||
         status == IntentStatus::requires_action;
}

StripeError wrong_state(const PaymentIntent& intent, std::string_view verb, std::string_view allowed) {
  return unexpected_state(
      fmt::format(
          "You cannot {} this PaymentIntent because it has a status of {}. Only a PaymentIntent with one "
          "of the following statuses may be used: {}.",
          verb, name(intent.status), allowed),
      render(intent));
}

}  // namespace

Answer Stripe::create_intent(const Params& params, const Cause& cause) {
  const auto amount = read_amount(params, "amount", kAmountMin, kAmountMax);
  if (!amount) return std::unexpected(amount.error());
  const auto currency = read_currency(params);
  if (!currency) return std::unexpected(currency.error());
  const std::string capture = params.text("capture_method");
  if (!capture.empty() && capture != "automatic" && capture != "automatic_async" && capture != "manual")
    return std::unexpected(invalid_parameter("capture_method", "Invalid capture_method: " + capture));
  const std::string method = params.text("payment_method");
  if (!method.empty() && card_named(method) == nullptr)
    return std::unexpected(no_such_parameter_object("PaymentMethod", method, "payment_method"));
  const std::string customer = params.text("customer");
  if (!customer.empty() && customers_.find(customer) == nullptr)
    return std::unexpected(no_such_parameter_object("customer", customer, "customer"));

  PaymentIntent intent;
  intent.id = ids_.next("pi_");
  intent.client_secret = ids_.next(intent.id + "_secret_");
  intent.created = ids_.created();
  intent.amount = *amount;
  intent.currency = *currency;
  intent.manual_capture = capture == "manual";
  intent.customer = customer;
  intent.description = params.text("description");
  intent.receipt_email = params.text("receipt_email");
  intent.transfer_group = params.text("transfer_group");
  intent.metadata = params.metadata();
  intent.payment_method = method;
  if (!method.empty()) intent.status = IntentStatus::requires_confirmation;
  PaymentIntent& kept = intents_.add(std::move(intent));
  books_.open_intent(escrow_of(kept.metadata));
  emit("payment_intent.created", render(kept), cause, kept.id, escrow_of(kept.metadata));
  if (params.flag("confirm")) return confirm_intent(kept, params, cause);
  return show(kept, params);
}

Answer Stripe::show(const PaymentIntent& intent, const Params& params) const {
  const bool expanded = !params.list("expand").empty();
  return render(intent, expanded ? charges_.find(intent.latest_charge) : nullptr);
}

Answer Stripe::confirm_intent(PaymentIntent& intent, const Params& params, const Cause& cause) {
  if (!confirmable(intent.status))
    return std::unexpected(
        wrong_state(intent, "confirm", "requires_payment_method, requires_confirmation, requires_action"));
  const std::string method = params.text("payment_method");
  if (!method.empty() && card_named(method) == nullptr)
    return std::unexpected(no_such_parameter_object("PaymentMethod", method, "payment_method"));
  if (!method.empty()) intent.payment_method = method;
  if (intent.payment_method.empty())
    return std::unexpected(unexpected_state(
        "You cannot confirm this PaymentIntent because it's missing a payment method.", render(intent)));
  return charge_card(intent, params, cause);
}

Answer Stripe::charge_card(PaymentIntent& intent, const Params& params, const Cause& cause) {
  const TestCard& card = *card_named(intent.payment_method);
  if (card.needs_action && intent.status != IntentStatus::requires_action) {
    intent.status = IntentStatus::requires_action;
    emit("payment_intent.requires_action", render(intent), cause, intent.id, escrow_of(intent.metadata));
    return show(intent, params);
  }
  Charge charge;
  charge.id = ids_.next("ch_");
  charge.created = ids_.created();
  charge.amount = intent.amount;
  charge.currency = intent.currency;
  charge.customer = intent.customer;
  charge.payment_intent = intent.id;
  charge.payment_method = intent.payment_method;
  charge.transfer_group = intent.transfer_group;
  charge.metadata = intent.metadata;
  if (std::exchange(decline_next_, false)) charge.failure = decline_of("generic_decline");
  if (!card.decline_code.empty()) charge.failure = decline_of(card.decline_code);
  if (charge.failure) return decline(intent, std::move(charge), cause);

  Charge& kept = charges_.add(std::move(charge));
  intent.latest_charge = kept.id;
  intent.last_error.reset();
  if (intent.manual_capture) {
    intent.status = IntentStatus::requires_capture;
    intent.amount_capturable = intent.amount;
  } else {
    settle(intent, kept, intent.amount);
  }
  const std::string escrow = escrow_of(intent.metadata);
  emit("charge.succeeded", render(kept), cause, intent.id, escrow);
  emit(intent.manual_capture ? "payment_intent.amount_capturable_updated" : "payment_intent.succeeded",
       render(intent), cause, intent.id, escrow);
  return show(intent, params);
}

void Stripe::settle(PaymentIntent& intent, Charge& charge, model::Cents amount) {
  charge.captured = true;
  charge.amount_captured = amount;
  charge.amount_refunded = charge.amount - amount;  // the released rest of a partial capture
  charge.balance_transaction = ids_.next("txn_");
  intent.status = IntentStatus::succeeded;
  intent.amount_received = amount;
  intent.amount_capturable = 0;
  books_.capture(escrow_of(intent.metadata), intent.currency, amount);
}

Answer Stripe::decline(PaymentIntent& intent, Charge charge, const Cause& cause) {
  const Charge& kept = charges_.add(std::move(charge));
  intent.latest_charge = kept.id;
  intent.last_error = kept.failure;
  intent.payment_method.clear();
  intent.status = IntentStatus::requires_payment_method;
  const std::string escrow = escrow_of(intent.metadata);
  emit("charge.failed", render(kept), cause, intent.id, escrow);
  emit("payment_intent.payment_failed", render(intent), cause, intent.id, escrow);
  return std::unexpected(StripeError{.status = 402,
                                     .type = "card_error",
                                     .code = "card_declined",
                                     .message = kept.failure->message,
                                     .param = "",
                                     .decline_code = kept.failure->decline_code,
                                     .charge = kept.id,
                                     .payment_intent = render(intent)});
}

Answer Stripe::capture_intent(PaymentIntent& intent, const Params& params, const Cause& cause) {
  model::Cents amount = intent.amount_capturable;
  if (params.find("amount_to_capture") != nullptr) {
    const auto asked = read_amount(params, "amount_to_capture", 1, kAmountMax);
    if (!asked) return std::unexpected(asked.error());
    amount = *asked;
  }
  if (intent.status != IntentStatus::requires_capture)
    return std::unexpected(wrong_state(intent, "capture", "requires_capture"));
  if (amount > intent.amount_capturable)
    return std::unexpected(StripeError{.code = "amount_too_large",
                                       .message =
                                           "The requested capture amount is greater than the amount you "
                                           "can capture for this charge.",
                                       .param = "amount_to_capture"});
  Charge& charge = *charges_.find(intent.latest_charge);
  settle(intent, charge, amount);
  const std::string escrow = escrow_of(intent.metadata);
  emit("charge.captured", render(charge), cause, intent.id, escrow);
  emit("payment_intent.succeeded", render(intent), cause, intent.id, escrow);
  return show(intent, params);
}

Answer Stripe::cancel_intent(PaymentIntent& intent, const Params& params, const Cause& cause) {
  const std::string reason = params.text("cancellation_reason");
  if (!reason.empty() && reason != "duplicate" && reason != "fraudulent" &&
      reason != "requested_by_customer" && reason != "abandoned")
    return std::unexpected(
        invalid_parameter("cancellation_reason", "Invalid cancellation_reason: " + reason));
  if (!confirmable(intent.status) && intent.status != IntentStatus::requires_capture)
    return std::unexpected(wrong_state(intent, "cancel",
                                       "requires_payment_method, requires_capture, requires_confirmation, "
                                       "requires_action"));
  const std::string escrow = escrow_of(intent.metadata);
  if (intent.status == IntentStatus::requires_capture) {  // the whole hold is released
    Charge& charge = *charges_.find(intent.latest_charge);
    charge.amount_refunded = charge.amount;
    emit("charge.expired", render(charge), cause, intent.id, escrow);
  }
  intent.status = IntentStatus::canceled;
  intent.amount_capturable = 0;
  intent.cancellation_reason = reason;
  intent.canceled_at = ids_.created();
  books_.cancel_intent(escrow);
  emit("payment_intent.canceled", render(intent), cause, intent.id, escrow);
  return show(intent, params);
}

Answer Stripe::list_intents(const Params& params) const {
  std::vector<const PaymentIntent*> found;
  const std::string customer = params.text("customer");
  for (auto at = intents_.rows().rbegin(); at != intents_.rows().rend(); ++at)
    if (customer.empty() || at->customer == customer) found.push_back(&*at);
  return list_page("/v1/payment_intents", params, found);
}

}  // namespace sim::providers
