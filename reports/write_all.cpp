#include "reports/write_all.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <string>

#include "loadgen/histogram_log.h"
#include "reports/html.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/markdown.h"

namespace reports {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(std::string_view what, const fs::path& path, int error) {
  throw std::runtime_error(fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(error)));
}

void make_dir(const fs::path& dir) {
  std::error_code error;
  fs::create_directories(dir, error);
  if (error) fail("make folder", dir, error.value());
}

class TempFile {  // removed unless it was renamed to its final name
 public:
  explicit TempFile(fs::path final_name)
      : final_(std::move(final_name)),
        temp_(final_.parent_path() / fmt::format(".{}.{}", final_.filename().string(), getpid())),
        fd_(open(temp_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644)) {
    if (fd_ < 0) fail("write", final_, errno);
  }
  ~TempFile() {
    if (fd_ >= 0) close(fd_);
    if (!renamed_) unlink(temp_.c_str());
  }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;

  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = ::write(fd_, text.data(), text.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) fail("write", final_, n < 0 ? errno : ENOSPC);
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void commit() {
    if (close(std::exchange(fd_, -1)) != 0) fail("write", final_, errno);
    if (std::rename(temp_.c_str(), final_.c_str()) != 0) fail("write", final_, errno);
    renamed_ = true;
  }

 private:
  fs::path final_, temp_;
  int fd_;
  bool renamed_ = false;
};

double epoch_seconds(const std::string& iso) {  // 0 when the text is not ISO 8601
  std::tm utc{};
  if (strptime(iso.c_str(), "%Y-%m-%dT%H:%M:%S", &utc) == nullptr) return 0;
  return static_cast<double>(timegm(&utc));
}

std::string histogram_log(const loadgen::Run& run) {
  std::string out = loadgen::log_header(epoch_seconds(run.started_utc));
  for (const auto& [tag, payload] : run.histograms) {
    const auto histogram = loadgen::decode_histogram(payload);
    if (histogram) out += loadgen::log_line(tag, 0, run.seconds, histogram->max(), payload);
  }
  return out;
}

void link_latest(const fs::path& dir) {
  const fs::path latest = dir.parent_path() / "latest";
  if (fs::exists(fs::symlink_status(latest)) && !fs::is_symlink(fs::symlink_status(latest)))
    return;  // not ours
  const fs::path temp = dir.parent_path() / fmt::format(".latest.{}", getpid());
  unlink(temp.c_str());
  if (symlink(dir.filename().c_str(), temp.c_str()) != 0) fail("link", latest, errno);
  if (std::rename(temp.c_str(), latest.c_str()) != 0) {
    const int error = errno;
    unlink(temp.c_str());
    fail("link", latest, error);
  }
}

bool named_like_a_run(const std::string& name) {  // 20260102T030405Z-gate-42
  return name.size() > 17 && name[8] == 'T' && name[15] == 'Z' && name[16] == '-' &&
         std::all_of(name.begin(), name.begin() + 8, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

fs::path make_out_dir(const fs::path& base, std::string_view command, std::uint64_t seed) {
  make_dir(base);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const std::string name = fmt::format("{:%Y%m%dT%H%M%SZ}-{}-{}",
                                       fmt::gmtime(std::chrono::system_clock::to_time_t(now)), command, seed);
  for (int n = 1;; ++n) {
    const fs::path dir = base / (n == 1 ? name : fmt::format("{}-{}", name, n));
    std::error_code error;
    if (fs::create_directory(dir, error)) return dir;
    if (error) fail("make folder", dir, error.value());
  }
}

void check_out_dir(const fs::path& base) {
  make_dir(base);
  TempFile(base / "probe").write("x");
}

void write_file(const fs::path& path, std::string_view text) {
  TempFile file(path);
  file.write(text);
  file.commit();
}

void write_all(const loadgen::Run& run, const fs::path& given) {
  const fs::path dir = given.has_filename() ? given : given.parent_path();
  make_dir(dir);
  write_file(dir / "report.json", report_json(run));
  if (!run.findings.empty()) make_dir(dir / "findings");
  for (std::size_t i = 0; i < run.findings.size(); ++i) {
    write_file(dir / "findings" / fmt::format("{}.json", i + 1), finding_json(run.findings[i]));
  }
  write_file(dir / "junit.xml", junit_xml(run, dir));
  write_file(dir / "summary.md", markdown_summary(run, dir));
  write_file(dir / "histograms.hlog", histogram_log(run));
  write_file(dir / "report.html", html_report(run, dir));
  link_as_latest(dir);
}

void link_as_latest(const fs::path& dir) {
  if (named_like_a_run(dir.filename().string())) link_latest(dir);
}

}  // namespace reports
