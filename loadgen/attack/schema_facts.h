// What the specification says about every table, column by column: schema.md §1 with the repairs of its §5
// and the additions of its §6, and the tables that other documents imply. Data only, never read from a
// database: the attack holds it against the schema that it finds (column_facts.h).
//
// Notation of a column: name, type, then in any order
//   !            required           =worker      default (=now, =new for a random id, =? any default)
//   {a,b}        one of             [1..4]       range, either end may be missing
//   #2  #..500   length exactly or at most      /regular expression/
//   >users       reference to users.id (>t.c to another column; + deletes with its parent, - becomes unset)
//   @  @@        unique, primary key
//   :'x'         an example, last: SQL with $names (below); needed where other rules bind the value
//   ~            its values follow a life cycle: not every one is legal in a new row
// Types: uuid, t (text), t20 (at most 20 characters), c2 (exactly 2), int, big, n5.4, at (instant), date,
// time, bool, json, t[] and uuid[] (arrays), bytes. Names in examples: $poster $worker $admin $stranger $task
// $escrow $proof $dispute $bare (a bare OPEN task), $id (of the row). Notation of a table, parted by
// semicolons:
//   unique a b where CONDITION
//   updated_at      a trigger keeps it
//   kept            append-only: no row is changed or removed; "kept a b": changed only elsewhere
//   fixed, fixed a  no row is changed, or these columns are not
//   undeleted       no row is removed; "remains": not by DELETE; "untruncated": not by TRUNCATE
//   never a=1 b=2   no row holds these values together (SQL; one value per column)
//   at STAGE        where the examples are legal (story.h), else "disputed"
//   derived         written by a function of the database alone
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loadgen::attack {

struct TableText {
  std::string_view table, columns, rules;
  std::string_view source = "schema.md §1";
};
std::span<const TableText> core_tables();  // identity, money, proofs, disputes, ledgers
std::span<const TableText>
other_tables();  // eligibility, safety, communication, analytics and what is implied

struct FactColumn {
  std::string name;
  std::string type;  // as above, without digits
  int length = 0;    // of t20, c2; 0: without limit
  int digits = 0, scale = 0;
  bool required = false, unique = false, primary = false, cyclic = false;
  std::string standard;  // default as written, empty when there is none
  std::vector<std::string> words;
  std::string low, high;  // numbers as SQL, empty: no limit
  int exactly = 0, at_most = 0;
  std::string pattern;
  std::string references, referenced = "id";
  enum class OnDelete { refused, follows, unset } on_delete = OnDelete::refused;
  std::string example;
};

struct FactKey {
  std::vector<std::string> columns;
  std::string where;  // SQL, empty: always
};

using Assignment = std::pair<std::string, std::string>;  // column, SQL

struct TableFacts {
  std::string table, source, stage = "disputed";
  std::vector<FactColumn> columns;
  std::vector<FactKey> keys;  // of more than one column, or with a condition
  bool stamped = false;       // updated_at
  bool derived = false;
  bool remains = false, untruncated = false, fixed = false;
  std::vector<std::string> fixed_columns;  // when fixed: empty means all
  std::vector<std::vector<Assignment>> never;
};

// Throws std::logic_error when a text does not follow the notation.
TableFacts parse_facts(const TableText& text);
// All of both lists, parsed once.
const std::vector<TableFacts>& all_facts();

}  // namespace loadgen::attack
