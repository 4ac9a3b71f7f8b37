// hustle prove: the gate against a catalogue of seeded faults and harmless changes.
#pragma once

#include <string>
#include <vector>

namespace cli {

int run_prove(const std::vector<std::string>& arguments);

}  // namespace cli
