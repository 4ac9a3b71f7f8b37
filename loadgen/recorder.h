// A case's history as a file: JSON lines, one header and one line per operation (docs/histories.md). Judging
// it needs nothing else; replaying it needs the scenario that the header names. A file may hold several, one
// after another.
#pragma once

#include <expected>
#include <iosfwd>
#include <string>
#include <vector>

#include "loadgen/executor.h"
#include "model/rules/world.h"

namespace loadgen {

struct RecordedCase {
  std::string scenario;
  std::uint64_t seed = 0;
  std::vector<std::uint32_t> choices;
  model::Instant started;  // the case's clock at its first command
  model::World start;
  model::History history;
};

RecordedCase recorded(const CaseRecord& record);

void write_history(std::ostream& out, const RecordedCase& of);
// At least one history; operations in order of invocation. The error is one line that names the line number
// and the field.
std::expected<std::vector<RecordedCase>, std::string> read_histories(std::istream& in);
std::expected<std::vector<RecordedCase>, std::string> read_histories_file(const std::string& path);
// The only one of a file.
std::expected<RecordedCase, std::string> read_history(std::istream& in);

}  // namespace loadgen
