// A migrated private database with one legal story of each kind, copied for every test that plants a
// violation in it.
#pragma once

#include <string>

namespace gate_test {

// Whether the copy has its CHECK and UNIQUE constraints.
enum class Guards { dropped, kept };

// A fresh copy of the clean database, dropped with the object. Statements run with triggers off
// (session_replication_role = replica), as a database would look whose guards were missing.
class AuditDatabase {
 public:
  explicit AuditDatabase(Guards guards = Guards::dropped);
  ~AuditDatabase();
  AuditDatabase(const AuditDatabase&) = delete;
  AuditDatabase& operator=(const AuditDatabase&) = delete;

  const std::string& url() const { return url_; }
  // Triggers and foreign keys are off.
  void plant(const std::string& sql) const;

 private:
  std::string name_, url_;
};

// Identifiers of the story: user(0) poster, user(1) worker, user(2) admin; task(n), escrow(n)...
std::string user(int n);
std::string task(int n);
std::string escrow(int n);
std::string proof(int n);
std::string dispute(int n);

}  // namespace gate_test
