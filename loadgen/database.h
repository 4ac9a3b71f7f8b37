// The judged database, only read: the auditor's queries at one instant, and rows for the other judges.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/audits.h"
#include "model/vocabulary/finding.h"

namespace loadgen {

struct AuditHit {
  std::string entity;  // "escrow 3f2a…"
  std::string detail;  // the row, told
  bool operator==(const AuditHit&) const = default;
};

struct AuditResult {
  const Audit* audit = nullptr;
  model::Verdict verdict = model::Verdict::unknown;  // unknown: a table or column is missing, see reason
  std::string reason;
  std::vector<AuditHit> hits;  // at most kHitsKept
  std::uint64_t hit_count = 0;
};
inline constexpr std::size_t kHitsKept = 1000;

using Row = std::vector<std::optional<std::string>>;

// Throws std::runtime_error with one line when the database cannot be reached any more.
class Database {
 public:
  explicit Database(const std::string& url);
  ~Database();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;

  int version() const;  // 150004
  // Those of the core tables and columns that are missing: "escrows", "tasks.requires_proof".
  std::vector<std::string> missing_columns();

  // All audits that may be asked at this moment, in one REPEATABLE READ READ ONLY transaction; with `rule`
  // only those of this rule.
  std::vector<AuditResult> audit(AuditTime moment, std::string_view rule = {});

  // One statement, read only, as text. Throws std::runtime_error with the server's first line.
  std::vector<Row> query(const std::string& sql, const std::vector<std::string>& parameters = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace loadgen
