// The failure catalogue of protocols.md §1.5: what is no well-formed call of a procedure is refused with its
// status and number, alone and at every place of a batch, and nothing of it is carried out; what is well
// formed but unusual (§1.1, §1.4) is carried out as written.
#include "loadgen/side/side_checks.h"

#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "net/sign.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::string_view kJson = "application/json";
const std::string kWrite = "/trpc/user.updateProfile", kRead = "/trpc/user.getProfile";
const std::string kUnknown = "/trpc/user.getEverything";

class Protocol {
 public:
  explicit Protocol(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(1, 1)) {}

  void run() {
    methods();
    bodies();
    batches();
    unusual();
    special_characters();
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety wire", "PROTOCOL", "protocols.md §1.5", what, expected, observed);
  }

  Reply send(std::string_view method, const std::string& target, const std::string& body,
             std::string_view content_type = kJson, const HeaderLines& more = {}) {
    net::Request request{.method = std::string(method), .target = target, .headers = {}, .body = body};
    if (!content_type.empty()) request.headers.add("content-type", std::string(content_type));
    request.headers.add("authorization", "Bearer " + people_.posters[0].token);
    if (client_.now.present()) request.headers.add("x-hustle-now", std::to_string(client_.now.ms));
    for (const auto& [name, value] : more) request.headers.add(name, value);
    return client_.send(request);
  }

  // Nobody else changes this name: every request that must fail carries another one.
  std::string new_name() { return fmt::format("Never {}", net::random_hex(4)); }
  static std::string naming(const std::string& name) { return json{{"full_name", name}}.dump(); }
  std::string name_now() {
    return client_.call("user.getProfile", "", people_.posters[0].token).text("/result/data/full_name");
  }

  // "405 -32005", for a batch "405 [-32005, -32005]": the numbers of the errors, 0 for an answer.
  static std::string shown(const Reply& reply) {
    const json body = json::parse(reply.body, nullptr, false);
    const auto number = [](const json& part) {
      const json* error = part.is_object() && part.contains("error") ? &part["error"] : nullptr;
      return error != nullptr && error->is_object() && error->value("code", json()).is_number_integer()
                 ? (*error)["code"].get<int>()
                 : 0;
    };
    if (!body.is_array()) return fmt::format("{} {}", reply.status, number(body));
    std::vector<int> numbers;
    for (const json& part : body) numbers.push_back(number(part));
    return fmt::format("{} {}", reply.status, numbers);
  }

  void refused(const std::string& what, const std::string& expected, const Reply& reply) {
    expect(what, expected, shown(reply));
    expect(what + ": the name afterwards", name_, name_now());
  }

  static std::string with_input(const std::string& path, const std::string& input, bool batch = false) {
    return fmt::format("{}?{}input={}", path, batch ? "batch=1&" : "", net::percent_encode(input));
  }

  void methods() {
    name_ = name_now();
    for (const bool reads_body : {false, true}) {
      const std::string input = naming(new_name());
      const Reply reply = send("GET", with_input(kWrite, input), reads_body ? input : "");
      refused("a write by GET", "405 -32005", reply);
      const std::string* allow = reply.headers.find("allow");
      expect("a write by GET: allow", "POST", allow == nullptr ? "none" : *allow);
    }
    // A server may let queries come by POST (§1.5, override): then they are answered.
    const Reply posted = send("POST", kRead, "");
    if (!posted.ok()) refused("a query by POST", "405 -32005", posted);
    refused("an unknown procedure", "404 -32004", send("POST", kUnknown, naming(new_name())));
    refused("two procedures without a batch", "404 -32004",
            send("POST", kWrite + ",user.updateProfile", naming(new_name())));
    const Reply head = send("HEAD", kRead, "", "");
    expect("HEAD", "204, 0 bytes", fmt::format("{}, {} bytes", head.status, head.body.size()));
    net::Request nobody{.method = "GET", .target = kUnknown, .headers = {}, .body = {}};
    nobody.headers.add("authorization", "Bearer nonsense");
    expect("an unknown procedure with a bad credential", "404 -32004", shown(client_.send(nobody)));
  }

  void bodies() {
    for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "application/xml", ""})
      refused(fmt::format("a write of content type '{}'", type), "415 -32015",
              send("POST", kWrite, naming(new_name()), type));
    const std::string whole = naming(new_name());
    for (const std::string& cut : {whole.substr(0, whole.size() - 1), whole + "}", "{full_name:1}" + whole,
                                   std::string("\xff\xfe"), whole + whole})
      refused("a write whose body is not JSON", "400 -32600", send("POST", kWrite, cut));
    for (const char* input : {"%7B", "%7B%22a%22", "nonsense"})
      refused("a query whose input is not JSON", "400 -32600",
              send("GET", kRead + "?input=" + input, "", ""));
    refused("a path with a broken escape", "400 -32600", send("GET", "/trpc/user.get%ZZ", "", ""));
    refused("a stream without a batch", "400 -32600",
            send("GET", kRead, "", "", {{"trpc-accept", "application/jsonl"}}));
  }

  // Every place of a batch is judged like a call of its own.
  void batches() {
    for (std::size_t size = 1; size <= 3; ++size) {
      std::string path = kWrite;
      json inputs;
      for (std::size_t i = 0; i < size; ++i) {
        if (i > 0) path += ",user.updateProfile";
        inputs[std::to_string(i)] = json::parse(naming(new_name()));
      }
      refused(fmt::format("a batch of {} writes by GET", size),
              fmt::format("405 {}", std::vector<int>(size, -32005)),
              send("GET", with_input(path, inputs.dump(), true), "", ""));
      refused(fmt::format("a batch of {} writes, its input a list", size),
              fmt::format("400 {}", std::vector<int>(size, -32600)),
              send("POST", path + "?batch=1", json::array({json::parse(naming(new_name()))}).dump()));
      for (std::size_t bad = 0; bad < size; ++bad) mixed_batch(size, bad);
    }
  }

  // One call of a batch that nobody knows: it alone is refused. One of the other kind: none is carried out.
  void mixed_batch(std::size_t size, std::size_t bad) {
    std::vector<std::string> known(size, "user.getProfile"), kinds(size, "user.updateProfile");
    known[bad] = "user.getEverything";
    kinds[bad] = "user.getProfile";
    std::vector<int> numbers(size, 0);
    numbers[bad] = -32004;
    refused(fmt::format("a batch of {} queries, number {} unknown", size, bad),
            fmt::format("{} {}", size == 1 ? 404 : 207, numbers),
            send("GET", with_input(fmt::format("/trpc/{}", fmt::join(known, ",")), "{}", true), "", ""));
    if (size == 1) return;
    json inputs;
    for (std::size_t i = 0; i < size; ++i) inputs[std::to_string(i)] = json::parse(naming(new_name()));
    const std::string path = fmt::format("/trpc/{}", fmt::join(kinds, ","));
    for (const char* method : {"GET", "POST"}) {
      const bool get = std::string_view(method) == "GET";
      const Reply reply = send(method, get ? with_input(path, inputs.dump(), true) : path + "?batch=1",
                               get ? "" : inputs.dump());
      const std::string what = fmt::format(
          "a batch of {} by {} in which number {} is a query and the others write", size, method, bad);
      expect(what, "400", std::to_string(reply.status));
      expect(what + ": the name afterwards", name_, name_now());
    }
  }

  void unusual() {
    expect("an empty input", "ok", told(send("GET", kRead + "?input=", "", "")));
    expect("a batch of one", "200 [0]", shown(send("GET", kRead + "?batch=1&input=%7B%7D", "", "")));
    expect("a comma written as an escape", "200 [0, 0]",
           shown(send("GET", kRead + "%2Cuser.getProfile?batch=1&input=%7B%7D", "", "")));
    expect("a call of a batch without input", "400 [-32600, -32600]",
           shown(send("POST", "/trpc/task.accept,task.accept?batch=1", "{}")));
    const std::string name = fmt::format("Ana {}", net::random_hex(4));
    expect("a write with another input in its address", "ok",
           told(send("POST", with_input(kWrite, naming(new_name())), naming(name))));
    expect("a write with another input in its address: the name afterwards", name, name_now());
    name_ = name;
  }

  // A query's text arrives letter for letter (§1.1), whatever it means in an address.
  void special_characters() {
    for (const char* each : {"+", "%", "%2B", "&", "=", "#", "?", "/", "\"", "\\", " ", "\xC3\xBC",
                             "\xF0\x9F\x8C\xB2", "'", ";", ","}) {
      const std::string category = fmt::format("a{}b {}", each, net::random_hex(4));
      const Reply made =
          client_.call("task.create", task_input(client_.now, 5000, "Fix a shelf", "A small one", category),
                       people_.posters[0].token);
      if (!made.ok()) continue;  // a server may keep a list of categories
      const Reply list = client_.call("task.list", json{{"filter", {{"category", category}}}}.dump(),
                                      people_.posters[0].token);
      expect(fmt::format("tasks of the category \"{}\"", category), made.text("/result/data/id"),
             list.text("/result/data/tasks/0/id"));
    }
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::string name_;
};

}  // namespace

void check_protocol(const SafetyStage& stage) {
  Protocol(stage).run();
}

}  // namespace loadgen
