// What reads show is what the rows hold: members of an answer against columns of the same name (api.md §1,
// schema.md), at a quiet moment. Knows no rule: whether the rows are right is other judges' business. Tells
// members that no drill thinks of, such as the instant at which a dispute was resolved.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/campaign/case_judge.h"
#include "loadgen/side/side_client.h"
#include "model/vocabulary/finding.h"

namespace loadgen {

struct ShownRows {
  std::uint64_t compared = 0;            // members
  std::vector<model::Finding> findings;  // one for each procedure and member
  std::string impossible;                // why nothing was compared; else empty
};

// The newest task of every combination of states that there is, read by its poster, with what else he and the
// worker may read. Reads only.
ShownRows compare_shown_rows(SideClient& client);

inline constexpr std::string_view kShownRowsCounter = "members shown";

// The same of a server, told to the judge; answers why nothing could be compared, "" when it was. Throws
// std::runtime_error with one line when somebody does not answer.
std::string check_shown_rows(const Endpoints& endpoints, model::Instant now, CaseJudge& judge);

}  // namespace loadgen
