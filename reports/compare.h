// Two sets of load runs side by side: how percentiles and throughput changed, how sure that is, and whether
// it is a regression. Intervals are distribution-free (order statistics on the effective number of samples),
// hold for all figures of a comparison together (Bonferroni), and with several runs on each side they are at
// least as wide as the runs differ among themselves.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/histogram.h"

namespace reports {

struct Latencies {  // of the successes of one procedure
  loadgen::Histogram histogram;
  // By percentile ("p99"): how many independent samples they are worth, since neighbours in a queue are
  // alike. Not named: as many as there are.
  std::map<std::string, double> effective;
};

struct LoadRun {  // what one report of `hustle load` tells of its measured phases
  std::string name;
  std::map<std::string, Latencies> procedures;
  std::vector<double> ok_per_second;   // whole seconds only
  bool valid = true, complete = true;  // as the run judged itself
};

// `path`: a run's folder, or its report.json. The error is one line that names the file and what was
// expected.
std::expected<LoadRun, std::string> read_load_run(const std::filesystem::path& path);

enum class Change : std::uint8_t { better, worse, no_evidence };
std::string_view change_name(Change change);

struct Compared {
  std::string procedure;
  std::string figure;            // "p50", "p99.9", "throughput"
  double before = 0, after = 0;  // µs, or per second
  double change = 0;             // after / before - 1
  double low = 0, high = 0;      // its interval
  Change verdict = Change::no_evidence;
  bool regression = false;  // worse, and by more than the tolerance
  std::string note;         // why there is no interval; empty otherwise
};

struct CompareOptions {
  double tolerance = 0.05;   // a worsening up to this is told but is no regression
  double confidence = 0.95;  // that all intervals hold together
};

struct Comparison {
  std::vector<Compared> figures;
  std::vector<std::string> remarks;  // what a reader must know: single runs, runs that are not valid
  bool regression() const;
  bool valid = true;  // false: a run was not a valid measurement
};

// Both sides need at least one run; runs of the same position are pairs (A B B A).
Comparison compare(const std::vector<LoadRun>& before, const std::vector<LoadRun>& after,
                   const CompareOptions& options);

std::string comparison_text(const Comparison& comparison);
std::string comparison_json(const Comparison& comparison, const CompareOptions& options, int exit_code);

}  // namespace reports
