// Small edits of a guard as it stands in the database: the body of a trigger's function, or the condition of
// a CHECK. Wider than edits_of_line: whole conditions are narrowed by a fact of the row, columns leave a
// comparison of rows, OLD and NEW change places, NULL slips through.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace loadgen {

struct GuardEdit {
  std::string what;  // "guard only where NEW.mode = 'LIVE'"
  std::string text;  // all of it, edited
};

// A column of the guarded table, as far as conditions on it need to know.
struct GuardedColumn {
  std::string name, type;  // format_type()
  bool nullable = false;
  std::vector<std::string> words;  // that its CHECKs allow
};

// Conditions on one row that hold for some rows and not for others: "price < 1000". `row`: "NEW.", "OLD." or
// "".
std::vector<std::string> facts_of_a_row(const std::vector<GuardedColumn>& columns, std::string_view row);

// `rows`: the records that the body may name ("NEW.", "OLD.").
std::vector<GuardEdit> edits_of_body(const std::string& body, const std::vector<GuardedColumn>& columns,
                                     const std::vector<std::string>& rows);

// Of a condition in parentheses.
std::vector<GuardEdit> edits_of_condition(const std::string& condition,
                                          const std::vector<GuardedColumn>& columns);

}  // namespace loadgen
