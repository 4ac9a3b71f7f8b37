#include "sim/providers/control_objects.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "net/sign.h"
#include "sim/providers/fields.h"
#include "sim/providers/s3_front.h"

namespace sim::providers {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 6> kTroubles{"none",      "slow",    "error_500",
                                                    "slow_down", "missing", "wrong_type"};

net::Response answer(const Json& body, int status = 200) {
  return {status, {{{"content-type", "application/json"}}}, body.dump()};
}

net::Response refuse(const FieldProblem& problem) {
  return answer({{"error", {{"field", problem.field}, {"message", problem.message}}}}, 400);
}

std::string path_of(const std::string& bucket, const std::string& key) {
  return "/" + bucket + "/" + key;
}

std::string read_bucket(Fields& fields) {
  std::string bucket = fields.text("bucket", std::string(kBuckets.front()));
  if (std::ranges::find(kBuckets, bucket) == kBuckets.end()) fields.reject("bucket", "no such bucket");
  return bucket;
}

}  // namespace

net::Response post_objects(State& state, std::string_view body) {
  const auto request = Json::parse(body, nullptr, false);
  const std::string bucket =
      request.is_object() ? request.value("bucket", std::string(kBuckets.front())) : "";
  if (std::ranges::find(kBuckets, bucket) == kBuckets.end()) return refuse({"bucket", "no such bucket"});
  if (!request.contains("objects") || !request["objects"].is_array())
    return refuse({"objects", "expected a list of {key, content_type, bytes}"});
  std::size_t stored = 0;
  for (const Json& object : request["objects"]) {
    const auto bytes = object.is_object() ? net::unbase64url(object.value("bytes", "?")) : std::nullopt;
    if (!bytes || object.value("key", "").empty())
      return refuse({"objects", "expected a key and bytes as base64url without padding"});
    state.objects.put(path_of(bucket, object["key"]),
                      made_object(*bytes, object.value("content_type", "image/jpeg")));
    ++stored;
  }
  return answer({{"stored", stored}});
}

net::Response post_digests(State& state, std::string_view body) {
  Fields fields(body);
  const std::string bucket = read_bucket(fields);
  const std::vector<std::string> keys = fields.texts("keys");
  if (const auto problem = fields.problem()) return refuse(*problem);
  Json digests = Json::array();
  for (const std::string& key : keys) {
    const auto object = state.objects.get(path_of(bucket, key));
    digests.push_back(object ? Json(net::hex(net::sha256(object->bytes))) : Json(nullptr));
  }
  return answer({{"digests", std::move(digests)}});
}

net::Response put_object_faults(State& state, std::string_view body) {
  Fields fields(body);
  const std::string kind = fields.text("kind");
  const auto found = std::ranges::find(kTroubles, kind);
  if (found == kTroubles.end())
    fields.reject("kind", "expected none, slow, error_500, slow_down, missing or wrong_type");
  const std::string method = fields.text("method", "");
  const auto times = static_cast<int>(fields.integer("times", 0, 1'000'000, 1));
  const auto delay = static_cast<int>(fields.integer("delay_ms", 0, 60'000, 200));
  if (const auto problem = fields.problem()) return refuse(*problem);
  state.objects.trouble(static_cast<StoreTrouble>(found - kTroubles.begin()), method, times, delay);
  return answer({{"kind", kind}, {"times", times}});
}

net::Response put_object_profile(State& state, std::string_view body) {
  Fields fields(body);
  const std::string profile = fields.text("profile");
  if (profile != "s3" && profile != "r2") fields.reject("profile", "expected s3 or r2");
  const StoreRules rules{.form_posts = profile == "s3",
                         .strict_checksums = fields.flag("strict_checksums", true),
                         .ahead_s = fields.integer("ahead_s", 0, 86'400, 0)};
  if (const auto problem = fields.problem()) return refuse(*problem);
  state.objects.set_rules(rules);
  return answer({{"profile", profile}});
}

}  // namespace sim::providers
