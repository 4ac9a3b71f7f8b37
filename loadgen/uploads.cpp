#include "loadgen/uploads.h"

#include <fmt/format.h>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "loadgen/encode.h"
#include "net/sign.h"
#include "sim/photos.h"

namespace loadgen {

using model::Category;
using model::Command;
using model::PhotoTrick;
using nlohmann::json;

namespace {

struct Upload {
  std::string_view kind;
  std::string bytes;     // what is put into the store
  std::string checksum;  // what is declared
};

bool takes_before_and_after(Category category) {
  return category == Category::cleaning || category == Category::moving || category == Category::yard_work;
}

// A picture with a slot has the same bytes wherever the case uses it; every other one is new.
std::string picture(const CaseState& state, const Command& command, int index, model::Instant now) {
  if (index == 0 && command.picture.present())
    return sim::jpeg_photo({.nonce = fmt::format("{} {} {}", state.people.empty() ? "" : state.people[0].id,
                                                 state.number, command.picture.value)});
  const model::Instant captured{(now.ms / model::kSecond - command.photo_age_s) * model::kSecond};
  return sim::jpeg_photo({.nonce = net::random_hex(16), .captured = captured});
}

std::vector<Upload> pictures_of(const CaseState& state, const Command& command, model::Instant now) {
  std::vector<Upload> uploads;
  const std::vector<std::string_view> kinds = photo_kinds_of(command);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    std::string bytes = i == 1 && command.trick == PhotoTrick::same_twice
                            ? uploads[0].bytes
                            : picture(state, command, static_cast<int>(i), now);
    if (i == 0 && command.trick == PhotoTrick::wrong_magic) bytes.insert(0, "MZ");
    if (i == 0 && command.trick == PhotoTrick::truncated) bytes.resize(20);
    std::string checksum = net::hex(net::sha256(bytes));
    // One bit of the picture itself: still a whole JPEG, but another one.
    if (i == 0 && command.trick == PhotoTrick::other_bytes) bytes[bytes.size() - 4] ^= 1;
    uploads.push_back({kinds[i], std::move(bytes), std::move(checksum)});
  }
  return uploads;
}

std::string unissued_key(const CaseState& state) {
  return fmt::format("proofs/{}/{}", state.number, net::random_hex(8));
}

// Asking twice gives two sets of places, which does no harm: a target that is just being restarted is waited
// for, one that hangs is not.
std::vector<Shot> ask_until_answered(HttpTarget& target, CaseState& state, const net::Request& request) {
  constexpr std::chrono::milliseconds kPause{50};  // one that is being shut down closes at once, many times
  constexpr int kTroubles = 5;                     // 5xx, until that counts as its answer
  std::vector<Shot> shots;
  int troubles = 0;
  const auto deadline = std::chrono::steady_clock::now() + target.options.timeout;
  for (bool first = true; first || std::chrono::steady_clock::now() < deadline; first = false) {
    if (!first) std::this_thread::sleep_for(kPause);
    shots = shoot(target, {&request, 1});
    const auto& response = shots.front().response;
    if (shots.front().target_gone || (response && response->status < 500)) break;
    if (!response) continue;
    if (troubles == 0) state.beside.push_back(fmt::format("HTTP {} to {}", response->status, request.target));
    if (++troubles == kTroubles) break;
  }
  return shots;
}

// The places, as the target answers them; empty when it does not.
json places_of(HttpTarget& target, CaseState& state, const Command& command,
               const std::vector<Upload>& uploads, model::Instant now) {
  json files = json::array();
  for (const Upload& upload : uploads) {
    files.push_back({{"photo_type", upload.kind},
                     {"content_type", "image/jpeg"},
                     {"size_bytes", upload.bytes.size()},
                     {"checksum_sha256", upload.checksum}});
  }
  const json input{{"task_id", id_or_random(state.ids.tasks, command.task.value)}, {"files", files}};
  net::Request request{.method = "POST",
                       .target = target.base_path + "/trpc/proof.requestUpload",
                       .headers = {},
                       .body = input.dump()};
  request.headers.add("content-type", "application/json");
  request.headers.add("authorization", "Bearer " + state.people[command.actor.value].token);
  if (target.options.endpoints.test_clock) request.headers.add("x-hustle-now", std::to_string(now.ms));
  const std::vector<Shot> shots = ask_until_answered(target, state, request);
  const auto& answer = shots.front().response;
  const json body = answer ? json::parse(answer->body, nullptr, false) : json();
  const json::json_pointer at("/result/data/uploads");
  return body.is_object() && body.contains(at) && body[at].size() == uploads.size() ? body[at]
                                                                                    : json::array();
}

void put_into_store(HttpTarget& target, const Command& command, const json& places,
                    const std::vector<Upload>& uploads) {
  std::vector<StoreObject> objects;
  for (std::size_t i = 0; i < uploads.size(); ++i) {
    if (i == 0 && command.trick == PhotoTrick::not_uploaded) continue;
    // As a client would, now and then; in bulk otherwise, which tests the server just as well.
    if (command.trick != PhotoTrick::none || command.picture.present()) {
      target.control.upload(places[i].value("url", ""), "image/jpeg", uploads[i].bytes);
    } else {
      objects.push_back({places[i].value("key", ""), "image/jpeg", uploads[i].bytes});
    }
  }
  if (!objects.empty()) target.control.put_objects(objects);
}

bool may_upload(const CaseState& state, const Command& command) {
  return command.credential == model::Credential::valid && command.input_fault == 0 && command.photos > 0 &&
         command.photos <= 5 && command.actor.value < state.people.size() &&
         command.task.value < state.ids.tasks.size() && !state.ids.tasks[command.task.value].empty();
}

}  // namespace

std::vector<std::string_view> photo_kinds_of(const Command& command) {
  const bool both = takes_before_and_after(command.category) && command.photos >= 2 &&
                    command.trick != PhotoTrick::only_result;
  std::vector<std::string_view> kinds(command.photos, both ? "during" : "result");
  if (both) {
    kinds.front() = "before";
    kinds.back() = "after";
  }
  return kinds;
}

SentPhotos upload_photos(HttpTarget& target, CaseState& state, const Command& command, model::Instant now) {
  SentPhotos sent{.command = command, .now = now};
  std::vector<std::string>& keys = sent.keys;
  for (int i = 0; i < command.photos; ++i) keys.push_back(unissued_key(state));
  if (!may_upload(state, command)) return sent;
  const std::vector<Upload> uploads = pictures_of(state, command, now);
  const json places = places_of(target, state, command, uploads, now);
  sent.no_place = places.empty();
  if (sent.no_place) return sent;
  put_into_store(target, command, places, uploads);
  for (std::size_t i = 0; i < uploads.size(); ++i) keys[i] = places[i].value("key", "");
  const std::string issued = keys[0];
  if (command.trick == PhotoTrick::not_issued) keys[0] = unissued_key(state);
  if (command.trick == PhotoTrick::raw_url) keys[0] = "http://169.254.169.254/latest/meta-data";
  if (command.trick == PhotoTrick::foreign_receipt)
    keys[0] = target.foreign_key.empty() ? unissued_key(state) : target.foreign_key;
  if (command.trick == PhotoTrick::used_receipt) {
    const auto used = state.used_keys.find(command.task.value);
    keys[0] = used == state.used_keys.end() ? unissued_key(state) : used->second;
  }
  state.issued_key = issued;
  return sent;
}

}  // namespace loadgen
