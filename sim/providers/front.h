// The fakes as an HTTP server, all on one port: the payment processor under /v1, the identity provider's
// keys, and the control API under /control (docs/providers.md). Loopback only, no authentication on the
// control API.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace sim::providers {

struct ProvidersOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;   // 0: any free one
  std::uint64_t seed = 1;   // ids and delivery faults
  std::string webhook_url;  // "": none yet, see PUT /control/webhook_endpoint
  std::string webhook_secret = "whsec_hustle";
  std::string project = "demo-hustle";
};

class ProvidersServer {
 public:
  // Serves at once. Throws std::system_error when the address cannot be bound, std::invalid_argument for a
  // bad webhook_url.
  explicit ProvidersServer(const ProvidersOptions& options);
  ~ProvidersServer();
  ProvidersServer(const ProvidersServer&) = delete;
  ProvidersServer& operator=(const ProvidersServer&) = delete;

  std::uint16_t port() const;
  std::string url() const;  // "http://127.0.0.1:PORT"

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sim::providers
