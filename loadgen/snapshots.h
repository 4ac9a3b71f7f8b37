// What no query on a single state can show: that a row was changed, deleted, or moved along an edge that does
// not exist. Keeps a digest of every row between polls (invariants.md §9, P1-P7): about 80 bytes a row.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace loadgen {

struct SnapshotBreach {
  std::string check;   // "P2"
  std::string rule;    // "INV-4"
  std::string entity;  // "escrow 3f2a…"
  std::string sentence;
};

class Snapshots {
 public:
  explicit Snapshots(const std::string& url);  // throws std::runtime_error, as poll() does
  ~Snapshots();

  // Reads all rows at one instant and compares them with the last poll. Each breach is reported once.
  std::vector<SnapshotBreach> poll();

  std::uint64_t polls() const;
  std::uint64_t rows() const;  // remembered after the last poll

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace loadgen
