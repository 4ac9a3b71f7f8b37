#include "sim/providers/s3_front.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <optional>
#include <utility>

#include "net/sign.h"
#include "sim/providers/object_store.h"
#include "sim/providers/s3_auth.h"

namespace sim::providers {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

net::Response respond(const S3Error& error, std::string_view path) {
  net::Response response{error.status, {}, ""};
  response.headers.add("content-type", "application/xml");
  response.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + error.code +
                  "</Code><Message>" + escaped(error.message) + "</Message><Key>" + escaped(path) +
                  "</Key><RequestId>" + net::random_hex(8) + "</RequestId></Error>";
  return response;
}

std::string header(const net::Request& request, std::string_view name) {
  const std::string* value = request.headers.find(name);
  return value == nullptr ? std::string() : *value;
}

std::string http_date(std::int64_t at) {
  const auto when = static_cast<std::time_t>(at);
  std::tm parts{};
  ::gmtime_r(&when, &parts);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text.data();
}

// SDK streams: "<hex length>[;…]\r\n<bytes>\r\n" …, then trailers.
std::optional<std::string> without_chunks(std::string_view body) {
  std::string out;
  while (true) {
    const auto line = body.find("\r\n");
    if (line == std::string_view::npos) return std::nullopt;
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(body.data(), body.data() + line, size, 16);
    if (error != std::errc{} || line + 2 + size > body.size()) return std::nullopt;
    if (size == 0) return out;
    out += body.substr(line + 2, size);
    body.remove_prefix(std::min(body.size(), line + 2 + size + 2));
  }
}

std::string crc32_base64(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320U : 0U);
  }
  crc = ~crc;
  std::string raw;
  for (int shift = 24; shift >= 0; shift -= 8) raw += static_cast<char>(crc >> shift & 0xFF);
  return net::base64(raw);
}

// A checksum that the client names, in a header or in a presigned query, must be that of the body.
bool checksums_fit(const net::Request& request, std::string_view bytes) {
  const auto named = [&](std::string_view name) {
    std::string value = header(request, name);
    if (const auto query = request.query(name); value.empty() && query)
      value = net::percent_decode(*query).value_or("");
    return value;
  };
  const std::string crc = named("x-amz-checksum-crc32");
  const std::string sha = named("x-amz-checksum-sha256");
  const std::string md5 = header(request, "content-md5");
  return (crc.empty() || crc == crc32_base64(bytes)) &&
         (sha.empty() || sha == net::base64(net::sha256(bytes))) &&
         (md5.empty() || md5 == net::base64(net::md5(bytes)));
}

net::Response put_object(ObjectStore& store, const std::string& path, net::Request& request) {
  if (header(request, "content-length").empty() && header(request, "transfer-encoding").empty())
    return respond({411, "MissingContentLength", "You must provide the Content-Length HTTP header."}, path);
  std::string bytes = std::move(request.body);
  if (header(request, "x-amz-content-sha256").starts_with("STREAMING-") ||
      header(request, "content-encoding") == "aws-chunked") {
    auto plain = without_chunks(bytes);
    if (!plain) return respond({400, "IncompleteBody", "The chunks of the body do not add up."}, path);
    bytes = std::move(*plain);
  }
  if (store.rules().strict_checksums && !checksums_fit(request, bytes))
    return respond({400, "BadDigest", "The checksum you specified did not match what we received."}, path);
  const std::string type = header(request, "content-type");
  StoredObject object = made_object(std::move(bytes), type.empty() ? "application/octet-stream" : type);
  const std::string etag = object.etag;
  if (header(request, "if-none-match") == "*") {
    if (!store.put_if_absent(path, std::move(object)))
      return respond(
          {412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"}, path);
  } else {
    store.put(path, std::move(object));
  }
  net::Response response{200, {}, ""};
  response.headers.add("etag", "\"" + etag + "\"");
  return response;
}

net::Response get_object(const ObjectStore& store, const std::string& path, StoreTrouble trouble) {
  const auto object = trouble == StoreTrouble::missing ? std::nullopt : store.get(path);
  if (!object) return respond({404, "NoSuchKey", "The specified key does not exist."}, path);
  net::Response response{200, {}, object->bytes};
  response.headers.add("content-type", trouble == StoreTrouble::wrong_type ? "application/octet-stream"
                                                                           : object->content_type);
  if (trouble == StoreTrouble::wrong_type) response.body = "MZ this is not what was uploaded";
  response.headers.add("etag", "\"" + object->etag + "\"");
  response.headers.add("last-modified", http_date(object->modified_s));
  return response;
}

net::Response post_form(ObjectStore& store, const std::string& bucket, const net::Request& request,
                        std::int64_t now) {
  if (!store.rules().form_posts)
    return respond({501, "NotImplemented", "Presigned POST is not implemented."}, bucket);
  const auto parts = parse_form_upload(request);
  if (!parts)
    return respond({400, "MalformedPOSTRequest", "The body of your POST request is not well-formed."},
                   bucket);
  if (const auto trouble = check_policy(*parts, bucket, store.key, now)) return respond(*trouble, bucket);
  std::string key = form_value(*parts, "key");
  if (const auto mark = key.find("${filename}"); mark != std::string::npos)
    key.replace(mark, 11, parts->back().file_name);
  const std::string named_type = form_value(*parts, "content-type");
  StoredObject object =
      made_object(parts->back().value, named_type.empty() ? parts->back().content_type : named_type);
  net::Response response{204, {}, ""};
  response.headers.add("etag", "\"" + object.etag + "\"");
  response.headers.add("location", "/" + bucket + "/" + key);
  const std::string status = form_value(*parts, "success_action_status");
  const std::string redirect = form_value(*parts, "success_action_redirect");
  if (!redirect.empty()) {
    response.status = 303;
    response.headers.entries.back().second = redirect;
  } else if (status == "200" || status == "201") {
    response.status = status == "200" ? 200 : 201;
    if (status == "201")
      response.body = "<PostResponse><Location>/" + bucket + "/" + escaped(key) + "</Location><Bucket>" +
                      bucket + "</Bucket><Key>" + escaped(key) + "</Key><ETag>\"" + object.etag +
                      "\"</ETag></PostResponse>";
  }
  store.put("/" + bucket + "/" + key, std::move(object));
  return response;
}

net::Response serve_object(ObjectStore& store, net::Request& request, StoreTrouble trouble) {
  const std::int64_t now = unix_now() + store.rules().ahead_s;
  const std::string path = net::percent_decode(request.path()).value_or("");
  const auto slash = path.find('/', 1);
  if (request.method == "POST") return post_form(store, path.substr(1, slash - 1), request, now);
  if (const auto refused = check_signature(request, store.key, now)) return respond(*refused, path);
  if (trouble == StoreTrouble::error_500)
    return respond({500, "InternalError", "We encountered an internal error. Please try again."}, path);
  if (trouble == StoreTrouble::slow_down)
    return respond({503, "SlowDown", "Please reduce your request rate."}, path);
  if (slash == std::string::npos || slash + 1 == path.size())
    return respond({501, "NotImplemented", "Only objects, no buckets."}, path);
  if (request.method == "PUT") return put_object(store, path, request);
  if (request.method == "GET" || request.method == "HEAD") return get_object(store, path, trouble);
  if (request.method == "DELETE") {
    store.erase(path);
    return {204, {}, ""};
  }
  return respond({405, "MethodNotAllowed", "The specified method is not allowed."}, path);
}

}  // namespace

bool is_object_path(std::string_view path) {
  if (path.empty()) return false;
  const std::string_view bucket = path.substr(1, path.find('/', 1) - 1);
  return std::ranges::find(kBuckets, bucket) != kBuckets.end();
}

void serve_s3(State& state, net::Request request, net::Reply reply) {
  const ObjectStore::Met met = state.objects.meet(request.method);
  if (met.kind != StoreTrouble::slow) return reply(serve_object(state.objects, request, met.kind));
  state.scheduler.after(std::chrono::milliseconds(met.delay_ms),
                        [&state, request = std::move(request), reply = std::move(reply)]() mutable {
                          reply(serve_object(state.objects, request, StoreTrouble::none));
                        });
}

}  // namespace sim::providers
