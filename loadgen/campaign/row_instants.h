// When the rows of ended cases say that something happened: at an instant of one of the case's own calls.
// Tables and columns come from the catalogue, so that a new table is looked at without a new query.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "loadgen/campaign/final_world.h"
#include "loadgen/database.h"
#include "model/vocabulary/finding.h"
#include "model/vocabulary/instant.h"

namespace loadgen {

inline constexpr std::string_view kRowInstantsRule = "written when called";

// Every row of these cases' users, tasks, escrows, proofs and disputes with a column "..._at" that is later
// than the case's first call, and is neither the instant of one of its calls nor one of the real clock so far
// (defaults). Tables of the server's own dispatching (outbox_events, transfer_retry_queue) keep another clock
// and are left out.
std::vector<model::Finding> audit_row_instants(Database& database, std::span<const FinalWorld> worlds);

// How many such instants, in any row of any of these tables, are later than `now` and than the real clock.
std::int64_t count_row_instants_after(Database& database, model::Instant now);

// Every instant "..._at" of every table that is neither one of `calls` (in order) nor of the real clock so
// far. For a stage whose clock is ahead of the real one. Tables that nobody but the server writes may not
// hold the real clock either, but for seeds from before `began`.
std::vector<model::Finding> audit_all_instants(Database& database, std::span<const model::Millis> calls,
                                               model::Instant began);

}  // namespace loadgen
