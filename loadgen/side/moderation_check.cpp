// Reports, the queue of cases for a human, and what each decision brings about (safety-and-abuse.md §2), with
// the rows read back after every step.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "model/rules/abuse.h"
#include "model/vocabulary/limits.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using nlohmann::json;

namespace limits = model::limits;

constexpr std::string_view kSpec = "safety-and-abuse.md §2";
constexpr std::size_t kNameMax = 255;  // schema.md: users.full_name

struct Text {
  std::string_view words;
  bool blocked, flagged;
};
// §2.1: ways to pay or meet outside and threats are blocked, what is doubtful waits for a human, the rest
// passes.
constexpr std::array kTexts{Text{"Pay me by Venmo please.", true, false},
                            Text{"ZELLE works as well.", true, false},
                            Text{"We settle it with Cash App.", true, false},
                            Text{"Find me on WhatsApp.", true, false},
                            Text{"Ask me on telegram first.", true, false},
                            Text{"I will hurt you.", true, false},
                            Text{"Call 206-555-0100 now.", true, false},
                            Text{"It is cash only.", false, true},
                            Text{"Bring your social security card.", false, true},
                            Text{"Water the plants twice, please.", false, false},
                            Text{"The number on the door is 2065.", false, false},
                            Text{"Skills needed: patience.", false, false}};

// What a decision does: the case's status, and the severity of the strike that it makes (0: none).
struct Decision {
  std::string_view severity, decision, status;
  int strike;
};
constexpr std::array kDecisions{
    Decision{"CRITICAL", "approve", "approved", 0},   Decision{"CRITICAL", "no_action", "approved", 0},
    Decision{"CRITICAL", "escalate", "escalated", 0}, Decision{"CRITICAL", "reject", "rejected", 3},
    Decision{"HIGH", "reject", "rejected", 2},        Decision{"HIGH", "approve", "approved", 0},
    Decision{"MEDIUM", "reject", "rejected", 0},      Decision{"LOW", "reject", "rejected", 0}};

class Moderation {
 public:
  explicit Moderation(const SafetyStage& stage)
      : stage_(stage),
        client_(stage.client()),
        people_(stage.people(kTexts.size() + kDecisions.size() + 11, 1)) {}

  void run() {
    texts();
    places();
    reports();
    reporters();
    decisions();
    queue();
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety moderation", "moderation", kSpec, what, expected, observed);
  }
  const Person& next() { return people_.posters.at(used_++); }
  // A moment of its own for every call, so that its rows are told from others by their instants.
  void tick() { client_.now = client_.now + model::kSecond; }

  void texts() {
    for (const Text& text : kTexts) {
      const Person& author = next();
      for (const bool title : {false, true}) {
        tick();
        const std::string words(text.words);
        const Reply reply = client_.call("task.create",
                                         title ? task_input(client_.now, 5000, words, "Ring twice.")
                                               : task_input(client_.now, 5000, "Help wanted", words),
                                         author.token);
        expect(fmt::format("a task with the {} '{}'", title ? "title" : "description", words),
               text.blocked ? "400 VALIDATION_ERROR CONTENT_BLOCKED" : "ok", told(reply));
        expect(fmt::format("cases about a task with '{}'", words),
               text.blocked   ? "1 CRITICAL block ai pending"
               : text.flagged ? "1 MEDIUM flag ai pending"
                              : "none",
               cases(author));
      }
      if (!text.blocked) continue;
      tick();
      expect(fmt::format("a profile with the name '{}'", text.words), "400 VALIDATION_ERROR CONTENT_BLOCKED",
             told(client_.call("user.updateProfile", json{{"full_name", text.words}}.dump(), author.token)));
      expect(fmt::format("cases about a profile with '{}'", text.words), "1 CRITICAL block ai pending",
             cases(author));
    }
  }

  // SAF-7: the whole of each text that is read, as long as it may be, wherever in it the words are.
  void places() {
    const Person& author = next();
    const SideTask done = drive_task(client_, author, people_.workers[0], Stop::submitted);
    struct Field {
      std::string_view name, procedure;
      std::size_t length;
      json rest;
    };
    json task = json::parse(task_input(client_.now, 5000, "Help wanted", "Ring twice"));
    const std::array fields{Field{"title", "task.create", limits::kTitleMax, task},
                            Field{"description", "task.create", limits::kDescriptionMax, task},
                            Field{"full_name", "user.updateProfile", kNameMax, json::object()},
                            Field{"description",
                                  "dispute.create",
                                  limits::kDisputeTextMax,
                                  {{"task_id", done.id}, {"reason", "OTHER"}}}};
    for (const Field& field : fields) {
      for (const std::string_view words : {"Venmo", "206-555-0100"}) {
        for (const std::size_t before : {std::size_t{0}, field.length / 2, field.length - words.size()}) {
          tick();
          json input = field.rest;
          input[std::string(field.name)] = amid(words, before, field.length);
          const std::string what = fmt::format("{} of {}: '{}' after {} of {} characters", field.name,
                                               field.procedure, words, before, field.length);
          expect(what, "400 VALIDATION_ERROR CONTENT_BLOCKED",
                 told(client_.call(field.procedure, input.dump(), author.token)));
          expect(what + ", cases", "1 CRITICAL block ai pending", cases(author));
          expect(what + ", what a human is shown", "true",
                 client_.sql(fmt::format(
                     "SELECT (position('{}' IN content_text) > 0)::text FROM "
                     "content_moderation_queue WHERE user_id = '{}' AND flagged_at = '{}'",
                     input[std::string(field.name)].get<std::string>(), author.id, iso_text(client_.now))));
        }
      }
    }
  }
  // Harmless words around, so many characters in all.
  static std::string amid(std::string_view words, std::size_t before, std::size_t length) {
    const auto filler = [](std::size_t count) {
      std::string text;
      while (text.size() < count) text += "box ";
      return text.substr(0, count);
    };
    std::string text = filler(before);
    if (before > 0) text.back() = ' ';
    text += words;
    if (text.size() < length) text += ' ' + filler(length - text.size() - 1);
    if (text.back() == ' ') text.back() = 'x';
    return text;
  }

  // The cases about somebody that this very instant has made.
  std::string cases(const Person& author) {
    const std::string told =
        client_.sql(fmt::format("SELECT string_agg('1 ' || severity || ' ' || ai_recommendation || ' ' || "
                                "flagged_by || ' ' || status, ', ')"
                                " FROM content_moderation_queue WHERE user_id = '{}' AND flagged_at = '{}'",
                                author.id, iso_text(client_.now)));
    return told.empty() ? "none" : told;
  }

  // A report counts once per reporter; three of them escalate, on this content alone.
  void reports() {
    const Person& author = next();
    const Person& other = next();
    const std::string task =
        client_.call("task.create", task_input(client_.now, 5000, "Walk the cat", "Twice."), author.token)
            .text("/result/data/id");
    struct Content {
      std::string_view type;
      std::string id;
      const Person* owner;
    };
    const std::array<Content, 3> contents{
        Content{"task", task, &author}, {"profile", author.id, &author}, {"profile", other.id, &other}};
    for (const Content& content : contents) {
      for (std::size_t i = 0; i < 4; ++i) {
        for (int again = 0; again < 2; ++again) {
          tick();
          const Reply reply = client_.call(
              "moderation.reportContent",
              json{{"content_type", content.type}, {"content_id", content.id}, {"reason", "It is rude."}}
                  .dump(),
              people_.posters[i].token);
          expect(fmt::format("report {} of a {}", i + 1, content.type), "true",
                 reply.text("/result/data/recorded"));
          expect(fmt::format("what {} reporters of a {} have brought about", i + 1, content.type),
                 fmt::format("{} reports, MEDIUM {} user_report of {}", i + 1,
                             i < 2 ? "pending" : "escalated", content.owner->id),
                 reported(content.type, content.id));
        }
      }
    }
    expect(
        "a report of content that nobody has", "404 NOT_FOUND",
        told(client_.call(
                 "moderation.reportContent",
                 json{{"content_type", "task"}, {"content_id", author.id}, {"reason", "It is rude."}}.dump(),
                 other.token))
            .substr(0, 13));
  }
  // T-SAF-17: five people about one person, whatever the content, within seven days to the millisecond; and
  // SAF-19: none of them decides about it.
  void reporters() {
    for (const model::Millis first : {model::kHour, 7 * model::kDay, 7 * model::kDay + 1}) {
      const Person& author = next();
      const model::Instant before = client_.now;
      std::vector<std::string> contents;
      for (int i = 0; i < 3; ++i) {
        tick();
        contents.push_back(
            client_
                .call("task.create",
                      task_input(client_.now, 5000, fmt::format("Walk the dog {}", i), "Twice."),
                      author.token)
                .text("/result/data/id"));
      }
      const model::Instant last = client_.now + 8 * model::kDay;
      std::vector<model::Instant> told_at;
      for (std::size_t i = 0; i < 5; ++i) {
        client_.now = last + -(i == 0 ? first : static_cast<model::Millis>(4 - i));
        // The second one says it of two contents: he is one person all the same.
        for (std::size_t again = 0; again < (i == 1 ? 2U : 1U); ++again)
          report("task", contents[(i + again) % contents.size()], people_.posters[i]);
        told_at.push_back(client_.now);
      }
      stage_.expect("safety moderation", "T-SAF-17", kSpec,
                    fmt::format("five people report one person, the first {} ms before the last", first),
                    model::rules::is_escalated(2, told_at, last) ? "escalated" : "pending",
                    client_.sql(fmt::format("SELECT string_agg(DISTINCT status, ', ') FROM "
                                            "content_moderation_queue WHERE user_id = '{}'",
                                            author.id)));
      client_.now = before;
      tick();
    }
    const Person& author = next();
    report("profile", author.id, people_.banner);
    const std::string item = client_.sql(
        fmt::format("SELECT id FROM content_moderation_queue WHERE content_id = '{}'", author.id));
    tick();
    stage_.expect("safety moderation", "SAF-19", kSpec, "a case decided by the one who reported it",
                  "403 HX503", told(decide(item, "approve")));
  }
  void report(std::string_view type, const std::string& content, const Person& by) {
    client_.call("moderation.reportContent",
                 json{{"content_type", type}, {"content_id", content}, {"reason", "It is rude."}}.dump(),
                 by.token);
  }
  std::string reported(std::string_view type, const std::string& id) {
    return client_.sql(
        fmt::format("SELECT (SELECT count(*) FROM content_reports r WHERE r.content_id = q.content_id AND "
                    "r.content_type ="
                    " q.content_type AND r.reported_content_user_id = q.user_id) || ' reports, ' ||"
                    " string_agg(severity || ' ' || status || ' ' || flagged_by || ' of ' || user_id, ', ')"
                    " FROM content_moderation_queue q WHERE content_type = '{}' AND content_id = '{}'"
                    " GROUP BY q.content_id, q.content_type, q.user_id",
                    type, id));
  }

  void decisions() {
    for (const Decision& each : kDecisions) {
      const Person& author = next();
      tick();
      const std::string item =
          client_.sql(fmt::format("INSERT INTO content_moderation_queue (content_type, content_id, user_id, "
                                  "moderation_category, severity,"
                                  " flagged_by, flagged_at, sla_deadline) VALUES ('profile', '{0}', '{0}', "
                                  "'drill', '{1}', 'admin', '{2}',"
                                  " timestamptz '{2}' + interval '{3} hours') RETURNING id",
                                  author.id, each.severity, iso_text(client_.now),
                                  each.severity == "CRITICAL" ? 1
                                  : each.severity == "HIGH"   ? 4
                                  : each.severity == "MEDIUM" ? 24
                                                              : 48));
      const std::string what = fmt::format("a {} case: {}", each.severity, each.decision);
      expect(what, "ok", told(decide(item, each.decision)));
      expect(what + ", its row",
             fmt::format("{} {} by {} at {}: It was a drill.", each.status, each.decision, people_.banner.id,
                         client_.now.ms),
             client_.sql(
                 fmt::format("SELECT status || ' ' || review_decision || ' by ' || reviewed_by || ' at ' ||"
                             " floor(extract(epoch FROM reviewed_at) * 1000)::bigint || ': ' || review_notes"
                             " FROM content_moderation_queue WHERE id = '{}'",
                             item)));
      expect(
          what + ", strikes", each.strike == 0 ? "none" : fmt::format("{} manual", each.strike),
          client_.sql(fmt::format("SELECT coalesce(string_agg(severity || ' ' || source, ', '), 'none') FROM"
                                  " user_strikes WHERE user_id = '{}'",
                                  author.id)));
      expect(what + ", the author", each.strike == 3 ? "SUSPENDED" : "ACTIVE",
             client_.sql(fmt::format("SELECT account_status FROM users WHERE id = '{}'", author.id)));
      tick();
      expect(what + ", once more", each.decision == "escalate" ? "ok" : "409 CONFLICT",
             told(decide(item, "approve")).substr(0, 12));
    }
  }
  Reply decide(const std::string& item, std::string_view decision) {
    return client_.call("admin.reviewContent",
                        json{{"item_id", item}, {"decision", decision}, {"notes", "It was a drill."}}.dump(),
                        people_.banner.token);
  }

  // The queue shows what waits, the most urgent first, page by page; the total counts all of it.
  void queue() {
    constexpr std::string_view kWaiting = "status IN ('pending', 'reviewing', 'escalated')";
    const std::string all =
        client_.sql(fmt::format("SELECT count(*) FROM content_moderation_queue WHERE {}", kWaiting));
    for (const int limit : {0, 1, 3, 50}) {
      const Reply reply = client_.call("admin.getModerationQueue",
                                       limit == 0 ? "" : json{{"limit", limit}}.dump(), people_.banner.token);
      expect(fmt::format("the total of the queue, {} a page", limit), all, reply.text("/result/data/total"));
      const json page = json::parse(reply.body, nullptr, false)["result"]["data"]["items"];
      std::string shown;
      for (const json& item : page)
        shown += fmt::format("{} {} {};", item.value("id", ""), item.value("severity", ""),
                             item.value("status", ""));
      expect(fmt::format("the queue, {} a page", limit),
             client_.sql(fmt::format(
                 "SELECT string_agg(id || ' ' || severity || ' ' || status || ';', '' ORDER BY sla_deadline, "
                 "id) FROM"
                 " (SELECT * FROM content_moderation_queue WHERE {} ORDER BY sla_deadline, id LIMIT {}) q",
                 kWaiting, limit == 0 ? 20 : limit)),
             shown);
    }
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::size_t used_ = 0;
};

}  // namespace

void check_moderation(const SafetyStage& stage) {
  Moderation(stage).run();
}

}  // namespace loadgen
