// The auditor's questions (invariants.md §9) as data: each returns the rows that break a rule, so an empty
// answer is a pass. Arithmetic is written out here: nothing asks a function of the database that is being
// judged.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace loadgen {

// When the answer can be believed.
enum class AuditTime : std::uint8_t {
  any,    // at every instant
  quiet,  // work may legally be under way (Q07, Q12, Q29): only when nothing runs any more
};

struct Audit {
  std::string_view id;        // "Q02"
  std::string_view rule;      // "INV-2"
  std::string_view sentence;  // what holds when no row comes back
  AuditTime time = AuditTime::any;
  std::string_view tables;  // comma separated; the audit is left out where one is missing
  std::string sql;          // columns: entity text ("escrow <uuid>"), detail text
};

std::span<const Audit> all_audits();

}  // namespace loadgen
