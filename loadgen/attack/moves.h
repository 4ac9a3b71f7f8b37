// Legal moves out of a stage, each one transaction: what two people may try at the same moment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/attack/catalogue.h"

namespace loadgen::attack {

struct Move {
  std::string name;                     // "cancelled_refunded (T10 E4)"
  std::vector<std::string> statements;  // without BEGIN and COMMIT
};

std::vector<Move> moves_at(const Catalogue& catalogue, std::string_view stage);

}  // namespace loadgen::attack
