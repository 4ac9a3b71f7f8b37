// A second reader of requests, of another hand: what ours lets through, it must read in the same way.
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <gtest/gtest.h>

#include <random>

#include "net/request_parser.h"

namespace {

namespace http = boost::beast::http;

struct Read {
  bool good = false;
  std::string method, target, body;
  std::size_t size = 0;  // bytes of the request
  bool keep_alive = false;
  bool finical = false;  // refused for the grammar of a value or extension that frames nothing
};

Read by_ours(std::string_view text) {
  net::RequestParser parser({.header_max = 8'192, .body_max = 4'096});
  std::string_view rest = text;
  Read out;
  out.good = parser.feed(rest) == net::RequestParser::Progress::done;
  if (!out.good) return out;
  const net::Request& request = parser.request();
  out.method = request.method, out.target = request.target, out.body = request.body;
  out.size = text.size() - rest.size();
  out.keep_alive = parser.keep_alive();
  return out;
}

Read by_beast(std::string_view text) {
  http::request_parser<http::string_body> parser;
  parser.eager(true);
  parser.body_limit(4'096);
  boost::system::error_code error;
  Read out;
  while (text.substr(out.size).starts_with("\r\n")) out.size += 2;  // it bears with no empty line in front
  while (!parser.is_done() && out.size < text.size()) {
    const std::size_t took = parser.put(boost::asio::buffer(text.substr(out.size)), error);
    out.size += took;
    out.finical = error == http::error::bad_value || error == http::error::bad_chunk_extension;
    if (error || took == 0) return out;
  }
  out.good = parser.is_done();
  const auto& message = parser.get();
  out.method = std::string_view(message.method_string());
  out.target = std::string_view(message.target());
  out.body = message.body();
  out.keep_alive = parser.keep_alive();
  return out;
}

TEST(BeastAgreement, WhatIsLetThroughMeansTheSameToAnotherReader) {
  const std::vector<std::string> corpus{"GET /trpc/health.ping HTTP/1.1\r\nHost: x\r\n\r\n",
                                        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
                                        "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
                                        "chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
                                        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                                        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"};
  const std::string alphabet("\r\n\t :;,0123456789afAF\0\x7f\x80\xff/HTTP.xchunkedContent-Length", 64);
  std::mt19937 random(20260104);
  const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  int agreed = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = corpus[below(corpus.size())] + corpus[below(corpus.size())];
    for (std::size_t edits = below(4); edits > 0; --edits) {
      const std::size_t at = below(text.size());
      if (below(3) == 0)
        text.insert(at, text.substr(below(text.size()), 1 + below(30)));
      else if (below(2) == 0)
        text.insert(at, 1, alphabet[below(alphabet.size())]);
      else
        text[at] = alphabet[below(alphabet.size())];
    }
    const Read ours = by_ours(text);
    if (!ours.good) continue;  // we may be stricter
    const Read other = by_beast(text);
    if (other.finical) continue;
    ASSERT_TRUE(other.good) << text;
    ASSERT_EQ(other.size, ours.size) << text;
    ASSERT_EQ(other.method, ours.method) << text;
    ASSERT_EQ(other.target, ours.target) << text;
    ASSERT_EQ(other.body, ours.body) << text;
    ASSERT_TRUE(other.keep_alive || !ours.keep_alive) << text;  // we may end where it stays
    ++agreed;
  }
  EXPECT_GT(agreed, 40'000);
}

}  // namespace
