#include "loadgen/load/answer_scan.h"

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace loadgen::load {
namespace {

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool ends_without_case(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && same(text.substr(text.size() - end.size()), end);
}

}  // namespace

void AnswerScan::restart() {
  held_.clear();
  kept_.clear();
  in_place_ = {};
  left_ = 0;
  status_ = 0;
  state_ = State::head;
  begun_ = closes_ = found_ = chunked_ = sized_ = false;
}

bool AnswerScan::read_field(std::string_view name, std::string_view value) {
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  if (same(name, "content-length")) {
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), left_);
    sized_ = error == std::errc{} && end == value.data() + value.size();
    return sized_;
  }
  if (same(name, "transfer-encoding")) chunked_ = ends_without_case(value, "chunked");
  if (same(name, "connection")) closes_ = ends_without_case(value, "close");
  return true;
}

// `head` begins with the status line and ends with the last header's line break.
bool AnswerScan::read_head(std::string_view head) {
  if (head.size() < 14 || !head.starts_with("HTTP/1.")) return false;
  const char* digits = head.data() + 9;
  if (head[8] != ' ' || std::any_of(digits, digits + 3, [](char c) { return c < '0' || c > '9'; }))
    return false;
  status_ = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  closes_ = head[7] == '0';
  std::size_t at = head.find("\r\n") + 2;
  while (at < head.size()) {
    const std::size_t end = head.find("\r\n", at);
    // Only headers that begin with c or t can matter: the others are passed without a look.
    const char first = static_cast<char>(head[at] | 0x20);
    if (first == 'c' || first == 't') {
      const std::string_view line = head.substr(at, end - at);
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos) return false;
      if (!read_field(line.substr(0, colon), line.substr(colon + 1))) return false;
    }
    at = end + 2;
  }
  return true;
}

AnswerScan::Progress AnswerScan::feed_head(std::string_view& bytes) {
  std::string_view text = bytes;
  const std::size_t before = held_.size();
  if (before > 0) {
    held_ += bytes;
    text = held_;
  }
  const std::size_t end = text.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  if (end == std::string_view::npos) {
    if (before == 0) held_ = bytes;
    bytes = {};
    return held_.size() > kLongestHead ? Progress::malformed : Progress::more;
  }
  if (!read_head(text.substr(0, end + 2))) return Progress::malformed;
  bytes.remove_prefix(end + 4 - before);
  held_.clear();
  if (status_ < 200) {  // an interim answer: the real one follows
    sized_ = chunked_ = false;
    left_ = 0;
    return Progress::more;
  }
  const bool bare = head_request_ || status_ == 204 || status_ == 304;
  state_ = bare ? State::done : chunked_ ? State::chunk_size : sized_ ? State::sized : State::until_close;
  if (state_ == State::sized && left_ == 0) state_ = State::done;
  return Progress::more;
}

void AnswerScan::body(std::string_view piece) {
  if (into_ != nullptr) *into_ += piece;
  if (wanted_.empty() || found_) return;
  if (kept_.empty()) {
    found_ = piece.find(wanted_) != std::string_view::npos;
    if (!found_) kept_ = piece;
    return;
  }
  kept_ += piece;
  found_ = kept_.find(wanted_) != std::string::npos;
  // What can still be the beginning of the text is all that is needed of a long body.
  if (kept_.size() > wanted_.size()) kept_.erase(0, kept_.size() - wanted_.size());
}

AnswerScan::Progress AnswerScan::complete() {
  if (wanted_.empty()) found_ = true;
  return Progress::done;
}

bool AnswerScan::take_line(std::string_view& bytes, std::string_view& line) {
  const std::size_t end = bytes.find('\n');
  if (end == std::string_view::npos) {
    held_ += bytes;
    bytes = {};
    return false;
  }
  line = bytes.substr(0, end);
  if (!held_.empty()) {
    held_ += line;
    line = held_;
  }
  bytes.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

AnswerScan::Progress AnswerScan::feed_chunks(std::string_view bytes) {
  std::string_view line;
  while (state_ != State::done && !bytes.empty()) {
    if (state_ == State::chunk) {
      const std::string_view piece = bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size()));
      body(piece);
      left_ -= piece.size();
      bytes.remove_prefix(piece.size());
      if (left_ == 0) state_ = State::chunk_end;
      continue;
    }
    if (held_.size() > kLongestHead) return Progress::malformed;
    if (!take_line(bytes, line)) return Progress::more;
    if (state_ == State::chunk_size) {
      const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), left_, 16);
      const bool whole = end == line.data() + line.size() || *end == ';' || *end == ' ';
      if (error != std::errc{} || !whole) return Progress::malformed;
      state_ = left_ == 0 ? State::trailer : State::chunk;
    } else if (state_ == State::chunk_end) {
      if (!line.empty()) return Progress::malformed;
      state_ = State::chunk_size;
    } else if (line.empty()) {  // the trailer's end
      state_ = State::done;
    }
    held_.clear();
  }
  if (state_ != State::done) return Progress::more;
  return bytes.empty() ? complete() : Progress::malformed;
}

AnswerScan::Progress AnswerScan::feed(std::string_view bytes) {
  begun_ = begun_ || !bytes.empty();
  while (state_ == State::head && !bytes.empty()) {
    if (feed_head(bytes) == Progress::malformed) return Progress::malformed;
  }
  switch (state_) {
    case State::head:
      return Progress::more;
    case State::done:
      return bytes.empty() ? complete() : Progress::malformed;
    case State::until_close:
      body(bytes);
      return Progress::more;
    case State::sized:
      if (bytes.size() > left_) return Progress::malformed;
      if (into_ != nullptr && wanted_.empty() && into_->empty() && bytes.size() == left_) {
        in_place_ = bytes;
        return complete();
      }
      body(bytes);
      left_ -= bytes.size();
      return left_ == 0 ? complete() : Progress::more;
    case State::chunk_size:
    case State::chunk:
    case State::chunk_end:
    case State::trailer:
      return feed_chunks(bytes);
  }
  return Progress::malformed;
}

AnswerScan::Progress AnswerScan::finish() {
  return state_ == State::until_close ? complete() : Progress::malformed;
}

}  // namespace loadgen::load
