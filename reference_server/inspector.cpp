#include "reference_server/inspector.h"

#include <nlohmann/json.hpp>

#include "net/sign.h"
#include "reference_server/forensics.h"
#include "reference_server/gateway.h"
#include "reference_server/picture.h"
#include "reference_server/pixels.h"
#include "reference_server/rendition.h"

namespace server {
namespace {

using Json = nlohmann::json;

constexpr Statement kClaim{"inspection_claim", "SELECT api.inspection_claim($1::integer, $2::integer)"};
constexpr Statement kLater{"inspection_later", "SELECT api.inspection_later($1::uuid, $2::integer)"};
constexpr Statement kStore{"inspection_store",
                           "SELECT api.inspection_store($1::uuid, $2::jsonb, $3, nullif($4, '')::jsonb)"};

constexpr int kTriesMax = 5;  // then a person looks at the photos
constexpr std::string_view kUnread = "photos_not_inspected";

std::string bits_of(const std::bitset<64>& bits) {
  return bits.to_string();
}

Json facts_of(std::string_view bytes, const Picture& picture) {
  const Origin origin = origin_of(bytes, picture);
  Json fact{{"content_type", picture.content_type}, {"exif", origin.has_exif}, {"camera", origin.has_camera}};
  if (!origin.software.empty()) fact["software"] = origin.software;
  if (origin.place) {
    fact["latitude"] = origin.place->latitude;
    fact["longitude"] = origin.place->longitude;
  }
  if (const auto size = size_of_picture(bytes)) {
    fact["width"] = size->width;
    fact["height"] = size->height;
  }
  if (const auto look = look_of(bytes)) {
    fact["across"] = bits_of(look->across);
    fact["down"] = bits_of(look->down);
  }
  return fact;
}

struct Inspection {
  Json photos = Json::array();
  bool again = false;   // the store does not answer now
  bool unread = false;  // an object is gone, or is not what was verified (FM-124)
};

void inspect(Inspection& inspection, ObjectStore& store, const Json& photo) {
  const auto key = photo["key"].get<std::string>();
  const auto bytes = store.read(key, real_seconds());
  if (!bytes) {
    (bytes.error() == ObjectStore::Trouble::unreachable ? inspection.again : inspection.unread) = true;
    return;
  }
  const auto picture = inspect_picture(*bytes);
  if (!picture || net::hex(net::sha256(*bytes)) != photo["checksum"].get<std::string>()) {
    inspection.unread = true;
    return;
  }
  Json fact = facts_of(*bytes, *picture);
  fact["id"] = photo["id"];
  if (const auto rendition = without_metadata(*bytes)) {
    const std::string shown = "renditions/" + key;
    const ObjectFacts facts{shown, std::string(picture->content_type),
                            static_cast<std::int64_t>(rendition->size())};
    if (!store.write(facts, *rendition, real_seconds())) {
      inspection.again = true;
      return;
    }
    fact["rendition"] = shown;
  }
  inspection.photos.push_back(std::move(fact));
}

}  // namespace

Inspector::Inspector(InspectorOptions options, ObjectStore& store, Log& log)
    : options_(std::move(options)), store_(store), log_(log) {
  if (options_.biometrics) biometrics_.emplace(*options_.biometrics);
  thread_ = std::thread([this] { run(); });
}

Inspector::~Inspector() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Inspector::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
}

bool Inspector::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Inspector::run() {
  Session session(options_.database_url, std::chrono::milliseconds(60'000));
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    std::size_t taken = 0;
    try {
      taken = pass(session);
    } catch (const std::exception& trouble) {  // of the database; a picture of any kind throws nothing
      log_.error("inspector", trouble.what());
    }
    lock.lock();
    if (taken == static_cast<std::size_t>(options_.proofs_per_claim)) continue;
    wake_.wait_for(lock, options_.poll, [this] { return stopping_ || woken_; });
  }
}

// The provider sees what people see. {}: it gave no scores.
std::string Inspector::scores_of(const std::string& key) {
  const auto scores = key.empty() ? std::nullopt : biometrics_->ask(store_.read_url(key, real_seconds()));
  return scores ? Json{{"liveness", scores->liveness}, {"deepfake", scores->deepfake}}.dump() : "{}";
}

std::size_t Inspector::pass(Session& session) {
  const Json proofs = Json::parse(session.call(
      kClaim, {std::to_string(options_.proofs_per_claim), std::to_string(options_.lease.count())}));
  for (const Json& proof : proofs) {
    if (stopping()) break;
    const auto id = proof["proof_id"].get<std::string>();
    Inspection found;
    if (proof["photos"].is_array()) {
      for (const Json& photo : proof["photos"]) inspect(found, store_, photo);
    }
    if (found.again && proof["tries"].get<int>() < kTriesMax) {
      session.call(kLater, {id, std::to_string(options_.pause.count())});
      continue;
    }
    const bool unread = found.again || found.unread;
    const bool asked = biometrics_ && proof["consent"].get<bool>() && !found.photos.empty();
    session.call(kStore, {id, found.photos.dump(), std::string(unread ? kUnread : std::string_view()),
                          asked ? scores_of(found.photos[0].value("rendition", "")) : std::string()});
  }
  return proofs.size();
}

}  // namespace server
