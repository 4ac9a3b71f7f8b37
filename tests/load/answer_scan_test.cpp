// The scan of answers: every legal end is found, whatever the pieces in which the bytes come.
#include "loadgen/load/answer_scan.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace loadgen::load {
namespace {

using Progress = AnswerScan::Progress;

struct Case {
  std::string bytes;
  int status;
  bool closes = false;
};

const std::vector<Case> whole = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200},
    {"HTTP/1.1 503 Service Unavailable\r\nDate: x\r\ncontent-length:  5 \r\nConnection: close\r\n\r\nhello",
     503, true},
    {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", 200},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\nTrailer: 1\r\n\r\n", 200},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello", 201},
};

TEST(AnswerScan, FindsTheEndInOnePieceAndInAnyTwo) {
  for (const Case& one : whole) {
    for (std::size_t cut = 0; cut < one.bytes.size(); ++cut) {
      AnswerScan scan(false, "hello");
      scan.restart();
      if (cut > 0) ASSERT_EQ(scan.feed(one.bytes.substr(0, cut)), Progress::more) << one.bytes << cut;
      ASSERT_EQ(scan.feed(one.bytes.substr(cut)), Progress::done) << one.bytes << cut;
      EXPECT_EQ(scan.status(), one.status);
      EXPECT_EQ(scan.closes(), one.closes);
      EXPECT_TRUE(scan.found()) << one.bytes << cut;
    }
  }
}

TEST(AnswerScan, FindsTheEndByteByByteAgainAndAgain) {
  AnswerScan scan(false, "hello");
  for (const Case& one : whole) {
    scan.restart();
    for (std::size_t i = 0; i + 1 < one.bytes.size(); ++i) {
      ASSERT_EQ(scan.feed(one.bytes.substr(i, 1)), Progress::more) << one.bytes << i;
    }
    EXPECT_EQ(scan.feed(one.bytes.substr(one.bytes.size() - 1)), Progress::done) << one.bytes;
    EXPECT_TRUE(scan.found());
  }
}

TEST(AnswerScan, AnswersWithoutBodyEndAtTheirHead) {
  AnswerScan scan;
  EXPECT_EQ(scan.feed("HTTP/1.1 204 No Content\r\n\r\n"), Progress::done);
  scan.restart();
  EXPECT_EQ(scan.feed("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"), Progress::done);
  AnswerScan head(true);
  EXPECT_EQ(head.feed("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"), Progress::done);
}

TEST(AnswerScan, TheConnectionsEndEndsAnAnswerWithoutLength) {
  AnswerScan scan(false, "lo");
  EXPECT_EQ(scan.feed("HTTP/1.1 200 OK\r\n\r\nhel"), Progress::more);
  EXPECT_EQ(scan.feed("lo"), Progress::more);
  EXPECT_EQ(scan.finish(), Progress::done);
  EXPECT_TRUE(scan.found());
  scan.restart();
  EXPECT_EQ(scan.feed("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel"), Progress::more);
  EXPECT_EQ(scan.finish(), Progress::malformed);
}

TEST(AnswerScan, RefusesWhatIsNotAnAnswer) {
  for (const char* bytes :
       {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/2 200\r\n\r\n", "\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello!",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nC\r\n\r\n"}) {
    AnswerScan scan;
    EXPECT_EQ(scan.feed(bytes), Progress::malformed) << bytes;
  }
  AnswerScan scan;
  EXPECT_EQ(scan.feed(std::string(AnswerScan::kLongestHead + 1, 'H')), Progress::malformed);
}

TEST(AnswerScan, MissesTextThatIsNotThere) {
  AnswerScan scan(false, "bye");
  EXPECT_EQ(scan.feed(whole[0].bytes), Progress::done);
  EXPECT_FALSE(scan.found());
}

}  // namespace
}  // namespace loadgen::load
