#include "sim/providers/params.h"

#include <charconv>

#include <fmt/core.h>

#include "net/request.h"
#include "net/sign.h"

namespace sim::providers {
namespace {

constexpr std::string_view kMetadata = "metadata[";

}  // namespace

std::expected<Params, std::string> Params::parse(std::string_view form) {
  const auto pairs = net::parse_form(form);
  if (!pairs) return std::unexpected("Invalid URL encoding in the parameters.");
  Params out;
  std::map<std::string, int> counters;  // next index of each "a[]"
  for (const auto& [key, value] : *pairs) {
    const std::size_t first = key.find('[');
    std::string path = key.substr(0, first);
    if (path.empty()) return std::unexpected(fmt::format("Invalid parameter name: {}", key));
    if (first != std::string::npos && key.back() != ']')
      return std::unexpected(fmt::format("Invalid parameter name: {}", key));
    if (key.starts_with(kMetadata)) {
      path = key;
    } else {
      for (std::size_t at = first; at < key.size();) {
        const std::size_t end = key.find(']', at);
        if (key[at] != '[' || end == std::string::npos)
          return std::unexpected(fmt::format("Invalid parameter name: {}", key));
        std::string segment = key.substr(at + 1, end - at - 1);
        if (segment.empty()) segment = std::to_string(counters[path]++);
        path += '[' + segment + ']';
        at = end + 1;
      }
    }
    out.values_.insert_or_assign(std::move(path), value);
  }
  return out;
}

const std::string* Params::find(std::string_view path) const {
  const auto found = values_.find(path);
  return found == values_.end() || found->second.empty() ? nullptr : &found->second;
}

std::string Params::text(std::string_view path) const {
  const std::string* value = find(path);
  return value == nullptr ? std::string() : *value;
}

bool Params::flag(std::string_view path) const {
  return text(path) == "true";
}

Metadata Params::metadata() const {
  Metadata out;
  for (auto at = values_.lower_bound(kMetadata); at != values_.end() && at->first.starts_with(kMetadata);
       ++at)
    if (!at->second.empty())
      out.emplace(at->first.substr(kMetadata.size(), at->first.size() - kMetadata.size() - 1), at->second);
  return out;
}

std::vector<std::string> Params::list(std::string_view name) const {
  std::vector<std::string> out;
  while (const std::string* value = find(fmt::format("{}[{}]", name, out.size()))) out.push_back(*value);
  return out;
}

std::vector<std::string> Params::top_level() const {
  std::vector<std::string> out;
  for (const auto& [path, value] : values_) {
    std::string name = path.substr(0, path.find('['));
    if (out.empty() || out.back() != name) out.push_back(std::move(name));
  }
  return out;
}

std::string Params::fingerprint() const {
  std::string all;
  for (const auto& [path, value] : values_) {
    all += fmt::format("{}:{}{}:{}", path.size(), path, value.size(), value);
  }
  return net::sha256(all);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace sim::providers
