#include "loadgen/attack/story_rows.h"

#include <algorithm>
#include <array>

#include "loadgen/attack/fact_rows.h"
#include "loadgen/attack/story.h"

namespace loadgen::attack {
namespace {

// money.md §5
constexpr std::array<long, 10> kThresholds{0, 100, 300, 700, 1500, 2700, 4500, 7000, 10500, 18500};

std::string q(std::string_view text) {
  return quoted(text);
}

}  // namespace

Values told(const Catalogue& c, const std::string& table, Values row) {
  const auto also = c.variant.also.find(table);
  return also == c.variant.also.end() ? row : changed(std::move(row), also->second);
}

Values task_values(const Catalogue& c, std::string_view id, std::string_view poster, std::string_view state) {
  return told(c, "tasks",
              {{"id", q(id)},
               {"poster_id", q(poster)},
               {"title", "'Carry a sofa'"},
               {"description", "'Third floor'"},
               {"location", "'Ballard'"},
               {"category", "'moving'"},
               {"price", std::to_string(c.variant.cents)},
               {"state", q(state)},
               {"mode", "'STANDARD'"},
               {"deadline", "now() + interval '1 day'"},
               {"requires_proof", "true"}});
}

Values escrow_values(const Catalogue& c, std::string_view id, std::string_view task, std::string_view state) {
  return told(c, "escrows",
              {{"id", q(id)},
               {"task_id", q(task)},
               {"amount", std::to_string(c.variant.cents)},
               {"state", q(state)}});
}

Values proof_values(const Catalogue& c, std::string_view id, std::string_view task,
                    std::string_view submitter, std::string_view state) {
  return told(c, "proofs",
              {{"id", q(id)},
               {"task_id", q(task)},
               {"submitter_id", q(submitter)},
               {"state", q(state)},
               {"description", "'done'"}});
}

Values photo_values(const Catalogue& c, std::string_view id, std::string_view proof, int sequence) {
  return told(c, "proof_photos",
              {{"id", q(id)},
               {"proof_id", q(proof)},
               {"storage_key", "'proofs/attack/' || " + q(id)},
               {"content_type", "'image/jpeg'"},
               {"file_size_bytes", "1000"},
               {"checksum_sha256", "encode(sha256(" + q(id) + "::bytea), 'hex')"},
               {"sequence_number", std::to_string(sequence)}});
}

Values dispute_values(const Catalogue& c, std::string_view id, std::string_view state) {
  return told(c, "disputes",
              {{"id", q(id)},
               {"task_id", q(ids::kTask)},
               {"escrow_id", q(ids::kEscrow)},
               {"initiated_by", q(c.variant.by_worker ? ids::kWorker : ids::kPoster)},
               {"poster_id", q(ids::kPoster)},
               {"worker_id", q(ids::kWorker)},
               {"state", q(state)},
               {"reason", "'QUALITY_ISSUE'"},
               {"description", "'attack'"}});
}

Values xp_values(const Catalogue& c, std::string_view id, std::string_view user, std::string_view task,
                 std::string_view escrow) {
  const long points = c.variant.cents / 100;
  const std::string base = std::to_string(points);
  const auto level = std::ranges::count_if(kThresholds, [&](long threshold) { return threshold <= points; });
  return told(c, "xp_ledger",
              {{"id", q(id)},
               {"user_id", q(user)},
               {"task_id", q(task)},
               {"escrow_id", q(escrow)},
               {"base_xp", base},
               {"streak_multiplier", "1.00"},
               {"decay_factor", "1.0000"},
               {"effective_xp", base},
               {"user_xp_before", "0"},
               {"user_xp_after", base},
               {"user_level_before", "1"},
               {"user_level_after", std::to_string(level)},
               {"user_streak_at_award", "1"}});
}

}  // namespace loadgen::attack
