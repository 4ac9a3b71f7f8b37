#include "loadgen/bench/processor_stub.h"

#include "net/server.h"

namespace loadgen::bench {
namespace {

// The escrow of metadata[escrow_id], whichever way the brackets are encoded; "" without it.
std::string escrow_of(std::string_view form) {
  constexpr std::size_t kUuid = 36;
  for (const std::string_view name : {"metadata%5Bescrow_id%5D=", "metadata[escrow_id]="}) {
    const auto at = form.find(name);
    if (at != form.npos) return std::string(form.substr(at + name.size(), kUuid));
  }
  return {};
}

net::Response answer(const net::Request& request) {
  net::Response response;
  response.headers.add("content-type", "application/json");
  const std::string escrow = escrow_of(request.body);
  if (request.path() == "/v1/payment_intents") {
    response.body = R"({"id":"pi_)" + escrow + R"(","object":"payment_intent","client_secret":"pi_)" +
                    escrow + R"(_secret_bench","status":"requires_payment_method"})";
  } else if (request.path() == "/v1/transfers") {
    response.body = R"({"id":"tr_)" + escrow + R"(","object":"transfer"})";
  } else {
    response.status = 404;
    response.body = R"({"error":{"type":"invalid_request_error","message":"not part of a measurement"}})";
  }
  return response;
}

}  // namespace

ProcessorStub::ProcessorStub()
    : server_(std::make_unique<net::Server>(
          net::ServerOptions{},
          [](const net::Request& request, const net::Reply& reply) { reply(answer(request)); })) {}
ProcessorStub::~ProcessorStub() = default;

std::string ProcessorStub::url() const {
  return "http://127.0.0.1:" + std::to_string(server_->port());
}

}  // namespace loadgen::bench
