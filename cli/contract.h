// hustle contract: the procedure table, printed for a client or a reader.
#pragma once

#include <string>
#include <vector>

namespace cli {

// hustle contract [--typescript|--json|--markdown]: the procedure table, for a client or a reader. Exit code
// 0.
int run_contract(const std::vector<std::string>& arguments);

}  // namespace cli
