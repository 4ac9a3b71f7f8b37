#include "loadgen/side/proof_metadata.h"

#include <zlib.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "loadgen/side/inspection_check.h"
#include "loadgen/side/proof_hands.h"
#include "sim/seattle.h"

namespace loadgen {
namespace {

using namespace std::string_literals;

constexpr std::string_view kSpec = "proof-and-gps.md §6, FM-142";
constexpr std::size_t kWorker = 1;

const std::string kTold(kCamera);  // told_by_metadata looks for it
const std::string kXmp =
    "<x:xmpmeta xmlns:x='adobe:ns:meta/'><tiff:Model>" + kTold + "</tiff:Model></x:xmpmeta>";

std::string big_end(std::size_t value, int bytes) {
  std::string out;
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
  return out;
}

// JPEG: 0xFF, the marker, the length that counts itself, the payload.
std::string segment(char marker, const std::string& payload) {
  return "\xff"s + marker + big_end(payload.size() + 2, 2) + payload;
}
std::string in_front(const std::string& jpeg, const std::string& part) {
  return jpeg.substr(0, 2) + part + jpeg.substr(2);
}
std::string before_pixels(std::string jpeg, const std::string& part) {
  return jpeg.insert(jpeg.rfind("\xff\xda"), part);
}

std::string with_xmp(std::string jpeg) {
  return in_front(jpeg, segment('\xe1', "http://ns.adobe.com/xap/1.0/\0"s + kXmp));
}
std::string with_more_xmp(std::string jpeg) {
  return in_front(jpeg, segment('\xe1', "http://ns.adobe.com/xmp/extension/\0"s + std::string(32, 'A') +
                                            big_end(kXmp.size(), 4) + big_end(0, 4) + kXmp));
}
std::string with_iptc(std::string jpeg) {
  const std::string record = "\x1c\x02\x78"s + big_end(kTold.size(), 2) + kTold;
  return in_front(jpeg, segment('\xed', "Photoshop 3.0\0"s + "8BIM\x04\x04"s + "\0\0"s +
                                            big_end(record.size(), 4) + record));
}
std::string with_comment(std::string jpeg) {
  return in_front(jpeg, segment('\xfe', kTold));
}
std::string with_late_comment(std::string jpeg) {
  return before_pixels(std::move(jpeg), segment('\xfe', kTold));
}
std::string with_late_exif(std::string jpeg) {
  return before_pixels(std::move(jpeg), segment('\xe1', "Exif\0\0"s + kTold));
}
// APP2 to APP15, but for APP14, which says how to read the colours.
std::string with_makers_segments(std::string jpeg) {
  for (int number = 2; number <= 15; ++number) {
    if (number != 14) jpeg = in_front(jpeg, segment(static_cast<char>(0xe0 + number), "MAKER\0"s + kTold));
  }
  return jpeg;
}
// Any number of 0xFF may stand before a marker.
std::string with_filled_comment(std::string jpeg) {
  return in_front(jpeg, "\xff\xff\xff"s + segment('\xfe', kTold));
}
std::string with_second_picture(std::string jpeg) {
  return jpeg + jpeg;
}
std::string with_words_behind(std::string jpeg) {
  return jpeg + kTold + "\xff\xd9";
}

std::string chunk(const std::string& name, const std::string& data) {
  const std::string body = name + data;
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_end(data.size(), 4) + body + big_end(sum, 4);
}
std::string behind_header(std::string png, const std::string& part) {
  constexpr std::size_t kHeaderEnd = 8 + 12 + 13;
  return png.insert(kHeaderEnd, part);
}
// A zlib stream of one block that is stored as it is: the text stays legible in the file.
std::string stored(const std::string& text) {
  const auto sum = adler32(adler32(0, nullptr, 0), reinterpret_cast<const Bytef*>(text.data()),
                           static_cast<uInt>(text.size()));
  const auto size = static_cast<char>(text.size());
  return "\x78\x01\x01"s + size + '\0' + static_cast<char>(~size) + '\xff' + text + big_end(sum, 4);
}

std::string with_text(std::string png) {
  return behind_header(std::move(png), chunk("tEXt", "Model\0"s + kTold));
}
std::string with_packed_text(std::string png) {
  return behind_header(std::move(png), chunk("zTXt", "Model\0\0"s + stored(kTold)));
}
std::string with_png_xmp(std::string png) {
  return behind_header(std::move(png), chunk("iTXt", "XML:com.adobe.xmp\0\0\0\0\0"s + kXmp));
}
std::string with_private_chunk(std::string png) {
  return behind_header(std::move(png), chunk("caMr", kTold));
}
std::string with_late_text(std::string png) {
  constexpr std::size_t kEnd = 12;  // the last chunk is empty
  return png.insert(png.size() - kEnd, chunk("tEXt", "Model\0"s + kTold));
}
std::string with_bytes_behind(std::string png) {
  return png + kTold;
}

std::string box(const std::string& name, const std::string& data) {
  return big_end(data.size() + 8, 4) + name + data;
}
std::string with_free_box(std::string heic) {
  return heic + box("free", kTold);
}
std::string with_own_box(std::string heic) {
  return heic + box("uuid", std::string(16, 'x') + kXmp);
}
std::string with_more_data(std::string heic) {
  return heic + box("mdat", kTold);
}

struct Carrier {
  const char* what;
  PhotoKind kind;
  std::string (*plant)(std::string);
};
constexpr std::array kCarriers{Carrier{"XMP", kJpeg, with_xmp},
                               Carrier{"XMP in a second segment", kJpeg, with_more_xmp},
                               Carrier{"IPTC", kJpeg, with_iptc},
                               Carrier{"a comment", kJpeg, with_comment},
                               Carrier{"a comment right before its pixels", kJpeg, with_late_comment},
                               Carrier{"EXIF right before its pixels", kJpeg, with_late_exif},
                               Carrier{"segments of makers", kJpeg, with_makers_segments},
                               Carrier{"a comment behind filling bytes", kJpeg, with_filled_comment},
                               Carrier{"another picture behind its end", kJpeg, with_second_picture},
                               Carrier{"words behind its end", kJpeg, with_words_behind},
                               Carrier{"text", kPng, with_text},
                               Carrier{"packed text", kPng, with_packed_text},
                               Carrier{"XMP", kPng, with_png_xmp},
                               Carrier{"a private chunk", kPng, with_private_chunk},
                               Carrier{"text behind its pixels", kPng, with_late_text},
                               Carrier{"bytes behind its end", kPng, with_bytes_behind},
                               Carrier{"a free box", kHeic, with_free_box},
                               Carrier{"a box of its own", kHeic, with_own_box},
                               Carrier{"data that belong to nothing", kHeic, with_more_data}};

class PhotoMetadata : ProofHands {
 public:
  explicit PhotoMetadata(const SafetyStage& stage) : ProofHands(stage, "safety inspections", kSpec) {}

  // Whether such a file is taken is the server's affair: §3 asks for its first bytes.
  void run() {
    std::vector<std::pair<std::string, SideTask>> photos;
    for (const Carrier& carrier : kCarriers) {
      const SideTask at = task(kWorker);
      const std::string plain = carrier.kind.make(honest(sim::moved(kPlaceOfTask, 11.3, 2.9)));
      const std::string key = uploaded(at, carrier.plant(plain), kWorker, "result", carrier.kind.type).key;
      submit(at, {key}, kWorker);
      photos.emplace_back(fmt::format("a photo ({}) with {}", carrier.kind.type, carrier.what), at);
    }
    await_inspections(client_);
    for (const auto& [what, at] : photos) expect_nothing_told(what, at, kWorker);
  }
};

}  // namespace

void check_photo_metadata(const SafetyStage& stage) {
  PhotoMetadata(stage).run();
}

}  // namespace loadgen
