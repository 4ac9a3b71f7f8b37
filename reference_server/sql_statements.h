// Cuts SQL text into statements without understanding them: comments, quoted strings and dollar-quoted bodies
// are not looked into. For the migration linter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace server {

struct SqlStatement {
  int line = 0;  // 1-based, where its first word stands
  std::string
      text;  // upper case, comments gone, every quoted part replaced by '', white space runs by one blank
};

std::vector<SqlStatement> split_sql(std::string_view text);

}  // namespace server
