// A throw-away copy of a database's schema in the same cluster, without rows: for whoever must write where
// nothing may be written. The original is only read.
#pragma once

#include <string>

namespace loadgen {

// The connection string with another database name: "postgresql://u@h:1/a" and "b" -> "host=h port=1 user=u
// dbname=b". Throws EnvironmentError 2 when the string cannot be understood.
std::string with_database(const std::string& url, const std::string& database);

class DatabaseClone {
 public:
  // Schema by pg_dump into a fresh database (one in use cannot serve as template). Needs CREATEDB.
  // Throws EnvironmentError 3 with one line.
  explicit DatabaseClone(const std::string& url);
  ~DatabaseClone();  // drops it, with whatever is still connected
  DatabaseClone(DatabaseClone&& other) noexcept;
  DatabaseClone& operator=(DatabaseClone&&) = delete;

  const std::string& url() const { return url_; }

 private:
  void keep_search_path() const;
  std::string original_, name_, url_;
};

}  // namespace loadgen
