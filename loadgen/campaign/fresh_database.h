// An empty database in the cluster that is being judged, for what must not touch the one that is driven.
#pragma once

#include <string>
#include <string_view>

namespace loadgen {

class FreshDatabase {
 public:
  // `url`: a database of the cluster whose user may create another; `name`: unlike any other of this process.
  // Throws what libpqxx throws.
  FreshDatabase(const std::string& url, std::string_view name);
  ~FreshDatabase();  // drops it, if the cluster is still there
  FreshDatabase(const FreshDatabase&) = delete;
  FreshDatabase& operator=(const FreshDatabase&) = delete;
  const std::string& url() const { return url_; }

 private:
  bool drop();
  void execute(const std::string& sql);
  std::string original_, name_, url_;
};

}  // namespace loadgen
