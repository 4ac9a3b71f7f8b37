// The people of many cases at once: rows by SQL, connected accounts and tokens from the fake providers.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "loadgen/executor.h"
#include "model/rules/world.h"

namespace loadgen {

struct Person {
  std::string id;     // users.id
  std::string uid;    // users.firebase_uid and the token's subject
  std::string token;  // valid
};

class Fixture {
 public:
  // Throws std::runtime_error with one line when database or providers cannot be reached.
  explicit Fixture(const Endpoints& endpoints);
  ~Fixture();
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  // One list per world, in the order of World::users. Users start with 0 XP, whatever the world
  // says: progress exists only together with its ledger rows. Three round trips in all. A database without
  // users.firebase_uid cannot be told who is who: then rows come into being by the users' first call, and
  // only worlds of ordinary users can be prepared (std::runtime_error otherwise).
  std::vector<std::vector<Person>> prepare(std::span<const model::World* const> worlds);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace loadgen
