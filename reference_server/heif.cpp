#include "reference_server/heif.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace server {
namespace {

using namespace std::string_view_literals;

// Takes numbers and pieces from the front. Past the end it gives zeros and nothing, and is no longer good.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number(std::size_t width) {
    std::uint64_t value = 0;
    for (const char c : piece(width)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  std::string_view piece(std::uint64_t size) {
    if (size > rest_.size()) {
      good_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest() const { return rest_; }
  bool good() const { return good_; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

constexpr std::size_t kFlags = 3;  // of a full box, after its version

const Box* find(const std::vector<Box>& boxes, std::string_view type) {
  const auto found = std::ranges::find(boxes, type, &Box::type);
  return found == boxes.end() ? nullptr : &*found;
}

struct Item {
  std::uint64_t id = 0;
  std::string_view type;
};

// `iinf`: the items of the file with their types.
std::optional<std::vector<Item>> items_of(std::string_view iinf) {
  Reader info(iinf);
  const std::uint64_t version = info.number(1);
  info.piece(kFlags);
  info.number(version == 0 ? 2 : 4);  // how many; the boxes themselves tell
  const auto entries = boxes_of(info.rest());
  if (!info.good() || !entries) return std::nullopt;
  std::vector<Item> items;
  for (const Box& entry : *entries) {
    Reader item(entry.content);
    const std::uint64_t kind = item.number(1);
    item.piece(kFlags);
    if (entry.type != "infe" || kind < 2) continue;  // older entries have no type
    const std::uint64_t id = item.number(kind == 2 ? 2 : 4);
    item.number(2);  // protection
    items.push_back({id, item.piece(4)});
  }
  return items;
}

struct Place {
  bool in_idat = false;
  std::uint64_t offset = 0, length = 0;
};

// `iloc`: where the item lies; in how many pieces is its own affair. nullopt: not listed, or elsewhere.
std::optional<std::vector<Place>> places_of(std::string_view iloc, std::uint64_t wanted) {
  Reader reader(iloc);
  const std::uint64_t version = reader.number(1);
  reader.piece(kFlags);
  const std::uint64_t sizes = reader.number(2);  // four numbers of four bits
  const std::size_t offset_size = sizes >> 12 & 15, length_size = sizes >> 8 & 15;
  const std::size_t base_size = sizes >> 4 & 15, index_size = version == 0 ? 0 : sizes & 15;
  if (version > 2 || std::max({offset_size, length_size, base_size, index_size}) > 8) return std::nullopt;
  const std::size_t wide = version < 2 ? 2 : 4;
  for (std::uint64_t left = reader.number(wide); left > 0 && reader.good(); --left) {
    const std::uint64_t id = reader.number(wide);
    const std::uint64_t method = version == 0 ? 0 : reader.number(2) & 15;
    reader.number(2);  // the file that holds the data; only our own is read
    const std::uint64_t base = reader.number(base_size);
    const std::uint64_t extents = reader.number(2);
    const std::uint64_t each = index_size + offset_size + length_size;
    if (id != wanted) {
      reader.piece(extents * each);
      continue;
    }
    std::vector<Place> places;
    for (std::uint64_t i = 0; i < extents && reader.good(); ++i) {
      reader.number(index_size);
      Place place{.in_idat = method == 1, .offset = reader.number(offset_size)};
      place.length = reader.number(length_size);
      if (place.offset > UINT64_MAX - base) return std::nullopt;
      place.offset += base;
      places.push_back(place);
    }
    return reader.good() && method <= 1 ? std::optional(std::move(places)) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string_view> piece_at(std::string_view holder, const Place& place) {
  if (place.offset > holder.size()) return std::nullopt;
  Reader data(holder.substr(static_cast<std::size_t>(place.offset)));
  const std::string_view piece = place.length > 0 ? data.piece(place.length) : data.rest();  // 0: to the end
  return data.good() ? std::optional(piece) : std::nullopt;
}

// An Exif item begins with how far its TIFF header is from there.
std::optional<std::string_view> tiff_of(std::string_view item) {
  Reader data(item);
  data.piece(data.number(4));
  return data.good() && !data.rest().empty() ? std::optional(data.rest()) : std::nullopt;
}

// What the file says about its items; empty where it says nothing.
struct Directory {
  std::vector<Item> items;
  std::string_view places, idat;
};

std::optional<Directory> directory_of(std::string_view file) {
  const auto outer = boxes_of(file);
  const Box* const meta = outer ? find(*outer, "meta") : nullptr;
  if (meta == nullptr || meta->content.size() < 1 + kFlags) return std::nullopt;
  const auto inner = boxes_of(meta->content.substr(1 + kFlags));
  if (!inner) return std::nullopt;
  const auto content = [&](std::string_view type) {
    const Box* const box = find(*inner, type);
    return box == nullptr ? std::string_view() : box->content;
  };
  const Box* const info = find(*inner, "iinf");
  const auto items = info == nullptr ? std::optional(std::vector<Item>()) : items_of(info->content);
  if (!items) return std::nullopt;
  return Directory{*items, content("iloc"), content("idat")};
}

std::optional<std::vector<std::string_view>> bytes_of(std::string_view file, const Directory& directory,
                                                      const Item& item) {
  const auto places = places_of(directory.places, item.id);
  if (!places) return std::nullopt;
  std::vector<std::string_view> pieces;
  for (const Place& place : *places) {
    const auto piece = piece_at(place.in_idat ? directory.idat : file, place);
    if (!piece) return std::nullopt;
    pieces.push_back(*piece);
  }
  return pieces;
}

// Boxes that are needed whole to see the picture, and items that are pixels or say how to put them together.
// Of all others only the heads stay, so that nothing moves.
constexpr std::array kOuter{"ftyp"sv};
constexpr std::array kInner{"hdlr"sv, "pitm"sv, "iinf"sv, "iloc"sv, "iprp"sv, "iref"sv, "dinf"sv, "grpl"sv};
constexpr std::array kPixels{"hvc1"sv, "hev1"sv, "lhv1"sv, "avc1"sv, "av01"sv,
                             "jpeg"sv, "grid"sv, "iovl"sv, "tmap"sv};

void keep_boxes(std::string_view whole, const std::vector<Box>& boxes, std::span<const std::string_view> kept,
                std::vector<std::string_view>& needed) {
  const char* head = whole.data();
  for (const Box& box : boxes) {
    const char* const begin = box.content.data();
    const char* const end = begin + box.content.size();
    const bool keep = std::ranges::find(kept, box.type) != kept.end();
    needed.emplace_back(head, static_cast<std::size_t>((keep ? end : begin) - head));
    head = end;
  }
}

}  // namespace

std::optional<std::vector<Box>> boxes_of(std::string_view bytes) {
  constexpr std::uint64_t kLarge = 1;  // the length stands in eight bytes after the type
  std::vector<Box> boxes;
  while (!bytes.empty()) {
    Reader reader(bytes);
    std::uint64_t length = reader.number(4);
    const std::string_view type = reader.piece(4);
    if (length == kLarge) length = reader.number(8);
    const std::size_t head = bytes.size() - reader.rest().size();
    if (!reader.good() || length < head || length > bytes.size()) return std::nullopt;
    boxes.push_back({type, bytes.substr(head, static_cast<std::size_t>(length) - head)});
    bytes.remove_prefix(static_cast<std::size_t>(length));
  }
  return boxes;
}

std::optional<std::string_view> heif_exif(std::string_view file) {
  const auto directory = directory_of(file);
  if (!directory) return std::nullopt;
  const auto item = std::ranges::find(directory->items, "Exif", &Item::type);
  if (item == directory->items.end()) return std::nullopt;
  const auto bytes = bytes_of(file, *directory, *item);
  return bytes && bytes->size() == 1 ? tiff_of(bytes->front()) : std::nullopt;
}

std::optional<std::vector<std::string_view>> heif_needed(std::string_view file) {
  const auto directory = directory_of(file);
  const auto outer = boxes_of(file);
  if (!directory || !outer) return std::nullopt;
  std::vector<std::string_view> needed;
  keep_boxes(file, *outer, kOuter, needed);
  const std::string_view meta = find(*outer, "meta")->content;
  needed.push_back(meta.substr(0, 1 + kFlags));
  const std::string_view inner = meta.substr(1 + kFlags);
  keep_boxes(inner, *boxes_of(inner), kInner, needed);
  for (const Item& item : directory->items) {
    if (std::ranges::find(kPixels, item.type) == kPixels.end()) continue;
    const auto bytes = bytes_of(file, *directory, item);
    if (!bytes) return std::nullopt;
    needed.insert(needed.end(), bytes->begin(), bytes->end());
  }
  return needed;
}

}  // namespace server
