// The whole server: every part built in order, HTTP routes, shutdown (operations.md §2).
#pragma once

#include <cstdint>
#include <memory>

#include "reference_server/config.h"

namespace server {

class Service {
 public:
  // Installs the SQL functions, then listens. Throws DatabaseTrouble when the database is not there,
  // std::system_error when the address is taken.
  explicit Service(const Config& config);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  std::uint16_t port() const;

  // Readiness answers 503 at once; then running requests are finished, for at most 30 s. True when all were.
  bool drain();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
