// Reads a JSON object of the control API. The first thing that is wrong is kept and named; readers then
// return defaults, so that a handler reads everything and asks once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace sim::providers {

struct FieldProblem {
  std::string field, message;
};

class Fields {
 public:
  explicit Fields(std::string_view body);  // "" stands for {}
  Fields(Fields&&) noexcept;
  ~Fields();

  bool has(const char* name) const;                          // present and not null
  std::string text(const char* name);                        // required
  std::string text(const char* name, std::string fallback);  // optional
  std::int64_t integer(const char* name, std::int64_t low, std::int64_t high, std::int64_t fallback);
  bool flag(const char* name, bool fallback);
  int percent(const char* name);                     // 0..100, or true for 100; 0 when absent
  std::vector<std::string> texts(const char* name);  // required
  Fields object(const char* name);                   // {} when absent; report its problem with adopt()
  std::string object_text(const char* name);         // an object as JSON text, "" when absent

  void reject(std::string field, std::string message);
  void adopt(const Fields& inner, std::string_view prefix);
  // Also complains about members that nobody has read.
  std::optional<FieldProblem> problem() const;

 private:
  explicit Fields(std::unique_ptr<nlohmann::json> value);
  const nlohmann::json* member(const char* name);

  std::unique_ptr<nlohmann::json> value_;
  std::vector<std::string> read_;
  std::optional<FieldProblem> problem_;
};

}  // namespace sim::providers
