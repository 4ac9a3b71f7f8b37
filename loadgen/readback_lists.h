// What a list or a summary of numbers says about itself (api.md §1.1, §1.4, money.md §5-§8).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "loadgen/readback.h"

namespace loadgen {

// task.list of one poster's tasks: each fits the filter, the page is as long as it must be, in order.
std::optional<std::string> list_breach(const Readback& memory, const std::string& caller,
                                       const nlohmann::json& input, const nlohmann::json& data);

// user.getXP: thresholds of the level, the newest entries first and no more than asked.
std::optional<std::string> xp_breach(const nlohmann::json& input, const nlohmann::json& data);

// user.getBadges: the totals count the lists, which together are the badges of money.md §8.
std::optional<std::string> badges_breach(const nlohmann::json& data);

// Answers of onboarding: the completed steps are some of the four, each once and in their order; phase, next
// step, role and percentage follow from them.
std::optional<std::string> steps_breach(const nlohmann::json& data);

// user.getTrustTier: name and next requirement of the tier.
std::optional<std::string> tier_breach(const nlohmann::json& data);

}  // namespace loadgen
