// Words about the photos and the fix of a proof: what may be wrong with an upload, and the signals that are
// kept of a submission (proof-and-gps.md §3-§5).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace model {

// How the photos of a submission are not what they should be. Everything but `none` concerns the first photo,
// or the first two.
enum class PhotoTrick : std::uint8_t {
  none,
  same_twice,       // the same bytes as photo 1 and 2
  not_issued,       // a key that the server never gave out
  raw_url,          // an address instead of a key (PRF-7)
  foreign_receipt,  // a key that was given to somebody else
  used_receipt,     // a key of the task's latest proof
  not_uploaded,     // a key without an object
  wrong_magic,      // declared as JPEG, but other bytes
  truncated,        // begins like a JPEG and ends at once
  other_bytes,      // not the bytes whose checksum was declared
  only_result,      // no photo of before and after
};
inline constexpr std::array<std::string_view, 11> kPhotoTrickNames{
    "none",         "same_twice",  "not_issued", "raw_url",     "foreign_receipt", "used_receipt",
    "not_uploaded", "wrong_magic", "truncated",  "other_bytes", "only_result"};
constexpr std::string_view name(PhotoTrick t) {
  return kPhotoTrickNames[static_cast<std::size_t>(t)];
}

// A row in fraud_events. One bit each in Proof::signals, in this order.
enum class Signal : std::uint8_t {
  poor_accuracy,
  out_of_range,
  impossible_travel,
  time_manipulation,
  outside_city,
  reused_photo,
  zero_accuracy,
  mock_location,
  repeated_point,
  coarse_coordinates,
  exact_task_point,
  exif_missing,
};
inline constexpr std::array<std::string_view, 12> kSignalNames{
    "poor_accuracy",  "out_of_range",       "impossible_travel", "time_manipulation",
    "outside_city",   "reused_photo",       "zero_accuracy",     "mock_location",
    "repeated_point", "coarse_coordinates", "exact_task_point",  "exif_missing"};
constexpr std::string_view name(Signal s) {
  return kSignalNames[static_cast<std::size_t>(s)];
}
constexpr std::uint32_t bit(Signal s) {
  return 1U << static_cast<std::uint32_t>(s);
}

enum class PhotoKind : std::uint8_t { before, during, after, result };
inline constexpr std::array<std::string_view, 4> kPhotoKindNames{"before", "during", "after", "result"};
constexpr std::string_view name(PhotoKind k) {
  return kPhotoKindNames[static_cast<std::size_t>(k)];
}

inline constexpr std::array<std::string_view, 3> kPhotoTypes{"image/jpeg", "image/png", "image/heic"};

}  // namespace model
