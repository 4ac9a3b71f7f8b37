#include "loadgen/side/proof_shown.h"

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "loadgen/side/inspection_check.h"
#include "loadgen/side/proof_hands.h"
#include "sim/seattle.h"

namespace loadgen {
namespace {

constexpr std::string_view kSpec = "proof-and-gps.md §6, FM-142";
constexpr std::size_t kWorker = 0;
constexpr std::chrono::milliseconds kOneGo{300};  // a server asks the store several times before it gives up
constexpr int kLong = 1000;                       // requests: until it is taken away again

// A JPEG's last scan begins with this; inside of it no 0xFF is followed by anything but zero.
std::size_t scan_of(const std::string& jpeg) {
  return jpeg.rfind("\xff\xda");
}
std::string half_of_its_pixels(std::string jpeg) {
  jpeg.resize(scan_of(jpeg) + (jpeg.size() - scan_of(jpeg)) / 2);
  return jpeg;
}
std::string half_and_an_end(std::string jpeg) {
  return half_of_its_pixels(std::move(jpeg)) + "\xff\xd9";
}
// An application segment that is longer than the file.
std::string endless_segment(std::string jpeg) {
  return jpeg.insert(jpeg.size() - 2, "\xff\xe1\x7f\xff");
}
std::string garbage_for_pixels(std::string png) {
  constexpr std::size_t kPixels = 8;
  return png.replace(png.rfind("IDAT") + 4, kPixels, kPixels, '\x55');
}
// Its one item is said to be longer than the file.
std::string endless_item(std::string heic) {
  constexpr std::size_t kLength = 4 + 4 + 2 + 2 + 2 + 2 + 2 + 4;  // from the box's name to its last number
  return heic.replace(heic.find("iloc") + kLength, 4, "\x7f\xff\xff\xff");
}

class ShownPhotos : ProofHands {
 public:
  explicit ShownPhotos(const SafetyStage& stage) : ProofHands(stage, "safety inspections", kSpec) {}

  void run() {
    broken();
    replaced();
    vanished();
  }

 private:
  struct Taken {
    std::string what;
    SideTask task;
    Place photo;
  };
  Taken prepared(const std::string& what, const PhotoKind& kind,
                 std::string (*spoil)(std::string) = nullptr) {
    const SideTask at = task(kWorker);
    std::string bytes = kind.make(honest(sim::moved(kPlaceOfTask, 11.3, 2.9)));
    if (spoil != nullptr) bytes = spoil(std::move(bytes));
    return {what, at, uploaded(at, std::move(bytes), kWorker, "result", kind.type)};
  }
  void expect_nothing_told(const Taken& photo, const char* when) {
    ProofHands::expect_nothing_told(fmt::format("{}, {}", photo.what, when), photo.task, kWorker);
  }

  // Pictures with a whole header and EXIF of which a copy may well fail, for ever. Whether they are taken or
  // refused is the server's affair: §3 asks for their first bytes.
  void broken() {
    struct Row {
      const char* what;
      PhotoKind kind;
      std::string (*spoil)(std::string);
    };
    constexpr std::array kRows{
        Row{"a JPEG whose pixels are cut off", kJpeg, half_and_an_end},
        Row{"a JPEG whose pixels and end are cut off", kJpeg, half_of_its_pixels},
        Row{"a JPEG with a broken segment behind its pixels", kJpeg, endless_segment},
        Row{"a PNG with garbage for pixels", kPng, garbage_for_pixels},
        Row{"a HEIC whose directory names bytes that are not there", kHeic, endless_item}};
    std::vector<Taken> photos;
    for (const Row& row : kRows) {
      photos.push_back(prepared(row.what, row.kind, row.spoil));
      const Taken& photo = photos.back();
      const std::string answer = told(submit(photo.task, {photo.photo.key}, kWorker)).substr(0, 20);
      expect("proof-and-gps.md §3", photo.what + ": the submission", "taken or refused as invalid",
             answer == "ok" || answer == "400 VALIDATION_ERROR" ? "taken or refused as invalid" : answer);
      expect_nothing_told(photo, "right after the submission");
    }
    await_inspections(client_);
    for (const Taken& photo : photos) expect_nothing_told(photo, "when it was looked at");
  }

  // Submits while the store takes no copies. A server that makes them before it answers may refuse for that
  // (T-PRF-21), and then does so without the trouble.
  void submit_without_copies(const Taken& photo) {
    client_.now = client_.now + model::kSecond;  // fixes follow one another (GPS-7)
    control_.store_trouble("error_500", "PUT", kLong);
    Reply reply = submit(photo.task, {photo.photo.key}, kWorker);
    if (!reply.ok()) {
      control_.store_trouble("none", "PUT", 0);
      reply = submit(photo.task, {photo.photo.key}, kWorker);
    }
    expect("T-PRF-21", photo.what + ": the submission", "ok", told(reply));
    expect_nothing_told(photo, "while no copy can be stored");
  }

  // FM-124: when the copy is to be made, there lies another object than the one that was verified.
  void replaced() {
    const Taken waits = prepared("a photo whose copy has to wait", kJpeg);
    const Taken changed = prepared("a photo that is replaced after its submission", kJpeg);
    const Taken other = prepared("another photo", kJpeg);
    submit_without_copies(waits);
    submit_without_copies(changed);
    std::this_thread::sleep_for(kOneGo);
    control_.put_objects({{changed.photo.key, "image/jpeg", other.photo.bytes}});
    control_.store_trouble("none", "PUT", 0);
    expect_nothing_told(changed, "when it is replaced");
    await_inspections(client_);
    expect_nothing_told(waits, "when it was looked at");
    expect_nothing_told(changed, "when it was looked at");
  }

  // The store says that there is no such object, for longer than a look takes, and then has it again.
  void vanished() {
    constexpr std::chrono::seconds kAway{3};
    constexpr std::chrono::milliseconds kLook{50};
    const Taken photo = prepared("a photo that vanishes after its submission", kJpeg);
    submit_without_copies(photo);
    std::this_thread::sleep_for(kOneGo);
    control_.store_trouble("missing", "GET", kLong);
    const auto back = std::chrono::steady_clock::now() + kAway;
    while (client_.sql("SELECT count(*) FROM proof_inspections WHERE state <> 'done'") != "0" &&
           std::chrono::steady_clock::now() < back)
      std::this_thread::sleep_for(kLook);
    control_.store_trouble("none", "GET", 0);
    await_inspections(client_);
    expect_nothing_told(photo, "when it was looked for");
  }
};

}  // namespace

void check_shown_photos(const SafetyStage& stage) {
  ShownPhotos(stage).run();
}

}  // namespace loadgen
