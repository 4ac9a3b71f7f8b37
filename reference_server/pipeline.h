// Prepared statements on a few connections in libpq's pipeline mode, served by the thread that owns it: for
// calls that are one statement. Every statement is a transaction of its own for its caller. Those that only
// read are sent in bundles that share one transaction; when one of a bundle fails, its statements run again
// one by one, so nobody notices.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "reference_server/database.h"

namespace server {

struct PipelineOptions {
  std::string url;
  int readers = 1;  // connections for statements that only read: a bundle each at a time
  int writers = 7;  // connections for all others, made as they are needed
  int depth = 2;    // statements under way on a writer before others wait for any writer
  std::size_t bundle_max = 16;
  std::chrono::milliseconds statement_timeout{5000};
  std::chrono::milliseconds idle{10'000};  // an idle connection is closed after this
  std::size_t waiting_max = 10'000;        // beyond: submit() refuses
};

class Pipeline {
 public:
  enum class Kind : std::uint8_t { read, write };
  struct Answer {
    std::expected<std::string, DatabaseTrouble> text;  // as Session::call answers and throws
    std::uint64_t retries = 0;                         // after 40001 or 40P01
  };
  using Answered = std::move_only_function<void(Answer)>;

  explicit Pipeline(const PipelineOptions& options);
  ~Pipeline();  // finishes what was submitted; nobody calls turn() any more
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // The owner calls turn() once at first, and then whenever the descriptor has something to read. Never
  // blocks.
  int descriptor() const;
  void turn();
  bool owned_by_this_thread() const;

  // From any thread. `answered` is called once, by turn() or, in the owner's thread, by this very call; it
  // must neither block nor throw. False (and `answered` is not called) when too much is waiting.
  bool submit(Kind kind, const Statement& statement, std::vector<std::string> arguments, Answered answered);
  std::size_t busy() const;  // statements under way, as far as there are connections for them
  std::size_t waiting() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

using Pipelines = std::vector<std::unique_ptr<Pipeline>>;  // one per network thread
Pipeline& own_pipeline(const Pipelines& pipelines);  // this thread's, or the first one for any other thread

}  // namespace server
