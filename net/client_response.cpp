#include "net/client_response.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace net {
namespace {

constexpr std::size_t kHeadMax = 256 * 1024;
constexpr std::size_t kBodyMax = std::size_t{1} << 30;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

template <class Number>
bool parse_number(std::string_view text, Number& out, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

bool contains_token(const std::string* value, std::string_view token) {
  if (value == nullptr) return false;
  std::string lowered = *value;
  std::ranges::transform(lowered, lowered.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lowered.find(token) != std::string::npos;
}

}  // namespace

ResponseReader::State ResponseReader::fail(std::string what) {
  problem_ = std::move(what);
  return State::malformed;
}

ResponseReader::State ResponseReader::finish() {
  phase_ = Phase::done;
  if (at_ < buffer_.size()) keep_alive_ = false;  // bytes that nobody asked for: the stream cannot be trusted
  return State::done;
}

ResponseReader::State ResponseReader::feed(std::string_view bytes) {
  started_ = started_ || !bytes.empty();
  buffer_.append(bytes);
  return parse();
}

ResponseReader::State ResponseReader::end_of_stream() {
  if (phase_ == Phase::until_close) {
    keep_alive_ = false;
    return finish();
  }
  return fail(phase_ == Phase::head ? "the connection closed before the end of the header"
                                    : "the connection closed before the end of the body");
}

ResponseReader::State ResponseReader::parse() {
  while (phase_ != Phase::done) {
    if (phase_ == Phase::head || phase_ == Phase::trailers) {
      // Trailers are searched from the line break before them, so that an empty trailer part is found too.
      const std::size_t from = phase_ == Phase::head ? at_ : at_ - 2;
      const std::size_t end = buffer_.find("\r\n\r\n", from);
      if (end == std::string::npos)
        return buffer_.size() - at_ > kHeadMax ? fail("header of more than 256 KiB") : State::more;
      const std::size_t begin = std::exchange(at_, end + 4);
      if (phase_ == Phase::trailers) return finish();
      if (!parse_head(std::string_view(buffer_).substr(begin, end - begin))) return State::malformed;
    } else if (phase_ == Phase::chunk_size) {
      if (const State state = parse_chunk_size(); state != State::done) return state;
    } else {
      const std::size_t size = std::min(remaining_, buffer_.size() - at_);
      response_.body.append(buffer_, at_, size);
      at_ += size;
      remaining_ -= size;
      if (at_ == buffer_.size()) {
        buffer_.clear();
        at_ = 0;
      }
      if (phase_ == Phase::body && remaining_ == 0) return finish();
      if (remaining_ > 0) return State::more;
      phase_ = Phase::chunk_size;
    }
  }
  return finish();
}

// "1a;ext\r\n", after a chunk with the "\r\n" that ends its data in front. done: a chunk or the trailers
// follow.
ResponseReader::State ResponseReader::parse_chunk_size() {
  std::size_t begin = at_;
  if (!response_.body.empty()) {
    if (buffer_.size() - at_ < 2) return State::more;
    if (buffer_.compare(at_, 2, "\r\n") != 0) return fail("a chunk that does not end with a line break");
    begin += 2;
  }
  const std::size_t end = buffer_.find("\r\n", begin);
  if (end == std::string::npos)
    return buffer_.size() - at_ > kHeadMax ? fail("chunk size line of more than 256 KiB") : State::more;
  const std::string_view line = std::string_view(buffer_).substr(begin, end - begin);
  std::size_t size = 0;
  if (!parse_number(trim(line.substr(0, line.find(';'))), size, 16) || size > kBodyMax)
    return fail("bad chunk size '" + std::string(line.substr(0, 40)) + "'");
  at_ = end + 2;
  remaining_ = size;
  phase_ = size == 0 ? Phase::trailers : Phase::chunk;
  return State::done;
}

bool ResponseReader::parse_head(std::string_view head) {
  const std::size_t line_end = head.find("\r\n");
  const std::string_view status_line = head.substr(0, line_end);
  const bool version_ok = status_line.starts_with("HTTP/1.1 ") || status_line.starts_with("HTTP/1.0 ");
  int status = 0;
  if (!version_ok || status_line.size() < 12 || !parse_number(status_line.substr(9, 3), status, 10) ||
      status < 100) {
    problem_ = "expected an HTTP/1.1 status line, got '" + std::string(status_line.substr(0, 60)) + "'";
    return false;
  }
  response_ = Response{status, {}, {}};
  keep_alive_ = status_line.starts_with("HTTP/1.1");
  head = line_end == std::string_view::npos ? std::string_view{} : head.substr(line_end + 2);
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head = end == std::string_view::npos ? std::string_view{} : head.substr(end + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) {
      problem_ = "header line without a name: '" + std::string(line.substr(0, 60)) + "'";
      return false;
    }
    response_.headers.add(std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1))));
  }
  const std::string* connection = response_.headers.find("connection");
  if (contains_token(connection, "close")) keep_alive_ = false;
  if (contains_token(connection, "keep-alive")) keep_alive_ = true;
  return choose_framing();
}

bool ResponseReader::choose_framing() {
  const int status = response_.status;
  if (status < 200) return true;  // 100 Continue and friends: the real answer follows
  if (head_request_ || status == 204 || status == 304) {
    phase_ = Phase::done;
  } else if (contains_token(response_.headers.find("transfer-encoding"), "chunked")) {
    phase_ = Phase::chunk_size;
  } else if (const std::string* length = response_.headers.find("content-length")) {
    if (!parse_number(std::string_view(*length), remaining_, 10) || remaining_ > kBodyMax) {
      problem_ = "bad Content-Length '" + length->substr(0, 40) + "'";
      return false;
    }
    phase_ = Phase::body;
    response_.body.reserve(std::min<std::size_t>(remaining_, 1 << 20));
  } else {
    phase_ = Phase::until_close;
    remaining_ = kBodyMax;
  }
  return true;
}

}  // namespace net
