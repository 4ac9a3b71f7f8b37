// Reads HTTP/1.1 requests as a server must (RFC 9112): in pieces of any size, strictly, within limits. What
// two readers could understand in two ways is refused, so that no proxy in front can be talked past.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/request.h"

namespace net {

struct ParserLimits {
  std::size_t header_max = 16 * 1024;  // request line and headers; a trailer; beyond: 431
  std::size_t body_max = 1 << 20;      // beyond: 413
};

class RequestParser {
 public:
  enum class Progress : std::uint8_t { more, done, refused };

  explicit RequestParser(const ParserLimits& limits) : limits_(limits) {}

  // Takes the beginning of `bytes` away: all of it, or up to the end of one request. After `done` the next
  // call begins the next request; after `refused` nothing can be read any more.
  Progress feed(std::string_view& bytes);

  // Some of a request has been seen, but not all.
  bool begun() const { return state_ == State::head ? !held_.empty() : state_ != State::done; }
  int refusal() const { return refusal_; }  // 400, 413, 431 or 501
  // Once per request: its head is complete, it has a body to come, and the client waits for "100 Continue".
  bool take_expectation();

  Request& request() { return request_; }  // complete after `done`, its head after a refusal with 413
  bool keep_alive() const { return keep_alive_; }
  bool old_version() const { return old_version_; }  // HTTP/1.0

 private:
  enum class State : std::uint8_t { head, sized, chunk_size, chunk, chunk_end, trailer, done, refused };

  Progress refuse(int status);
  void begin();
  bool skip_empty_lines(std::string_view& bytes);
  Progress feed_head(std::string_view& bytes);
  bool plausible(std::string_view text, std::size_t from) const;
  bool read_request_line(std::string_view line);
  bool read_field(std::string_view line, bool trailer);
  bool note_field(std::string_view name, std::string_view value);
  bool read_head(std::string_view head);
  Progress frame_body();
  Progress feed_sized(std::string_view& bytes);
  Progress feed_chunks(std::string_view& bytes);
  bool take_line(std::string_view& bytes);
  Progress end_line();

  ParserLimits limits_;
  State state_ = State::head;
  int refusal_ = 0;
  std::string held_;  // the beginning of a head, or of a line between chunks
  Request request_;
  std::uint64_t left_ = 0;  // of the body or the chunk
  std::size_t trailer_ = 0, empty_lines_ = 0;
  int hosts_ = 0;
  bool sized_ = false, chunked_ = false, old_version_ = false, keep_alive_ = true, expects_ = false;
  bool close_ = false, stay_ = false;  // what Connection asks for
};

}  // namespace net
