// The legal ways into every interesting situation of one task, as SQL that a person can read. Each stage
// starts where its parent ended. A schema that refuses a stage refuses a legal write, which is a finding of
// its own.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/attack/catalogue.h"

namespace loadgen::attack {

struct Stage {
  std::string_view name;
  std::string_view parent;                        // empty for the first
  std::string_view task, escrow, proof, dispute;  // states reached, empty when there is no row
  std::string_view rule;                          // the edges that make it legal
};

std::span<const Stage> all_stages();
const Stage& stage(std::string_view name);

// Fixed ids, so that every statement can be replayed by hand.
namespace ids {
inline constexpr std::string_view kPoster = "00000000-0000-4000-8000-000000000001";
inline constexpr std::string_view kWorker = "00000000-0000-4000-8000-000000000002";
inline constexpr std::string_view kAdmin = "00000000-0000-4000-8000-000000000003";
inline constexpr std::string_view kStranger = "00000000-0000-4000-8000-000000000004";
inline constexpr std::string_view kTask = "00000000-0000-4000-8000-000000000010";
inline constexpr std::string_view kEscrow = "00000000-0000-4000-8000-000000000020";
inline constexpr std::string_view kProof = "00000000-0000-4000-8000-000000000030";
inline constexpr std::string_view kDispute = "00000000-0000-4000-8000-000000000040";
inline constexpr std::string_view kXp = "00000000-0000-4000-8000-000000000050";
inline constexpr std::string_view kBadge = "00000000-0000-4000-8000-000000000051";
inline constexpr std::string_view kAction = "00000000-0000-4000-8000-000000000052";
inline constexpr std::string_view kPhoto = "00000000-0000-4000-8000-000000000060";
// A second task of other parties, COMPLETED and RELEASED: what a forged reference would point at.
inline constexpr std::string_view kOtherTask = "00000000-0000-4000-8000-000000000110";
inline constexpr std::string_view kOtherEscrow = "00000000-0000-4000-8000-000000000120";
inline constexpr std::string_view kOtherProof = "00000000-0000-4000-8000-000000000130";
// A third task, OPEN without an escrow: what an escrow could be re-pointed to.
inline constexpr std::string_view kBareTask = "00000000-0000-4000-8000-000000000210";
}  // namespace ids

struct StageStatement {
  std::string_view rule;  // "T2", "E1", ...
  std::string sql;
};

// People, the two other tasks, and the task under attack up to OPEN with a PENDING escrow.
std::vector<StageStatement> cast_statements(const Catalogue& catalogue);
// The statements from the stage's parent to the stage.
std::vector<StageStatement> stage_statements(const Catalogue& catalogue, std::string_view name);

// Row values with the spec's names; insert_statement drops what a schema lacks.
Values task_values(std::string_view id, std::string_view poster, std::string_view state);
Values escrow_values(std::string_view id, std::string_view task, std::string_view state);
Values proof_values(std::string_view id, std::string_view task, std::string_view submitter,
                    std::string_view state);
Values photo_values(std::string_view id, std::string_view proof, int sequence);
Values dispute_values(std::string_view id, std::string_view state);
Values xp_values(std::string_view id, std::string_view user, std::string_view task, std::string_view escrow);

}  // namespace loadgen::attack
