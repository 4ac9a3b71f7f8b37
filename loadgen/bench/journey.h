// What one measured user does, step by step, as prepared HTTP requests with the ids of earlier answers filled
// in. The same steps against hustle-server and against its peers, so that only the server differs.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loadgen::bench {

inline constexpr int kPeople = 200;  // posters, and as many workers: bench-poster-1 …, bench-worker-1 …
inline constexpr int kPriceCents = 5000;

enum class Work : std::uint8_t { ping, read, create, lifecycle };
std::string_view work_name(Work work);

struct People {
  std::vector<std::string> poster_tokens, worker_tokens;  // index 0 is person 1
  std::string webhook_secret;
};

enum class Actor : std::uint8_t { nobody, poster, worker, processor };

struct Step {
  std::string_view name;  // procedure, or "payment event"
  Actor actor;
  std::string_view method;
  std::string_view target;  // path and query, still to be filled
  std::string_view body;    // JSON with {task}, {escrow}, {proof}, {n}
};
std::span<const Step> steps_of(Work work);

class Journey {
 public:
  Journey(Work work, const People& people, std::string host, std::uint64_t seed);

  std::size_t step() const { return step_; }
  const std::string& request();  // the bytes of this step's request; valid until the next call
  // Takes the ids out of the answer (head and body as they came) and goes on. True when that was the last
  // step: the next request begins anew with other people.
  bool take(std::string_view answer);
  void restart();

 private:
  struct Ids {
    std::string task, escrow, proof;
  };
  std::string filled(std::string_view text) const;
  std::span<const Step> steps_;
  const People& people_;
  std::string host_;
  std::mt19937_64 random_;
  std::size_t step_ = 0, poster_ = 0, worker_ = 0;
  Ids ids_;
  std::string bytes_;
};

// The text value of the first member `name` behind `from`, however the JSON is spaced; empty when there is
// none.
std::string_view member(std::string_view json, std::string_view name, std::size_t from = 0);

}  // namespace loadgen::bench
