#include "loadgen/campaign/gate.h"

namespace loadgen {

std::vector<std::string> default_mix() {
  return {"tour",
          "races",
          "tour",
          "double_webhooks",
          "disputes",
          "cancellation",
          "happy_path",
          "races",
          "webhook_disorder",
          "wrong_actors",
          "bad_inputs",
          "expiry",
          "seed_mix",
          "payouts",
          "review_timeout",
          "unqualified_workers",
          "expired_credentials"};
}

}  // namespace loadgen
