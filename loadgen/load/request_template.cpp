#include "loadgen/load/request_template.h"

#include <array>
#include <cstddef>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/load/raw.h"

namespace loadgen::load {
namespace {

constexpr std::string_view kToken = "@token@";
constexpr model::Instant kMarkedNow{1'234'567'890'123};

constexpr std::array<std::string_view, 6> kIds{
    "00000000-a5a5-4000-8000-000000000001",
    "00000000-a5a5-4000-8000-000000000002",
    "00000000-a5a5-4000-8000-000000000003",
    "00000000-a5a5-4000-8000-000000000004",
    "00000000-a5a5-4000-8000-000000000005",
    "00000000-a5a5-4000-8000-000000000006"};  // task, escrow, proof, dispute, verification, actor

Bindings marked() {
  const auto many = [](std::size_t count, std::size_t id) {
    return std::vector<std::string>(count, std::string(kIds[id]));
  };
  Bindings out;
  out.tasks = many(1, 0);
  out.escrows = many(1, 1);
  out.proofs = many(3, 2);
  out.disputes = many(1, 3);
  out.verifications = many(1, 4);
  out.users = many(3, 5);
  return out;
}

}  // namespace

RequestTemplate::RequestTemplate(const model::Command& command, std::uint64_t number,
                                 const net::TargetAddress& target)
    : deadline_in_(command.deadline_in), valid_for_(command.valid_for) {
  const net::Request request =
      request_of(command, marked(), std::string(kToken), kMarkedNow, false, number, target.url.path);
  const std::string now = iso_text(kMarkedNow), deadline = iso_text(kMarkedNow + deadline_in_),
                    expiry = iso_text(kMarkedNow + valid_for_);
  const std::string bytes = request_bytes(request, target.url);
  const std::array<std::string_view, 10> marks{kToken,  kIds[0], kIds[1], kIds[2],  kIds[3],
                                               kIds[4], kIds[5], now,     deadline, expiry};
  std::string_view left = bytes;
  while (true) {
    std::size_t first = std::string_view::npos, which = 0;
    for (std::size_t i = 0; i < marks.size(); ++i) {
      const std::size_t at = left.find(marks[i]);
      if (at < first) first = at, which = i;
    }
    if (first == std::string_view::npos) break;
    pieces_.push_back({std::string(left.substr(0, first)), static_cast<Hole>(which)});
    left.remove_prefix(first + marks[which].size());
  }
  rest_ = left;
}

void RequestTemplate::fill(const Fill& fill, std::string& out) const {
  out.clear();
  for (const Piece& piece : pieces_) {
    out += piece.text;
    switch (piece.hole) {
      case Hole::token:
        out += fill.token;
        break;
      case Hole::task:
        out += fill.task;
        break;
      case Hole::escrow:
        out += fill.escrow;
        break;
      case Hole::proof:
        out += fill.proof;
        break;
      case Hole::dispute:
        out += fill.dispute;
        break;
      case Hole::verification:
        out += fill.verification;
        break;
      case Hole::actor:
        out += fill.actor;
        break;
      case Hole::now:
        out += iso_text({fill.now_ms});
        break;
      case Hole::expiry:
        out += iso_text(model::Instant{fill.now_ms} + valid_for_);
        break;
      case Hole::deadline:
        out += iso_text(model::Instant{fill.now_ms} + deadline_in_);
        break;
    }
  }
  out += rest_;
}

std::string post_bytes(const net::TargetAddress& target, std::string_view path, std::string_view content_type,
                       std::string_view extra, std::string_view body) {
  return fmt::format(
      "POST {}{} HTTP/1.1\r\nHost: {}:{}\r\nContent-Type: {}\r\n{}Content-Length: {}\r\n\r\n{}",
      target.url.path, path, target.url.host, target.url.port, content_type, extra, body.size(), body);
}

}  // namespace loadgen::load
