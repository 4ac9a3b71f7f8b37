// The boxes of a HEIF file (ISO/IEC 14496-12 and 23008-12), as far as it takes to find its EXIF. Bytes come
// from strangers: every length is checked against what is there, nothing is allocated by a number in the
// file.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace server {

struct Box {
  std::string_view type;  // four characters
  std::string_view content;
};

// The boxes that fill `bytes` from beginning to end; nullopt when a length leads outside or bytes are left
// over.
std::optional<std::vector<Box>> boxes_of(std::string_view bytes);

// The TIFF block of the first item of type Exif, which lies in the file or in `idat` as one extent. nullopt:
// none, or the boxes that should tell where are broken.
std::optional<std::string_view> heif_exif(std::string_view file);

// What a viewer needs of the file, each piece within `file`: heads of boxes, the kind of the file, the
// directory of its items, and the bytes of those that are pixels. nullopt: boxes are broken, or pixels lie
// elsewhere than in the file or in `idat`.
std::optional<std::vector<std::string_view>> heif_needed(std::string_view file);

}  // namespace server
