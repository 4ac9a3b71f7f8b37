#include "sim/providers/render.h"

#include <nlohmann/json.hpp>

namespace sim::providers {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json metadata_of(const Metadata& metadata) {
  Json out = Json::object();
  for (const auto& [key, value] : metadata) out[key] = value;
  return out;
}

Json error_of(const std::optional<Decline>& decline, const std::string& charge) {
  if (!decline) return nullptr;
  return {{"type", "card_error"},
          {"code", "card_declined"},
          {"decline_code", decline->decline_code},
          {"message", decline->message},
          {"charge", charge}};
}

Json json_of(const Charge& c) {
  const bool failed = c.failure.has_value();
  return {{"id", c.id},
          {"object", "charge"},
          {"amount", c.amount},
          {"amount_captured", c.amount_captured},
          {"amount_refunded", c.amount_refunded},
          {"application_fee_amount", nullptr},
          {"balance_transaction", text_or_null(c.balance_transaction)},
          {"captured", c.captured},
          {"created", c.created},
          {"currency", c.currency},
          {"customer", text_or_null(c.customer)},
          {"disputed", false},
          {"failure_code", failed ? Json("card_declined") : Json(nullptr)},
          {"failure_message", failed ? Json(c.failure->message) : Json(nullptr)},
          {"livemode", false},
          {"metadata", metadata_of(c.metadata)},
          {"outcome",
           {{"network_status", failed ? "declined_by_network" : "approved_by_network"},
            {"type", failed ? "issuer_declined" : "authorized"}}},
          {"paid", !failed},
          {"payment_intent", c.payment_intent},
          {"payment_method", c.payment_method},
          {"payment_method_details", {{"type", "card"}, {"card", {{"brand", "visa"}, {"last4", "4242"}}}}},
          {"refunded", !failed && c.amount_refunded == c.amount},
          {"status", failed ? "failed" : "succeeded"},
          {"transfer_group", text_or_null(c.transfer_group)}};
}

}  // namespace

std::string render(const PaymentIntent& i, const Charge* expanded) {
  const bool action = i.status == IntentStatus::requires_action;
  const Json out{{"id", i.id},
                 {"object", "payment_intent"},
                 {"amount", i.amount},
                 {"amount_capturable", i.amount_capturable},
                 {"amount_received", i.amount_received},
                 {"application_fee_amount", nullptr},
                 {"canceled_at", i.canceled_at ? Json(*i.canceled_at) : Json(nullptr)},
                 {"cancellation_reason", text_or_null(i.cancellation_reason)},
                 {"capture_method", i.manual_capture ? "manual" : "automatic"},
                 {"client_secret", i.client_secret},
                 {"confirmation_method", "automatic"},
                 {"created", i.created},
                 {"currency", i.currency},
                 {"customer", text_or_null(i.customer)},
                 {"description", text_or_null(i.description)},
                 {"last_payment_error", error_of(i.last_error, i.latest_charge)},
                 {"latest_charge", expanded != nullptr ? json_of(*expanded) : text_or_null(i.latest_charge)},
                 {"livemode", false},
                 {"metadata", metadata_of(i.metadata)},
                 {"next_action", action ? Json{{"type", "use_stripe_sdk"}} : Json(nullptr)},
                 {"on_behalf_of", nullptr},
                 {"payment_method", text_or_null(i.payment_method)},
                 {"payment_method_types", Json::array({"card"})},
                 {"receipt_email", text_or_null(i.receipt_email)},
                 {"setup_future_usage", nullptr},
                 {"status", name(i.status)},
                 {"transfer_data", nullptr},
                 {"transfer_group", text_or_null(i.transfer_group)}};
  return out.dump(2);
}

std::string render(const Charge& charge) {
  return json_of(charge).dump(2);
}

std::string render(const Transfer& t) {
  const Json reversals{{"object", "list"},
                       {"data", Json::array()},
                       {"has_more", false},
                       {"total_count", 0},
                       {"url", "/v1/transfers/" + t.id + "/reversals"}};
  const Json out{{"id", t.id},
                 {"object", "transfer"},
                 {"amount", t.amount},
                 {"amount_reversed", t.reversed ? t.amount : 0},
                 {"balance_transaction", t.balance_transaction},
                 {"created", t.created},
                 {"currency", t.currency},
                 {"description", text_or_null(t.description)},
                 {"destination", t.destination},
                 {"destination_payment", t.destination_payment},
                 {"livemode", false},
                 {"metadata", metadata_of(t.metadata)},
                 {"reversals", reversals},
                 {"reversed", t.reversed},
                 {"source_transaction", text_or_null(t.source_transaction)},
                 {"source_type", "card"},
                 {"transfer_group", text_or_null(t.transfer_group)}};
  return out.dump(2);
}

std::string render(const Refund& r) {
  const Json out{{"id", r.id},
                 {"object", "refund"},
                 {"amount", r.amount},
                 {"balance_transaction", r.balance_transaction},
                 {"charge", r.charge},
                 {"created", r.created},
                 {"currency", r.currency},
                 {"metadata", metadata_of(r.metadata)},
                 {"payment_intent", text_or_null(r.payment_intent)},
                 {"reason", text_or_null(r.reason)},
                 {"status", "succeeded"},
                 {"transfer_reversal", nullptr}};
  return out.dump(2);
}

std::string render(const Account& a) {
  const char* state = a.transfers_active ? "active" : "inactive";
  const Json requirements{{"currently_due", Json::array()},
                          {"eventually_due", Json::array()},
                          {"past_due", Json::array()},
                          {"disabled_reason", nullptr}};
  const Json out{{"id", a.id},
                 {"object", "account"},
                 {"business_type", text_or_null(a.business_type)},
                 {"capabilities", {{"card_payments", state}, {"transfers", state}}},
                 {"charges_enabled", a.transfers_active},
                 {"country", a.country},
                 {"created", a.created},
                 {"default_currency", "usd"},
                 {"details_submitted", a.transfers_active},
                 {"email", text_or_null(a.email)},
                 {"metadata", metadata_of(a.metadata)},
                 {"payouts_enabled", a.transfers_active},
                 {"requirements", requirements},
                 {"settings", {{"payouts", {{"schedule", {{"interval", "daily"}}}}}}},
                 {"type", a.type}};
  return out.dump(2);
}

std::string render(const Customer& c) {
  const Json out{{"id", c.id},
                 {"object", "customer"},
                 {"created", c.created},
                 {"description", text_or_null(c.description)},
                 {"email", text_or_null(c.email)},
                 {"livemode", false},
                 {"metadata", metadata_of(c.metadata)},
                 {"name", text_or_null(c.name)}};
  return out.dump(2);
}

std::string render_list(std::string_view url, const std::vector<std::string>& rows, bool has_more) {
  Json data = Json::array();
  for (const std::string& row : rows) data.push_back(Json::parse(row));
  const Json out{{"object", "list"}, {"url", url}, {"has_more", has_more}, {"data", std::move(data)}};
  return out.dump(2);
}

}  // namespace sim::providers
