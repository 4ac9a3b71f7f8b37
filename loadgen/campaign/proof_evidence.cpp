#include "loadgen/campaign/proof_evidence.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "model/rules/apply.h"

namespace loadgen {
namespace {

constexpr std::size_t kRowsPerQuery = 2000;
constexpr std::string_view kTables =
    "SELECT count(*) FROM pg_tables WHERE tablename IN ('proof_locations', 'fraud_events', 'photo_bindings')";
constexpr std::string_view kProofRows =
    "SELECT p.id, coalesce(l.risk_hundredths, 0), coalesce(l.manual_review, false), coalesce(l.zone, ''),"
    " (SELECT count(*) FROM proof_photos f WHERE f.proof_id = p.id),"
    " coalesce((SELECT string_agg(kind, ',') FROM fraud_events e WHERE e.proof_id = p.id), '')"
    " FROM proofs p LEFT JOIN proof_locations l ON l.proof_id = p.id WHERE p.id = ANY ($1::uuid[])";
constexpr std::string_view kSignalRows =
    "SELECT user_id || ' ' || task_id, string_agg(DISTINCT kind, ',') FROM fraud_events"
    " WHERE proof_id IS NULL AND task_id = ANY ($1::uuid[]) GROUP BY 1";
constexpr std::string_view kObjectRows =
    "SELECT f.storage_key, f.checksum_sha256, f.proof_id FROM proof_photos f WHERE f.proof_id = ANY "
    "($1::uuid[])";

std::string names_of(std::uint32_t signals) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < model::kSignalNames.size(); ++i) {
    if ((signals >> i & 1U) != 0) names.insert(model::kSignalNames[i]);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::uint32_t signals_in(std::string_view list) {
  std::uint32_t signals = 0;
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    const auto found = std::ranges::find(model::kSignalNames, list.substr(0, end));
    if (found != model::kSignalNames.end()) signals |= 1U << (found - model::kSignalNames.begin());
    list.remove_prefix(std::min(list.size(), end + 1));
  }
  return signals;
}

model::Finding finding_of(std::string rule, std::string spec, std::string headline, std::string expected,
                          std::string observed, std::vector<std::string> entities) {
  model::Finding finding;
  finding.rule = std::move(rule);
  finding.spec = std::move(spec);
  finding.judge = kFinalWorldJudge;
  finding.headline = std::move(headline);
  finding.expected = std::move(expected);
  finding.observed = std::move(observed);
  finding.entities = std::move(entities);
  return finding;
}

std::string array_of(const std::vector<std::string>& ids) {
  return fmt::format("{{{}}}", fmt::join(ids, ","));
}

class Comparison {
 public:
  Comparison(Database& database, Tally& tally) : database_(database), tally_(tally) {}

  void proofs(const std::map<std::string, const FinalProof*>& wanted, const std::vector<std::string>& ids) {
    for (const Row& row : database_.query(std::string(kProofRows), {array_of(ids)})) {
      const auto text = [&](std::size_t i) { return row[i].value_or(""); };
      const FinalProof& want = *wanted.at(text(0));
      ++tally_["proofs compared"];
      tally_["signals compared"] += want.signals != 0 ? 1 : 0;
      const auto told = [](int risk, bool review, std::string_view zone, std::uint32_t signals) {
        return fmt::format("risk 0.{:02}, {}, zone {}, signals: {}", risk,
                           review ? "manual review" : "no review", zone.empty() ? "none" : zone,
                           names_of(signals));
      };
      const std::string expected = told(want.risk, want.manual_review, want.zone, want.signals);
      const std::string observed = told(std::stoi(text(1)), text(2) == "t", text(3), signals_in(text(5)));
      if (expected != observed)
        findings_.push_back(
            finding_of("GPS evidence", "proof-and-gps.md §5",
                       "a stored proof has another risk, review or signals than its fix and photos give",
                       expected, observed, {"proof " + want.id}));
      if (want.photos != std::stoi(text(4)))
        findings_.push_back(finding_of("PROOF-PHOTO-1", "invariants.md §1",
                                       "a stored proof has another number of photos than were submitted",
                                       fmt::format("{} photos", want.photos), text(4) + " photos",
                                       {"proof " + want.id}));
    }
  }

  void refused(const std::map<std::string, std::uint32_t>& wanted, const std::vector<std::string>& tasks) {
    std::map<std::string, std::uint32_t> seen;
    for (const Row& row : database_.query(std::string(kSignalRows), {array_of(tasks)}))
      seen[row[0].value_or("")] = signals_in(row[1].value_or(""));
    for (const auto& [who, signals] : wanted) {
      ++tally_["signals compared"];
      if ((signals & ~seen[who]) == 0) continue;
      findings_.push_back(
          finding_of("fraud signal", "proof-and-gps.md §5.6",
                     "a refused submission left no row of its signal", names_of(signals), names_of(seen[who]),
                     {"user " + who.substr(0, who.find(' ')), "task " + who.substr(who.find(' ') + 1)}));
    }
  }

  void objects(Control& control, const std::vector<std::string>& ids) {
    std::vector<std::string> keys;
    const std::vector<Row> rows = database_.query(std::string(kObjectRows), {array_of(ids)});
    for (const Row& row : rows) keys.push_back(row[0].value_or(""));
    if (keys.empty()) return;
    const auto digests = control.digests(keys);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      ++tally_["objects compared"];
      const std::string stored = digests[i].value_or("no object");
      if (stored == rows[i][1]) continue;
      findings_.push_back(finding_of("PRF-PHOTO-OBJECT", "proof-and-gps.md §3, FM-124",
                                     "the stored bytes of a photo are not those that were verified",
                                     rows[i][1].value_or(""), stored, {"proof " + rows[i][2].value_or("")}));
    }
  }

  std::vector<model::Finding> findings_;

 private:
  Database& database_;
  Tally& tally_;
};

}  // namespace

std::optional<model::SubmissionVerdict> verdict_on(const model::World& before, const model::Operation& o) {
  const model::Command& c = o.command;
  if (c.action != model::Action::task_submit_proof && c.action != model::Action::proof_submit)
    return std::nullopt;
  // Whoever may not even upload, or sends what no device reports, is refused for that.
  model::Command upload = c;
  upload.action = model::Action::proof_request_upload;
  model::World probe = before;
  if (model::apply(probe, upload, o.now).kind != model::Outcome::Kind::accepted) return std::nullopt;
  model::Command honest = c;
  honest.trick = model::PhotoTrick::none;
  if (!model::is_well_formed(honest)) return std::nullopt;
  return model::judge_submission(before, c, o.now);
}

void note_submission(FinalWorld& end, const CaseRecord& record, const model::World& before,
                     const model::Operation& o) {
  const auto verdict = verdict_on(before, o);
  if (!verdict) return;
  const model::Command& c = o.command;
  const auto id = [](const std::vector<std::string>& ids, std::uint16_t slot) {
    return slot < ids.size() ? ids[slot] : std::string();
  };
  if (verdict->code != model::Code::none) {
    const std::string user = id(record.ids.users, c.actor.value);
    const std::string task = id(record.ids.tasks, c.task.value);
    if (verdict->signals != 0 && !user.empty() && !task.empty())
      end.refused.push_back({user, task, verdict->signals});
    return;
  }
  const model::CityZone* zone = model::zone_of(c.fix.latitude, c.fix.longitude);
  const std::string proof = id(record.ids.proofs, c.proof.value);
  if (!proof.empty())
    end.proofs.push_back({proof, zone == nullptr ? "" : std::string(zone->slug), verdict->signals,
                          verdict->risk, c.photos, verdict->manual_review});
}

std::vector<model::Finding> audit_proofs(Database& database, Control* control,
                                         std::span<const FinalWorld> worlds, Tally& tally) {
  if (database.query(std::string(kTables)).front().front() != "3") return {};
  Comparison audit(database, tally);
  std::map<std::string, const FinalProof*> proofs;
  std::map<std::string, std::uint32_t> refused;
  std::set<std::string> tasks;
  for (const FinalWorld& world : worlds) {
    for (const FinalProof& proof : world.proofs) proofs[proof.id] = &proof;
    for (const RefusedSignals& each : world.refused) {
      refused[each.user + " " + each.task] |= each.signals;
      tasks.insert(each.task);
    }
  }
  std::vector<std::string> ids;
  const auto flush = [&] {
    if (ids.empty()) return;
    audit.proofs(proofs, ids);
    if (control != nullptr) audit.objects(*control, ids);
    ids.clear();
  };
  for (const auto& [id, proof] : proofs) {
    ids.push_back(id);
    if (ids.size() == kRowsPerQuery) flush();
  }
  flush();
  if (!refused.empty()) audit.refused(refused, {tasks.begin(), tasks.end()});
  return std::move(audit.findings_);
}

}  // namespace loadgen
