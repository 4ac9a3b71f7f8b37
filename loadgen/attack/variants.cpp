#include "loadgen/attack/variants.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <string_view>

#include "loadgen/attack/schema_facts.h"
#include "loadgen/attack/story.h"

namespace loadgen::attack {
namespace {

constexpr long kLowest = 500, kLowestLive = 1500, kHighest = 99'999'999;  // money.md §1
constexpr std::size_t kMost = 8;  // tellings: what the schema speaks of costs time too

// Lowest and odd and high amounts, splits of one cent to one or the other, both modes, first and second
// attempts.
const std::array kTold{Variant{.name = "lowest price, second attempt",
                               .cents = kLowest,
                               .refund = 1,
                               .tried_before = true,
                               .by_worker = true,
                               .photos = 2,
                               .tier = 4},
                       Variant{.name = "LIVE at an odd price, reviewed by the clock",
                               .cents = 1501,
                               .refund = 1500,
                               .live = true,
                               .by_clock = true,
                               .asked_for_evidence = true,
                               .tier = 3},
                       Variant{.name = "highest price, no proof required",
                               .cents = kHighest,
                               .refund = kHighest - 1,
                               .requires_proof = false,
                               .by_worker = true,
                               .asked_for_evidence = true,
                               .photos = 5,
                               .tier = 2},
                       Variant{.name = "LIVE at its lowest price, second attempt",
                               .cents = kLowestLive,
                               .refund = 751,
                               .live = true,
                               .tried_before = true,
                               .photos = 3,
                               .tier = 4}};

bool is_number(const std::string& type) {
  return type == "int" || type == "big" || type == "n";
}

// What the rows of the cast refer to at every stage.
std::string reference(const FactColumn& column) {
  if (column.references == "users") return quoted(ids::kStranger);
  if (column.references == "tasks") return quoted(ids::kBareTask);
  if (column.references == "escrows") return quoted(ids::kOtherEscrow);
  return "";
}

std::vector<std::string> numbers(const FactColumn& column, const std::vector<std::string>& spoken) {
  std::set<long> all;
  const auto within = [&](long value) {
    return (column.low.empty() || value >= std::strtol(column.low.c_str(), nullptr, 10)) &&
           (column.high.empty() || value <= std::strtol(column.high.c_str(), nullptr, 10));
  };
  for (const std::string& bound : {column.low, column.high}) {
    if (!bound.empty() && column.scale == 0) all.insert(std::strtol(bound.c_str(), nullptr, 10));
  }
  for (const std::string& each : spoken) {
    char* end = nullptr;
    const long value = std::strtol(each.c_str(), &end, 10);
    if (each.empty() || *end != '\0') continue;
    for (const long near : {value - 1, value, value + 1}) {
      if (within(near)) all.insert(near);
    }
  }
  std::vector<std::string> values;
  for (const long value : all) values.push_back(std::to_string(value));
  return values;
}

const Column* column_of(const Catalogue& catalogue, const std::string& table, const std::string& name) {
  const auto found = catalogue.tables.find(table);
  if (found == catalogue.tables.end()) return nullptr;
  const auto column = std::ranges::find(found->second.columns, name, &Column::name);
  return column == found->second.columns.end() ? nullptr : &*column;
}

std::vector<std::string> spoken_of(const Catalogue& catalogue, const std::string& table,
                                   const std::string& column) {
  const auto found = catalogue.spoken.find(table + "." + column);
  return found == catalogue.spoken.end() ? std::vector<std::string>{} : found->second;
}

// By the variant's own members.
bool is_told(const std::string& table, const std::string& column) {
  return table == "users" || (table == "tasks" && (column == "mode" || column == "requires_proof"));
}

// Every value of a column that the specification tells apart and leaves free.
std::vector<std::string> choices(const Catalogue& catalogue, const std::string& table,
                                 const FactColumn& column) {
  const Column* found = column_of(catalogue, table, column.name);
  if (found == nullptr || is_told(table, column.name)) return {};
  const std::vector<std::string> spoken = spoken_of(catalogue, table, column.name);
  std::vector<std::string> values;
  const bool free = !column.primary && !column.unique && !column.cyclic && column.example.empty() &&
                    column.standard != "now" && column.exactly == 0 && column.pattern.empty();
  if (!free) return values;
  if (!column.references.empty()) {
    if (column.required || reference(column).empty()) return {};
    values.push_back(reference(column));
  } else if (!column.words.empty()) {
    for (const std::string& word : column.words) values.push_back(quoted(word));
  } else if (column.type == "bool") {
    values = {"true", "false"};
  } else if (is_number(column.type)) {
    values = numbers(column, spoken);
  } else if (column.type == "at" || column.type == "date") {
    values = {"'2031-02-03'"};
  } else if (column.type == "t") {
    values = {"'x'"};
    for (const std::string& word : spoken) {
      if (column.length == 0 || word.size() <= static_cast<std::size_t>(column.length))
        values.push_back(quoted(word));
    }
  } else if (column.type == "json") {
    values = {"'{\"x\": 1}'"};
  }
  // A schema may be stricter about NULL than the specification, which gives these columns a default.
  if (!column.required && !found->not_null && !values.empty()) values.emplace_back("NULL");
  return values.size() > 1 ? values : std::vector<std::string>{};
}

// Amounts around those that a guard speaks of.
std::vector<long> spoken_amounts(const Catalogue& catalogue) {
  std::set<long> amounts;
  for (const auto& [table, column] : {std::pair{"tasks", "price"}, std::pair{"escrows", "amount"}}) {
    for (const std::string& each : spoken_of(catalogue, table, column)) {
      const long value = std::strtol(each.c_str(), nullptr, 10);
      for (const long near : {value - 1, value, value + 1}) {
        if (near >= kLowest && near <= kHighest) amounts.insert(near);
      }
    }
  }
  for (const Variant& told : kTold) amounts.erase(told.cents);
  amounts.erase(kLowestLive - 1);  // only a refusal: births.cpp
  return {amounts.begin(), amounts.end()};
}

}  // namespace

std::vector<Variant> variants_of(const Catalogue& catalogue) {
  std::vector<Variant> all(kTold.begin(), kTold.end());
  for (const long cents : spoken_amounts(catalogue)) {
    const std::size_t number = all.size();
    if (number == kMost) break;
    Variant told = kTold.at(number % kTold.size());
    told.cents = cents;
    told.refund = std::min(told.refund, cents - 1);
    told.live = told.live && cents >= kLowestLive;
    told.name = "price " + std::to_string(cents);
    all.push_back(std::move(told));
  }
  std::size_t most = all.size();  // so that each value of the story's own rows comes up
  for (const TableFacts& facts : all_facts()) {
    if (std::ranges::find(story_tables(), facts.table) == story_tables().end()) continue;
    for (const FactColumn& column : facts.columns)
      most = std::max(most, choices(catalogue, facts.table, column).size());
  }
  for (std::size_t number = all.size(); number < std::min(most, kMost); ++number) {
    all.push_back(kTold.at(number % kTold.size()));
    all.back().name += ", once more";
  }
  for (const TableFacts& facts : all_facts()) {
    std::size_t place = 0;
    for (const FactColumn& column : facts.columns) {
      const std::vector<std::string> values = choices(catalogue, facts.table, column);
      if (values.empty()) continue;
      ++place;  // neighbours change at different times
      for (std::size_t number = 0; number < all.size(); ++number)
        all[number].also[facts.table].emplace_back(column.name, values[(number + place) % values.size()]);
    }
  }
  for (Variant& told : all) {
    told.also["tasks"].emplace_back("mode", told.live ? "'LIVE'" : "'STANDARD'");
    told.also["tasks"].emplace_back("requires_proof", told.requires_proof ? "true" : "false");
  }
  return all;
}

}  // namespace loadgen::attack
