#include "reference_server/biometrics.h"

#include <nlohmann/json.hpp>
#include <thread>

namespace server {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::milliseconds kTimeout{2'000};
constexpr int kAttempts = 3;
constexpr std::chrono::milliseconds kPause{30};  // grows with each attempt

std::optional<double> score_in(const Json& answer, const char* name) {
  if (!answer.is_object() || !answer.contains(name) || !answer[name].is_number()) return std::nullopt;
  const double score = answer[name].get<double>();
  return score >= 0 && score <= 1 ? std::optional(score) : std::nullopt;
}

}  // namespace

std::optional<BiometricScores> Biometrics::ask(const std::string& photo_url) {
  net::Request request{.method = "POST",
                       .target = connection_.url().path + "/biometrics/v1/scores",
                       .headers = {},
                       .body = Json{{"photo_url", photo_url}}.dump()};
  request.headers.add("content-type", "application/json");
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::this_thread::sleep_for(kPause * attempt);
    const net::ClientResult answer = connection_.exchange(request, kTimeout);
    if (!answer || answer->status != 200) continue;
    const Json body = Json::parse(answer->body, nullptr, false);
    const auto liveness = score_in(body, "liveness"), deepfake = score_in(body, "deepfake");
    if (liveness && deepfake) return BiometricScores{*liveness, *deepfake};
  }
  return std::nullopt;
}

}  // namespace server
