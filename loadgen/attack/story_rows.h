// Rows of the story with the spec's names, as the variant has them; insert_statement drops what a schema
// lacks.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/attack/catalogue.h"

namespace loadgen::attack {

// The row with what the variant says of this table.
Values told(const Catalogue& catalogue, const std::string& table, Values row);

Values task_values(const Catalogue& catalogue, std::string_view id, std::string_view poster,
                   std::string_view state);
Values escrow_values(const Catalogue& catalogue, std::string_view id, std::string_view task,
                     std::string_view state);
Values proof_values(const Catalogue& catalogue, std::string_view id, std::string_view task,
                    std::string_view submitter, std::string_view state);
Values photo_values(const Catalogue& catalogue, std::string_view id, std::string_view proof, int sequence);
Values dispute_values(const Catalogue& catalogue, std::string_view id, std::string_view state);
Values xp_values(const Catalogue& catalogue, std::string_view id, std::string_view user,
                 std::string_view task, std::string_view escrow);

}  // namespace loadgen::attack
