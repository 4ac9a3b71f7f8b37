// Everything that a measurement runs on: the durable cluster, the servers, the people, and who of them is
// awake.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "loadgen/bench/bare_target.h"
#include "loadgen/bench/node_peer.h"
#include "loadgen/bench/processor_stub.h"
#include "loadgen/bench/run.h"
#include "loadgen/environment/environment.h"

namespace loadgen::bench {

class Stage {
 public:
  explicit Stage(const BenchOptions& options);
  ~Stage();  // wakes everybody, so that they can end
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // hustle-server first, then pgbench (for a ping: the bare loop over epoll), then the Node peer with one
  // process and with one per core.
  std::vector<std::string> contenders(Work work) const;
  // One slice of one contender, everybody else asleep. A warm-up's figure is thrown away by the caller.
  Figure measure(const std::string& contender, Work work, double seconds, std::uint64_t seed,
                 std::string& first_failure);

  const std::string& without_node() const { return without_node_; }
  std::vector<std::pair<std::string, std::string>> facts() const;

 private:
  struct Server {
    std::string name, target;
    pid_t pid = 0;
  };
  void add_people();
  void start_node_peers();
  void check_durable();
  Figure measure_server(const Server& server, Work work, double seconds, std::uint64_t seed,
                        std::string& first_failure);
  Figure measure_pgbench(Work work, double seconds);
  void wait_for_payouts();
  pid_t postmaster();
  const BenchOptions& options_;
  ProcessorStub processor_;
  std::unique_ptr<Environment> environment_;
  std::unique_ptr<BareTarget> bare_;  // only when a ping is asked for
  std::vector<NodePeer> nodes_;
  std::vector<Server> servers_;
  People people_;
  std::string without_node_;
};

}  // namespace loadgen::bench
