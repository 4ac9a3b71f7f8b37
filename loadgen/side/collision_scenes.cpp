#include "loadgen/side/collision_scenes.h"

#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "net/sign.h"
#include "sim/photos.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::size_t kPosters = 8, kWorkers = 48;
constexpr std::string_view kTask = R"({"task_id":"$task"})";
constexpr std::string_view kProof = R"({"proof_id":"$proof"})";
constexpr std::string_view kRefused = R"({"proof_id":"$proof","reason":"Not as agreed."})";
constexpr std::string_view kDispute =
    R"({"task_id":"$task","reason":"OTHER","description":"Not as agreed."})";
constexpr std::string_view kForWorker =
    R"({"dispute_id":"$dispute","resolution":"HUSTLER_WINS","notes":"Seen by a human."})";
constexpr std::string_view kForPoster =
    R"({"dispute_id":"$dispute","resolution":"CLIENT_WINS","notes":"Seen by a human."})";
constexpr std::string_view kForBoth =
    R"({"dispute_id":"$dispute","resolution":"SPLIT","split_percent":30,"notes":"Seen by a human."})";
constexpr std::string_view kFreezeMarket =
    R"({"switch":"MARKETPLACE","active":true,"reason":"TEST_SIMULATION","note":"Root cause: a drill."})";
constexpr std::string_view kFreezeRefunds =
    R"({"switch":"REFUNDS","active":true,"reason":"TEST_SIMULATION","note":"Root cause: a drill."})";
constexpr std::string_view kSuspend =
    R"({"user_id":"$worker","status":"SUSPENDED","reason":"Decided by a human."})";
constexpr std::string_view kSuspendPoster =
    R"({"user_id":"$poster","status":"SUSPENDED","reason":"Decided by a human."})";
constexpr std::string_view kEscrow = R"({"escrow_id":"$escrow"})";
constexpr std::string_view kOverride =
    R"({"escrow_id":"$escrow","reason":"Decided by a human.","idempotency_key":"$key"})";
constexpr std::string_view kRevoke =
    R"({"verification_id":"$license","type":"license","decision":"failed","reason":"Forged."})";
constexpr std::string_view kSubmission =
    R"({"task_id":"$task","description":"Done.","photo_urls":["$photo"],"gps_lat":47.6100123,)"
    R"("gps_lng":-122.3300127,"gps_accuracy_m":9.5,"gps_captured_at":"$taken"})";

constexpr model::Millis kAfterDeadline = 50 * model::kHour;
constexpr model::Millis kAfterReview = 49 * model::kHour;
constexpr model::Millis kAtWork = 2 * model::kMinute;  // a photo is younger than the acceptance
constexpr model::Millis kFirstRetry = 6 * model::kMinute;

constexpr std::size_t kMainActs = 36;
constexpr std::array kActs{
    Act{Scenery::created, "intent", By::poster, "escrow.createIntent", kTask},
    Act{Scenery::created, "cancel", By::poster, "task.cancel", kTask},
    Act{Scenery::created, "freeze", By::overrider, "admin.setFreeze", kFreezeMarket},
    Act{Scenery::asked, "payment", By::processor, "", ""},
    Act{Scenery::asked, "cancel", By::poster, "task.cancel", kTask},
    Act{Scenery::asked, "accept", By::worker, "task.accept", kTask, 0, false, true},
    Act{Scenery::asked, "expiry", By::clock, "task_expiry", kTask, kAfterDeadline},
    Act{Scenery::funded, "accept", By::worker, "task.accept", kTask, 0, false, true},
    Act{Scenery::funded, "cancel", By::poster, "task.cancel", kTask},
    Act{Scenery::funded, "expiry", By::clock, "task_expiry", kTask, kAfterDeadline},
    Act{Scenery::funded, "freeze", By::overrider, "admin.setFreeze", kFreezeMarket},
    Act{Scenery::funded, "suspension of the poster", By::banner, "admin.updateUserStatus", kSuspendPoster, 0,
        true},
    Act{Scenery::licensed, "accept", By::worker, "task.accept", kTask, 0, false, true},
    Act{Scenery::licensed, "revocation", By::clerk, "verification.resolve", kRevoke},
    Act{Scenery::accepted, "submission", By::worker, "proof.submit", kSubmission, kAtWork, false, true},
    Act{Scenery::accepted, "cancel", By::poster, "task.cancel", kTask},
    Act{Scenery::accepted, "expiry", By::clock, "task_expiry", kTask, kAfterDeadline},
    Act{Scenery::rejected, "submission", By::worker, "proof.submit", kSubmission, kAtWork, false, true},
    Act{Scenery::rejected, "dispute", By::worker, "dispute.create", kDispute},
    Act{Scenery::rejected, "cancel", By::poster, "task.cancel", kTask},
    Act{Scenery::submitted, "approval", By::poster, "proof.accept", kProof},
    Act{Scenery::submitted, "rejection", By::poster, "proof.reject", kRefused},
    Act{Scenery::submitted, "dispute", By::worker, "dispute.create", kDispute},
    Act{Scenery::submitted, "review timeout", By::clock, "review_timeout", kTask, kAfterReview},
    Act{Scenery::reviewed, "completion", By::poster, "task.complete", kTask},
    Act{Scenery::reviewed, "dispute", By::worker, "dispute.create", kDispute},
    Act{Scenery::reviewed, "review timeout", By::clock, "review_timeout", kTask, kAfterReview},
    Act{Scenery::reviewed, "freeze", By::overrider, "admin.setFreeze", kFreezeMarket},
    Act{Scenery::disputed, "verdict for the worker", By::resolver, "dispute.resolve", kForWorker},
    Act{Scenery::disputed, "verdict for the poster", By::resolver, "dispute.resolve", kForPoster},
    Act{Scenery::paid, "failed transfer", By::processor, "", ""},
    Act{Scenery::paid, "retry", By::clock, "transfer_retry", kTask, kFirstRetry},
    Act{Scenery::unreleased, "release", By::poster, "escrow.release", kEscrow},
    Act{Scenery::unreleased, "release by an admin", By::overrider, "escrow.release", kOverride},
    Act{Scenery::unreturned, "refund", By::poster, "escrow.refund", kEscrow},
    Act{Scenery::unreturned, "refund by an admin", By::overrider, "escrow.refund", kOverride},
    // By another hand, or another way to the same.
    Act{Scenery::created, "expiry", By::clock, "task_expiry", kTask, kAfterDeadline},
    Act{Scenery::created, "suspension of the poster", By::banner, "admin.updateUserStatus", kSuspendPoster, 0,
        true},
    Act{Scenery::asked, "another intent", By::poster, "escrow.createIntent", kTask},
    Act{Scenery::asked, "suspension of the poster", By::banner, "admin.updateUserStatus", kSuspendPoster, 0,
        true},
    Act{Scenery::funded, "accept by a rival", By::rival, "task.accept", kTask, 0, false, true},
    Act{Scenery::funded, "cancel by an admin", By::clerk, "task.cancel", kTask},
    Act{Scenery::funded, "freeze of refunds", By::overrider, "admin.setFreeze", kFreezeRefunds},
    Act{Scenery::accepted, "freeze of refunds", By::overrider, "admin.setFreeze", kFreezeRefunds},
    Act{Scenery::accepted, "suspension", By::banner, "admin.updateUserStatus", kSuspend, 0, true},
    Act{Scenery::rejected, "dispute by the poster", By::poster, "dispute.create", kDispute},
    Act{Scenery::rejected, "expiry", By::clock, "task_expiry", kTask, kAfterDeadline},
    Act{Scenery::submitted, "dispute by the poster", By::poster, "dispute.create", kDispute},
    Act{Scenery::submitted, "freeze", By::overrider, "admin.setFreeze", kFreezeMarket},
    Act{Scenery::reviewed, "dispute by the poster", By::poster, "dispute.create", kDispute},
    Act{Scenery::reviewed, "release", By::poster, "escrow.release", kEscrow},
    Act{Scenery::reviewed, "suspension", By::banner, "admin.updateUserStatus", kSuspend, 0, true},
    Act{Scenery::disputed, "verdict for both", By::resolver, "dispute.resolve", kForBoth},
    Act{Scenery::disputed, "completion", By::poster, "task.complete", kTask},
    Act{Scenery::unreleased, "release by another admin", By::founder, "escrow.release", kOverride},
    Act{Scenery::unreleased, "freeze", By::overrider, "admin.setFreeze", kFreezeMarket},
    Act{Scenery::unreturned, "refund by another admin", By::founder, "escrow.refund", kOverride},
    Act{Scenery::unreturned, "freeze of refunds", By::overrider, "admin.setFreeze", kFreezeRefunds},
};

Stop stop_of(Scenery scenery) {
  switch (scenery) {
    case Scenery::created:
      return Stop::created;
    case Scenery::asked:
      return Stop::asked;
    case Scenery::funded:
    case Scenery::licensed:
    case Scenery::unreturned:
      return Stop::funded;
    case Scenery::accepted:
      return Stop::accepted;
    case Scenery::rejected:
    case Scenery::submitted:
      return Stop::submitted;
    case Scenery::reviewed:
    case Scenery::unreleased:
    case Scenery::paid:
      return Stop::reviewed;
    case Scenery::disputed:
      return Stop::disputed;
  }
  return Stop::created;
}

}  // namespace

std::span<const Act> all_acts() {
  return kActs;
}

std::span<const Act> main_acts() {
  return all_acts().first(kMainActs);
}

std::string filled(std::string_view text, const Scene& scene) {
  const std::pair<std::string_view, const std::string*> names[] = {
      {"$task", &scene.task.id},     {"$escrow", &scene.task.escrow},   {"$proof", &scene.task.proof},
      {"$poster", &scene.poster.id}, {"$dispute", &scene.task.dispute}, {"$worker", &scene.worker.id},
      {"$license", &scene.license},  {"$photo", &scene.photo},          {"$rival", &scene.rival.id},
      {"$key", &scene.key},          {"$taken", &scene.taken}};
  std::string result(text);
  for (const auto& [name, value] : names) {
    for (auto at = result.find(name); at != std::string::npos; at = result.find(name, at + value->size()))
      result.replace(at, name.size(), *value);
  }
  return result;
}

std::string stored_photo(SideClient& client, Control& control, const Person& worker, const std::string& task,
                         const std::string& bytes) {
  const json file{{"photo_type", "result"},
                  {"content_type", "image/jpeg"},
                  {"size_bytes", bytes.size()},
                  {"checksum_sha256", net::hex(net::sha256(bytes))}};
  const json input{{"task_id", task}, {"files", json::array({file})}};
  const Reply place =
      must(client.call("proof.requestUpload", input.dump(), worker.token), "proof.requestUpload");
  if (control.upload(place.text("/result/data/uploads/0/url"), "image/jpeg", bytes) / 100 != 2)
    throw std::runtime_error("side stage: a photo was not stored");
  return place.text("/result/data/uploads/0/key");
}

Scenes::Scenes(const SafetyStage& stage)
    : client_(stage.client()),
      control_(stage.side.providers()),
      people_(stage.people(kPosters, kWorkers)),
      events_(stage) {}

Scene Scenes::make(Scenery scenery) {
  const std::size_t number = made_++;
  Scene scene;
  scene.poster = people_.posters[number % kPosters];
  scene.worker = people_.workers[number % kWorkers];
  scene.rival = people_.workers[(number + 1) % kWorkers];
  if (scenery == Scenery::licensed) {
    give_license(scene);
    scene.task = licensed_task(scene);
  } else {
    scene.task = drive_task(client_, scene.poster, scene.worker, stop_of(scenery));
  }
  std::optional<std::string> event;
  if (scenery == Scenery::asked && control_.confirm(scene.task.intent))
    event = control_.payment_event(scene.task.intent, model::EventType::payment_succeeded);
  if (scenery == Scenery::rejected)
    must(client_.call("proof.reject", filled(kRefused, scene), scene.poster.token), "proof.reject");
  if (scenery == Scenery::accepted || scenery == Scenery::rejected) give_photo(scene);
  scene.key = net::random_uuid();
  const auto leave = [&](std::string_view state, std::string_view stamp) {
    client_.sql(fmt::format("UPDATE tasks SET state = '{}', {} = '{}' WHERE id = '{}'", state, stamp,
                            iso_text(client_.now), scene.task.id));
  };
  if (scenery == Scenery::unreleased) leave("COMPLETED", "completed_at");
  if (scenery == Scenery::unreturned) leave("CANCELLED", "cancelled_at");
  if (scenery == Scenery::paid) {
    must(client_.call("task.complete", filled(kTask, scene), scene.poster.token), "task.complete");
    client_.drain();
    event = control_.fail_transfer(scene.task.escrow);
  }
  scene.news = body_of(control_, event);
  return scene;
}

// A trade without insurance (eligibility.md §5), so that one record decides.
SideTask Scenes::licensed_task(const Scene& scene) {
  json input =
      json::parse(task_input(client_.now, 5000, "Set up a router " + net::random_hex(6), "Ring twice."));
  input["category"] = "it_networking";
  const Reply made = must(client_.call("task.create", input.dump(), scene.poster.token), "task.create");
  SideTask task;
  task.id = made.text("/result/data/id");
  task.escrow = made.text("/result/data/escrow_id");
  const std::string about = fmt::format(R"({{"task_id":"{}"}})", task.id);
  task.intent = must(client_.call("escrow.createIntent", about, scene.poster.token), "escrow.createIntent")
                    .text("/result/data/payment_intent_id");
  if (!client_.pay(task.intent)) throw std::runtime_error("side stage: the payment did not arrive");
  return task;
}

// A worker's license from the evidence of before is replaced: nobody has two for one trade.
void Scenes::give_license(Scene& scene) {
  const std::string now = iso_text(client_.now);
  const std::string of = filled("user_id = '$worker' AND trade = 'it_networking'", scene);
  scene.license = client_.sql("SELECT id FROM license_verifications WHERE " + of);
  if (scene.license.empty()) {
    scene.license = client_.sql(fmt::format(
        "INSERT INTO license_verifications (user_id, trade, state, license_number, source, status,"
        " created_at) VALUES ('{}', 'it_networking', 'WA', '1', 'registry', 'pending', '{}')"
        " RETURNING id",
        scene.worker.id, now));
  } else if (client_.sql("SELECT status FROM license_verifications WHERE " + of) == "failed") {
    client_.sql("UPDATE license_verifications SET status = 'pending', failure_reason = NULL WHERE " + of);
  }
  client_.sql(
      fmt::format("UPDATE license_verifications SET status = 'verified', verified_at = '{0}', expires_at = "
                  "timestamptz '{0}' + interval '30 days' WHERE status = 'pending' AND {1}",
                  now, of));
}

void Scenes::give_photo(Scene& scene) {
  const model::Instant taken = client_.now + model::kMinute;
  scene.taken = iso_text(taken);
  scene.photo = stored_photo(client_, control_, scene.worker, scene.task.id,
                             sim::jpeg_photo({.nonce = net::random_hex(16), .captured = taken}));
}

const Person& Scenes::person(By by, const Scene& scene) const {
  switch (by) {
    case By::poster:
      return scene.poster;
    case By::worker:
      return scene.worker;
    case By::rival:
      return scene.rival;
    case By::clerk:
      return people_.clerk;
    case By::resolver:
      return people_.resolver;
    case By::overrider:
      return people_.overrider;
    case By::founder:
      return people_.founder;
    case By::banner:
    case By::processor:
    case By::clock:
      break;
  }
  return people_.banner;
}

std::string Scenes::perform(const Act& act, model::Millis later, const Scene& scene,
                            SideClient& client) const {
  client.now = client_.now + later;
  if (act.by == By::processor) return told(events_.deliver(client, scene.news));
  if (act.by == By::clock) {
    const Reply reply =
        client.post(fmt::format("/test/jobs/{}", act.what), json{{"task_ids", {scene.task.id}}}.dump());
    return reply.ok() ? reply.text("/changed") + " changed" : told(reply);
  }
  return told(client.call(act.what, filled(act.input, scene), person(act.by, scene).token));
}

std::string Scenes::rows(const Scene& scene) {
  return client_.sql(filled(
      "SELECT concat_ws(', ', 'task ' || t.state,"
      " CASE t.worker_id WHEN '$worker' THEN 'with the worker' WHEN '$rival' THEN 'with the rival' END,"
      " 'escrow ' || e.state, 'released ' || e.release_amount, 'refunded ' || e.refund_amount,"
      " (SELECT 'proofs ' || string_agg(p.state, ' ' ORDER BY p.created_at, p.state) FROM proofs p"
      " WHERE p.task_id = t.id),"
      " (SELECT 'disputes ' || string_agg(concat_ws(' ', d.state, d.resolution), ' ' ORDER BY d.state)"
      " FROM disputes d WHERE d.task_id = t.id),"
      " (SELECT 'orders ' || string_agg(o.event_name, ' ' ORDER BY o.event_name) FROM outbox_events o"
      " WHERE o.aggregate_id = e.id AND o.event_name <> 'cancel_intent'),"
      " (SELECT 'XP rows ' || nullif(count(*), 0) FROM xp_ledger x WHERE x.escrow_id = e.id),"
      " (SELECT 'acts of admins ' || nullif(count(*), 0) FROM admin_actions a WHERE a.target_task_id = t.id),"
      " (SELECT 'poster ' || u.account_status FROM users u WHERE u.id = '$poster'),"
      " (SELECT 'worker ' || u.account_status FROM users u WHERE u.id = '$worker'),"
      " (SELECT 'license ' || l.status FROM license_verifications l WHERE l.id::text = '$license'),"
      " (SELECT 'frozen ' || string_agg(f.name, ' ' ORDER BY f.name) FROM freeze_switches f WHERE f.active))"
      " FROM tasks t JOIN escrows e ON e.task_id = t.id WHERE t.id = '$task'",
      scene));
}

std::string Scenes::settled(const Scene& scene, const Act& first, const Act& second) {
  for (const Act* act : {&first, &second}) {
    if (act->turns_a_switch()) {
      for (const char* name : {"MARKETPLACE", "REFUNDS"}) {
        const json off{{"switch", name},
                       {"active", false},
                       {"reason", "TEST_SIMULATION"},
                       {"note", "Root cause: none."}};
        must(client_.call("admin.setFreeze", off.dump(), people_.overrider.token), "admin.setFreeze");
      }
    }
    if (act->changes_standing) {
      json restored = json::parse(filled(act->input, scene));
      restored["status"] = "ACTIVE";
      must(client_.call("admin.updateUserStatus", restored.dump(), people_.banner.token),
           "admin.updateUserStatus");
    }
  }
  client_.drain();
  const std::string payouts =
      client_.sql(filled("SELECT string_agg(q.status || ' after ' || q.attempt_count, ', ' ORDER BY q.id)"
                         " FROM transfer_retry_queue q WHERE q.escrow_id = '$escrow'",
                         scene));
  const json books = json::parse(client_.books_of(scene.task.escrow), nullptr, false);
  std::string text = "payouts that wait: " + (payouts.empty() ? "none" : payouts);
  for (const char* what : {"captured", "transfers", "transferred", "refunds", "refunded", "open_intents"})
    text += fmt::format(", {} {}", what, books.is_object() ? books.value(what, std::int64_t{0}) : -1);
  return text;
}

}  // namespace loadgen
