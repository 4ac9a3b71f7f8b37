#include "loadgen/side/json_lines.h"

#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace loadgen {
namespace {

using nlohmann::json;

constexpr int kPromise = 0, kFulfilled = 0;
constexpr int kDeepest = 16;  // promises inside promises; the library nests three

// Chunks by their number: [number, status, value].
using Chunks = std::map<int, json>;

// [[value], [key, kind, chunk]…]: a key of null replaces the whole value, another one the member of its name.
// Throws json::exception or std::runtime_error.
json resolve(const json& encoded, const Chunks& chunks, int depth) {
  if (depth > kDeepest) throw std::runtime_error("nested too deep");
  const json& head = encoded.at(0);
  json value = head.empty() ? json() : head.at(0);
  for (std::size_t i = 1; i < encoded.size(); ++i) {
    const json& definition = encoded.at(i);
    if (definition.at(1) != kPromise) throw std::runtime_error("an iterable, where a call has one answer");
    const json& chunk = chunks.at(definition.at(2).get<int>());
    if (chunk.at(1) != kFulfilled) throw std::runtime_error("a promise that was broken");
    json kept = resolve(chunk.at(2), chunks, depth + 1);
    if (definition.at(0).is_null()) {
      value = std::move(kept);
    } else {
      value[definition.at(0).get<std::string>()] = std::move(kept);
    }
  }
  return value;
}

std::vector<std::string> read(std::string_view body) {
  json head;
  Chunks chunks;
  for (std::size_t from = 0; from < body.size();) {
    const std::size_t end = body.find('\n', from);
    if (end == body.npos) throw std::runtime_error("a line without an end");
    const json line = json::parse(body.substr(from, end - from));
    if (from == 0) {
      head = line;
    } else {
      chunks[line.at(0).get<int>()] = line;
    }
    from = end + 1;
  }
  std::vector<std::string> answers;
  answers.reserve(head.size());
  for (std::size_t i = 0; i < head.size(); ++i)
    answers.push_back(resolve(head.at(std::to_string(i)), chunks, 0).dump());
  return answers;
}

}  // namespace

std::optional<std::vector<std::string>> read_json_lines(std::string_view body) {
  try {
    std::vector<std::string> answers = read(body);
    if (answers.empty()) return std::nullopt;
    return answers;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace loadgen
