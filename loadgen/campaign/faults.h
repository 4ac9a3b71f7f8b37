// What goes wrong at the fake payment processor on request.
#pragma once

#include <string>
#include <string_view>

namespace loadgen {

struct ProcessorFault {
  std::string_view operation;  // transfers.create, refunds.create, ...
  std::string_view kind;       // lost_answer, error_500, error_500_stored, rate_limit, refuse, slow_ms:N
};

// The next `times` calls of the operation go wrong; 0: none any more. False: the providers refuse.
bool set_fault(const std::string& providers, const ProcessorFault& fault, int times);

}  // namespace loadgen
