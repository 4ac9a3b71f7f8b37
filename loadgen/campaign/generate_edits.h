// Small edits of one line, as somebody makes them who is careless: of the server's SQL and of its C++.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace loadgen {

struct LineEdit {
  std::string what;  // "AND -> OR"
  std::string line;  // as it reads then
};

// Of a line of SQL: comparisons turned or moved by one, AND and OR swapped, conditions never or always the
// other way or left out, constants one higher, locks, orders, defaults, calls, writes, columns that are set
// and states of a list dropped, instants a day late, arguments swapped, columns and words of the vocabulary
// taken for others of their kind. None for a line of comment or of a column's type.
std::vector<LineEdit> edits_of_line(std::string_view line);

// Of a line of C++: comparisons, constants, && and ||, + and -, conditions never or the other way, true and
// false, calls and early returns dropped, branches and arguments swapped. None for comments, includes and
// declarations. Some of them do not compile.
std::vector<LineEdit> edits_of_source_line(std::string_view line);

// Of a line of SQL that builds an answer: each member told as another value of its type.
std::vector<LineEdit> edits_of_answers(std::string_view line);

}  // namespace loadgen
