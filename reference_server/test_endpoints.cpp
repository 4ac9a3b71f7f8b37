#include "reference_server/test_endpoints.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "reference_server/gateway.h"
#include "reference_server/jobs.h"

namespace server {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::milliseconds kDrainLimit{5000};
constexpr std::string_view kJobs = "/test/jobs/";

net::Response answer(int status, const Json& body) {
  net::Response response{.status = status, .headers = {}, .body = body.dump()};
  response.headers.add("content-type", "application/json");
  return response;
}

// {"task_ids":[…]}, or {"user_ids":[…]} for a job about people, as a PostgreSQL array, nullopt for anything
// else.
std::optional<std::string> task_array(const std::string& body) {
  const Json input = Json::parse(body, nullptr, false);
  const char* const key = input.is_object() && input.contains("user_ids") ? "user_ids" : "task_ids";
  if (!input.is_object() || !input.contains(key) || !input[key].is_array()) return std::nullopt;
  std::string array = "{";
  for (const Json& id : input[key]) {
    if (!id.is_string()) return std::nullopt;
    const auto& text = id.get_ref<const std::string&>();
    if (text.size() != 36 || text.find_first_not_of("0123456789abcdefABCDEF-") != std::string::npos)
      return std::nullopt;
    array += (array.size() > 1 ? "," : "") + text;
  }
  return array + "}";
}

void submit(const TestParts& parts, const net::Reply& reply, std::function<Json(Session&)> work) {
  Log& log = parts.log;
  const bool taken = parts.database.submit([reply, work = std::move(work), &log](Session& session) {
    try {
      reply(answer(200, work(session)));
    } catch (const std::exception& trouble) {
      log.error("test endpoint", trouble.what());
      reply(answer(500, {{"error", "Something went wrong."}}));
    }
  });
  if (!taken) reply(answer(500, {{"error", "Too much is waiting."}}));
}

}  // namespace

void handle_test_request(const TestParts& parts, const net::Request& request, net::Reply reply) {
  const std::string path(request.path());
  if (request.method != "POST") return reply(answer(405, {{"error", "Only POST."}}));
  Outbox& outbox = parts.outbox;
  if (path == "/test/outbox/drain") {
    return submit(parts, reply, [&outbox](Session& session) {
      return Json{{"pending", outbox.drain(session, kDrainLimit).pending}};
    });
  }
  const Job* job = path.starts_with(kJobs) ? find_job(std::string_view(path).substr(kJobs.size())) : nullptr;
  if (job == nullptr) return reply(answer(404, {{"error", "Not found."}}));
  const auto now = now_of(request, true);
  if (!now) return reply(answer(400, {{"error", now.error().text()}}));
  const auto tasks = task_array(request.body);
  if (!tasks) return reply(answer(400, {{"error", "Expected {\"task_ids\":[uuid, ...]}."}}));
  submit(parts, reply, [&outbox, job, now = *now, tasks = *tasks](Session& session) {
    const std::int64_t changed = run_job(session, *job, now, tasks);
    outbox.wake();
    return Json{{"changed", changed}};
  });
}

}  // namespace server
