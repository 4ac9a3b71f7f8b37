// Money in integer US cents (money.md §1). No floating point anywhere.
#pragma once

#include <cstdint>

namespace model {

using Cents = std::int64_t;

}  // namespace model
