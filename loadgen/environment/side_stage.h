// A second marketplace beside the one that is driven: a database of its own in the same cluster, with servers
// of its own, and fake providers with books of their own. For what concerns the whole marketplace (freezing
// it, filling it up, the limits on calls) and would disturb every case that runs beside it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "loadgen/environment/environment.h"

namespace loadgen {

class SideStage {
 public:
  // Needs a server of ours, and a database whose user may create another. Throws EnvironmentError 3 with one
  // line.
  explicit SideStage(Environment& environment);
  ~SideStage();  // ends the servers and drops the database
  SideStage(const SideStage&) = delete;
  SideStage& operator=(const SideStage&) = delete;

  const std::string& database() const { return database_; }
  const std::string& providers() const { return providers_; }
  enum class Clock : std::uint8_t { of_calls, real };
  std::vector<std::string> logs() const;  // of its servers: paths
  // Another server on this database. With the real clock it runs its jobs by itself. Answers its
  // http://host:port.
  std::string start_server(const std::vector<std::string>& flags, Clock clock = Clock::of_calls);

 private:
  Environment& environment_;
  std::string name_, database_, providers_;
  std::unique_ptr<Child> fakes_;
  std::vector<std::unique_ptr<Child>> servers_;
};

}  // namespace loadgen
