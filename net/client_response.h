// The client's side of HTTP/1.1 framing: bytes in, one answer out. Knows Content-Length, chunked, and answers
// that end with the connection; skips 1xx.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/request.h"

namespace net {

class ResponseReader {
 public:
  enum class State : std::uint8_t { more, done, malformed };

  explicit ResponseReader(bool head_request) : head_request_(head_request) {}

  State feed(std::string_view bytes);
  State end_of_stream();  // the peer closed: done for an answer without a length, malformed for a cut one

  bool started() const { return started_; }        // at least one byte has come
  bool keep_alive() const { return keep_alive_; }  // valid when done; false when bytes are left over
  const std::string& problem() const { return problem_; }
  Response take() { return std::move(response_); }

 private:
  enum class Phase : std::uint8_t { head, body, chunk_size, chunk, trailers, until_close, done };

  State parse();
  State fail(std::string what);
  bool parse_head(std::string_view head);  // false: problem_ says why
  bool choose_framing();
  State parse_chunk_size();
  State finish();

  bool head_request_;
  bool started_ = false;
  bool keep_alive_ = true;
  Phase phase_ = Phase::head;
  std::string buffer_;
  std::size_t at_ = 0;         // parsed up to here in buffer_
  std::size_t remaining_ = 0;  // of the body or of the chunk
  Response response_;
  std::string problem_;
};

}  // namespace net
