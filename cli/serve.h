// `hustle serve`: the private environment as a service. When ready, one JSON line on standard output:
// {"target":"http://…","database":"postgresql://…","providers":"http://…"}; logs on standard error. SIGTERM
// or SIGINT ends everything, exit code 0. A child that dies by itself ends it too: one line, exit code 3.
#pragma once

#include <string>
#include <vector>

namespace cli {

int run_serve(const std::vector<std::string>& arguments);

}  // namespace cli
