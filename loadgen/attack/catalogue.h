// What a schema looks like from outside: columns, required values, foreign keys. Read from the system
// catalogue, so that another team's schema with the same core names can be attacked too.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "loadgen/attack/session.h"

namespace loadgen::attack {

struct Column {
  std::string name;
  std::string type;  // format_type(): "integer", "character varying(20)", "timestamp with time zone", ...
  bool required = false;  // NOT NULL without default, identity or generation
  bool generated = false;
  std::string references;                   // "users" when a single-column foreign key leads there
  bool identity = false;                    // GENERATED ALWAYS AS IDENTITY: a value of ours needs an override
  std::vector<std::string> words, numbers;  // what its CHECKs and its enum type spell out
  std::vector<std::string> checks{};        // "CHECK (…)", those of this column alone
  bool nullable = true;
};

struct Table {
  std::string name;
  std::vector<Column> columns;
  bool has(const std::string& column) const;
};

// What a trigger asks of the session: current_setting('name') compared with a literal.
struct Setting {
  std::string name, value;
};

struct Catalogue {
  std::map<std::string, Table> tables;
  std::vector<Setting> settings;
  bool has(const std::string& table) const { return tables.contains(table); }
  bool has(const std::string& table, const std::string& column) const;
};

Catalogue read_catalogue(Session& session);

// Column values of a row, as SQL expressions: {"state", "'OPEN'"}.
using Values = std::vector<std::pair<std::string, std::string>>;

// INSERT with the given values; columns that the schema lacks are left out, columns that it requires and
// nobody named are filled by type (foreign keys with `any_user` for users, else with some existing row).
std::string insert_statement(const Catalogue& catalogue, const std::string& table, const Values& values);

// An SQL expression of the column's type that differs from its present value.
std::string different_value(const Column& column);

// The UPDATE that takes the column's value away where there is one; empty when the column cannot be NULL. A
// guard that compares with <> does not see it: NULL differs from nothing. `where`: " WHERE ...".
std::string emptied(const std::string& table, const Column& column, const std::string& where);

}  // namespace loadgen::attack
