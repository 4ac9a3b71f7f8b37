// The processor's objects as JSON text, with at least the members of protocols.md §3.2.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/providers/objects.h"

namespace sim::providers {

// `expanded`: the charge to show in place of its id, or nullptr.
std::string render(const PaymentIntent& intent, const Charge* expanded = nullptr);
std::string render(const Charge& charge);
std::string render(const Transfer& transfer);
std::string render(const Refund& refund);
std::string render(const Account& account);
std::string render(const Customer& customer);
std::string render_list(std::string_view url, const std::vector<std::string>& rows, bool has_more);

}  // namespace sim::providers
