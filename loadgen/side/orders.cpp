#include "loadgen/side/orders.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "net/client.h"

namespace loadgen {
namespace {

std::string newest(const std::string& providers, const std::string& listing) {
  const auto url = net::parse_url(providers);
  if (!url) throw std::runtime_error("providers: " + url.error());
  net::Connection connection(*url);
  net::Request request{.method = "GET", .target = url->path + listing, .headers = {}, .body = {}};
  request.headers.add("authorization", "Bearer sk_test_orders");
  const net::ClientResult answer = connection.exchange(request, std::chrono::seconds(5));
  if (!answer) throw std::runtime_error("providers: " + answer.error().message);
  const nlohmann::json list = nlohmann::json::parse(answer->body, nullptr, false);
  if (!list.is_object() || !list.contains("data") || list["data"].empty()) return "";
  return list["data"].at(0).value("id", "");
}

}  // namespace

std::string open_orders(SideClient& client, const std::string& escrow) {
  return client.sql(
      fmt::format("SELECT count(*) FROM outbox_events WHERE aggregate_id = '{}' AND status IN ('pending', "
                  "'enqueued')",
                  escrow));
}

void try_orders(SideClient& client, const std::string& escrow) {
  client.sql(
      fmt::format("UPDATE outbox_events SET available_at = clock_timestamp() WHERE status = 'pending'"
                  " AND aggregate_id = '{}'",
                  escrow));
  client.drain();
}

bool orders_end(SideClient& client, const std::string& escrow) {
  return seen_within(kOrderBound, [&] {
    try_orders(client, escrow);
    return open_orders(client, escrow) == "0";
  });
}

std::string transfer_of(const std::string& providers, const std::string& escrow) {
  return newest(providers, "/v1/transfers?limit=1&metadata[escrow_id]=" + escrow);
}

std::string refund_of(const std::string& providers, const std::string& intent) {
  return newest(providers, "/v1/refunds?limit=1&payment_intent=" + intent);
}

}  // namespace loadgen
