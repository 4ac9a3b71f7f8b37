#include "loadgen/audits_proof.h"

#include <array>

#include <fmt/format.h>

namespace loadgen {
namespace {

// Photos whose bytes were looked at. Without an object store a server keeps keys alone, of size 0.
constexpr std::string_view kLookedAt = "f.file_size_bytes > 0";

// GPS-5, in metres; columns or expressions of degrees. NULL without both points.
std::string haversine(std::string_view lat1, std::string_view lng1, std::string_view lat2,
                      std::string_view lng2) {
  return fmt::format(
      "(2 * 6371000 * asin(sqrt(power(sin(radians(({2} - {0})::float8) / 2), 2)"
      " + cos(radians({0}::float8)) * cos(radians({2}::float8)) * power(sin(radians(({3} - {1})::float8) / "
      "2), 2))))",
      lat1, lng1, lat2, lng2);
}

// Each fix beside the one before it (§5.4) and the place of its task.
std::string journeys() {
  return fmt::format(
      "SELECT l.*, lag(l.captured_at) OVER w was_at, lag(l.accuracy_m) OVER w was_accuracy,"
      " lag(l.latitude) OVER w was_lat, lag(l.longitude) OVER w was_lng, lag(l.repeats) OVER w was_repeats,"
      " {} AS metres, {} AS away, t.location_lat, t.location_lng, p.submitted_at"
      " FROM proof_locations l JOIN proofs p ON p.id = l.proof_id JOIN tasks t ON t.id = p.task_id"
      " WINDOW w AS (PARTITION BY l.user_id ORDER BY l.position)",
      haversine("lag(l.latitude) OVER w", "lag(l.longitude) OVER w", "l.latitude", "l.longitude"),
      haversine("l.latitude", "l.longitude", "t.location_lat", "t.location_lng"));
}

constexpr std::string_view kSameFix =
    "(was_lat, was_lng, was_accuracy, was_at) IS NOT DISTINCT FROM (latitude, longitude, accuracy_m, "
    "captured_at)";
// Floating point: a speed or distance within a ten-thousandth of its bound is not judged.
constexpr std::string_view kTooFast =
    "(metres > was_accuracy + accuracy_m"
    " AND metres * 3.6 > 100.01 * extract(epoch FROM captured_at - was_at))";
constexpr std::string_view kSlowEnough =
    "(metres <= was_accuracy + accuracy_m"
    " OR metres * 3.6 < 99.99 * extract(epoch FROM captured_at - was_at))";

// Which signals a stored fix must have left, by its own numbers (§5.3, §5.5, §5.6): {kind, when true, when
// false}.
struct Derived {
  std::string_view kind, must, must_not;
};
constexpr std::array kDerived{
    Derived{"poor_accuracy", "accuracy_m > 50", "accuracy_m <= 50"},
    Derived{"out_of_range", "away > 100.01", "(away IS NULL OR away < 99.99)"},
    Derived{"time_manipulation", "received_at - captured_at > interval '300 s'",
            "received_at - captured_at <= interval '300 s'"},
    Derived{"zero_accuracy", "accuracy_m = 0", "accuracy_m > 0"},
    Derived{"mock_location", "is_mock", "NOT is_mock"},
    Derived{"repeated_point", "repeats > 3", "repeats <= 3"},
    Derived{"coarse_coordinates", "round(latitude, 4) = latitude AND round(longitude, 4) = longitude",
            "(round(latitude, 4) <> latitude OR round(longitude, 4) <> longitude)"},
    Derived{"exact_task_point", "(latitude, longitude) = (location_lat, location_lng)",
            "(latitude, longitude) IS DISTINCT FROM (location_lat, location_lng)"}};

std::string signals_amiss() {
  std::string where;
  const auto either = [&](std::string_view kind, std::string_view must, std::string_view must_not) {
    where += fmt::format("{}(({}) AND NOT '{}' = ANY (kinds)) OR (({}) AND '{}' = ANY (kinds))",
                         where.empty() ? "" : " OR ", must, kind, must_not, kind);
  };
  for (const Derived& each : kDerived) either(each.kind, each.must, each.must_not);
  either("impossible_travel", kTooFast, fmt::format("was_at IS NULL OR {} OR {}", kSameFix, kSlowEnough));
  return fmt::format(
      "SELECT 'proof ' || proof_id, 'accuracy ' || accuracy_m || ' m, ' || coalesce(round(away::numeric, 1) "
      "|| "
      "' m away', 'no place') || ', ' || coalesce(round(metres::numeric) || ' m since ' || was_at, 'first "
      "fix')"
      " || ', captured ' || captured_at || ', received ' || received_at || ', signals: ' ||"
      " array_to_string(kinds, ', ') FROM (SELECT j.*, ARRAY(SELECT kind::text FROM fraud_events e"
      " WHERE e.proof_id = j.proof_id ORDER BY 1) kinds FROM ({}) j) s WHERE {}",
      journeys(), where);
}

}  // namespace

std::vector<Audit> photo_audits() {
  const std::string looked_at(kLookedAt);
  return {
      {"F01", "PRF-13", "no picture is a photo of two proofs, or twice of one", AuditTime::any,
       "proof_photos",
       "SELECT 'photo ' || checksum_sha256, count(*) || ' times, in ' || count(DISTINCT proof_id) || ' "
       "proofs'"
       " FROM proof_photos f WHERE " +
           looked_at + " GROUP BY checksum_sha256 HAVING count(*) > 1"},
      {"F02", "PRF-13", "every photo is bound to its proof, task and worker", AuditTime::any,
       "proof_photos,proofs,photo_bindings",
       "SELECT 'photo ' || f.id, 'of proof ' || p.id || ', bound to ' || coalesce(b.proof_id::text, 'none')"
       " FROM proof_photos f JOIN proofs p ON p.id = f.proof_id"
       " LEFT JOIN photo_bindings b ON b.checksum_sha256 = f.checksum_sha256 WHERE " +
           looked_at +
           " AND (b.proof_id, b.task_id, b.worker_id) IS DISTINCT FROM (p.id, p.task_id, p.submitter_id)"},
      {"F03", "PRF-7", "every photo's key was given to its worker for its task, and used by its proof alone",
       AuditTime::any, "proof_photos,proofs,proof_uploads",
       "SELECT 'photo ' || f.id, f.storage_key || ' of proof ' || p.id || ', given for task ' ||"
       " coalesce(u.task_id::text, 'none') || ', used by proof ' || coalesce(u.proof_id::text, 'none')"
       " FROM proof_photos f JOIN proofs p ON p.id = f.proof_id"
       " LEFT JOIN proof_uploads u ON u.storage_key = f.storage_key WHERE " +
           looked_at +
           " AND (u.task_id, u.user_id, u.proof_id, u.checksum_sha256, u.file_size_bytes, u.content_type)"
           " IS DISTINCT FROM (p.task_id, p.submitter_id, p.id, f.checksum_sha256, f.file_size_bytes, "
           "f.content_type)"},
      {"F04", "PRF-7", "every used upload is a photo of the proof that used it", AuditTime::any,
       "proof_photos,proof_uploads",
       "SELECT 'upload ' || u.storage_key, 'used by proof ' || u.proof_id || ', which has no such photo'"
       " FROM proof_uploads u WHERE u.proof_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM proof_photos f"
       " WHERE f.storage_key = u.storage_key AND f.proof_id = u.proof_id)"},
      {"F05", "proof-and-gps.md §3", "photos have 1 byte to 10 MiB, a known type and a SHA-256",
       AuditTime::any, "proof_photos",
       "SELECT 'photo ' || f.id, f.content_type || ', ' || f.file_size_bytes || ' bytes, checksum ' ||"
       " f.checksum_sha256 FROM proof_photos f WHERE f.file_size_bytes NOT BETWEEN 0 AND 10485760"
       " OR f.content_type NOT IN ('image/jpeg', 'image/png', 'image/heic')"
       " OR f.checksum_sha256 !~ '^[0-9a-f]{64}$'"},
      {"F06", "PRF-5", "nobody has more than three attempts at a task", AuditTime::any, "proofs",
       "SELECT 'task ' || task_id, count(*) || ' proofs of user ' || submitter_id FROM proofs"
       " GROUP BY task_id, submitter_id HAVING count(*) > 3"},
      {"F07", "PRF-8", "photos were taken after the acceptance and within 300 s before the submission",
       AuditTime::any, "proof_photos,proofs,tasks",
       "SELECT 'photo ' || f.id, 'taken ' || f.capture_time || ', task accepted ' || t.accepted_at ||"
       " ', submitted ' || p.submitted_at FROM proof_photos f JOIN proofs p ON p.id = f.proof_id"
       " JOIN tasks t ON t.id = p.task_id WHERE f.capture_time < date_trunc('second', t.accepted_at)"
       " OR f.capture_time < date_trunc('second', p.submitted_at) - interval '300 s'"
       " OR f.capture_time > p.submitted_at + interval '60 s'"},
      {"F08", "proof-and-gps.md §2.1", "photos of before and after where the category asks for them",
       AuditTime::any, "proof_photos,proof_uploads,proofs,tasks",
       "SELECT 'proof ' || p.id, t.category || ' with ' || string_agg(u.photo_type, ', ')"
       " FROM proofs p JOIN tasks t ON t.id = p.task_id JOIN proof_uploads u ON u.proof_id = p.id"
       " GROUP BY p.id, t.category HAVING NOT CASE WHEN t.category IN ('cleaning', 'moving', 'pet_care',"
       " 'handyman', 'yard_work') THEN bool_or(u.photo_type = 'before') AND bool_or(u.photo_type = 'after')"
       " ELSE bool_or(u.photo_type = 'result') END"},
  };
}

std::vector<Audit> fix_audits() {
  return {
      {"F11", "GPS-3", "stored fixes are exact to 100 m, inside the city, and not from the future",
       AuditTime::any, "proof_locations",
       "SELECT 'proof ' || proof_id, latitude || ', ' || longitude || ', accuracy ' || accuracy_m || ' m, "
       "captured '"
       " || captured_at || ', received ' || received_at FROM proof_locations WHERE accuracy_m NOT BETWEEN 0 "
       "AND "
       "100 OR latitude NOT BETWEEN 47.4919 AND 47.7341 OR longitude NOT BETWEEN -122.4596 AND -122.2244"
       " OR captured_at > received_at"},
      {"F12", "GPS-5", "stored fixes are within 500 m of their task, as far as they say", AuditTime::any,
       "proof_locations,proofs,tasks",
       "SELECT 'proof ' || proof_id, round(away::numeric, 3) || ' m from its task, stored as ' ||"
       " coalesce(distance_m::text, 'none') FROM (" +
           journeys() +
           ") j WHERE away > 500.01"
           " OR abs(away - distance_m) > 0.01 OR (away IS NULL) <> (distance_m IS NULL)"},
      {"F13", "GPS-7", "consecutive fixes follow one another in time", AuditTime::any,
       "proof_locations,proofs,tasks",
       "SELECT 'proof ' || proof_id, 'captured ' || captured_at || ', the fix before it ' || was_at FROM (" +
           journeys() + ") j WHERE captured_at <= was_at AND NOT " + std::string(kSameFix)},
      {"F14", "proof-and-gps.md §5.2", "the first zone that contains a fix is its zone", AuditTime::any,
       "proof_locations",
       "SELECT 'proof ' || l.proof_id, latitude || ', ' || longitude || ' in ' || coalesce(l.zone, 'no zone')"
       " FROM proof_locations l WHERE l.zone IS DISTINCT FROM (SELECT z.slug FROM (VALUES"
       " (1, 'capitol_hill', 47.635, 47.615, -122.305, -122.325), (2, 'ballard', 47.690, 47.660, -122.360, "
       "-122.400), (3, 'fremont', 47.665, 47.648, -122.345, -122.365), (4, 'university_district', 47.675, "
       "47.655, -122.295, -122.325), (5, 'queen_anne', 47.645, 47.625, -122.345, -122.365), (6, 'downtown', "
       "47.620, 47.600, -122.325, -122.345), (7, 'south_lake_union', 47.635, 47.620, -122.330, -122.345), "
       "(8, "
       "'beacon_hill', 47.590, 47.565, -122.295, -122.315), (9, 'columbia_city', 47.570, 47.555, -122.275, "
       "-122.295), (10, 'west_seattle', 47.580, 47.545, -122.365, -122.405), (11, 'greenwood', 47.710, "
       "47.690, "
       "-122.345, -122.365), (12, 'wallingford', 47.665, 47.650, -122.325, -122.345)) z(n, slug, north, "
       "south, "
       "east, west) WHERE latitude BETWEEN south AND north AND longitude BETWEEN west AND east ORDER BY n "
       "LIMIT 1)"},
      {"F15", "proof-and-gps.md §5.6",
       "a stored fix has left the signals that its numbers ask for, no others", AuditTime::any,
       "proof_locations,proofs,tasks,fraud_events", signals_amiss()},
      {"F16", "proof-and-gps.md §5.5", "risk is the sum of the signals, and review follows from both",
       AuditTime::any, "proof_locations,fraud_events",
       "SELECT 'proof ' || proof_id, 'risk ' || risk_hundredths || ', signals weigh ' || weight || ', advice "
       "' || "
       "advice || ', review ' || manual_review FROM (SELECT l.*, coalesce(sum(CASE e.kind WHEN "
       "'out_of_range' "
       "THEN 15 WHEN 'impossible_travel' THEN 30 WHEN 'time_manipulation' THEN 20 WHEN 'poor_accuracy' THEN "
       "10 "
       "ELSE 0 END), 0) weight, count(*) FILTER (WHERE e.kind IN ('zero_accuracy', 'mock_location', "
       "'repeated_point', 'coarse_coordinates', 'exact_task_point', 'exif_missing')) advice"
       " FROM proof_locations l LEFT JOIN fraud_events e ON e.proof_id = l.proof_id GROUP BY l.proof_id) s"
       " WHERE risk_hundredths <> weight OR weight >= 50 OR manual_review <> (weight >= 30 OR advice >= 2)"},
      {"F17", "proof-and-gps.md §5.6", "fixes on one point are counted", AuditTime::any,
       "proof_locations,proofs,tasks",
       "SELECT 'proof ' || proof_id, repeats || ' times on one point, after ' || coalesce(was_repeats, 0) "
       "FROM (" +
           journeys() +
           ") j WHERE repeats <> CASE WHEN (was_lat, was_lng) = (latitude, longitude)"
           " THEN was_repeats + 1 ELSE 1 END"},
  };
}

}  // namespace loadgen
