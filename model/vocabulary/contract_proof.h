// Inputs and outputs of uploads and submissions (api.md §1.3, proof-and-gps.md §2-§5): rows of the procedure
// table.
#pragma once

#include <array>

#include "model/vocabulary/contract_fields.h"
#include "model/vocabulary/limits.h"
#include "model/vocabulary/proof_facts.h"

namespace model::fields {

inline constexpr int kClientKeyMax = 100;  // PRF-6

inline constexpr std::array kUploadFile{
    Field{.name = "photo_type", .type = one_of, .values = kPhotoKindNames},
    Field{.name = "content_type", .type = one_of, .values = kPhotoTypes},
    Field{.name = "size_bytes", .type = integer, .min = 1, .max = limits::kPhotoBytesMax},
    Field{.name = "checksum_sha256", .type = sha256}};
inline constexpr std::array kUploadInput{id("task_id"), Field{.name = "files",
                                                              .type = object_list,
                                                              .min = limits::kPhotosMin,
                                                              .max = limits::kPhotosMax,
                                                              .members = kUploadFile}};
inline constexpr std::array kSubmitInput{
    id("task_id"),
    text_of("description", 1, limits::kProofDescriptionMax),
    Field{.name = "photo_urls",
          .type = text_list,
          .min = limits::kPhotosMin,
          .max = limits::kPhotosMax,
          .element_max = limits::kPhotoKeyMax},
    Field{.name = "gps_lat", .type = decimal, .required = false, .min = -90, .max = 90},
    Field{.name = "gps_lng", .type = decimal, .required = false, .min = -180, .max = 180},
    Field{
        .name = "gps_accuracy_m", .type = decimal, .required = false, .min = 0, .max = limits::kAccuracyMaxM},
    Field{.name = "gps_captured_at", .type = instant, .required = false},
    Field{.name = "gps_mock", .type = boolean, .required = false},
    optional_text("client_key", 1, kClientKeyMax)};
inline constexpr std::array kUpload{out_text("key"), out_text("method"), out_text("url"), at("expires_at")};
inline constexpr std::array kUploadOutput{list_of("uploads", kUpload)};

}  // namespace model::fields
