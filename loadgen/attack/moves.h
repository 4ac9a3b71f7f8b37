// Legal moves out of a stage, each one transaction: what two people may try at the same moment. Whole steps
// of the story, each edge of each row alone, and rows that come to be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/attack/catalogue.h"

namespace loadgen::attack {

struct Move {
  std::string name;                     // "cancelled_refunded (T10 E4)"
  std::vector<std::string> statements;  // without BEGIN and COMMIT
  std::string table{};  // of a step of one row alone; two steps of one row queue up by themselves
};

std::vector<Move> moves_at(const Catalogue& catalogue, std::string_view stage);

}  // namespace loadgen::attack
