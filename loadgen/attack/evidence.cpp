#include "loadgen/attack/evidence.h"

#include <array>
#include <cstdlib>
#include <set>

#include <fmt/format.h>

namespace loadgen::attack {
namespace {

constexpr std::string_view kUpload = "proofs/attack/00000000-0000-4000-8000-000000000060";
constexpr std::string_view kSignal = "00000000-0000-4000-8000-000000000061";
constexpr std::string_view kOtherPhoto = "00000000-0000-4000-8000-000000000160";

struct Kept {
  std::string_view table, key, id, rule;
};
constexpr std::array kKept{Kept{"photo_bindings", "proof_id", ids::kProof, "PRF-13"},
                           Kept{"proof_locations", "proof_id", ids::kProof, "GPS evidence"},
                           Kept{"fraud_events", "id", kSignal, "fraud signal"},
                           Kept{"proof_uploads", "storage_key", kUpload, "PRF-7"}};

std::string checksum_of(std::string_view photo) {
  return "encode(sha256(" + sql_quoted(photo) + "::bytea), 'hex')";
}

std::string fresh(int number) {
  return "00000000-0000-4000-8000-00000000" + std::to_string(8100 + number);
}

bool is_kept(const Catalogue& catalogue) {
  return catalogue.has("photo_bindings", "checksum_sha256") && catalogue.has("proof_locations", "is_mock") &&
         catalogue.has("fraud_events", "weight_hundredths") && catalogue.has("proof_uploads", "storage_key");
}

Values fix_values(std::string_view proof) {
  return {{"proof_id", sql_quoted(proof)}, {"user_id", sql_quoted(ids::kWorker)},
          {"latitude", "47.6062437"},      {"longitude", "-122.3321519"},
          {"accuracy_m", "8.3"},           {"captured_at", "now()"},
          {"received_at", "now()"},        {"repeats", "1"},
          {"zone", "'downtown'"},          {"risk_hundredths", "0"},
          {"manual_review", "false"}};
}

const std::map<std::string, Row>& rows_of(const Snapshot& now, const std::string& table) {
  static const std::map<std::string, Row> kNone;
  const auto found = now.find(table);
  return found == now.end() ? kNone : found->second;
}

class Forge {
 public:
  explicit Forge(const Catalogue& catalogue) : catalogue_(catalogue) {}

  std::vector<Attempt> rewritten() {
    for (const Kept& kept : kKept) {
      const std::string table(kept.table);
      const std::string where = " WHERE " + std::string(kept.key) + " = " + sql_quoted(kept.id);
      for (const Column& column : catalogue_.tables.at(table).columns) {
        if (column.generated) continue;
        const std::string without = emptied(table, column, where);
        if (!without.empty())
          add(kept.rule, fmt::format("UPDATE {}.{} to NULL", table, column.name), without);
        const std::string value =
            column.references.empty() ? different_value(column) : foreign(column.references);
        if (!value.empty())
          add(kept.rule, fmt::format("UPDATE {}.{}", table, column.name),
              fmt::format("UPDATE {} SET {} = {}{}", table, identifier(column.name), value, where));
      }
      if (table == "proof_uploads") continue;  // places that nobody used may be cleared away
      add(kept.rule, "DELETE FROM " + table, fmt::format("DELETE FROM {}{}", table, where));
      const std::string truncate = "TRUNCATE " + table;
      add(kept.rule, truncate, truncate);
      add(kept.rule, truncate + " CASCADE", truncate + " CASCADE");
    }
    return std::move(attempts_);
  }

  std::vector<Attempt> reused() {
    const auto photo = [&](int number, std::string_view like, int sequence) {
      Values values = photo_values(fresh(number), ids::kProof, sequence);
      for (auto& [column, value] : values) {
        if (column == "checksum_sha256") value = checksum_of(like);
      }
      return insert_statement(catalogue_, "proof_photos", values);
    };
    const auto again = [&](std::string_view like) {
      Values values = photo_values(fresh(6), fresh(5), 1);
      for (auto& [column, value] : values) {
        if (column == "checksum_sha256") value = checksum_of(like);
      }
      return insert_statement(catalogue_, "proof_photos", values);
    };
    add("PRF-13", "the photo of another proof", photo(1, kOtherPhoto, 2));
    add("PRF-13", "the same photo twice in one proof", photo(2, ids::kPhoto, 2));
    add("PRF-13", "a photo that turns into another proof's",
        photo(3, "new", 2) + "; UPDATE proof_photos SET checksum_sha256 = " + checksum_of(kOtherPhoto) +
            " WHERE id = " + sql_quoted(fresh(3)));
    // §4: a later attempt for the same task is another proof as well.
    add("PRF-13", "the photo of an earlier attempt for the same task",
        "UPDATE proofs SET state = 'SUBMITTED', submitted_at = now() WHERE id = " + sql_quoted(ids::kProof) +
            "; UPDATE proofs SET state = 'REJECTED', rejection_reason = 'no', reviewed_by = " +
            sql_quoted(ids::kPoster) + ", reviewed_at = now() WHERE id = " + sql_quoted(ids::kProof) + "; " +
            insert_statement(catalogue_, "proofs",
                             proof_values(fresh(5), ids::kTask, ids::kWorker, "PENDING")) +
            "; " + again(ids::kPhoto));
    add("PRF-13", "a photo bound to another proof beforehand",
        insert_statement(catalogue_, "photo_bindings",
                         {{"checksum_sha256", checksum_of("early")},
                          {"task_id", sql_quoted(ids::kOtherTask)},
                          {"worker_id", sql_quoted(ids::kWorker)},
                          {"proof_id", sql_quoted(ids::kOtherProof)}}) +
            "; " + photo(4, "early", 2));
    return std::move(attempts_);
  }

  // What no device can have reported, and what the rules refuse (GPS-2, GPS-3, GPS-6, §5.5).
  std::vector<Attempt> impossible() {
    for (const auto& [column, value] : Values{{"accuracy_m", "100.1"},
                                              {"accuracy_m", "-1"},
                                              {"latitude", "91"},
                                              {"longitude", "-181"},
                                              {"captured_at", "now() + interval '1 minute'"},
                                              {"risk_hundredths", "50"}}) {
      Values fix = fix_values(ids::kProof);
      for (auto& [name, text] : fix) {
        if (name == column) text = value;
      }
      add("GPS evidence", fmt::format("a fix with {} = {}", column, value),
          insert_statement(catalogue_, "proof_locations", fix));
    }
    for (const auto& [column, value] : Values{{"file_size_bytes", "10485761"},
                                              {"file_size_bytes", "0"},
                                              {"content_type", "'application/x-msdownload'"},
                                              {"checksum_sha256", "repeat('Z', 64)"}}) {
      Values upload = upload_values(fresh(9));
      for (auto& [name, text] : upload) {
        if (name == column) text = value;
      }
      add("PRF-7", fmt::format("a place for an upload with {} = {}", column, value),
          insert_statement(catalogue_, "proof_uploads", upload));
    }
    return std::move(attempts_);
  }

  static Values upload_values(std::string_view photo) {
    return {{"storage_key", "'proofs/attack/' || " + sql_quoted(photo)},
            {"task_id", sql_quoted(ids::kTask)},
            {"user_id", sql_quoted(ids::kWorker)},
            {"photo_type", "'result'"},
            {"content_type", "'image/jpeg'"},
            {"file_size_bytes", "1000"},
            {"checksum_sha256", checksum_of(photo)},
            {"expires_at", "now() + interval '10 minutes'"}};
  }

 private:
  static std::string foreign(const std::string& table) {
    if (table == "users") return sql_quoted(ids::kStranger);
    if (table == "tasks") return sql_quoted(ids::kOtherTask);
    if (table == "proofs") return sql_quoted(ids::kOtherProof);
    return "";
  }

  void add(std::string_view rule, std::string name, std::string sql) {
    Attempt attempt;
    attempt.rule = rule;
    attempt.name = std::move(name);
    attempt.sql = std::move(sql);
    attempts_.push_back(std::move(attempt));
  }

  const Catalogue& catalogue_;
  std::vector<Attempt> attempts_;
};

void judge_photos(const Snapshot& now, std::vector<Broken>& broken) {
  const auto& bindings = rows_of(now, "photo_bindings");
  std::map<std::string, std::string> owners;
  for (const auto& [id, photo] : rows_of(now, "proof_photos")) {
    const std::string checksum = get(photo, "checksum_sha256");
    const std::string proof = get(photo, "proof_id");
    if (const auto [owner, fresh] = owners.emplace(checksum, proof); !fresh) {
      broken.push_back({"PRF-13", owner->second == proof
                                      ? fmt::format("photo {} is in proof {} twice", id, proof)
                                      : fmt::format("photo {} belongs to two proofs", id)});
    }
    const auto bound = bindings.find(checksum);
    if (bound == bindings.end() || get(bound->second, "proof_id") != proof)
      broken.push_back({"PRF-13", fmt::format("photo {} is not bound to its proof {}", id, proof)});
  }
}

}  // namespace

std::vector<StageStatement> evidence_statements(const Catalogue& c) {
  if (!is_kept(c)) return {};
  Values upload = Forge::upload_values(ids::kPhoto);
  upload.emplace_back("proof_id", sql_quoted(ids::kProof));
  return {{"PRF-7", insert_statement(c, "proof_uploads", upload)},
          {"GPS-7", insert_statement(c, "proof_locations", fix_values(ids::kProof))},
          {"fraud signal", insert_statement(c, "fraud_events",
                                            {{"id", sql_quoted(kSignal)},
                                             {"user_id", sql_quoted(ids::kWorker)},
                                             {"task_id", sql_quoted(ids::kTask)},
                                             {"proof_id", sql_quoted(ids::kProof)},
                                             {"kind", "'poor_accuracy'"},
                                             {"weight_hundredths", "10"}})}};
}

std::vector<Attempt> evidence_attempts(const Catalogue& catalogue, const Stage& stage) {
  if (!is_kept(catalogue)) return {};
  if (stage.name == "submitted") return Forge(catalogue).rewritten();
  if (stage.name == "proof_pending") {
    std::vector<Attempt> all = Forge(catalogue).reused();
    for (Attempt& each : Forge(catalogue).impossible()) all.push_back(std::move(each));
    return all;
  }
  return {};
}

void judge_evidence(const Snapshot& now, std::vector<Broken>& broken) {
  if (now.contains("photo_bindings")) judge_photos(now, broken);
  const auto number = [](const Row& row, std::string_view column) {
    return std::strtod(get(row, column).c_str(), nullptr);
  };
  for (const auto& [id, fix] : rows_of(now, "proof_locations")) {
    const double accuracy = number(fix, "accuracy_m");
    const bool on_earth =
        std::abs(number(fix, "latitude")) <= 90 && std::abs(number(fix, "longitude")) <= 180;
    if (accuracy < 0 || accuracy > 100 || !on_earth || number(fix, "risk_hundredths") >= 50 ||
        get(fix, "captured_at") > get(fix, "received_at")) {
      broken.push_back({"GPS evidence", "proof " + id + " has a fix that must have been refused"});
    }
  }
  for (const auto& [key, upload] : rows_of(now, "proof_uploads")) {
    const double size = number(upload, "file_size_bytes");
    const std::string checksum = get(upload, "checksum_sha256");
    const bool hex =
        checksum.size() == 64 && checksum.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (size < 1 || size > 10'485'760 || !get(upload, "content_type").starts_with("image/") || !hex)
      broken.push_back({"PRF-7", "upload " + key + " was given out for no photo"});
  }
}

}  // namespace loadgen::attack
