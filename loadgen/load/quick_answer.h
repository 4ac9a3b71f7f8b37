// An answer of the target read as fast as load passes: the outcome with its facts (loadgen/answer_facts.h, as
// decode.h does), the identifiers (identity.h), and a page of a feed. The whole wire contract is checked by
// loadgen/decode.h on a sample.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/vocabulary/command.h"
#include "model/vocabulary/outcome.h"

namespace loadgen::load {

struct StoryIds {
  std::string task, escrow, intent, proof, dispute, event, verification;
  std::string created_at;  // of the task, as the target wrote it
};

struct QuickAnswer {
  model::Outcome outcome;  // unknown: the body is neither a result nor an error of tRPC
  std::string_view wrong;  // the pointer of an identifier that was not asked about, or what is wrong with a
                           // page; empty when nothing is
};

class QuickReader {
 public:
  QuickReader();
  ~QuickReader();
  QuickReader(const QuickReader&) = delete;
  QuickReader& operator=(const QuickReader&) = delete;

  // `body` must be readable for 64 bytes beyond its end. Takes new identifiers into `ids`. `caller`: the
  // user who asked; `status`: HTTP.
  QuickAnswer read(model::Action action, std::string_view body, StoryIds& ids, std::string_view caller);

  // The text at a JSON pointer of any JSON object ("/events/0/id"); nullopt when it is not there.
  std::optional<std::string> text(std::string_view body, std::string_view pointer);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace loadgen::load
