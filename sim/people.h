// Who takes part in a case, and the texts that make a task look like one: names, titles, prices.
#pragma once

#include <cstdint>
#include <string>

#include "model/vocabulary/states.h"
#include "sim/stage.h"

namespace sim {

// Fills stage.world.users and the role lists. At least one poster and one worker are in good standing; the
// first admin may resolve disputes and override escrows, further admins hold a random part of these rights.
void engage_people(Stage& stage);

model::Cents price_of(Stage& stage, model::Mode mode);

// Texts are a function of numbers, so that a plan need not carry them.
std::string full_name(std::uint64_t number);
std::string task_title(model::Category category, std::uint64_t number);
std::string task_description(model::Category category, std::uint64_t number);

}  // namespace sim
