#include "sim/providers/stripe.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "sim/providers/render.h"

namespace sim::providers {
namespace {

template <class Object>
Answer show_object(const Object* object, std::string_view kind, const std::string& id) {
  if (object == nullptr) return std::unexpected(no_such_path_object(kind, id));
  return render(*object);
}

}  // namespace

std::string escrow_of(const Metadata& metadata) {
  const auto found = metadata.find("escrow_id");
  return found == metadata.end() ? std::string() : found->second;
}

std::expected<model::Cents, StripeError> read_amount(const Params& params, const char* name, model::Cents low,
                                                     model::Cents high) {
  const std::string* text = params.find(name);
  if (text == nullptr) return std::unexpected(missing_parameter(name));
  const auto value = parse_integer(*text);
  if (!value)
    return std::unexpected(
        invalid_parameter(name, fmt::format("Invalid integer: {}", *text), "parameter_invalid_integer"));
  if (*value < low)
    return std::unexpected(
        invalid_parameter(name, fmt::format("Amount must be at least {} cents.", low), "amount_too_small"));
  if (*value > high)
    return std::unexpected(invalid_parameter(name, fmt::format("Amount must be no more than {} cents.", high),
                                             "amount_too_large"));
  return *value;
}

std::expected<std::string, StripeError> read_currency(const Params& params) {
  std::string currency = params.text("currency");
  if (currency.empty()) return std::unexpected(missing_parameter("currency"));
  for (char& c : currency) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const bool letters =
      currency.size() == 3 && currency.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos;
  if (!letters)
    return std::unexpected(invalid_parameter("currency", fmt::format("Invalid currency: {}", currency)));
  return currency;
}

void Stripe::emit(const char* type, std::string object, const Cause& cause, const std::string& intent,
                  const std::string& escrow) {
  Event event;
  event.type = type;
  event.object = std::move(object);
  event.cause = cause;
  event.intent = intent;
  event.escrow = escrow;
  events_.append(std::move(event), ids_);
}

Answer Stripe::execute(const Route& route, const Params& params, const Cause& cause) {
  const OperationRow& row = row_of(route.operation);
  for (const std::string& name : params.top_level())
    if (!knows(row, name)) return std::unexpected(unknown_parameter(name));
  for (const std::string& what : params.list("expand"))
    if (what != "latest_charge" || !row.name.starts_with("payment_intents.") || row.name.ends_with(".list"))
      return std::unexpected(
          invalid_parameter("expand", fmt::format("This property cannot be expanded ({}).", what)));
  PaymentIntent* intent = nullptr;
  if (row.url.starts_with("/v1/payment_intents/")) {
    intent = intents_.find(route.id);
    if (intent == nullptr) return std::unexpected(no_such_path_object("payment_intent", route.id));
  }
  switch (route.operation) {
    case Operation::payment_intents_create:
      return create_intent(params, cause);
    case Operation::payment_intents_retrieve:
      return show(*intent, params);
    case Operation::payment_intents_confirm:
      return confirm_intent(*intent, params, cause);
    case Operation::payment_intents_capture:
      return capture_intent(*intent, params, cause);
    case Operation::payment_intents_cancel:
      return cancel_intent(*intent, params, cause);
    case Operation::payment_intents_list:
      return list_intents(params);
    case Operation::transfers_create:
      return create_transfer(params, cause);
    case Operation::transfers_retrieve:
      return show_object(transfers_.find(route.id), "transfer", route.id);
    case Operation::transfers_list:
      return list_transfers(params);
    case Operation::refunds_create:
      return create_refund(params, cause);
    case Operation::refunds_retrieve:
      return show_object(refunds_.find(route.id), "refund", route.id);
    case Operation::refunds_list:
      return list_refunds(params);
    case Operation::charges_retrieve:
      return show_object(charges_.find(route.id), "charge", route.id);
    case Operation::accounts_create:
      return create_account(params, cause);
    case Operation::accounts_retrieve:
      return show_object(accounts_.find(route.id), "account", route.id);
    case Operation::customers_create:
      return create_customer(params, cause);
    case Operation::customers_retrieve:
      return show_object(customers_.find(route.id), "customer", route.id);
    case Operation::balance_retrieve:
      return show_balance();
    case Operation::events_retrieve: {
      const Event* event = events_.find(route.id);
      if (event == nullptr) return std::unexpected(no_such_path_object("event", route.id));
      return envelope_body(*event);
    }
  }
  return std::unexpected(internal_error());
}

Answer Stripe::create_account(const Params& params, const Cause& cause) {
  Account account;
  account.type = params.find("type") != nullptr ? params.text("type") : "standard";
  if (account.type != "express" && account.type != "custom" && account.type != "standard")
    return std::unexpected(
        invalid_parameter("type", "Invalid type: must be one of express, custom, standard"));
  account.country = params.find("country") != nullptr ? params.text("country") : "US";
  account.email = params.text("email");
  account.business_type = params.text("business_type");
  account.transfers_active = params.flag("capabilities[transfers][requested]");
  account.metadata = params.metadata();
  account.id = ids_.next("acct_");
  account.created = ids_.created();
  const Account& kept = accounts_.add(std::move(account));
  emit("account.updated", render(kept), cause, "", "");
  return render(kept);
}

std::string Stripe::ready_account() {
  Account account;
  account.type = "express";
  account.country = "US";
  account.transfers_active = true;
  account.id = ids_.next("acct_");
  account.created = ids_.created();
  return accounts_.add(std::move(account)).id;
}

Answer Stripe::create_customer(const Params& params, const Cause& cause) {
  Customer customer;
  customer.email = params.text("email");
  customer.name = params.text("name");
  customer.description = params.text("description");
  customer.metadata = params.metadata();
  customer.id = ids_.next("cus_");
  customer.created = ids_.created();
  const Customer& kept = customers_.add(std::move(customer));
  emit("customer.created", render(kept), cause, "", "");
  return render(kept);
}

Answer Stripe::show_balance() const {
  const model::Cents held = books_.balance(LedgerAccount::platform_held, "usd");
  const nlohmann::ordered_json row{{"amount", held}, {"currency", "usd"}, {"source_types", {{"card", held}}}};
  const nlohmann::ordered_json none{{"amount", 0}, {"currency", "usd"}, {"source_types", {{"card", 0}}}};
  const nlohmann::ordered_json out{{"object", "balance"},
                                   {"available", nlohmann::ordered_json::array({row})},
                                   {"livemode", false},
                                   {"pending", nlohmann::ordered_json::array({none})}};
  return out.dump(2);
}

}  // namespace sim::providers
