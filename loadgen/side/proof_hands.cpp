#include "loadgen/side/proof_hands.h"

#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "loadgen/encode.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using namespace std::string_view_literals;
using nlohmann::json;

constexpr std::chrono::milliseconds kTimeout{10'000};

// Whatever the member is called: an address may stand anywhere in an answer.
void addresses_in(const json& part, std::vector<std::string>& found) {
  if (part.is_string() && part.get_ref<const std::string&>().starts_with("http")) found.push_back(part);
  if (!part.is_structured()) return;
  for (const json& each : part) addresses_in(each, found);
}

}  // namespace

std::string told_by_metadata(std::string_view bytes) {
  constexpr std::array<std::pair<std::string_view, const char*>, 3> kMarks{
      {{"Exif\0\0II"sv, "an EXIF block"}, {"eXIf"sv, "an EXIF chunk"}, {kCamera, "the camera's name"}}};
  for (const auto& [mark, name] : kMarks) {
    if (bytes.find(mark) != std::string_view::npos) return name;
  }
  return "nothing";
}

ProofHands::ProofHands(const SafetyStage& stage, std::string_view counter, std::string_view spec)
    : stage_(stage),
      client_(stage.client()),
      people_(stage.people(1, 3)),
      control_(stage.side.providers()),
      store_(*net::parse_url(stage.side.providers())),
      counter_(counter),
      spec_(spec) {}

bool ProofHands::expect(std::string_view rule, const std::string& what, const std::string& expected,
                        const std::string& observed) const {
  return stage_.expect(counter_, rule, spec_, what, expected, observed);
}

SideTask ProofHands::task(std::size_t who, std::string_view category) {
  client_.now = client_.now + model::kMinute;
  return drive_task(client_, people_.posters[0], people_.workers[who], Stop::accepted, 5000, category);
}

std::string ProofHands::photo() const {
  return sim::jpeg_photo({.nonce = net::random_hex(16), .captured = client_.now});
}

sim::PhotoRecipe ProofHands::honest(const model::GeoPoint& place) {
  return {
      .nonce = net::random_hex(16),
      .captured = client_.now,
      .camera = std::string(kCamera),
      .place = place,
      .look = ++looks_};  // a server may take strangers' pictures for alike by chance: always the same ones
}

Reply ProofHands::ask(const SideTask& task, const std::string& bytes, std::size_t who, std::string_view kind,
                      std::string_view type) {
  const json file{{"photo_type", kind},
                  {"content_type", type},
                  {"size_bytes", bytes.size()},
                  {"checksum_sha256", net::hex(net::sha256(bytes))}};
  return client_.call("proof.requestUpload",
                      json{{"task_id", task.id}, {"files", json::array({file})}}.dump(),
                      people_.workers[who].token);
}

ProofHands::Place ProofHands::place(const SideTask& task, std::string bytes, std::size_t who,
                                    std::string_view kind, std::string_view type) {
  const Reply reply = must(ask(task, bytes, who, kind, type), "proof.requestUpload");
  return {reply.text("/result/data/uploads/0/key"), reply.text("/result/data/uploads/0/url"),
          std::move(bytes)};
}

int ProofHands::put(const Place& at, const std::string& bytes, const std::string& type) {
  return control_.upload(at.url, type, bytes);
}

ProofHands::Place ProofHands::uploaded(const SideTask& task, std::string bytes, std::size_t who,
                                       std::string_view kind, const std::string& type) {
  Place made = place(task, std::move(bytes), who, kind, type);
  if (put(made, made.bytes, type) / 100 != 2) throw std::runtime_error("side stage: a photo was not stored");
  return made;
}

json ProofHands::submission(const SideTask& task, const std::vector<std::string>& keys) {
  ++submissions_;
  return {{"task_id", task.id},
          {"description", "Done."},
          {"photo_urls", keys},
          {"gps_lat", 47.6100123 + 0.00001 * submissions_},
          {"gps_lng", -122.3300127},
          {"gps_accuracy_m", 9.5},
          {"gps_captured_at", iso_text(client_.now)}};
}

Reply ProofHands::submit(const json& input, std::size_t who) {
  return client_.call("proof.submit", input.dump(), people_.workers[who].token);
}

Reply ProofHands::submit(const SideTask& task, const std::vector<std::string>& keys, std::size_t who) {
  return submit(submission(task, keys), who);
}

std::string ProofHands::attempts(const SideTask& task) {
  return client_.sql("SELECT count(*) FROM proofs WHERE task_id = '" + task.id + "'");
}

ProofHands::Fetched ProofHands::fetch(const std::string& url, const std::string& method) {
  const std::size_t path = url.find('/', url.find("//") + 2);
  const std::string target = path == std::string::npos ? "/" + url : url.substr(path);
  net::ClientResult answer = store_.exchange(
      {.method = method, .target = target, .headers = {}, .body = method == "PUT" ? "x" : ""}, kTimeout);
  if (!answer) return {"no answer", ""};
  return {answer->status == 200 ? "read" : "refused", std::move(answer->body)};
}

void ProofHands::expect_nothing_told(const std::string& what, const SideTask& task, std::size_t who) {
  for (const auto& [person, name] :
       {std::pair{&people_.posters[0], "poster"}, {&people_.workers[who], "worker"}}) {
    const Reply reply = client_.call("proof.getByTaskId", json{{"task_id", task.id}}.dump(), person->token);
    std::vector<std::string> addresses;
    addresses_in(json::parse(reply.body, nullptr, false), addresses);
    std::string by = "nothing";
    for (const std::string& address : addresses) {
      const std::string mark = told_by_metadata(fetch(address).bytes);
      if (mark != "nothing") by = mark;
    }
    expect("FM-142", fmt::format("{}: what is told of its place or camera to the {}", what, name), "nothing",
           by);
  }
}

}  // namespace loadgen
