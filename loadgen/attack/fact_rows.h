// Rows as the specification describes them: what a column holds in the Nth row of a table that the attack
// writes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/attack/attempts.h"
#include "loadgen/attack/catalogue.h"
#include "loadgen/attack/schema_facts.h"

namespace loadgen::attack {

class FactRows {
 public:
  FactRows(const Catalogue& catalogue, const TableFacts& facts);

  std::string id(int row) const;
  // What the column holds in this row: its example, else something of its type.
  std::string value(const FactColumn& column, int row) const;
  std::string value_of(const std::string& column) const;  // in row 1
  // $names and $id replaced.
  std::string filled(std::string text, int row) const;
  // The columns that a row needs, those with a default left out.
  Values needed(int row) const;
  // INSERT of the needed columns with some of them changed.
  std::string insert(int row, const Values& changes = {}) const;
  // INSERTs of what the rows refer to and what is not of the cast, "...; ", and what that refers to.
  std::string ancestors() const;
  // INSERT of a user with this row's id.
  std::string user(int row) const;
  // The condition that finds the row by its primary key; `changes` as in insert.
  std::string where(int row, const Values& changes = {}) const;

  const TableFacts& facts() const { return facts_; }
  bool has(const FactColumn& column) const { return catalogue_.has(facts_.table, column.name); }
  const Column& found(const FactColumn& column) const;
  // A column that the specification does not know and that the schema requires: its rows cannot be made up.
  bool has_unknown_requirements() const;

 private:
  const Catalogue& catalogue_;
  const TableFacts& facts_;
  int number_;  // of the table among all facts; ids of its rows are made of it
};

Values changed(Values row, const Values& changes);

// For a row that the attempt itself inserts, so that no row before the attempt can be compared: the statement
// that notes what the column holds, and the query that returns the row when it holds something else.
std::string noted(std::string_view table, const std::string& column, const std::string& condition);
std::string altered(std::string_view table, const std::string& column, const std::string& condition);

// An attempt on a rule of the table that these rows are of.
Attempt attempt_on(const FactRows& rows, std::string_view rule, std::string name, std::string sql,
                   std::string shows, Wanted wanted);

}  // namespace loadgen::attack
