#include "reference_server/trpc.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>

#include "model/vocabulary/limits.h"

namespace server {
namespace {

using model::Code;
using model::Kind;
using Json = nlohmann::json;

constexpr std::string_view kPing = "health.ping";

net::Response json_response(int status, std::string body, std::string_view type = "application/json") {
  net::Response response;
  response.status = status;
  response.headers.add("content-type", std::string(type));
  response.headers.add("vary", "trpc-accept, accept");
  response.body = std::move(body);
  return response;
}

net::Response whole_failure(const Refusal& refusal) {
  Answer answer = failure(refusal, "");
  return json_response(answer.status, std::move(answer.body));
}

// GET always carries its input in the URL; everything else must be JSON (protocols.md §1.5).
std::optional<net::Response> content_type_trouble(const net::Request& request) {
  if (request.method == "GET") return std::nullopt;
  const std::string* type = request.headers.find("content-type");
  if (type != nullptr && type->starts_with("application/json")) return std::nullopt;
  // The unbalanced quote is what the real library sends.
  const std::string message =
      type == nullptr ? "Missing content-type header" : "Unsupported content-type \"" + type->substr(0, 100);
  Answer answer = failure(refuse(Code::unsupported_media_type, "", message), "");
  return json_response(answer.status, std::move(answer.body), "text/plain;charset=UTF-8");
}

bool asks_for_stream(const net::Request& request) {
  for (const std::string_view name : {"trpc-accept", "accept"}) {
    const std::string* value = request.headers.find(name);
    if (value != nullptr && value->find("application/jsonl") != std::string::npos) return true;
  }
  return false;
}

std::vector<std::string> split_paths(const std::string& path, bool batch) {
  std::vector<std::string> paths;
  std::size_t begin = 0;
  while (batch) {
    const auto comma = path.find(',', begin);
    paths.push_back(path.substr(begin, comma - begin));
    if (comma == std::string::npos) return paths;
    begin = comma + 1;
  }
  return {path};
}

Call route(std::string path, const std::string& method, std::string& allow) {
  Call call;
  call.path = std::move(path);
  call.procedure = model::find_procedure(call.path);
  call.ping = call.path == kPing;
  if (call.procedure == nullptr && !call.ping) {
    call.unroutable = refuse(Code::not_found, "", "No procedure found on path \"" + call.path + "\"");
    return call;
  }
  const bool query = call.ping || call.procedure->kind == Kind::query;
  if (method != (query ? "GET" : "POST")) {
    allow = query ? "GET" : "POST";
    call.unroutable = refuse(Code::method_not_supported, "",
                             "Unsupported " + method + "-request to " + (query ? "query" : "mutation") +
                                 " procedure at path \"" + call.path + "\"");
  }
  return call;
}

std::optional<Refusal> mixed_kinds(const std::vector<Call>& calls) {
  std::string kinds;
  std::set<Kind> seen;
  for (const Call& call : calls) {
    if (call.procedure == nullptr || !seen.insert(call.procedure->kind).second) continue;
    kinds +=
        std::string(kinds.empty() ? "" : ", ") + (call.procedure->kind == Kind::query ? "query" : "mutation");
  }
  if (seen.size() < 2) return std::nullopt;
  return refuse(Code::validation_error, "", "Cannot mix procedure types in call: " + kinds);
}

// The JSON text that carries the inputs; nullopt: none. An empty text counts as none.
std::optional<std::string> input_text(const net::Request& request, std::optional<Refusal>& trouble) {
  if (request.method != "GET") {
    return request.body.empty() ? std::nullopt : std::optional(request.body);
  }
  const auto encoded = request.query("input");
  if (!encoded || encoded->empty()) return std::nullopt;
  std::string spaced(*encoded);
  std::ranges::replace(spaced, '+', ' ');
  auto text = net::percent_decode(spaced);
  if (!text) trouble = refuse(Code::validation_error, "input", "The input is not properly URL-encoded.");
  return text;
}

int depth_of(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && (text[i] == '{' || text[i] == '[')) {
      deepest = std::max(deepest, ++depth);
    } else if (!quoted && (text[i] == '}' || text[i] == ']')) {
      --depth;
    }
  }
  return deepest;
}

std::optional<Refusal> share_batch(const std::string& text, std::vector<Call>& calls) {
  if (depth_of(text) > model::limits::kJsonDepthMax + 1) {
    return refuse(Code::validation_error, "input", "The input is nested too deep.");
  }
  try {
    const Json inputs = Json::parse(text);
    if (!inputs.is_object()) {
      return refuse(Code::validation_error, "input",
                    "\"input\" needs to be an object when doing a batch call");
    }
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const auto found = inputs.find(std::to_string(i));
      if (found != inputs.end()) calls[i].input = found->dump();
    }
    return std::nullopt;
  } catch (const Json::parse_error& error) {
    const std::string_view words = error.what();
    const auto end = words.find("] ");
    return refuse(Code::validation_error, "input",
                  std::string(words.substr(end == words.npos ? 0 : end + 2)));
  }
}

void share_inputs(const net::Request& request, Calls& calls) {
  std::optional<Refusal> trouble;
  auto text = input_text(request, trouble);
  if (!trouble && text && calls.batch) trouble = share_batch(*text, calls.calls);
  if (!calls.batch) calls.calls.front().input = std::move(text);
  if (!trouble) return;
  for (Call& call : calls.calls) call.malformed = trouble;
}

}  // namespace

bool is_trpc(const net::Request& request) {
  const auto path = request.path();
  return path.starts_with(kTrpcBase) && (path.size() == kTrpcBase.size() || path[kTrpcBase.size()] == '/');
}

Calls take_apart(const net::Request& request) {
  Calls result;
  if (request.method == "HEAD") {
    result.immediate = net::Response{.status = 204, .headers = {}, .body = {}};
    return result;
  }
  if ((result.immediate = content_type_trouble(request))) return result;
  std::string_view encoded = request.path();
  encoded.remove_prefix(std::min(encoded.size(), kTrpcBase.size() + 1));
  const auto path = net::percent_decode(encoded);
  if (!path) {
    result.immediate = whole_failure(
        refuse(Code::validation_error, "", "Invalid URL-encoding in path \"" + std::string(encoded) + "\""));
    return result;
  }
  result.batch = request.query("batch") == "1";
  if (!result.batch && asks_for_stream(request)) {
    result.immediate = whole_failure(
        refuse(Code::validation_error, "", "Streaming requests must be batched (you can do a batch of 1)"));
    return result;
  }
  auto paths = split_paths(*path, result.batch);
  if (paths.size() > static_cast<std::size_t>(model::limits::kBatchMax)) {
    result.immediate = whole_failure(refuse(Code::validation_error, "", "Batch call exceeds maximum size"));
    return result;
  }
  for (std::string& each : paths)
    result.calls.push_back(route(std::move(each), request.method, result.allow));
  if (const auto mixed = mixed_kinds(result.calls)) {
    result.immediate = whole_failure(*mixed);
    return result;
  }
  share_inputs(request, result);
  return result;
}

namespace {

// safety-and-abuse.md §4: a batch tells of the call that has least left.
void tell_limits(net::Response& response, const std::vector<Answer>& answers) {
  const Allowance* least = nullptr;
  for (const Answer& answer : answers) {
    const Allowance& each = answer.allowance;
    if (!each.counted) continue;
    if (least == nullptr || each.remaining < least->remaining || each.wait_ms > least->wait_ms) least = &each;
  }
  if (least == nullptr) return;
  constexpr std::int64_t kSecond = 1000;
  const std::string seconds = std::to_string((least->wait_ms + kSecond - 1) / kSecond);
  response.headers.add("x-ratelimit-limit", std::to_string(least->limit));
  response.headers.add("x-ratelimit-remaining", std::to_string(least->remaining));
  response.headers.add("x-ratelimit-reset", seconds);
  if (!least->allowed) response.headers.add("retry-after", seconds);
}

}  // namespace

net::Response put_together(const Calls& calls, const std::vector<Answer>& answers) {
  int status = answers.front().status;
  std::string body = calls.batch ? "[" : "";
  for (const Answer& answer : answers) {
    if (answer.status != status) status = 207;
    if (body.size() > 1) body += ',';
    body += answer.body;
  }
  if (calls.batch) body += ']';
  net::Response response = json_response(status, std::move(body));
  if (!calls.allow.empty()) response.headers.add("allow", calls.allow);
  tell_limits(response, answers);
  return response;
}

Answer success(std::string_view data) {
  std::string body = R"({"result":{"data":)";
  body += data;
  body += "}}";
  return {200, std::move(body), {}};
}

Answer failure(const Refusal& refusal, std::string_view path) {
  const model::CodeFacts& facts = model::facts(refusal.code);
  nlohmann::ordered_json data;
  data["code"] = facts.trpc;
  data["httpStatus"] = facts.http;
  if (!path.empty()) data["path"] = path;
  data["hx"] = facts.hx;
  if (!refusal.field.empty()) data["field"] = refusal.field;
  nlohmann::ordered_json error;
  error["error"]["message"] = refusal.text();
  error["error"]["code"] = facts.number;
  error["error"]["data"] = std::move(data);
  // A path or a field name may hold bytes that are not UTF-8: they are replaced, never echoed.
  return {facts.http, error.dump(-1, ' ', false, Json::error_handler_t::replace), {}};
}

net::Response body_too_large() {
  return whole_failure(refuse(Code::payload_too_large));
}

}  // namespace server
