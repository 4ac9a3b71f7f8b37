// A feed as the tasks of one case that it shows: the pages are followed, their order and cursors judged.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "model/vocabulary/command.h"

namespace loadgen {

// The output of feed.get for a cursor and a page size; null when it was refused, nullopt when it was lost.
using NextPage = std::function<std::optional<nlohmann::json>(const std::string& cursor, int limit)>;

struct FeedReading {
  std::int64_t slots = -1;            // Answer::feed; -1 when the feed was too long to be read
  std::vector<std::string> breaches;  // wrong order, a task twice, a page without its cursor
};

// `first`: the output of the command. `tasks`: UUIDs by slot. A page of kWholePage is never followed: such a
// command wants one instant.
inline constexpr int kWholePage = 100;
FeedReading read_feed(const model::Command& command, const nlohmann::json& first,
                      const std::vector<std::string>& tasks, const NextPage& next);

}  // namespace loadgen
