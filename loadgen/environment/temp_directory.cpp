#include "loadgen/environment/temp_directory.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "loadgen/environment/error.h"

namespace loadgen {
namespace {

// Postgres may still be writing its last files while the directory is removed, hence the repetition. A
// postmaster normally got its signal from the kernel when we died; its pid file is the second way to find it.
constexpr const char* watchdog_script = R"(
trap '' HUP INT TERM QUIT
read -r nothing
tries=0
while [ -e "$1" ] && [ $tries -lt 100 ]; do
  [ ! -f "$1/data/postmaster.pid" ] || { read -r postmaster < "$1/data/postmaster.pid" && kill -QUIT "$postmaster"; }
  rm -rf -- "$1"
  [ ! -e "$1" ] || sleep 0.1
  tries=$((tries + 1))
done 2>/dev/null
)";

}  // namespace

TempDirectory::TempDirectory(const std::string& parent, std::optional<Account> owner)
    : path_(parent + "/hustle-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) {
    throw EnvironmentError(3, "cannot make a directory in " + parent + ": " + std::strerror(errno));
  }
  int ends[2];
  if ((owner && chown(path_.c_str(), owner->user, owner->group) != 0) || pipe2(ends, O_CLOEXEC) != 0) {
    const std::string reason = std::strerror(errno);
    std::filesystem::remove(path_);
    throw EnvironmentError(3, "cannot prepare the directory " + path_ + ": " + reason);
  }
  alive_ = ends[1];
  ChildOptions options;
  options.command = {"/bin/sh", "-c", watchdog_script, "hustle-watchdog", path_};
  options.input = ends[0];
  options.output = ends[0];  // it says nothing; a pipe of ours would only be one more descriptor
  options.parent_death_signal = 0;
  watchdog_.emplace(std::move(options));
  close(ends[0]);
}

TempDirectory::TempDirectory(TempDirectory&& other) noexcept
    : path_(std::move(other.path_)), alive_(other.alive_), watchdog_(std::move(other.watchdog_)) {
  other.path_.clear();
  other.alive_ = -1;
  other.watchdog_.reset();
}

TempDirectory::~TempDirectory() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
  if (alive_ >= 0) close(alive_);
  if (watchdog_) watchdog_->wait(std::chrono::seconds{15});
}

std::uint64_t free_bytes(const std::string& directory) {
  struct statvfs info{};
  if (access(directory.c_str(), W_OK | X_OK) != 0 || statvfs(directory.c_str(), &info) != 0) return 0;
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

}  // namespace loadgen
