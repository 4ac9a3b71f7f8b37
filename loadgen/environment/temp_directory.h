// A directory that is gone when we are gone. The destructor removes it; when this process is killed before
// that, a watchdog (a few lines of sh in a session of its own, waiting for the end of a pipe that only we
// hold) does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "loadgen/environment/children.h"

namespace loadgen {

class TempDirectory {
 public:
  // PARENT/hustle-XXXXXX with mode 0700, owned by `owner` if given. Throws EnvironmentError 3.
  explicit TempDirectory(const std::string& parent, std::optional<Account> owner = std::nullopt);
  ~TempDirectory();
  TempDirectory(TempDirectory&& other) noexcept;
  TempDirectory& operator=(TempDirectory&&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int alive_ = -1;  // write end of the watchdog's pipe
  std::optional<Child> watchdog_;
};

// Free bytes of the file system that holds the directory; 0 when it cannot be used.
std::uint64_t free_bytes(const std::string& directory);

}  // namespace loadgen
