// `hustle audit --database URL`: the auditor's queries on a live database, nothing else. 0 clean, 1 broken, 4
// undecided.
#pragma once

#include <string>
#include <vector>

namespace cli {

int run_audit(const std::vector<std::string>& arguments);

}  // namespace cli
