#include "loadgen/campaign/faults.h"

#include <nlohmann/json.hpp>

#include "net/client.h"

namespace loadgen {

bool set_fault(const std::string& providers, const ProcessorFault& fault, int times) {
  const auto url = net::parse_url(providers);
  if (!url) return false;
  net::Connection connection(*url);
  net::Request request;
  request.method = "PUT";
  request.target = url->path + "/control/faults";
  request.headers.add("content-type", "application/json");
  request.body =
      nlohmann::json{{"operation", fault.operation}, {"kind", fault.kind}, {"times", times}}.dump();
  const net::ClientResult result = connection.exchange(request, std::chrono::seconds(5));
  return result && result->status == 200;
}

}  // namespace loadgen
