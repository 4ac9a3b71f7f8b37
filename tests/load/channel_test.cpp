// The generator over a Unix socket and over TLS: the same figures as over TCP.
#include "net/channel.h"

#include <gtest/gtest.h>

#include <string>

#include "loadgen/environment/error.h"
#include "loadgen/load/raw.h"
#include "tests/load/front.h"
#include "tests/load/target.h"

namespace loadgen::load {
namespace {

using load_test::Front;

RawOptions options_for(const std::string& target) {
  const net::TargetAddress address = net::parse_target(target).value();
  return {.target = address.url,
          .tls = address.tls,
          .socket_path = address.socket_path,
          .verify = false,
          .request = {"GET", "/", {}, ""},
          .arrivals = {.rate = 200, .duration_s = 1, .warmup_s = 0, .seed = 1},
          .connections = 1,
          .timeout_s = 2};
}

TEST(Channel, AUnixSocketIsATarget) {
  const load_test::Target target;
  const Front front(Front::Kind::unix_socket, target.url());
  const RawResult result = run_raw(options_for(front.target()));
  EXPECT_EQ(result.tally.measured.ok(), 200U);
  EXPECT_EQ(result.tally.measured.failed(), 0U);
}

TEST(Channel, TlsIsATarget) {
  const load_test::Target target;
  const Front front(Front::Kind::tls, target.url());
  const RawResult result = run_raw(options_for(front.target()));
  EXPECT_EQ(result.tally.measured.ok(), 200U);
  EXPECT_EQ(result.tally.measured.failed(), 0U);
}

TEST(Channel, ACertificateThatNobodyTrustsIsRefused) {
  const load_test::Target target;
  const Front front(Front::Kind::tls, target.url());
  RawOptions options = options_for(front.target());
  options.verify = true;
  const RawResult result = run_raw(options);
  EXPECT_EQ(result.tally.measured.ok(), 0U);
  EXPECT_GT(result.tally.measured.failures[static_cast<std::size_t>(Failure::reset)], 100U);
}

TEST(Channel, TargetsAreRead) {
  EXPECT_EQ(net::parse_target("https://example.org")->url.port, 443);
  EXPECT_EQ(net::parse_target("https://example.org:8443/base")->text(), "https://example.org:8443/base");
  EXPECT_EQ(net::parse_target("unix:/run/x")->text(), "unix:/run/x");
  EXPECT_FALSE(net::parse_target("unix:x"));
  EXPECT_FALSE(net::parse_target("ftp://x"));
}

}  // namespace
}  // namespace loadgen::load
