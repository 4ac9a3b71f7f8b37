#include "sim/providers/operations.h"

#include <algorithm>

namespace sim::providers {

#define HUSTLE_LIST "limit starting_after ending_before created expand "

// clang-format off
const std::array<OperationRow, kOperationCount> kOperations{{
    {Operation::payment_intents_create, "payment_intents.create", "POST", "/v1/payment_intents",
     "amount currency capture_method confirm confirmation_method customer description metadata off_session "
     "payment_method payment_method_types automatic_payment_methods receipt_email return_url "
     "setup_future_usage statement_descriptor statement_descriptor_suffix transfer_group expand"},
    {Operation::payment_intents_retrieve, "payment_intents.retrieve", "GET", "/v1/payment_intents/*",
     "client_secret expand"},
    {Operation::payment_intents_confirm, "payment_intents.confirm", "POST", "/v1/payment_intents/*/confirm",
     "payment_method payment_method_types return_url off_session receipt_email setup_future_usage "
     "use_stripe_sdk client_secret expand"},
    {Operation::payment_intents_capture, "payment_intents.capture", "POST", "/v1/payment_intents/*/capture",
     "amount_to_capture metadata expand"},
    {Operation::payment_intents_cancel, "payment_intents.cancel", "POST", "/v1/payment_intents/*/cancel",
     "cancellation_reason expand"},
    {Operation::payment_intents_list, "payment_intents.list", "GET", "/v1/payment_intents",
     HUSTLE_LIST "customer"},
    {Operation::transfers_create, "transfers.create", "POST", "/v1/transfers",
     "amount currency destination description metadata source_transaction source_type transfer_group expand"},
    {Operation::transfers_retrieve, "transfers.retrieve", "GET", "/v1/transfers/*", "expand"},
    {Operation::transfers_list, "transfers.list", "GET", "/v1/transfers",
     HUSTLE_LIST "destination transfer_group metadata"},
    {Operation::refunds_create, "refunds.create", "POST", "/v1/refunds",
     "payment_intent charge amount reason metadata expand"},
    {Operation::refunds_retrieve, "refunds.retrieve", "GET", "/v1/refunds/*", "expand"},
    {Operation::refunds_list, "refunds.list", "GET", "/v1/refunds", HUSTLE_LIST "payment_intent charge"},
    {Operation::charges_retrieve, "charges.retrieve", "GET", "/v1/charges/*", "expand"},
    {Operation::accounts_create, "accounts.create", "POST", "/v1/accounts",
     "type country email business_type business_profile capabilities controller default_currency individual "
     "metadata settings tos_acceptance expand"},
    {Operation::accounts_retrieve, "accounts.retrieve", "GET", "/v1/accounts/*", "expand"},
    {Operation::customers_create, "customers.create", "POST", "/v1/customers",
     "email name description metadata phone expand"},
    {Operation::customers_retrieve, "customers.retrieve", "GET", "/v1/customers/*", "expand"},
    {Operation::balance_retrieve, "balance.retrieve", "GET", "/v1/balance", "expand"},
    {Operation::events_retrieve, "events.retrieve", "GET", "/v1/events/*", "expand"},
}};
// clang-format on
#undef HUSTLE_LIST

namespace {

// The id that stands for "*" ("" when the pattern has none), or nullopt when the path does not fit.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == path ? std::optional<std::string>("") : std::nullopt;
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after))
    return std::nullopt;
  const std::string_view id = path.substr(before.size(), path.size() - before.size() - after.size());
  if (id.find('/') != std::string_view::npos) return std::nullopt;
  return std::string(id);
}

}  // namespace

const OperationRow& row_of(Operation operation) {
  return kOperations[static_cast<std::size_t>(operation)];
}

std::optional<Operation> operation_named(std::string_view name) {
  const auto found = std::ranges::find(kOperations, name, &OperationRow::name);
  if (found == kOperations.end()) return std::nullopt;
  return found->operation;
}

bool knows(const OperationRow& row, std::string_view parameter) {
  std::string_view rest = row.known;
  while (!rest.empty()) {
    const std::size_t end = rest.find(' ');
    if (rest.substr(0, end) == parameter) return true;
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  return false;
}

std::optional<Route> route_of(std::string_view method, std::string_view path) {
  for (const OperationRow& row : kOperations) {
    if (row.method != method) continue;
    if (auto id = match(row.url, path)) return Route{row.operation, std::move(*id)};
  }
  return std::nullopt;
}

}  // namespace sim::providers
