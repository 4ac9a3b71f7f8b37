// Photos and submissions by hand on a side stage: what the checks of uploads, submissions, inspections and
// shown photos have in common. Each derives from it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "loadgen/control.h"
#include "loadgen/side/safety_stage.h"
#include "net/client.h"
#include "sim/photos.h"

namespace loadgen {

struct PhotoKind {
  std::string (*make)(const sim::PhotoRecipe&);
  const char* type;
};
inline constexpr PhotoKind kJpeg{sim::jpeg_photo, "image/jpeg"};
inline constexpr PhotoKind kPng{sim::png_photo, "image/png"};
inline constexpr PhotoKind kHeic{sim::heic_photo, "image/heic"};

inline constexpr model::GeoPoint kPlaceOfTask{476'100'000, -1'223'300'000};  // of drive_task
inline constexpr std::string_view kCamera = "Pixel 8";                       // that took honest photos

// What these bytes tell of the place, the time or the camera of an honest photo (FM-142): "nothing", or by
// what.
std::string told_by_metadata(std::string_view bytes);

class ProofHands {
 protected:
  // `counter`: of the expectations; `spec`: what their findings cite.
  ProofHands(const SafetyStage& stage, std::string_view counter, std::string_view spec);

  // Answers whether it is so.
  bool expect(std::string_view rule, const std::string& what, const std::string& expected,
              const std::string& observed) const;

  // A task that worker `who` has accepted, a minute later.
  SideTask task(std::size_t who = 0, std::string_view category = "errands");

  std::string photo() const;  // a JPEG of now
  // A picture as a camera makes it, of a scene that nobody has seen.
  sim::PhotoRecipe honest(const model::GeoPoint& place);

  struct Place {
    std::string key, url;
    std::string bytes;  // that belong there
  };
  Reply ask(const SideTask& task, const std::string& bytes, std::size_t who = 0,
            std::string_view kind = "result", std::string_view type = "image/jpeg");
  Place place(const SideTask& task, std::string bytes, std::size_t who = 0, std::string_view kind = "result",
              std::string_view type = "image/jpeg");
  int put(const Place& at, const std::string& bytes, const std::string& type = "image/jpeg");
  Place uploaded(const SideTask& task, std::string bytes, std::size_t who = 0,
                 std::string_view kind = "result", const std::string& type = "image/jpeg");

  // Every fix a little elsewhere.
  nlohmann::json submission(const SideTask& task, const std::vector<std::string>& keys);
  Reply submit(const nlohmann::json& input, std::size_t who);
  Reply submit(const SideTask& task, const std::vector<std::string>& keys, std::size_t who = 0);
  std::string attempts(const SideTask& task);  // how many proofs there are

  struct Fetched {
    std::string outcome;  // "read", "refused", "no answer"
    std::string bytes;
  };
  Fetched fetch(const std::string& url, const std::string& method = "GET");  // from the store
  // FM-142: of all addresses that poster and worker are told with the task's proof now, none serves a photo
  // with its metadata.
  void expect_nothing_told(const std::string& what, const SideTask& task, std::size_t who);

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  Control control_;
  net::Connection store_;

 private:
  std::string_view counter_, spec_;
  int submissions_ = 0;
  std::uint64_t looks_ = 0;
};

}  // namespace loadgen
