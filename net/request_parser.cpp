#include "net/request_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace net {
namespace {

constexpr std::size_t kEmptyLines = 8;  // before a request line (RFC 9112 §2.2 asks to bear with one)
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::size_t kLongestMethod = 32;
constexpr std::size_t kLongestChunkLine = 256;
constexpr std::size_t kReserve = std::size_t{64} * 1024;  // an announced length is no promise

enum : std::uint8_t { kToken = 1, kText = 2, kTarget = 4 };

// What RFC 9110 §5.6.2 allows in a token, §5.5 in a value; a target is anything visible.
constexpr std::array<std::uint8_t, 256> kAllowed = [] {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter) table[c] |= kToken;
    if (c == '\t' || (c >= 0x20 && c != 0x7f)) table[c] |= kText;
    if (c > 0x20 && c != 0x7f) table[c] |= kTarget;
  }
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] |= kToken;
  return table;
}();

bool all(std::string_view text, std::uint8_t kind) {
  std::uint8_t seen = kind;
  for (const char c : text) seen &= kAllowed[static_cast<unsigned char>(c)];
  return (seen & kind) != 0;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool same(std::string_view text, std::string_view in_lower_case) {
  return text.size() == in_lower_case.size() &&
         std::ranges::equal(text, in_lower_case, [](char a, char b) { return lower(a) == b; });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// A list of tokens as in `Connection: keep-alive, upgrade`.
bool is_list(std::string_view list) {
  for (bool more = true; more;) {
    const auto comma = list.find(',');
    if (!all(trimmed(list.substr(0, comma)), kToken)) return false;
    more = comma != std::string_view::npos;
    if (more) list.remove_prefix(comma + 1);
  }
  return true;
}

bool lists(std::string_view list, std::string_view word) {
  while (true) {
    const auto comma = list.find(',');
    if (same(trimmed(list.substr(0, comma)), word)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

RequestParser::Progress RequestParser::refuse(int status) {
  state_ = State::refused;
  refusal_ = status;
  return Progress::refused;
}

void RequestParser::begin() {
  state_ = State::head;
  held_.clear();
  request_ = Request{};
  left_ = 0;
  trailer_ = empty_lines_ = 0;
  hosts_ = 0;
  sized_ = chunked_ = old_version_ = expects_ = close_ = stay_ = false;
}

bool RequestParser::take_expectation() {
  return state_ != State::head && state_ != State::refused && std::exchange(expects_, false);
}

RequestParser::Progress RequestParser::feed(std::string_view& bytes) {
  if (state_ == State::refused) return Progress::refused;
  if (state_ == State::done) begin();
  if (state_ == State::head) {
    const Progress progress = feed_head(bytes);
    if (progress != Progress::more || state_ == State::head) return progress;
  }
  return state_ == State::sized ? feed_sized(bytes) : feed_chunks(bytes);
}

// False: too many of them. A lone carriage return is kept until its line feed has come.
bool RequestParser::skip_empty_lines(std::string_view& bytes) {
  while (!bytes.empty()) {
    if (held_.empty() && bytes.front() == '\r') {
      held_ = "\r";
    } else if (held_ == "\r" && bytes.front() == '\n') {
      held_.clear();
      if (++empty_lines_ > kEmptyLines) return false;
    } else {
      return held_ != "\r";
    }
    bytes.remove_prefix(1);
  }
  return true;
}

RequestParser::Progress RequestParser::feed_head(std::string_view& bytes) {
  if (!skip_empty_lines(bytes)) return refuse(400);
  const std::size_t before = held_.size();
  std::string_view text = bytes;
  if (before > 0) {
    held_ += bytes.substr(0, limits_.header_max + kHeadEnd.size() - before);
    text = held_;
  }
  const std::size_t end = text.find(kHeadEnd, before < 3 ? 0 : before - 3);
  const std::size_t least =
      end == std::string_view::npos ? text.size() - std::min(text.size(), kHeadEnd.size() - 1) : end;
  if (least > limits_.header_max) return refuse(431);
  if (end == std::string_view::npos) {
    if (!plausible(text, before)) return refuse(400);
    if (before == 0) held_ = bytes;
    bytes = {};
    return Progress::more;
  }
  const bool good = read_head(text.substr(0, end + 2));
  if (!good) return refuse(400);
  bytes.remove_prefix(end + 4 - before);
  held_.clear();
  return frame_body();
}

// Whether what has come so far can still become a head: nonsense is told at once, not after a timeout.
bool RequestParser::plausible(std::string_view text, std::size_t from) const {
  if (text == "\r") return true;
  for (std::size_t at = text.find('\n', from); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') return false;
  }
  const std::size_t line = text.find("\r\n");
  if (line != std::string_view::npos)
    return line + 2 <= from || RequestParser(limits_).read_request_line(text.substr(0, line));
  const std::string_view method = text.substr(0, text.find(' '));
  return method.size() <= kLongestMethod && all(method, kToken);
}

bool RequestParser::read_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  if (first == std::string_view::npos || first == 0 || first > kLongestMethod) return false;
  const std::size_t second = line.find(' ', first + 1);
  if (second == std::string_view::npos || second == first + 1) return false;
  const std::string_view method = line.substr(0, first), target = line.substr(first + 1, second - first - 1);
  const std::string_view version = line.substr(second + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
  if (!all(method, kToken) || !all(target, kTarget)) return false;
  old_version_ = version.back() == '0';
  request_.method = method;
  request_.target = target;
  return true;
}

// What decides where a request ends may be said once only, in one way only (RFC 9112 §6).
bool RequestParser::note_field(std::string_view name, std::string_view value) {
  switch (name.size()) {
    case 4:
      if (same(name, "host")) ++hosts_;
      return true;
    case 6:
      if (same(name, "expect")) expects_ = same(value, "100-continue");
      return true;
    case 10:
      if (same(name, "connection")) {
        if (!is_list(value)) return false;
        close_ = close_ || lists(value, "close");
        stay_ = stay_ || lists(value, "keep-alive");
      }
      return true;
    case 14: {
      if (!same(name, "content-length")) return true;
      if (std::exchange(sized_, true)) return false;
      const bool digits =
          !value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
      const auto error = std::from_chars(value.data(), value.data() + value.size(), left_).ec;
      if (error != std::errc{}) left_ = UINT64_MAX;  // longer than any limit
      return digits;
    }
    case 17:
      if (!same(name, "transfer-encoding")) return true;
      if (std::exchange(chunked_, true)) return false;
      if (!same(value, "chunked")) refusal_ = 501;
      return true;
    default:
      return true;
  }
}

bool RequestParser::read_field(std::string_view line, bool trailer) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
  // A blank before the colon, and a folded line, have no token before the colon.
  if (!all(name, kToken) || !all(value, kText)) return false;
  // What says where a request ends, or where it goes, is no trailer (RFC 9110 §6.5.1).
  if (trailer)
    return !same(name, "content-length") && !same(name, "transfer-encoding") && !same(name, "host");
  request_.headers.entries.emplace_back(name, value);
  return note_field(name, value);
}

// `head`: every line with its break.
bool RequestParser::read_head(std::string_view head) {
  std::size_t end = head.find("\r\n");
  if (!read_request_line(head.substr(0, end))) return false;
  request_.headers.entries.reserve(8);
  refusal_ = 0;
  for (std::size_t at = end + 2; at < head.size(); at = end + 2) {
    end = head.find("\r\n", at);
    if (!read_field(head.substr(at, end - at), false)) return false;
  }
  keep_alive_ = !close_ && (!old_version_ || stay_);
  if (chunked_ && (sized_ || old_version_)) return false;
  return hosts_ == 1 || (old_version_ && hosts_ == 0);
}

RequestParser::Progress RequestParser::frame_body() {
  if (refusal_ != 0) return refuse(refusal_);
  if (chunked_) {
    state_ = State::chunk_size;
    return Progress::more;
  }
  if (left_ > limits_.body_max) return refuse(413);
  state_ = left_ > 0 ? State::sized : State::done;
  if (left_ == 0) return Progress::done;
  expects_ = expects_ && !old_version_;
  request_.body.reserve(std::min<std::size_t>(left_, kReserve));
  return Progress::more;
}

RequestParser::Progress RequestParser::feed_sized(std::string_view& bytes) {
  const std::string_view piece = bytes.substr(0, left_);
  request_.body += piece;
  left_ -= piece.size();
  bytes.remove_prefix(piece.size());
  if (left_ > 0) return Progress::more;
  state_ = State::done;
  return Progress::done;
}

// One line, without its break, into `held_`; false: it is not whole yet, or refused.
bool RequestParser::take_line(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  const std::size_t longest = state_ == State::trailer ? limits_.header_max : kLongestChunkLine;
  const std::size_t taken = end == std::string_view::npos ? bytes.size() : end + 1;
  if (held_.size() + taken > longest + 2) {
    refuse(state_ == State::trailer ? 431 : 400);
    return false;
  }
  held_ += bytes.substr(0, taken);
  bytes.remove_prefix(taken);
  if (end == std::string_view::npos) return false;
  if (!held_.ends_with("\r\n")) {
    refuse(400);
    return false;
  }
  held_.resize(held_.size() - 2);
  return true;
}

// A line between chunks or of the trailer has come.
RequestParser::Progress RequestParser::end_line() {
  const std::string line = std::exchange(held_, {});
  if (state_ == State::chunk_end) {
    if (!line.empty()) return refuse(400);
    state_ = State::chunk_size;
    return Progress::more;
  }
  if (state_ == State::trailer) {
    trailer_ += line.size() + 2;
    if (trailer_ > limits_.header_max) return refuse(431);
    if (!line.empty()) return read_field(line, true) ? Progress::more : refuse(400);
    state_ = State::done;
    return Progress::done;
  }
  const char* end = line.data() + line.size();
  const auto [behind, error] = std::from_chars(line.data(), end, left_, 16);
  if (error == std::errc::result_out_of_range) return refuse(413);
  // from_chars takes no sign for an unsigned number, and no prefix; an extension may follow.
  const std::string_view rest = trimmed({behind, static_cast<std::size_t>(end - behind)});
  if (error != std::errc{} || (!rest.empty() && (rest.front() != ';' || !all(rest, kText))))
    return refuse(400);
  if (left_ > limits_.body_max - request_.body.size()) return refuse(413);
  state_ = left_ == 0 ? State::trailer : State::chunk;
  return Progress::more;
}

RequestParser::Progress RequestParser::feed_chunks(std::string_view& bytes) {
  while (!bytes.empty()) {
    if (state_ == State::chunk) {
      const std::string_view piece = bytes.substr(0, left_);
      request_.body += piece;
      left_ -= piece.size();
      bytes.remove_prefix(piece.size());
      if (left_ == 0) state_ = State::chunk_end;
      continue;
    }
    if (!take_line(bytes)) return state_ == State::refused ? Progress::refused : Progress::more;
    if (const Progress progress = end_line(); progress != Progress::more) return progress;
  }
  return Progress::more;
}

}  // namespace net
