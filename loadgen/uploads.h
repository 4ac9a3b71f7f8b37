// The way of a submission's photos to the target: places to upload to, objects in the store, keys to submit.
// Nothing of it is recorded; a refusal shows in what the submission itself answers.
#pragma once

#include <string>
#include <vector>

#include "loadgen/http_target.h"

namespace loadgen {

// The kinds that the sender gives its photos (model/vocabulary/command.h): as many as there are photos.
std::vector<std::string_view> photo_kinds_of(const model::Command& command);

// The photos as sent. Where the target gives out no places, their keys are some that nobody has issued.
SentPhotos upload_photos(HttpTarget& target, CaseState& state, const model::Command& command,
                         model::Instant now);

}  // namespace loadgen
