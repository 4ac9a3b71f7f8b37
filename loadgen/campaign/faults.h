// What goes wrong at the fake payment processor on request.
#pragma once

#include <string>
#include <string_view>

namespace loadgen {

struct ProcessorFault {
  std::string_view operation;  // transfers.create, refunds.create, ...
  std::string_view kind;       // by its name in sim/providers/faults.h: lost_answer, slow_ms:200, ...
};

// The next `times` calls of the operation go wrong; 0: none any more. False: the providers refuse.
bool set_fault(const std::string& providers, const ProcessorFault& fault, int times);

}  // namespace loadgen
