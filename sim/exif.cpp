#include "sim/exif.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <vector>

namespace sim {
namespace {

using namespace std::string_literals;

std::string little(std::uint64_t value, int width) {
  std::string out;
  for (int i = 0; i < width; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}

struct Entry {
  enum Type : std::uint16_t { ascii = 2, long_number = 4, rational = 5 };
  std::uint16_t tag;
  Type type;
  std::string data;
};

std::size_t size_of(Entry::Type type) {
  return type == Entry::ascii ? 1 : type == Entry::long_number ? 4 : 8;
}

std::size_t size_of(const std::vector<Entry>& directory) {
  std::size_t size = 2 + 12 * directory.size() + 4;
  for (const Entry& entry : directory) size += entry.data.size() > 4 ? entry.data.size() : 0;
  return size;
}

// A TIFF directory that lies at `at`: its entries, then what does not fit into them.
std::string directory_at(std::size_t at, const std::vector<Entry>& directory) {
  std::string entries = little(directory.size(), 2);
  std::string rest;
  const std::size_t behind = at + 2 + 12 * directory.size() + 4;
  for (const Entry& entry : directory) {
    entries +=
        little(entry.tag, 2) + little(entry.type, 2) + little(entry.data.size() / size_of(entry.type), 4);
    if (entry.data.size() > 4) {
      entries += little(behind + rest.size(), 4);
      rest += entry.data;
    } else {
      entries += entry.data + std::string(4 - entry.data.size(), '\0');
    }
  }
  return entries + little(0, 4) + rest;
}

std::string date_text(model::Instant at) {
  const auto seconds = static_cast<std::time_t>(at.ms / model::kSecond);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y:%m:%d %H:%M:%S", &parts);
  return std::string(text.data()) + '\0';
}

std::string offset_text(int minutes) {
  const int size = std::abs(minutes);
  const auto two = [](int value) {
    return std::string{static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
  };
  return (minutes < 0 ? "-" : "+") + two(size / 60) + ":" + two(size % 60) + '\0';
}

// Degrees as one fraction, no minutes, no seconds.
std::string degrees(std::int32_t e7) {
  return little(static_cast<std::uint64_t>(std::abs(static_cast<std::int64_t>(e7))), 4) +
         little(10'000'000, 4) + little(0, 4) + little(1, 4) + little(0, 4) + little(1, 4);
}

std::vector<Entry> gps_directory(const model::GeoPoint& place) {
  return {{1, Entry::ascii, place.latitude_e7 < 0 ? "S\0"s : "N\0"s},
          {2, Entry::rational, degrees(place.latitude_e7)},
          {3, Entry::ascii, place.longitude_e7 < 0 ? "W\0"s : "E\0"s},
          {4, Entry::rational, degrees(place.longitude_e7)}};
}

}  // namespace

std::string exif_block(const ExifFacts& facts) {
  constexpr std::size_t kFirst = 8;
  const std::vector<Entry> photo{
      {0x9003, Entry::ascii, date_text(facts.captured + facts.zone_minutes * model::kMinute)},
      {0x9011, Entry::ascii, offset_text(facts.zone_minutes)}};
  std::vector<Entry> main;
  if (!facts.camera.empty()) main.push_back({0x0110, Entry::ascii, facts.camera + '\0'});
  if (!facts.software.empty()) main.push_back({0x0131, Entry::ascii, facts.software + '\0'});
  main.push_back({0x8769, Entry::long_number, little(0, 4)});
  if (facts.place.present()) main.push_back({0x8825, Entry::long_number, little(0, 4)});
  const std::size_t photo_at = kFirst + size_of(main);
  const std::size_t gps_at = photo_at + size_of(photo);
  for (Entry& entry : main) {
    if (entry.tag == 0x8769) entry.data = little(photo_at, 4);
    if (entry.tag == 0x8825) entry.data = little(gps_at, 4);
  }
  return "Exif\0\0II*\0"s + little(kFirst, 4) + directory_at(kFirst, main) + directory_at(photo_at, photo) +
         (facts.place.present() ? directory_at(gps_at, gps_directory(facts.place)) : ""s);
}

}  // namespace sim
