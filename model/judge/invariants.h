// The rules that hold in every reachable World, by name. What needs a row or a text that a World does not
// carry (photo counts, audit rows, ledgers, timestamps) is judged by the same ids as SQL on a live database.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/rules/world.h"

namespace model {

struct Invariant {
  std::string_view id;                                   // "INV-2"
  std::string_view spec;                                 // "invariants.md §1"
  std::string_view sentence;                             // what must hold
  std::string_view entity;                               // what an index counts: "task", "user", ...
  std::optional<std::size_t> (*offender)(const World&);  // the first record that breaks it
};

struct BrokenInvariant {
  std::string_view id;
  std::string_view spec;
  std::string_view sentence;
  std::string entity;  // "task 3"
};

std::span<const Invariant> all_invariants();

// At most one entry per invariant, in table order; empty when all hold.
std::vector<BrokenInvariant> broken_invariants(const World& world);

// The same question without telling what broke; allocates nothing.
bool all_hold(const World& world);

}  // namespace model
