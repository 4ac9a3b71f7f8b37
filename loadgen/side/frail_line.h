// A line between a server and its database that breaks on purpose at the one instant at which nobody can know
// what has happened: a transaction is committed, and its answer does not arrive any more.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace loadgen {

class FrailLine {
 public:
  // `database`: postgresql://… with a host and a port. Throws std::runtime_error with one line.
  explicit FrailLine(const std::string& database);
  ~FrailLine();
  FrailLine(const FrailLine&) = delete;
  FrailLine& operator=(const FrailLine&) = delete;

  const std::string& database() const;  // the same by this line

  // How much of the answer still arrives. Its last message says that the transaction has ended.
  enum class Arrives : std::uint8_t { nothing, all_but_the_end };
  // Breaks once: after the `which`-th transaction from now on whose statements carry this text.
  void break_after(const std::string& text, int which, Arrives part);
  void hold();         // breaks no more
  bool broke() const;  // since then

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace loadgen
