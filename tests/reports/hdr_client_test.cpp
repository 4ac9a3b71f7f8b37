// Our log read by the npm package that others read it with.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "loadgen/histogram_log.h"
#include "tests/reports/support.h"

namespace {

using loadgen::Histogram;
using nlohmann::json;
using reports_test::run_shell;
using reports_test::shell_quoted;

std::vector<json> read_with_npm(const std::filesystem::path& log) {
  const std::filesystem::path client = std::filesystem::path(HUSTLE_SOURCE_DIR) / "tests/clients/hdr";
  if (!std::filesystem::exists(client / "node_modules")) {
    const auto installed = run_shell("cd " + shell_quoted(client) + " && npm ci --no-audit --no-fund");
    if (installed.exit_code != 0) throw std::runtime_error("npm ci failed: " + installed.output);
  }
  const auto ran = run_shell("node " + shell_quoted(client / "read.mjs") + " " + shell_quoted(log));
  if (ran.exit_code != 0) throw std::runtime_error(ran.output);
  std::vector<json> out;
  std::istringstream lines(ran.output);
  for (std::string line; std::getline(lines, line);) out.push_back(json::parse(line));
  return out;
}

TEST(hdr_client, javascript_reads_what_we_wrote) {
  Histogram small, large, huge;
  small.record(1000);
  small.record(2000, 5);
  std::uint64_t state = 7;
  for (int i = 0; i < 20'000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    large.record(static_cast<std::int64_t>((state >> 33) % Histogram::kHighest));
  }
  huge.record(50, std::uint64_t{1} << 33);
  huge.record(Histogram::kHighest);

  std::string log = loadgen::log_header(1700000000);
  const std::vector<std::pair<std::string, const Histogram*>> all{
      {"task.accept", &small}, {"task.create", &large}, {"huge", &huge}};
  for (const auto& [tag, h] : all) log += loadgen::log_line(tag, 0, 12.5, h->max(), encode_histogram(*h));
  log += loadgen::log_line("nothing", 0, 12.5, 0, encode_histogram(Histogram()));

  const reports_test::TempDir dir;
  reports_test::write(dir.path / "histograms.hlog", log);
  const auto read = read_with_npm(dir.path / "histograms.hlog");
  ASSERT_EQ(read.size(), 4u);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Histogram& h = *all[i].second;
    EXPECT_EQ(read[i]["tag"], all[i].first);
    EXPECT_EQ(read[i]["count"].get<std::uint64_t>(), h.count());
    EXPECT_EQ(read[i]["start_ms"], 1700000000000.0);
    EXPECT_EQ(read[i]["end_ms"], 1700000012500.0);
    // Their percentiles are the top of the bucket; ours never pass the largest value.
    for (const auto& [key, percent] :
         {std::pair{"p50", 50.0}, {"p90", 90.0}, {"p99", 99.0}, {"p999", 99.9}}) {
      const auto theirs = read[i][key].get<std::int64_t>();
      EXPECT_EQ(Histogram::bucket_of(std::min(theirs, Histogram::kHighest)),
                Histogram::bucket_of(h.at_percentile(percent)))
          << all[i].first << ' ' << key;
    }
    const auto max = read[i]["max"].get<std::int64_t>();
    EXPECT_EQ(max, Histogram::bucket_highest(Histogram::bucket_of(h.max())));
  }
  EXPECT_EQ(read[3]["count"], 0);
}

}  // namespace
