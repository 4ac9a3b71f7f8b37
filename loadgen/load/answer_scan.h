// Reads an HTTP/1.1 answer as it arrives and learns only what a load generator needs: the status, where the
// answer ends (Content-Length, chunks, or the connection's end), whether the connection stays. Allocates only
// when an answer's head is cut in two or a body to be searched comes in pieces, and keeps that memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace loadgen::load {

class AnswerScan {
 public:
  enum class Progress : std::uint8_t { more, done, malformed };
  static constexpr std::size_t kLongestHead = 64 * 1024;

  // `head_request`: the answer to HEAD has no body whatever its headers say. `wanted`: text to find in the
  // body, outlives the scan; empty: the body is only counted.
  explicit AnswerScan(bool head_request = false, std::string_view wanted = {})
      : wanted_(wanted), head_request_(head_request) {}

  // Where the body goes, too; outlives the answer, empty before it.
  void keep(std::string* body) { into_ = body; }
  // The body of an answer that is done, when it was to be kept: where the last piece that was fed lies if it
  // came in one with a known length (nothing is copied then), else what keep() named.
  std::string_view kept() const { return in_place_.data() == nullptr ? *into_ : in_place_; }
  void restart();  // before the next request of the connection
  Progress feed(
      std::string_view bytes);  // bytes behind the answer's end are malformed: one request in flight
  Progress finish();            // the peer closed: done for an answer that ends with the connection

  bool begun() const { return begun_; }
  int status() const { return status_; }
  bool closes() const { return closes_; }  // the server asked for the connection's end
  bool found() const { return found_; }    // `wanted` stood in the body, or nothing was wanted

 private:
  enum class State : std::uint8_t { head, sized, chunk_size, chunk, chunk_end, trailer, until_close, done };
  bool read_head(std::string_view head);
  bool read_field(std::string_view name, std::string_view value);
  Progress feed_head(std::string_view& bytes);
  Progress feed_chunks(std::string_view bytes);
  bool take_line(std::string_view& bytes, std::string_view& line);  // false: not all of it is there
  void body(std::string_view piece);
  Progress complete();

  std::string_view wanted_;
  std::string* into_ = nullptr;
  std::string_view in_place_;
  std::string held_;  // the beginning of a head or line that was cut, or the body so far
  std::string kept_;
  std::uint64_t left_ = 0;
  int status_ = 0;
  State state_ = State::head;
  bool head_request_ = false, begun_ = false, closes_ = false, found_ = false, chunked_ = false,
       sized_ = false;
};

}  // namespace loadgen::load
