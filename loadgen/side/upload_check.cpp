// Places to upload to, tried as a client would and as a cheat would (proof-and-gps.md §3, §8): what is
// signed, how long, how often; who may use a receipt; sizes at their limit; the store when it fails.
#include <algorithm>

#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "loadgen/encode.h"
#include "loadgen/side/inspection_check.h"
#include "loadgen/side/proof_hands.h"
#include "loadgen/side/proof_submissions.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "model/vocabulary/limits.h"
#include "net/sign.h"
#include "sim/photos.h"

namespace loadgen {
namespace {

using model::limits::kPhotoBytesMax;
using nlohmann::json;

constexpr std::string_view kSpec = "proof-and-gps.md §3, PRF-7";
constexpr std::int64_t kLifetimeS = model::limits::kUploadLifetime / model::kSecond;

// A photo of exactly this many bytes.
std::string photo_of(std::size_t bytes, model::Instant captured) {
  constexpr std::size_t kComment = 60'000;
  const std::string nonce = net::random_hex(16);
  const std::size_t bare = sim::jpeg_photo({.nonce = nonce, .captured = captured}).size();
  const std::size_t comments = (bytes - bare + kComment + 3) / (kComment + 4);
  return sim::jpeg_photo({.nonce = nonce, .captured = captured, .padding = bytes - bare - 4 * comments});
}

class Uploads : ProofHands {
 public:
  explicit Uploads(const SafetyStage& stage) : ProofHands(stage, "safety uploads", kSpec) {}

  void run() {
    signed_facts();
    single_use();
    lifetime();
    privacy();
    receipts();
    kinds();
    sizes();
    outage();
  }

 private:
  static std::string outcome(int status) {
    return status / 100 == 2 ? "stored" : status == 0 ? "no answer" : "refused";
  }

  std::string stored(const std::string& key) { return control_.digests({key}).front().value_or("nothing"); }

  // FM-123: key, type and length are signed; nothing else can be put with the URL.
  void signed_facts() {
    const SideTask at = task();
    const Place made = place(at, photo());
    expect("PRF-7", "the key is made by the server, for the task", "true",
           made.key.starts_with("proofs/" + at.id + "/") ? "true" : made.key);
    expect("PRF-7", "an upload of another type than declared", "refused",
           outcome(put(made, made.bytes, "image/png")));
    expect("PRF-7", "an upload of another length than declared", "refused",
           outcome(put(made, made.bytes + "x")));
    Place other = made;
    const auto path = other.url.find(made.key);
    other.url.replace(path, made.key.size(), made.key + "x");
    expect("PRF-7", "an upload to another key with the same signature", "refused",
           outcome(put(other, made.bytes)));
    expect("PRF-7", "none of these left an object", "nothing", stored(made.key));
    expect("PRF-7", "the upload as declared", "stored", outcome(put(made, made.bytes)));
  }

  // FM-123, FM-124: what was put once stays.
  void single_use() {
    const SideTask at = task();
    const Place made = uploaded(at, photo());
    std::string changed = made.bytes;
    changed[changed.size() - 4] ^= 1;
    for (const bool once : {true, false}) {
      expect("PRF-7", "a second upload to the same place", "refused",
             outcome(control_.upload(made.url, "image/jpeg", changed, once)));
    }
    const Reply done = submit(at, {made.key});
    expect("PRF-7", "a submission with the first upload", "ok", told(done));
    for (const bool once : {true, false}) {
      expect("PRF-7", "an upload after the submission", "refused",
             outcome(control_.upload(made.url, "image/jpeg", changed, once)));
    }
    expect("PRF-7", "the object is the one that was verified", net::hex(net::sha256(made.bytes)),
           stored(made.key));
    expect("PRF-13", "its row says so", net::hex(net::sha256(made.bytes)),
           client_.sql("SELECT checksum_sha256 FROM proof_photos WHERE storage_key = '" + made.key + "'"));
  }

  // T-PRF-09. The store's clock goes ahead, the URL ages.
  void lifetime() {
    await_inspections(client_);
    const SideTask at = task();
    const Reply reply = ask(at, photo());
    expect("PRF-7", "expires_at is the time of the call and ten minutes",
           iso_text(client_.now + model::limits::kUploadLifetime),
           reply.text("/result/data/uploads/0/expires_at"));
    for (const auto& [ahead, wanted] : {std::pair{kLifetimeS - 30, "stored"}, {kLifetimeS + 2, "refused"}}) {
      const Place made = place(at, photo());
      control_.store_ahead(std::chrono::seconds(ahead));
      const int status = put(made, made.bytes);
      control_.store_ahead(std::chrono::seconds(0));
      expect("PRF-7", fmt::format("an upload {} s after its URL was made", ahead), wanted, outcome(status));
    }
  }

  // FM-125.
  void privacy() {
    const Place made = uploaded(task(), photo());
    expect("PRF-7", "reading a photo with the URL of its upload", "refused", fetch(made.url).outcome);
    expect("PRF-7", "reading a photo without a signature", "refused",
           fetch(made.url.substr(0, made.url.find('?'))).outcome);
  }

  // PRF-7, T-PRF-05, T-PRF-09: whose receipt, for which task, how often.
  void receipts() {
    const SideTask mine = task(0);
    const SideTask second = task(0);
    const SideTask theirs = task(1);
    const Place made = uploaded(mine, photo());
    expect("PRF-7", "a receipt of one's own other task", "400 VALIDATION_ERROR",
           told(submit(second, {made.key})).substr(0, 20));
    expect("PRF-7", "a receipt of somebody else", "400 VALIDATION_ERROR",
           told(submit(theirs, {made.key}, 1)).substr(0, 20));
    expect("PRF-7", "its own task", "ok", told(submit(mine, {made.key})));
    const Place copy = uploaded(theirs, made.bytes, 1);
    expect("PRF-13", "the same picture by somebody else", "409 CONFLICT",
           told(submit(theirs, {copy.key}, 1)).substr(0, 12));
    for (const std::size_t who : {std::size_t{0}, std::size_t{1}}) {
      expect("fraud signal", "a reused photo is noted on both accounts", "true",
             client_.sql(fmt::format("SELECT count(*) > 0 FROM fraud_events WHERE kind = 'reused_photo' AND "
                                     "user_id = '{}'",
                                     people_.workers[who].id)) == "t"
                 ? "true"
                 : "false");
    }
    for (const std::size_t stranger : {std::size_t{1}, std::size_t{2}})
      expect("ROLE", "a place to upload to for a stranger's task", "403",
             std::to_string(ask(second, photo(), stranger).status));
  }

  // T-PRF-24, §2.1: each combination of kinds, where before and after are due and where a result is.
  void kinds() {
    for (const char* category : {"cleaning", "errands"}) {
      const bool both = std::string_view(category) == "cleaning";
      for (const std::vector<std::string_view>& sent :
           std::vector<std::vector<std::string_view>>{{"before"},
                                                      {"after"},
                                                      {"result"},
                                                      {"before", "during"},
                                                      {"during", "after"},
                                                      {"before", "after"},
                                                      {"before", "during", "after", "result"}}) {
        const auto has = [&](std::string_view kind) { return std::ranges::find(sent, kind) != sent.end(); };
        const SideTask at = task(2, category);
        std::vector<std::string> keys;
        keys.reserve(sent.size());
        for (const std::string_view kind : sent) keys.push_back(uploaded(at, photo(), 2, kind).key);
        const bool enough = both ? has("before") && has("after") : has("result");
        expect("proof-and-gps.md §2.1", fmt::format("photos of {} for {}", fmt::join(sent, ", "), category),
               enough ? "ok" : "400 VALIDATION_ERROR", told(submit(at, keys, 2)).substr(0, 20));
      }
    }
  }

  // T-PRF-02, T-PRF-06.
  void sizes() {
    const SideTask at = task(2);
    const auto most = static_cast<std::size_t>(kPhotoBytesMax);
    expect("proof-and-gps.md §3", "a photo of one byte more than 10 MiB", "400 VALIDATION_ERROR",
           told(ask(at, std::string(most + 1, 'x'), 2)).substr(0, 20));
    const Place large = uploaded(at, photo_of(most, client_.now), 2);
    expect("proof-and-gps.md §3", "a photo of 10 MiB exactly", "ok", told(submit(at, {large.key}, 2)));
    const SideTask next = task(2);
    const std::string lead(5000, 'n');
    std::vector<std::string> keys;
    for (const char* tail : {"1", "2"}) {
      keys.push_back(
          uploaded(next, sim::jpeg_photo({.nonce = lead + tail, .captured = client_.now, .padding = 500}), 2)
              .key);
    }
    expect("PRF-13", "two pictures that differ in one byte", "ok", told(submit(next, keys, 2)));
  }

  // T-PRF-21: nothing is written while the store cannot be asked, and the retry works.
  void outage() {
    await_inspections(client_);  // which read the store as well
    const SideTask at = task();
    const Place made = uploaded(at, photo());
    for (const char* trouble : {"error_500", "slow_down"}) {
      control_.store_trouble(trouble, "GET", 20);
      const Reply failed = submit(at, {made.key});
      control_.store_trouble("none", "GET", 0);
      expect("T-PRF-21", fmt::format("a submission while the store answers {}", trouble), "not ok",
             failed.ok() ? "ok" : "not ok");
      expect("T-PRF-21", "attempts spent by it", "0", attempts(at));
    }
    control_.store_trouble("error_500", "GET", 1);
    expect("T-PRF-21", "a submission while the store fails once", "ok", told(submit(at, {made.key})));
    control_.store_trouble("none", "GET", 0);
    await_inspections(client_);
    const SideTask next = task();
    const Place swapped = uploaded(next, photo());
    control_.store_trouble("wrong_type", "GET", 1);
    expect("FM-120", "a submission whose object turns out to be no picture", "400 VALIDATION_ERROR",
           told(submit(next, {swapped.key})).substr(0, 20));
    control_.store_trouble("none", "GET", 0);
    control_.put_objects({{swapped.key, "image/jpeg", photo()}});
    expect("FM-124", "a submission whose object was replaced", "400 VALIDATION_ERROR",
           told(submit(next, {swapped.key})).substr(0, 20));
    expect("T-PRF-21", "attempts spent by refused submissions", "0", attempts(next));
  }
};

}  // namespace

void check_uploads(const SafetyStage& stage) {
  Uploads(stage).run();
  check_submissions(stage);
}

}  // namespace loadgen
