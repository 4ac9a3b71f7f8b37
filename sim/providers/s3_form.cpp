// Presigned POST (protocols.md §5.2): the form, and its policy.
#include <algorithm>
#include <cctype>
#include <ctime>

#include <nlohmann/json.hpp>

#include "net/sign.h"
#include "sim/providers/s3_auth.h"

namespace sim::providers {
namespace {

using Json = nlohmann::json;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// The value of `name="…"` in a part's head.
std::string attribute(std::string_view head, std::string_view name) {
  const std::string lead = std::string(name) + "=\"";
  for (std::size_t at = head.find(lead); at != std::string_view::npos; at = head.find(lead, at + 1)) {
    if (at > 0 && head[at - 1] != ' ' && head[at - 1] != ';') continue;
    const auto from = at + lead.size();
    return std::string(head.substr(from, head.find('"', from) - from));
  }
  return {};
}

std::string content_type_of(std::string_view head) {
  constexpr std::string_view kName = "content-type:";
  const auto at = lower(head).find(kName);
  if (at == std::string::npos) return {};
  std::string_view rest = head.substr(at + kName.size());
  rest = rest.substr(0, rest.find("\r\n"));
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  return std::string(rest);
}

S3Error violated(const std::string& what) {
  return {403, "AccessDenied", "Invalid according to Policy: " + what};
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::optional<std::string> decoded_policy(std::string policy) {
  std::ranges::replace(policy, '+', '-');
  std::ranges::replace(policy, '/', '_');
  while (policy.ends_with('=')) policy.pop_back();
  return net::unbase64url(policy);
}

std::int64_t expiration_of(const Json& policy) {
  std::tm parts{};
  const std::string text = policy.value("expiration", "");
  return ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr ? 0 : ::timegm(&parts);
}

struct Form {
  const std::vector<FormPart>& parts;
  std::string_view bucket;
  std::vector<std::string> covered{};

  std::string value(const std::string& name) const {
    if (name == "bucket") return std::string(bucket);
    std::string text = form_value(parts, name);
    const auto mark = text.find("${filename}");
    if (name == "key" && mark != std::string::npos) text.replace(mark, 11, parts.back().file_name);
    return text;
  }
};

std::optional<S3Error> check_length(const Json& condition, std::size_t size) {
  if (condition.size() != 3 || !condition[1].is_number() || !condition[2].is_number())
    return violated("Invalid Policy: Invalid JSON.");
  if (size < condition[1].get<std::size_t>())
    return S3Error{400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size"};
  if (size > condition[2].get<std::size_t>())
    return S3Error{400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"};
  return std::nullopt;
}

std::optional<S3Error> check_condition(Form& form, const Json& condition) {
  const auto failed = [&] { return violated("Policy Condition failed: " + condition.dump()); };
  if (condition.is_object() && condition.size() == 1) {
    const std::string name = lower(condition.begin().key());
    form.covered.push_back(name);
    return form.value(name) == text_of(condition.begin().value()) ? std::nullopt : std::optional(failed());
  }
  if (!condition.is_array() || condition.size() != 3) return violated("Invalid Policy: Invalid JSON.");
  const std::string kind = lower(text_of(condition[0]));
  if (kind == "content-length-range") return check_length(condition, form.parts.back().value.size());
  const std::string name = lower(text_of(condition[1])).substr(1);
  form.covered.push_back(name);
  const bool good = kind == "eq"            ? form.value(name) == text_of(condition[2])
                    : kind == "starts-with" ? form.value(name).starts_with(text_of(condition[2]))
                                            : false;
  return good ? std::nullopt : std::optional(failed());
}

}  // namespace

std::optional<std::vector<FormPart>> parse_form_upload(const net::Request& request) {
  const std::string* type = request.headers.find("content-type");
  if (type == nullptr || !lower(*type).starts_with("multipart/form-data")) return std::nullopt;
  const auto at = type->find("boundary=");
  if (at == std::string::npos) return std::nullopt;
  std::string boundary = type->substr(at + 9, type->find(';', at) - at - 9);
  if (boundary.starts_with('"') && boundary.size() >= 2) boundary = boundary.substr(1, boundary.size() - 2);
  const std::string mark = "--" + boundary;
  const std::string_view body = request.body;
  std::vector<FormPart> parts;
  std::size_t from = body.find(mark);
  while (from != std::string_view::npos) {
    const auto head = from + mark.size() + 2;
    if (body.substr(from + mark.size(), 2) == "--") break;
    const auto blank = body.find("\r\n\r\n", head);
    const auto next = body.find("\r\n" + mark, head);
    if (blank == std::string_view::npos || next == std::string_view::npos) return std::nullopt;
    const std::string_view headers = body.substr(head, blank - head);
    parts.push_back({attribute(headers, "name"), attribute(headers, "filename"), content_type_of(headers),
                     std::string(body.substr(blank + 4, next - blank - 4))});
    if (lower(parts.back().name) == "file") return parts;
    from = next + 2;
  }
  return std::nullopt;
}

std::string form_value(const std::vector<FormPart>& parts, std::string_view name) {
  const auto found =
      std::ranges::find_if(parts, [&](const FormPart& part) { return lower(part.name) == lower(name); });
  return found == parts.end() ? std::string() : found->value;
}

std::optional<S3Error> check_policy(const std::vector<FormPart>& parts, std::string_view bucket,
                                    const net::StoreKey& key, std::int64_t now) {
  const std::string encoded = form_value(parts, "policy");
  const std::string date = form_value(parts, "x-amz-date");
  const std::string scope = net::credential_scope(date.size() < 8 ? "00000000" : date, key.region);
  if (form_value(parts, "x-amz-credential") != key.access + "/" + scope)
    return S3Error{403, "InvalidAccessKeyId",
                   "The access key Id you provided does not exist in our records."};
  const std::string right =
      net::hex(net::hmac_sha256(net::signing_key(key.secret, date, key.region), encoded));
  if (!net::equal_constant_time(right, form_value(parts, "x-amz-signature")))
    return S3Error{403, "SignatureDoesNotMatch", "The request signature we calculated does not match."};
  const auto text = decoded_policy(encoded);
  const Json policy = Json::parse(text.value_or(""), nullptr, false);
  if (!policy.is_object() || !policy.contains("conditions") || !policy["conditions"].is_array())
    return violated("Invalid Policy: Invalid JSON.");
  if (now > expiration_of(policy)) return violated("Policy expired.");
  Form form{parts, bucket};
  for (const Json& condition : policy["conditions"]) {
    if (auto trouble = check_condition(form, condition)) return trouble;
  }
  for (const FormPart& part : parts) {
    const std::string name = lower(part.name);
    const bool free =
        name == "policy" || name == "x-amz-signature" || name == "file" || name.starts_with("x-ignore-");
    if (!free && std::ranges::find(form.covered, name) == form.covered.end())
      return violated("Extra input fields: " + name);
  }
  return std::nullopt;
}

}  // namespace sim::providers
