// Where a call is held whatever it does: a gate before each of its statements that write, and one where its
// transaction would commit. What is decided before a lock, or read from a snapshot that is too old, shows
// there, without anybody knowing beforehand which rows and which locks a call needs.
#pragma once

#include <string>

#include "loadgen/side/side_client.h"

namespace loadgen {

class Turnstile {
 public:
  static constexpr int kEnd = 0;  // instead of a number: where it would commit, with all that it has written

  // A gate in every table of the stage, as long as this lives. What servers do by themselves (carrying out
  // orders, looking at photos) passes.
  explicit Turnstile(SideClient& client);
  ~Turnstile();
  Turnstile(const Turnstile&) = delete;
  Turnstile& operator=(const Turnstile&) = delete;

  // The lock (Held) on which the next transaction to come there waits: before its so manieth statement that
  // writes, counted from 1, or at its end. Those that come after it pass.
  std::string before(int statement);
  // From now on everybody passes who does not wait already.
  void open();

 private:
  SideClient& client_;
  int used_ = 0;
};

}  // namespace loadgen
