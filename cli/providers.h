// `hustle providers`: the fakes alone, as a process. When ready, one JSON line on standard output:
// {"providers":"http://127.0.0.1:PORT"}. SIGTERM or SIGINT ends it, exit code 0; an address that cannot be
// bound is one line and exit code 3. docs/providers.md says what can be asked of it.
#pragma once

#include <string>
#include <vector>

namespace cli {

int run_providers(const std::vector<std::string>& arguments);

}  // namespace cli
