#include "loadgen/histogram_log.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <ctime>
#include <stdexcept>

namespace loadgen {
namespace {

constexpr std::uint32_t kOuterCookie = 0x1c849314;
constexpr std::uint32_t kInnerCookie = 0x1c849313;
constexpr std::size_t kInnerHeader = 40;
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void put_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint64_t get_big_endian(std::string_view in, std::size_t at, int bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(in[at + i]);
  return value;
}

// ZigZag LEB128 in the 64b9B variant: at most nine bytes, the ninth carries eight full bits.
void put_zigzag(std::string& out, std::int64_t signed_value) {
  std::uint64_t value =
      static_cast<std::uint64_t>(signed_value) << 1 ^ static_cast<std::uint64_t>(signed_value >> 63);
  for (int i = 0; i < 8; ++i) {
    if (value < 0x80) {
      out += static_cast<char>(value);
      return;
    }
    out += static_cast<char>((value & 0x7f) | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

std::int64_t get_zigzag(std::string_view in, std::size_t& at) {  // past the end counts as zero bytes
  std::uint64_t value = 0;
  for (int i = 0; i < 9 && at < in.size(); ++i) {
    const auto byte = static_cast<unsigned char>(in[at++]);
    value |= static_cast<std::uint64_t>(i == 8 ? byte : byte & 0x7f) << (7 * i);
    if (i < 8 && byte < 0x80) break;
  }
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

std::string base64(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < have ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) out += k <= have ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::expected<std::string, std::string> unbase64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string out;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::unexpected("not base64");
    group = group << 6 | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits >= 8) out += static_cast<char>(group >> (bits -= 8) & 0xff);
  }
  return out;
}

std::string compress(std::string_view plain) {
  uLongf size = compressBound(static_cast<uLong>(plain.size()));
  std::string out(size, '\0');
  if (::compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(plain.data()),
                 static_cast<uLong>(plain.size())) != Z_OK) {
    throw std::runtime_error("zlib refused to compress a histogram");
  }
  out.resize(size);
  return out;
}

// A histogram of ours needs at most nine bytes a bucket; more is not one of ours.
std::expected<std::string, std::string> inflate(std::string_view packed) {
  std::string out(kInnerHeader + 9 * Histogram().buckets().size() + 9, '\0');
  uLongf size = out.size();
  if (uncompress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(packed.data()),
                 static_cast<uLong>(packed.size())) != Z_OK) {
    return std::unexpected("compressed part is damaged");
  }
  out.resize(size);
  return out;
}

std::expected<Histogram, std::string> read_counts(std::string_view counts) {
  Histogram out;
  std::size_t bucket = 0;
  for (std::size_t at = 0; at < counts.size();) {
    const std::int64_t value = get_zigzag(counts, at);
    const std::size_t room = out.buckets().size() - bucket;
    if (value < 0) {
      if (static_cast<std::uint64_t>(-(value + 1)) >= room) return std::unexpected("values above one hour");
      bucket += static_cast<std::size_t>(-value);
      continue;
    }
    if (room == 0) return std::unexpected("values above one hour");
    out.record(std::min(Histogram::bucket_highest(bucket), Histogram::kHighest),
               static_cast<std::uint64_t>(value));
    ++bucket;
  }
  return out;
}

}  // namespace

std::string encode_plain(const Histogram& histogram) {
  const auto buckets = histogram.buckets();
  const std::size_t used = histogram.count() == 0 ? 1 : Histogram::bucket_of(histogram.max()) + 1;
  std::string counts;
  for (std::size_t i = 0; i < used;) {
    std::size_t zeros = 0;
    while (i + zeros < used && buckets[i + zeros] == 0) ++zeros;
    if (zeros > 1) {
      put_zigzag(counts, -static_cast<std::int64_t>(zeros));
      i += zeros;
    } else {
      put_zigzag(counts, static_cast<std::int64_t>(buckets[i++]));
    }
  }
  std::string out;
  put_big_endian(out, kInnerCookie, 4);
  put_big_endian(out, counts.size(), 4);
  put_big_endian(out, 0, 4);  // normalizing index offset
  put_big_endian(out, Histogram::kDigits, 4);
  put_big_endian(out, 1, 8);  // lowest discernible value
  put_big_endian(out, static_cast<std::uint64_t>(Histogram::kHighest), 8);
  put_big_endian(out, std::bit_cast<std::uint64_t>(1.0), 8);
  return out + counts;
}

std::string encode_histogram(const Histogram& histogram) {
  const std::string packed = compress(encode_plain(histogram));
  std::string out;
  put_big_endian(out, kOuterCookie, 4);
  put_big_endian(out, packed.size(), 4);
  return base64(out + packed);
}

std::expected<Histogram, std::string> decode_histogram(std::string_view text) {
  const auto bytes = unbase64(text);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->size() < 8 || get_big_endian(*bytes, 0, 4) != kOuterCookie) {
    return std::unexpected("not a compressed V2 histogram");
  }
  if (get_big_endian(*bytes, 4, 4) != bytes->size() - 8) return std::unexpected("cut short");
  const auto plain = inflate(std::string_view(*bytes).substr(8));
  if (!plain) return std::unexpected(plain.error());
  if (plain->size() < kInnerHeader || get_big_endian(*plain, 0, 4) != kInnerCookie) {
    return std::unexpected("not a V2 histogram");
  }
  if (get_big_endian(*plain, 4, 4) != plain->size() - kInnerHeader) return std::unexpected("cut short");
  if (get_big_endian(*plain, 12, 4) != Histogram::kDigits || get_big_endian(*plain, 16, 8) != 1) {
    return std::unexpected("only 3 digits from 1 upwards are read");
  }
  return read_counts(std::string_view(*plain).substr(kInnerHeader));
}

std::string log_header(double start_epoch_s) {
  const auto whole = static_cast<std::time_t>(std::floor(start_epoch_s));
  std::tm utc{};
  gmtime_r(&whole, &utc);
  static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string date =
      fmt::format("{} {} {:02} {:02}:{:02}:{:02} UTC {}", kDays[utc.tm_wday], kMonths[utc.tm_mon],
                  utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, utc.tm_year + 1900);
  return fmt::format(
      "#[Histogram log format version 1.3]\n"
      "#[BaseTime: {0:.3f} (seconds since epoch)]\n"
      "#[StartTime: {0:.3f} (seconds since epoch), {1}]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
      start_epoch_s, date);
}

std::string log_line(std::string_view tag, double start_s, double length_s, std::int64_t max_us,
                     std::string_view payload) {
  std::string clean(tag);
  std::ranges::replace_if(clean, [](unsigned char c) { return c <= ' ' || c == ','; }, '_');
  const std::string prefix = clean.empty() ? "" : "Tag=" + clean + ",";
  return fmt::format("{}{:.3f},{:.3f},{:.3f},{}\n", prefix, start_s, length_s,
                     static_cast<double>(max_us) / 1000, payload);
}

}  // namespace loadgen
