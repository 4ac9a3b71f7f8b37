// Money that leaves the platform: Transfers to connected accounts and Refunds to the card.
#include <fmt/core.h>

#include "sim/providers/listing.h"
#include "sim/providers/render.h"
#include "sim/providers/stripe.h"

namespace sim::providers {

Answer Stripe::create_transfer(const Params& params, const Cause& cause) {
  const auto amount = read_amount(params, "amount", 1, kAmountMax);
  if (!amount) return std::unexpected(amount.error());
  const auto currency = read_currency(params);
  if (!currency) return std::unexpected(currency.error());
  const std::string destination = params.text("destination");
  if (destination.empty()) return std::unexpected(missing_parameter("destination"));
  const Account* account = accounts_.find(destination);
  if (account == nullptr)
    return std::unexpected(no_such_parameter_object("destination", destination, "destination"));
  if (!account->transfers_active)
    return std::unexpected(StripeError{.code = "insufficient_capabilities_for_transfer",
                                       .message =
                                           "Your destination account needs to have at least one of the "
                                           "following capabilities enabled: transfers",
                                       .param = "destination"});
  Charge* source = nullptr;
  const std::string source_id = params.text("source_transaction");
  if (!source_id.empty()) {
    source = charges_.find(source_id);
    if (source == nullptr)
      return std::unexpected(no_such_parameter_object("charge", source_id, "source_transaction"));
    if (source->amount_transferred + *amount > source->amount_captured)
      return std::unexpected(StripeError{.code = "amount_too_large",
                                         .message = "Transfers using this transaction as a source must not "
                                                    "exceed the source amount.",
                                         .param = "amount"});
  }
  if (books_.balance(LedgerAccount::platform_held, *currency) < *amount)
    return std::unexpected(StripeError{.code = "balance_insufficient",
                                       .message =
                                           "You have insufficient available funds in your Stripe account "
                                           "for this transfer."});
  Transfer transfer;
  transfer.amount = *amount;
  transfer.currency = *currency;
  transfer.destination = destination;
  transfer.source_transaction = source_id;
  transfer.transfer_group = params.text("transfer_group");
  if (transfer.transfer_group.empty() && source != nullptr) transfer.transfer_group = source->transfer_group;
  transfer.description = params.text("description");
  transfer.metadata = params.metadata();
  transfer.id = ids_.next("tr_");
  transfer.destination_payment = ids_.next("py_");
  transfer.balance_transaction = ids_.next("txn_");
  transfer.created = ids_.created();
  if (source != nullptr) source->amount_transferred += *amount;

  const Transfer& kept = transfers_.add(std::move(transfer));
  const std::string escrow = escrow_of(kept.metadata);
  if (!kept.transfer_group.empty()) transfers_by_group_[kept.transfer_group].push_back(kept.id);
  if (!escrow.empty()) transfers_by_escrow_[escrow].push_back(kept.id);
  books_.transfer(escrow, kept.currency, kept.amount, kept.destination);
  emit("transfer.created", render(kept), cause, source != nullptr ? source->payment_intent : "", escrow);
  return render(kept);
}

std::string Stripe::fail_transfer(const std::string& escrow) {
  const auto ids = transfers_by_escrow_.find(escrow);
  if (ids == transfers_by_escrow_.end()) return {};
  for (auto at = ids->second.rbegin(); at != ids->second.rend(); ++at) {
    Transfer& transfer = *transfers_.find(*at);
    if (transfer.reversed) continue;
    transfer.reversed = true;
    books_.fail_transfer(escrow, transfer.currency, transfer.amount, transfer.destination);
    emit("transfer.failed", render(transfer), {}, "", escrow);
    return events_.by_escrow(escrow).back()->id;
  }
  return {};
}

// By transfer_group or by metadata[escrow_id] (the latter is ours: the harness finds an escrow's transfers by
// it).
Answer Stripe::list_transfers(const Params& params) const {
  const std::string group = params.text("transfer_group");
  const std::string escrow = escrow_of(params.metadata());
  const std::string destination = params.text("destination");
  std::vector<const Transfer*> found;
  const auto add = [&](const Transfer& transfer) {
    const bool fits = (group.empty() || transfer.transfer_group == group) &&
                      (escrow.empty() || escrow_of(transfer.metadata) == escrow) &&
                      (destination.empty() || transfer.destination == destination);
    if (fits) found.push_back(&transfer);
  };
  if (group.empty() && escrow.empty()) {
    for (auto at = transfers_.rows().rbegin(); at != transfers_.rows().rend(); ++at) add(*at);
  } else {
    const auto& index = group.empty() ? transfers_by_escrow_ : transfers_by_group_;
    const auto ids = index.find(group.empty() ? escrow : group);
    if (ids != index.end())
      for (auto at = ids->second.rbegin(); at != ids->second.rend(); ++at) add(*transfers_.find(*at));
  }
  return list_page("/v1/transfers", params, found);
}

// The charge that the request is about, if it can give money back.
std::expected<Charge*, StripeError> Stripe::refundable_charge(const Params& params) {
  const std::string intent_id = params.text("payment_intent");
  std::string charge_id = params.text("charge");
  if (intent_id.empty() && charge_id.empty()) return std::unexpected(missing_parameter("payment_intent"));
  if (!intent_id.empty()) {
    const PaymentIntent* intent = intents_.find(intent_id);
    if (intent == nullptr)
      return std::unexpected(no_such_parameter_object("payment_intent", intent_id, "payment_intent"));
    if (intent->status != IntentStatus::succeeded)
      return std::unexpected(unexpected_state(
          fmt::format("This PaymentIntent ({}) does not have a successful charge to refund.", intent_id),
          render(*intent)));
    charge_id = intent->latest_charge;
  }
  Charge* charge = charges_.find(charge_id);
  if (charge == nullptr) return std::unexpected(no_such_parameter_object("charge", charge_id, "charge"));
  if (!charge->captured)
    return std::unexpected(
        StripeError{.code = "charge_not_refundable",
                    .message = fmt::format("Charge {} has not been captured.", charge_id)});
  if (charge->amount_refunded == charge->amount)
    return std::unexpected(
        StripeError{.code = "charge_already_refunded",
                    .message = fmt::format("Charge {} has already been refunded.", charge_id)});
  return charge;
}

Answer Stripe::create_refund(const Params& params, const Cause& cause) {
  const std::string reason = params.text("reason");
  if (!reason.empty() && reason != "duplicate" && reason != "fraudulent" && reason != "requested_by_customer")
    return std::unexpected(invalid_parameter("reason", "Invalid reason: " + reason));
  const bool partly = params.find("amount") != nullptr;
  const std::expected<model::Cents, StripeError> asked =
      partly ? read_amount(params, "amount", 1, kAmountMax) : 0;
  if (!asked) return std::unexpected(asked.error());
  const auto found = refundable_charge(params);
  if (!found) return std::unexpected(found.error());
  Charge& charge = **found;
  const model::Cents left = charge.amount - charge.amount_refunded;
  const model::Cents amount = partly ? *asked : left;
  if (amount > left)
    return std::unexpected(StripeError{
        .code = "amount_too_large",
        .message =
            fmt::format("Refund amount ({}) is greater than unrefunded amount on charge ({}).", amount, left),
        .param = "amount"});

  Refund refund;
  refund.amount = amount;
  refund.currency = charge.currency;
  refund.charge = charge.id;
  refund.payment_intent = charge.payment_intent;
  refund.reason = reason;
  refund.metadata = params.metadata();
  refund.id = ids_.next("re_");
  refund.balance_transaction = ids_.next("txn_");
  refund.created = ids_.created();
  const Refund& kept = refunds_.add(std::move(refund));
  charge.amount_refunded += amount;
  // The money belongs to the escrow that paid, whatever the refund's own metadata says.
  const std::string escrow = escrow_of(charge.metadata);
  books_.refund(escrow, kept.currency, kept.amount);
  emit("refund.created", render(kept), cause, kept.payment_intent, escrow);
  emit("charge.refunded", render(charge), cause, kept.payment_intent, escrow);
  return render(kept);
}

Answer Stripe::list_refunds(const Params& params) const {
  const std::string intent = params.text("payment_intent");
  const std::string charge = params.text("charge");
  std::vector<const Refund*> found;
  for (auto at = refunds_.rows().rbegin(); at != refunds_.rows().rend(); ++at)
    if ((intent.empty() || at->payment_intent == intent) && (charge.empty() || at->charge == charge))
      found.push_back(&*at);
  return list_page("/v1/refunds", params, found);
}

}  // namespace sim::providers
