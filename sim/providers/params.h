// Parameters of a Stripe request: form encoding with bracket paths, decoded to a flat map of canonical paths
// ("transfer_data[destination]", "expand[0]"). protocols.md §3.1.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::providers {

using Metadata = std::map<std::string, std::string, std::less<>>;

class Params {
 public:
  // Error: a sentence for the client. a[] counts up; a repeated path keeps its last value; everything after
  // "metadata[" up to the last bracket is one key, brackets included.
  static std::expected<Params, std::string> parse(std::string_view form);

  // nullptr when absent or empty: the empty string is how null is sent, and means "unset".
  const std::string* find(std::string_view path) const;
  std::string text(std::string_view path) const;  // "" when absent
  bool flag(std::string_view path) const;         // "true"
  Metadata metadata() const;
  std::vector<std::string> list(std::string_view name) const;  // name[0], name[1], ...
  std::vector<std::string> top_level() const;                  // names before the first bracket, unique

  std::string fingerprint() const;  // equal for equal parameters, whatever their order

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

std::optional<std::int64_t> parse_integer(std::string_view text);  // whole text, decimal, no plus sign

}  // namespace sim::providers
