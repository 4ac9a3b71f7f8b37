// Prepared bytes of a procedure call with holes for what only the run knows: token, identifiers, deadline.
// Made once per command by the generic encoder (loadgen/encode.h), so that the contract table stays the only
// place that knows inputs; filling one in copies a few hundred bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/vocabulary/command.h"
#include "net/channel.h"

namespace loadgen::load {

struct Fill {
  std::string_view token, task, escrow, proof, dispute, verification, actor;  // identifiers
  std::int64_t now_ms = 0;
};

class RequestTemplate {
 public:
  // `number` varies the texts.
  RequestTemplate(const model::Command& command, std::uint64_t number, const net::TargetAddress& target);

  // Into `out`, whose memory is used again.
  void fill(const Fill& fill, std::string& out) const;

 private:
  enum class Hole : std::uint8_t {
    token,
    task,
    escrow,
    proof,
    dispute,
    verification,
    actor,
    now,
    deadline,
    expiry
  };
  struct Piece {
    std::string text;  // before the hole
    Hole hole;
  };
  std::vector<Piece> pieces_;
  std::string rest_;
  model::Millis deadline_in_, valid_for_;
};

// The bytes of POST `path` with a JSON body; `extra`: header lines with their line breaks.
std::string post_bytes(const net::TargetAddress& target, std::string_view path, std::string_view content_type,
                       std::string_view extra, std::string_view body);

}  // namespace loadgen::load
