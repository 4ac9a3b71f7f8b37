#include "sim/providers/front.h"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "net/server.h"
#include "sim/providers/control.h"
#include "sim/providers/s3_front.h"
#include "sim/providers/state.h"
#include "sim/providers/stripe_front.h"

namespace sim::providers {
namespace {

constexpr std::size_t kBodyMax = std::size_t{16} << 20;  // many uids in a batch of tokens, large photos

net::Response keys_answer(const Identity& identity, std::string body) {
  const Identity::Publication how = identity.publication();
  if (how.away) return {503, {}, "backend error"};
  return {200,
          {{{"content-type", "application/json"},
            {"cache-control",
             fmt::format("public, max-age={}, must-revalidate, no-transform", how.max_age.count())}}},
          std::move(body)};
}

void serve(State& state, net::Request request, net::Reply reply) {
  const std::string_view path = request.path();
  if (path.starts_with("/control/")) return serve_control(state, std::move(request), std::move(reply));
  if (request.method == "GET" && path == kX509Path)
    return reply(keys_answer(state.identity, state.identity.x509_map()));
  if (request.method == "GET" && path == kJwksPath)
    return reply(keys_answer(state.identity, state.identity.jwks()));
  if (request.method == "POST" && path == kBiometricsPath) return reply(state.biometrics.score(request.body));
  if (is_object_path(path)) return serve_s3(state, std::move(request), std::move(reply));
  serve_stripe(state, std::move(request), std::move(reply));
}

net::ServerOptions server_options(const ProvidersOptions& options) {
  net::ServerOptions out;
  out.address = options.address;
  out.port = options.port;
  out.body_max = kBodyMax;
  return out;
}

}  // namespace

struct ProvidersServer::Impl {
  State state;
  std::unique_ptr<net::Server> server;  // ends first: no request comes in while the state ends
};

ProvidersServer::ProvidersServer(const ProvidersOptions& options)
    : impl_(new Impl{State(options.seed, options.project), nullptr}) {
  State& state = impl_->state;
  state.secret = options.webhook_secret;
  if (!options.webhook_url.empty()) {
    auto url = net::parse_url(options.webhook_url);
    if (!url) throw std::invalid_argument(url.error());
    state.delivery.set_endpoint(Endpoint{std::move(*url), options.webhook_secret});
  }
  impl_->server = std::make_unique<net::Server>(server_options(options),
                                                [&state](net::Request request, net::Reply reply) {
                                                  serve(state, std::move(request), std::move(reply));
                                                });
}

ProvidersServer::~ProvidersServer() = default;

std::uint16_t ProvidersServer::port() const {
  return impl_->server->port();
}

std::string ProvidersServer::url() const {
  return "http://127.0.0.1:" + std::to_string(port());
}

}  // namespace sim::providers
