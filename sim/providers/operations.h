// What can be asked of the processor: one row per call, with its URL and the parameters that it knows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sim::providers {

enum class Operation : std::uint8_t {
  payment_intents_create,
  payment_intents_retrieve,
  payment_intents_confirm,
  payment_intents_capture,
  payment_intents_cancel,
  payment_intents_list,
  transfers_create,
  transfers_retrieve,
  transfers_list,
  refunds_create,
  refunds_retrieve,
  refunds_list,
  charges_retrieve,
  accounts_create,
  accounts_retrieve,
  customers_create,
  customers_retrieve,
  balance_retrieve,
  events_retrieve,
};
inline constexpr std::size_t kOperationCount = static_cast<std::size_t>(Operation::events_retrieve) + 1;

struct OperationRow {
  Operation operation;
  std::string_view name;  // "payment_intents.create", as the control API's faults name it
  std::string_view method;
  std::string_view url;    // "*" stands for an id
  std::string_view known;  // space-separated top-level parameters; another one is refused
};
extern const std::array<OperationRow, kOperationCount> kOperations;

const OperationRow& row_of(Operation operation);
std::optional<Operation> operation_named(std::string_view name);
bool knows(const OperationRow& row, std::string_view parameter);

struct Route {
  Operation operation;
  std::string id;  // empty for URLs without one
};
std::optional<Route> route_of(std::string_view method, std::string_view path);

}  // namespace sim::providers
