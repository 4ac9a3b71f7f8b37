// One way to tell the story of a task: the values that its rows hold. A guard that is blind for some amounts,
// modes or missing values is blind in one way of telling and not in another.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace loadgen::attack {

// Column values of a row, as SQL expressions: {"state", "'OPEN'"}.
using Values = std::vector<std::pair<std::string, std::string>>;

struct Variant {
  std::string name;    // empty: the usual one
  long cents = 5000;   // price of the tasks and amount of their escrows
  long refund = 2000;  // of a split
  bool live = false;
  bool requires_proof = true;
  bool tried_before = false;           // the worker's first proof was rejected
  bool by_worker = false;              // who opens a dispute
  bool by_clock = false;               // a review that nobody made (P4)
  bool asked_for_evidence = false;     // on a dispute's way (D2)
  int photos = 1;                      // of each proof
  int tier = 2;                        // that the award leads to
  std::map<std::string, Values> also;  // other columns, by table
};

}  // namespace loadgen::attack
