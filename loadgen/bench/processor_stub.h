// The cheapest possible payment processor: it answers every payment intent and transfer at once and remembers
// nothing. In production the processor is somewhere else, so its cost must not count against any server that
// is measured here; what it would refuse is tested elsewhere, against the real fakes.
#pragma once

#include <memory>
#include <string>

namespace net {
class Server;
}

namespace loadgen::bench {

class ProcessorStub {
 public:
  ProcessorStub();
  ~ProcessorStub();
  std::string url() const;  // http://127.0.0.1:port

 private:
  std::unique_ptr<net::Server> server_;
};

}  // namespace loadgen::bench
