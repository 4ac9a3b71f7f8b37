// The HDR histogram and its log, against the vectors of protocols.md §8.4 and against a sorted list of
// values.
#include "loadgen/histogram.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "loadgen/histogram_log.h"

namespace {

using loadgen::Histogram;

std::string hex(std::string_view bytes) {
  std::string out;
  for (const unsigned char c : bytes) {
    out += "0123456789abcdef"[c >> 4];
    out += "0123456789abcdef"[c & 15];
  }
  return out;
}

TEST(histogram, empty) {
  const Histogram h;
  EXPECT_EQ(h.count(), 0u);
  EXPECT_EQ(h.min(), 0);
  EXPECT_EQ(h.max(), 0);
  EXPECT_EQ(h.mean(), 0);
  EXPECT_EQ(h.at_percentile(99), 0);
}

TEST(histogram, index_formula_of_the_spec) {
  EXPECT_EQ(Histogram::bucket_of(0), 0u);
  EXPECT_EQ(Histogram::bucket_of(2047), 2047u);
  EXPECT_EQ(Histogram::bucket_of(2048), 2048u);
  EXPECT_EQ(Histogram::bucket_of(2049), 2048u);
  EXPECT_EQ(Histogram::bucket_of(4096), 3072u);
  EXPECT_EQ(Histogram::bucket_of(Histogram::kHighest), 23220u);
}

TEST(histogram, every_bucket_holds_its_ends_and_nothing_else) {
  std::int64_t next = 0;
  for (std::size_t b = 0; b < Histogram().buckets().size(); ++b) {
    ASSERT_EQ(Histogram::bucket_lowest(b), next) << b;
    ASSERT_EQ(Histogram::bucket_of(Histogram::bucket_lowest(b)), b);
    if (Histogram::bucket_highest(b) <= Histogram::kHighest) {
      ASSERT_EQ(Histogram::bucket_of(Histogram::bucket_highest(b)), b);
    }
    next = Histogram::bucket_highest(b) + 1;
  }
  EXPECT_GT(next, Histogram::kHighest);
}

TEST(histogram, clamps_instead_of_failing) {
  Histogram h;
  h.record(-5);
  h.record(INT64_MAX);
  h.record(7, 0);
  EXPECT_EQ(h.count(), 2u);
  EXPECT_EQ(h.min(), 0);
  EXPECT_EQ(h.max(), Histogram::kHighest);
}

TEST(histogram, percentile_needs_no_extra_value) {
  Histogram h;
  for (int v = 1; v <= 1000; ++v) h.record(v);
  EXPECT_EQ(h.at_percentile(0), 1);
  EXPECT_EQ(h.at_percentile(50), 500);
  EXPECT_EQ(h.at_percentile(99), 990);
  EXPECT_EQ(h.at_percentile(99.9), 999);
  EXPECT_EQ(h.at_percentile(100), 1000);
  EXPECT_DOUBLE_EQ(h.mean(), 500.5);
  EXPECT_EQ(h.count_up_to(10), 10u);
}

RC_GTEST_PROP(histogram, agrees_with_a_sorted_list, ()) {
  const auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(
      rc::gen::inRange<std::int64_t>(0, Histogram::kHighest + 1)));
  Histogram h;
  for (const std::int64_t v : values) h.record(v);
  auto sorted = values;
  std::ranges::sort(sorted);
  RC_ASSERT(h.min() == sorted.front());
  RC_ASSERT(h.max() == sorted.back());
  for (const double p : {1.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
    const auto rank =
        static_cast<std::size_t>(std::ceil(p / 100 * static_cast<double>(sorted.size()) - 1e-9));
    const std::int64_t exact = sorted[std::max<std::size_t>(rank, 1) - 1];
    const std::int64_t got = h.at_percentile(p);
    RC_ASSERT(got >= exact);
    RC_ASSERT(static_cast<double>(got) <= static_cast<double>(exact) * 1.001 + 0.5);
  }
}

RC_GTEST_PROP(histogram, merge_loses_nothing, ()) {
  const auto gen = rc::gen::container<std::vector<std::int64_t>>(
      rc::gen::inRange<std::int64_t>(0, Histogram::kHighest + 1));
  const auto left = *gen, right = *gen;
  Histogram a, b, both;
  for (const auto v : left) a.record(v), both.record(v);
  for (const auto v : right) b.record(v), both.record(v);
  a.merge(b);
  RC_ASSERT(a == both);
}

TEST(histogram_log, vector_of_the_spec) {
  Histogram h;
  h.record(1000);
  h.record(2000, 5);
  EXPECT_EQ(hex(loadgen::encode_plain(h)),
            "1c849313000000060000000000000003000000000000000100000000d693a4003ff0000000000000cf0f02cd0f0a");
  const auto read =
      loadgen::decode_histogram("HISTFAAAACZ4nJNpmSzMwMDAxgABzFCaEURcm7yEwf4DROA8P9NZfi4AdKoGUw==");
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, h);
}

TEST(histogram_log, empty_is_one_zero_byte) {
  const std::string plain = loadgen::encode_plain(Histogram());
  EXPECT_EQ(plain.size(), 41u);
  EXPECT_EQ(plain.back(), '\0');
  const auto read = loadgen::decode_histogram(loadgen::encode_histogram(Histogram()));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->count(), 0u);
}

RC_GTEST_PROP(histogram_log, round_trip, ()) {
  const auto values = *rc::gen::container<std::vector<std::int64_t>>(
      rc::gen::inRange<std::int64_t>(0, Histogram::kHighest + 1));
  const auto times = *rc::gen::inRange<std::uint64_t>(1, std::uint64_t{1} << 40);
  Histogram h;
  for (const auto v : values) h.record(v, times);
  const auto read = loadgen::decode_histogram(loadgen::encode_histogram(h));
  RC_ASSERT(read.has_value());
  RC_ASSERT(std::ranges::equal(read->buckets(), h.buckets()));
}

TEST(histogram_log, damaged_payloads_are_one_sentence) {
  Histogram h;
  h.record(123456);
  const std::string good = loadgen::encode_histogram(h);
  for (std::string bad :
       {std::string(), std::string("hello world"), std::string("HISTFAAA"), good.substr(0, good.size() - 8),
        std::string(good).replace(20, 1, "!"), std::string(good).replace(24, 8, "AAAAAAAA")}) {
    const auto read = loadgen::decode_histogram(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_FALSE(read.error().empty());
    EXPECT_EQ(read.error().find('\n'), std::string::npos);
  }
}

TEST(histogram_log, lines) {
  EXPECT_EQ(loadgen::log_header(1700000000),
            "#[Histogram log format version 1.3]\n"
            "#[BaseTime: 1700000000.000 (seconds since epoch)]\n"
            "#[StartTime: 1700000000.000 (seconds since epoch), Tue Nov 14 22:13:20 UTC 2023]\n"
            "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n");
  EXPECT_EQ(loadgen::log_line("booking.create", 0, 1, 173279, "HISTFAAA"),
            "Tag=booking.create,0.000,1.000,173.279,HISTFAAA\n");
  EXPECT_EQ(loadgen::log_line("a,b c\nd", 0, 1, 0, "H"), "Tag=a_b_c_d,0.000,1.000,0.000,H\n");
  EXPECT_EQ(loadgen::log_line("", 0, 1, 0, "H"), "0.000,1.000,0.000,H\n");
}

}  // namespace
