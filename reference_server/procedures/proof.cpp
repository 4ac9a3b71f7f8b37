#include <array>
#include <nlohmann/json.hpp>

#include "model/vocabulary/limits.h"
#include "net/sign.h"
#include "reference_server/gateway.h"
#include "reference_server/object_store.h"
#include "reference_server/picture.h"
#include "reference_server/procedures/function.h"
#include "reference_server/procedures/routes.h"

namespace server {
namespace {

using model::Action;
using Json = nlohmann::json;

constexpr Statement kRequestUpload = HUSTLE_FUNCTION(proof_request_upload);
constexpr Statement kToCheck = HUSTLE_FUNCTION(proof_uploads_to_check);
constexpr Statement kSubmit{"proof_submit",
                            "SELECT api.proof_submit($1, $2, $3, timestamptz 'epoch' + $4::bigint * interval "
                            "'1 millisecond', $5::jsonb, "
                            "$6::jsonb)"};

ObjectStore& store_of(const Invocation& invocation) {
  if (invocation.store == nullptr) throw std::runtime_error("--store-url: no object store is configured");
  return *invocation.store;
}

Outcome request_upload(const Invocation& invocation) {
  const ObjectStore& store = store_of(invocation);  // before a place is written down
  const Outcome issued = call_function(kRequestUpload, invocation);
  if (!issued) return issued;
  Json answer = Json::parse(*issued);
  for (Json& upload : answer["uploads"]) {
    upload["method"] = "PUT";
    upload["url"] =
        store.upload_url({upload["key"], upload["content_type"], upload["size_bytes"]}, real_seconds());
    upload.erase("content_type");
    upload.erase("size_bytes");
  }
  return answer.dump();
}

// The object against what was declared when its place was given out. Throws when the store cannot be asked:
// then nothing is attached, nothing is counted, and the client may try again (proof-and-gps.md §3).
Json checked(ObjectStore& store, const Json& upload) {
  const auto key = upload["key"].get<std::string>();
  Json fact{{"key", key}};
  const auto bytes = store.read(key, real_seconds());
  if (!bytes && bytes.error() == ObjectStore::Trouble::unreachable)
    throw std::runtime_error("the object store does not answer");
  const auto picture = bytes ? inspect_picture(*bytes) : std::nullopt;
  if (!bytes) {
    fact["problem"] = "missing";
  } else if (static_cast<std::int64_t>(bytes->size()) != upload["size_bytes"].get<std::int64_t>() ||
             static_cast<std::int64_t>(bytes->size()) > model::limits::kPhotoBytesMax) {
    fact["problem"] = "size";
  } else if (net::hex(net::sha256(*bytes)) != upload["checksum_sha256"].get<std::string>()) {
    fact["problem"] = "checksum";
  } else if (!picture || picture->content_type != upload["content_type"].get<std::string>()) {
    fact["problem"] = "type";
  } else if (picture->captured_s) {
    fact["captured_s"] = *picture->captured_s;
  }
  return fact;
}

Outcome submit_with(const Invocation& invocation, const Json& facts) {
  return read_answer(invocation.session.call(
      kSubmit, {invocation.caller.uid, invocation.caller.email, invocation.caller.name,
                std::to_string(invocation.now.ms), invocation.input, facts.dump()}));
}

// No object store is configured: keys are kept as they come, and nothing is known of what they name.
Outcome submit_unchecked(const Invocation& invocation) {
  return submit_with(invocation, {{"gps_required", invocation.gps_required}});
}

Outcome submit(const Invocation& invocation) {
  if (invocation.store == nullptr) return submit_unchecked(invocation);
  const Outcome uploads = call_function(kToCheck, invocation);
  if (!uploads) return uploads;
  Json photos = Json::array();
  for (const Json& upload : Json::parse(*uploads)) photos.push_back(checked(store_of(invocation), upload));
  return submit_with(invocation, {{"photos", std::move(photos)}, {"gps_required", invocation.gps_required}});
}

// Renditions become URLs for whoever may see the proof.
std::string with_read_urls(std::string text, const ObjectStore* store) {
  Json answer = Json::parse(text);
  if (!answer.is_object()) return text;
  for (Json& photo : answer["photos"]) {
    Json& shown = photo["read_url"];
    if (shown.is_string())
      shown = store == nullptr ? Json() : Json(store->read_url(shown.get<std::string>(), real_seconds()));
  }
  return answer.dump();
}

constexpr std::array kRoutes{
    Route{Action::proof_request_upload, kRequestUpload, request_upload},
    Route{Action::proof_submit, kSubmit, submit},
    Route{Action::task_submit_proof, kSubmit, submit},
    Route{Action::proof_accept, HUSTLE_FUNCTION(proof_accept)},
    Route{Action::proof_reject, HUSTLE_FUNCTION(proof_reject)},
    Route{Action::proof_get_by_task_id, HUSTLE_FUNCTION(proof_get_by_task_id), nullptr, with_read_urls},
};

}  // namespace

std::span<const Route> proof_routes() {
  return kRoutes;
}

}  // namespace server
