// The HdrHistogram log, format 1.3 with V2 payload, which the Java and JavaScript tools read
// (protocols.md §8.4). Times in a log line are seconds, the largest value is milliseconds.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "loadgen/histogram.h"

namespace loadgen {

// The payload: base64 of the compressed histogram, "HISTFAAA…". Bytes before compression: encode_plain.
std::string encode_histogram(const Histogram& histogram);
std::string encode_plain(const Histogram& histogram);

// Reads what encode_histogram or another writer of the format wrote; the error is one sentence. Only lowest =
// 1 and 3 digits are read. Sum, min and max come back as exact as the buckets are.
std::expected<Histogram, std::string> decode_histogram(std::string_view base64);

// The four opening lines of a log whose times count from `start_epoch_s`.
std::string log_header(double start_epoch_s);

// One line. A comma, space or line break in the tag would break the line apart and becomes '_'.
std::string log_line(std::string_view tag, double start_s, double length_s, std::int64_t max_us,
                     std::string_view payload);

}  // namespace loadgen
