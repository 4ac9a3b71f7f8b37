#include "sim/providers/delivery.h"

#include <algorithm>
#include <utility>

namespace sim::providers {
namespace {

using model::EventFlavour;

net::Request request_for(const std::string& body, EventFlavour flavour, const std::string& secret) {
  Envelope envelope = seal(body, flavour, secret, unix_now());
  net::Request request{"POST", "", {}, std::move(envelope.body)};
  request.headers.add("content-type", "application/json; charset=utf-8");
  request.headers.add("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)");
  request.headers.add("accept", "*/*; q=0.5, application/xml");
  if (envelope.signature) request.headers.add("stripe-signature", std::move(*envelope.signature));
  return request;
}

bool deserves_retry(EventFlavour flavour) {
  return flavour == EventFlavour::genuine || is_content_fault(flavour);
}

bool accepted(int status) {
  return status >= 200 && status < 300;
}

}  // namespace

std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::optional<Endpoint> Delivery::set_endpoint(std::optional<Endpoint> endpoint) {
  const std::lock_guard lock(mutex_);
  idle_.clear();
  return std::exchange(endpoint_, std::move(endpoint));
}

std::optional<Endpoint> Delivery::endpoint() const {
  const std::lock_guard lock(mutex_);
  return endpoint_;
}

DeliveryMode Delivery::set_mode(const DeliveryMode& mode) {
  const std::lock_guard lock(mutex_);
  return std::exchange(mode_, mode);
}

DeliveryMode Delivery::mode() const {
  const std::lock_guard lock(mutex_);
  return mode_;
}

std::unique_ptr<net::Connection> Delivery::borrow(const net::Url& url) {
  {
    const std::lock_guard lock(mutex_);
    while (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      if (connection->url().text() == url.text()) return connection;
    }
  }
  return std::make_unique<net::Connection>(url);
}

void Delivery::give_back(std::unique_ptr<net::Connection> connection) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(connection));
}

std::vector<int> Delivery::send_now(const std::string& body, EventFlavour flavour, int copies,
                                    bool parallel) {
  const auto target = endpoint();
  if (!target || copies < 1) return std::vector<int>(static_cast<std::size_t>(std::max(copies, 0)), 0);
  const std::size_t lanes = parallel ? static_cast<std::size_t>(copies) : 1;
  std::vector<std::unique_ptr<net::Connection>> connections;
  std::vector<net::Connection*> pointers;
  for (std::size_t i = 0; i < lanes; ++i) {
    connections.push_back(borrow(target->url));
    pointers.push_back(connections.back().get());
  }
  std::vector<int> statuses;
  while (statuses.size() < static_cast<std::size_t>(copies)) {
    const std::vector<net::Request> requests(lanes, request_for(body, flavour, target->secret));
    for (const auto& timed : net::exchange_together(pointers, requests, kReceiverTimeout))
      statuses.push_back(timed.result ? timed.result->status : 0);
  }
  for (auto& connection : connections) give_back(std::move(connection));
  return statuses;
}

void Delivery::send_later(std::string body, const PlannedDelivery& planned) {
  auto parcel = std::make_shared<Parcel>(Parcel{std::move(body), planned.flavour});
  scheduler_.after(planned.after,
                   [this, parcel = std::move(parcel), parallel = planned.parallel,
                    dropped = planned.dropped]() mutable { attempt(std::move(parcel), parallel, dropped); });
}

void Delivery::attempt(std::shared_ptr<Parcel> parcel, int parallel, bool dropped) {
  if (dropped) return retry(std::move(parcel));
  const std::vector<int> statuses = send_now(parcel->body, parcel->flavour, parallel, parallel > 1);
  if (!std::ranges::any_of(statuses, accepted) && deserves_retry(parcel->flavour)) retry(std::move(parcel));
}

void Delivery::retry(std::shared_ptr<Parcel> parcel) {
  if (++parcel->attempt >= kAttempts) return;
  const auto wait = std::min(kLongestRetry, kFirstRetry * (1 << std::min(parcel->attempt - 1, 10)));
  scheduler_.after(wait,
                   [this, parcel = std::move(parcel)]() mutable { attempt(std::move(parcel), 1, false); });
}

}  // namespace sim::providers
