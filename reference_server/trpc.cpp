#include "reference_server/trpc.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

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
  response.headers.entries.reserve(4);
  response.headers.add("content-type", std::string(type));
  response.headers.add("vary", "trpc-accept, accept");
  response.body = std::move(body);
  return response;
}

net::Response whole_failure(const Refusal& refusal) {
  Answer answer = failure(refusal, "");
  return json_response(answer.status, std::move(answer.body));
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Media types are compared without regard to case and parameters (RFC 9110 §8.3.1).
bool is_json(std::string_view type) {
  std::string name(trimmed(type.substr(0, type.find(';'))));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name == "application/json";
}

// GET always carries its input in the URL; everything else must be JSON (protocols.md §1.5).
std::optional<net::Response> content_type_trouble(const net::Request& request) {
  if (request.method == "GET") return std::nullopt;
  const std::string* type = request.headers.find("content-type");
  if (type != nullptr && is_json(*type)) return std::nullopt;
  // The unbalanced quote is what the real library sends.
  const std::string message =
      type == nullptr ? "Missing content-type header" : "Unsupported content-type \"" + type->substr(0, 100);
  Answer answer = failure(refuse(Code::unsupported_media_type, "", message), "");
  return json_response(answer.status, std::move(answer.body), "text/plain;charset=UTF-8");
}

// §1.1: the library's own header decides when it is there, else one member of the list of `accept`.
bool asks_for_stream(const net::Request& request) {
  constexpr std::string_view kLines = "application/jsonl";
  if (const std::string* own = request.headers.find("trpc-accept")) return *own == kLines;
  const std::string* accept = request.headers.find("accept");
  if (accept == nullptr) return false;
  std::string_view rest = *accept;
  for (;;) {
    const auto comma = rest.find(',');
    if (trimmed(rest.substr(0, comma)) == kLines) return true;
    if (comma == rest.npos) return false;
    rest.remove_prefix(comma + 1);
  }
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

std::optional<Kind> kind_of(const Call& call) {
  if (call.ping) return Kind::query;
  return call.procedure == nullptr ? std::nullopt : std::optional(call.procedure->kind);
}

std::string_view word_of(Kind kind) {
  switch (kind) {
    case Kind::query:
      return "query";
    case Kind::mutation:
      return "mutation";
  }
  std::unreachable();
}

// The value of the Allow header.
std::string_view methods_of(Kind kind, QueryMethods queries) {
  if (kind == Kind::mutation) return "POST";
  return queries == QueryMethods::get ? "GET" : "GET, POST";
}

Call route(std::string path, const std::string& method, QueryMethods queries, std::string& allow) {
  Call call;
  call.path = std::move(path);
  call.procedure = model::find_procedure(call.path);
  call.ping = call.path == kPing;
  const auto kind = kind_of(call);
  if (!kind) {
    call.unroutable = refuse(Code::not_found, "", "No procedure found on path \"" + call.path + "\"");
    return call;
  }
  const bool posted_query = *kind == Kind::query && method == "POST" && queries == QueryMethods::get_and_post;
  if (method != (*kind == Kind::query ? "GET" : "POST") && !posted_query) {
    allow = methods_of(*kind, queries);
    call.unroutable = refuse(Code::method_not_supported, "",
                             "Unsupported " + method + "-request to " + std::string(word_of(*kind)) +
                                 " procedure at path \"" + call.path + "\"");
  }
  return call;
}

std::optional<Refusal> mixed_kinds(const std::vector<Call>& calls) {
  if (calls.size() < 2) return std::nullopt;
  std::string kinds;
  std::set<Kind> seen;
  for (const Call& call : calls) {
    const auto kind = kind_of(call);
    if (!kind || !seen.insert(*kind).second) continue;
    kinds += std::string(kinds.empty() ? "" : ", ") + std::string(word_of(*kind));
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

Calls take_apart(const net::Request& request, QueryMethods queries) {
  Calls result;
  if (request.method == "HEAD") {
    result.immediate = net::Response{.status = 204, .headers = {}, .body = {}};
    return result;
  }
  result.immediate = content_type_trouble(request);
  if (result.immediate) return result;
  std::string_view encoded = request.path();
  encoded.remove_prefix(std::min(encoded.size(), kTrpcBase.size() + 1));
  const auto path = net::percent_decode(encoded);
  if (!path) {
    result.immediate = whole_failure(
        refuse(Code::validation_error, "", "Invalid URL-encoding in path \"" + std::string(encoded) + "\""));
    return result;
  }
  result.batch = request.query("batch") == "1";
  result.stream = asks_for_stream(request);
  if (result.stream && !result.batch) {
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
    result.calls.push_back(route(std::move(each), request.method, queries, result.allow));
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

// §1.6 in its shortest form: the head holds every answer as a finished value. The newline is no ornament: a
// client sees no line without it.
std::string lines_of(const std::vector<Answer>& answers) {
  std::string body = "{";
  for (std::size_t i = 0; i < answers.size(); ++i) {
    body += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":[[";
    body += answers[i].body;
    body += "]]";
  }
  return body + "}\n";
}

std::string array_of(const std::vector<Answer>& answers) {
  std::string body = "[";
  for (const Answer& answer : answers) {
    if (body.size() > 1) body += ',';
    body += answer.body;
  }
  return body + "]";
}

// §1.4, §1.6: errors of a streamed batch are inside; else differing entries make 207.
int status_of(const Calls& calls, const std::vector<Answer>& answers) {
  if (calls.stream) return 200;
  const int first = answers.front().status;
  const bool differ =
      std::ranges::any_of(answers, [first](const Answer& each) { return each.status != first; });
  return differ ? 207 : first;
}

}  // namespace

net::Response put_together(const Calls& calls, std::vector<Answer> answers) {
  std::string body = calls.stream  ? lines_of(answers)
                     : calls.batch ? array_of(answers)
                                   : std::move(answers.front().body);
  net::Response response = json_response(status_of(calls, answers), std::move(body));
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

namespace {

// §1.3: what is wrong with an input, as form libraries read it: by its outermost member.
nlohmann::ordered_json zod_error(const Refusal& refusal) {
  const std::string member = refusal.field.substr(0, refusal.field.find_first_of(".["));
  return {{"formErrors", nlohmann::ordered_json::array()}, {"fieldErrors", {{member, {refusal.text()}}}}};
}

}  // namespace

Answer failure(const Refusal& refusal, std::string_view path) {
  const model::CodeFacts& facts = model::facts(refusal.code);
  nlohmann::ordered_json data;
  data["code"] = facts.trpc;
  data["httpStatus"] = facts.http;
  if (!path.empty()) data["path"] = path;
  data["hx"] = facts.hx;
  if (!refusal.field.empty()) data["field"] = refusal.field;
  if (!refusal.field.empty() && refusal.code == Code::validation_error) data["zodError"] = zod_error(refusal);
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
