// Every write that could produce a forbidden state, enumerated from the catalogue and the vocabulary instead
// of listed by hand. An attempt says what it tries, never what will happen: rules.h judges the rows
// afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/attack/catalogue.h"

namespace loadgen::attack {

// What must become of an attempt. fitting: refused or not, but not because a legal value does not fit
// (SQLSTATE class 22).
enum class Wanted : std::uint8_t { harmless, accepted, fitting };

struct Attempt {
  std::string rule;           // the rule that it aims at
  std::string name;           // "UPDATE escrows PENDING -> RELEASED together with amount"
  std::string sql;            // what a person pastes into psql after the stage's statements
  std::string expected_code;  // SQLSTATE that the spec pins for a refusal, empty when any refusal will do
  std::string copy_table;     // set for COPY: table, and the row below
  Values copy_row;
  // When set, the rows that this query returns after the statement are the breach, and nothing else is.
  std::string shows{};
  Wanted wanted = Wanted::harmless;
};

std::vector<Attempt> attempts_at(const Catalogue& catalogue, std::string_view stage);

}  // namespace loadgen::attack
