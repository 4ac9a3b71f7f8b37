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

// The bytes of every item of metadata (EXIF, XMP), each within `file`. nullopt: boxes are broken, or an item
// lies elsewhere than in one piece of the file or of `idat`.
std::optional<std::vector<std::string_view>> heif_metadata(std::string_view file);

}  // namespace server
