#include "net/request_parser.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace {

using net::RequestParser;
using Progress = RequestParser::Progress;

constexpr net::ParserLimits kLimits{.header_max = 300, .body_max = 64};

// Everything that one connection's bytes were read as.
struct Reading {
  std::vector<net::Request> requests;
  std::vector<bool> keep_alive;
  int refusal = 0;
  bool begun = false;  // the beginning of one more is there

  std::string text() const {
    std::string out;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const net::Request& each = requests[i];
      out += each.method + '|' + each.target + '|' + each.body + (keep_alive[i] ? "|stays" : "|ends");
      for (const auto& [name, value] : each.headers.entries) out += '|' + name + '=' + value;
      out += '\n';
    }
    return out + std::to_string(refusal) + (begun ? " begun" : "");
  }
};

Reading read(const std::vector<std::string_view>& pieces, net::ParserLimits limits = kLimits) {
  Reading out;
  RequestParser parser(limits);
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      const Progress progress = parser.feed(piece);
      if (progress == Progress::more) {
        EXPECT_TRUE(piece.empty()) << "a reader that wants more has to take what there is";
        break;
      }
      if (progress == Progress::refused) {
        out.refusal = parser.refusal();
        return out;
      }
      out.requests.push_back(parser.request());
      out.keep_alive.push_back(parser.keep_alive());
    }
  }
  out.begun = parser.begun();
  return out;
}

std::vector<std::string_view> cut(std::string_view text, std::vector<std::size_t> cuts) {
  std::ranges::sort(cuts);
  std::vector<std::string_view> pieces;
  std::size_t from = 0;
  for (const std::size_t at : cuts) {
    pieces.push_back(text.substr(from, at - from));
    from = at;
  }
  pieces.push_back(text.substr(from));
  return pieces;
}

const std::vector<std::string> kCorpus{
    "GET /trpc/health.ping HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /a?b=%20 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
    "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
    "chunked\r\n\r\n3\r\nabc\r\n0a;x=y\r\n0123456789\r\n0\r\n\r\n",
    "POST /t HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\nz\r\n0\r\nX-Sum: 1\r\nB: "
    "2\r\n\r\n",
    "\r\n\r\nHEAD / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET /2 HTTP/1.1\r\nhost:y\r\nConnection: a, "
    "CLOSE\r\n\r\n",
    "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nExpect: "
    "100-continue\r\nContent-Length: 2\r\n\r\nokGET /3 "
    "HTTP/1.1\r\nHost: x\r\nX-Empty:\r\nX-Wide: \t a  b \t\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
};

TEST(RequestParser, ReadsTheSameHoweverTheBytesAreCut) {
  for (const std::string& text : kCorpus) {
    const std::string whole = read({text}).text();
    EXPECT_TRUE(whole.ends_with("\n0")) << whole;
    for (std::size_t at = 0; at <= text.size(); ++at) {
      EXPECT_EQ(read(cut(text, {at})).text(), whole) << at;
      EXPECT_EQ(read(cut(text, {at, std::min(at + 1, text.size())})).text(), whole) << at;
    }
    std::vector<std::string_view> bytes;
    for (std::size_t at = 0; at < text.size(); ++at) bytes.push_back(std::string_view(text).substr(at, 1));
    EXPECT_EQ(read(bytes).text(), whole);
  }
}

TEST(RequestParser, ReadsWhatWasMeant) {
  EXPECT_EQ(read({kCorpus[2]}).text(), "POST|/c|abc0123456789|stays|Host=x|Transfer-Encoding=chunked\n0");
  EXPECT_EQ(read({kCorpus[3]}).text(), "POST|/t|z|stays|Host=x|Transfer-Encoding=Chunked\n0");
  EXPECT_EQ(read({kCorpus[4]}).text(),
            "HEAD|/||stays|Connection=Keep-Alive\nGET|/2||ends|host=y|Connection=a, CLOSE\n0");
  EXPECT_EQ(read({kCorpus[5]}).requests.at(2).headers.entries.back().second, "a  b");
  EXPECT_EQ(read({"GET / HTTP/1.0\r\n\r\n"}).text(), "GET|/||ends\n0");
}

// What holds for every request that was let through, whatever its bytes were.
void expect_sound(const net::Request& request, bool any_host) {
  const auto plain = [](std::string_view text, bool blank) {
    return std::ranges::none_of(text, [&](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return byte == 0x7f || (byte < 0x20 && c != '\t') || (!blank && (c == ' ' || c == '\t'));
    });
  };
  EXPECT_TRUE(!request.method.empty() && plain(request.method, false));
  EXPECT_TRUE(!request.target.empty() && plain(request.target, false));
  int lengths = 0, codings = 0, hosts = 0;
  const auto named = [](const std::string& name, const char* word) {
    net::Headers one;
    one.add(name, "");
    return one.find(word) != nullptr;
  };
  for (const auto& [name, value] : request.headers.entries) {
    EXPECT_TRUE(!name.empty() && plain(name, false) && name.find(':') == std::string::npos) << name;
    EXPECT_TRUE(plain(value, true)) << value;
    lengths += named(name, "content-length") ? 1 : 0;
    codings += named(name, "transfer-encoding") ? 1 : 0;
    hosts += named(name, "host") ? 1 : 0;
    if (named(name, "content-length")) EXPECT_EQ(std::stoull(value), request.body.size());
  }
  EXPECT_LE(lengths + codings, 1);
  EXPECT_TRUE(hosts == 1 || (any_host && hosts == 0));
  if (lengths + codings == 0) EXPECT_EQ(request.body, "");
  EXPECT_LE(request.body.size(), kLimits.body_max);
}

// A quarter of a million ruined connections: read alike in one piece and in many, never beyond the limits.
TEST(RequestParser, RuinedBytesAreReadAlikeInAnyPieces) {
  std::mt19937 random(20260103);
  const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::string alphabet("\r\n\t :;,0123456789afAF\0\x7f\x80\xff/HTTP.xchunkedContent-Length", 64);
  for (int i = 0; i < 250'000; ++i) {
    std::string text = kCorpus[below(kCorpus.size())] + (i % 4 == 0 ? kCorpus[below(kCorpus.size())] : "");
    for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text[at] = alphabet[below(alphabet.size())];
          break;
        case 1:
          text.insert(at, 1, alphabet[below(alphabet.size())]);
          break;
        case 2:
          text.erase(at, 1 + below(3));
          break;
        default:
          text.insert(at, text.substr(below(text.size()), 1 + below(40)));
      }
      if (text.empty()) text = "\r";
    }
    const Reading whole = read({text});
    for (const net::Request& each : whole.requests) expect_sound(each, true);
    const Reading pieces = read(cut(text, {below(text.size()), below(text.size()), below(text.size())}));
    // A refusal may come before the rest is there, and then for the first of two reasons.
    if (whole.refusal == 0) {
      ASSERT_EQ(pieces.text(), whole.text()) << i;
    } else {
      ASSERT_NE(pieces.refusal, 0) << i;
      ASSERT_EQ(pieces.requests.size(), whole.requests.size()) << i;
    }
  }
}

struct Refused {
  const char* why;
  std::string bytes;
  int status;
};

std::string post(const std::string& headers, const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n" + body;
}

const std::vector<Refused> kRefused{
    {"length and chunks", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
    {"chunks and length", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"), 400},
    {"two lengths", post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), 400},
    {"the same length twice", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400},
    {"a list of lengths", post("Content-Length: 3, 3\r\n", "abc"), 400},
    {"a signed length", post("Content-Length: +3\r\n", "abc"), 400},
    {"a negative length", post("Content-Length: -3\r\n", "abc"), 400},
    {"a hexadecimal length", post("Content-Length: 0x3\r\n", "abc"), 400},
    {"an empty length", post("Content-Length: \r\n", "abc"), 400},
    {"a length beyond 64 bits", post("Content-Length: 18446744073709551617\r\n", "a"), 413},
    {"chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
    {"chunked at the end of a list", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501},
    {"chunked not at the end", post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"), 501},
    {"nearly chunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501},
    {"a vertical tab before chunked",
     post("Transfer-Encoding: \x0b"
          "chunked\r\n",
          "0\r\n\r\n"),
     400},
    {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"a blank before the colon", post("Content-Length : 3\r\n", "abc"), 400},
    {"a folded line", post("X: a\r\n Content-Length: 3\r\n", "abc"), 400},
    {"a folded first line", "GET / HTTP/1.1\r\n X: y\r\nHost: x\r\n\r\n", 400},
    {"no name", post(": 3\r\n", ""), 400},
    {"a bare line feed", "GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n", 400},
    {"only line feeds", "GET / HTTP/1.1\nHost: x\n\n", 400},
    {"a bare carriage return", post("X: a\rContent-Length: 3\r\n", "abc"), 400},
    {"a zero byte in a value", post(std::string("X: a\0b\r\n", 8), ""), 400},
    {"a zero byte in a name", post(std::string("X\0: a\r\n", 7), ""), 400},
    {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
    {"two blanks", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"a blank in the target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"a blank behind the version", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400},
    {"a blank in front", " GET / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"no target", "GET HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"no version", "GET /\r\nHost: x\r\n\r\n", 400},
    {"another version", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", 400},
    {"a version in small letters", "GET / http/1.1\r\nHost: x\r\n\r\n", 400},
    {"HTTP/2 without asking", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
    {"a TLS greeting", std::string("\x16\x03\x01\x02\x00\x01\x00", 7), 400},
    {"a word and no end", "nonsense\r\n", 400},
    {"a method without end", std::string(40, 'A'), 400},
    {"empty lines without end", "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
     400},
    {"a chunk without a size", post("Transfer-Encoding: chunked\r\n", "\r\nabc\r\n0\r\n\r\n"), 400},
    {"a chunk with a sign", post("Transfer-Encoding: chunked\r\n", "+3\r\nabc\r\n0\r\n\r\n"), 400},
    {"a chunk with 0x", post("Transfer-Encoding: chunked\r\n", "0x3\r\nabc\r\n0\r\n\r\n"), 400},
    {"a chunk with a blank in front", post("Transfer-Encoding: chunked\r\n", " 3\r\nabc\r\n0\r\n\r\n"), 400},
    {"a chunk longer than its size", post("Transfer-Encoding: chunked\r\n", "2\r\nabc\r\n0\r\n\r\n"), 400},
    {"a chunk with a bare line feed", post("Transfer-Encoding: chunked\r\n", "3\nabc\r\n0\r\n\r\n"), 400},
    {"a chunk ended by a bare line feed", post("Transfer-Encoding: chunked\r\n", "3\r\nabc\n0\r\n\r\n"), 400},
    {"a size beyond 64 bits", post("Transfer-Encoding: chunked\r\n", "10000000000000003\r\nabc"), 413},
    {"an endless extension", post("Transfer-Encoding: chunked\r\n", "3;" + std::string(300, 'x')), 400},
    {"a length in the trailer", post("Transfer-Encoding: chunked\r\n", "0\r\nContent-Length: 3\r\n\r\n"),
     400},
    {"chunks in the trailer",
     post("Transfer-Encoding: chunked\r\n", "0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400},
    {"a Connection that is no list", post("Connection: close now\r\n", ""), 400},
    {"a trailer that is no field", post("Transfer-Encoding: chunked\r\n", "0\r\nnonsense\r\n\r\n"), 400},
    {"an endless trailer", post("Transfer-Encoding: chunked\r\n", "0\r\nX: " + std::string(400, 'x')), 431},
    {"many trailers",
     post("Transfer-Encoding: chunked\r\n", "0\r\n" + std::string(120, 'x') + ": 1\r\n" +
                                                std::string(120, 'y') + ": 1\r\n" + std::string(120, 'z') +
                                                ": 1\r\n"),
     431},
};

TEST(RequestParser, RefusesWhatTwoReadersCouldReadInTwoWays) {
  for (const Refused& each : kRefused) {
    const Reading whole = read({each.bytes});
    EXPECT_EQ(whole.refusal, each.status) << each.why;
    EXPECT_EQ(whole.requests.size(), 0U) << each.why;
    for (std::size_t at = 0; at < each.bytes.size(); ++at)
      EXPECT_EQ(read(cut(each.bytes, {at})).refusal, each.status) << each.why << " cut at " << at;
  }
}

TEST(RequestParser, LimitsHoldToTheByte) {
  const std::string begin = "GET / HTTP/1.1\r\nHost: x\r\nX: ";
  const auto head = [&](std::size_t size) { return begin + std::string(size - begin.size(), 'a'); };
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{150}, std::size_t{299}}) {
    EXPECT_EQ(read(cut(head(kLimits.header_max) + "\r\n\r\n", {at})).requests.size(), 1U) << at;
    EXPECT_EQ(read(cut(head(kLimits.header_max + 1) + "\r\n\r\n", {at})).refusal, 431) << at;
  }
  EXPECT_EQ(read({head(kLimits.header_max + 4)}).refusal, 431);  // told before the end has come
  const auto sized = [](std::size_t n) {
    return post("Content-Length: " + std::to_string(n) + "\r\n", std::string(n, 'b'));
  };
  EXPECT_EQ(read({sized(kLimits.body_max)}).requests.size(), 1U);
  EXPECT_EQ(read({sized(kLimits.body_max + 1)}).refusal, 413);
  const std::string chunk = "20\r\n" + std::string(32, 'c') + "\r\n";
  const std::string chunked = post("Transfer-Encoding: chunked\r\n", chunk + chunk);
  EXPECT_EQ(read({chunked + "0\r\n\r\n"}).requests.at(0).body.size(), 64U);
  EXPECT_EQ(read({chunked + "1\r\nc\r\n0\r\n\r\n"}).refusal, 413);
}

TEST(RequestParser, TellsOnceThatTheClientWaitsForLeave) {
  RequestParser parser(kLimits);
  std::string_view head = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
  EXPECT_EQ(parser.feed(head), Progress::more);
  EXPECT_TRUE(parser.take_expectation());
  EXPECT_FALSE(parser.take_expectation());
  std::string_view body = "ok";
  EXPECT_EQ(parser.feed(body), Progress::done);
  std::string_view old = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  EXPECT_EQ(parser.feed(old), Progress::more);
  EXPECT_FALSE(parser.take_expectation());  // HTTP/1.0 knows no interim answer (RFC 9110 §10.1.1)
}

// Whatever is sent by the rules comes out as it was meant.
RC_GTEST_PROP(RequestParser, ReadsEveryLegalRequest, ()) {
  const auto word =
      rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcXYZ019-_"))));
  const auto method = *rc::gen::element<std::string>("GET", "POST", "PUT", "DELETE", "PATCH");
  const auto target = "/" + *word;
  const auto body =
      (*rc::gen::container<std::string>(rc::gen::arbitrary<char>())).substr(0, kLimits.body_max);
  const bool chunked = *rc::gen::arbitrary<bool>();
  std::string text = method + " " + target + " HTTP/1.1\r\nHost: x\r\n";
  if (chunked) {
    text += "Transfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < body.size();) {
      const auto size = *rc::gen::inRange<std::size_t>(1, body.size() - at + 1);
      constexpr std::string_view kDigits = "0123456789abcdef";
      text += {kDigits[size >> 4U & 15U], kDigits[size & 15U]};
      text += "\r\n" + body.substr(at, size) + "\r\n";
      at += size;
    }
    text += "0\r\n\r\n";
  } else {
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  const auto reading = read(cut(text + text, {*rc::gen::inRange<std::size_t>(0, 2 * text.size())}));
  RC_ASSERT(reading.requests.size() == 2U);
  for (const net::Request& each : reading.requests) {
    RC_ASSERT(each.method == method);
    RC_ASSERT(each.target == target);
    RC_ASSERT(each.body == body);
  }
}

}  // namespace
