#include "loadgen/side/turnstile.h"

#include <fmt/format.h>
#include <stdexcept>

namespace loadgen {
namespace {

constexpr int kFirst = 4711, kGate = 4712;  // spaces of locks: who comes first, and what he waits for

// A transaction waits once; the second one to come finds the place taken and passes.
constexpr std::string_view kFunction = R"(
CREATE FUNCTION drill_gate() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_gate record;
    v_place integer := 0;
BEGIN
    IF TG_LEVEL = 'STATEMENT' THEN
        v_place := coalesce(nullif(current_setting('drill.writes', true), ''), '0')::integer + 1;
        PERFORM set_config('drill.writes', v_place::text, true);
    END IF;
    SELECT * INTO v_gate FROM drill_gates;
    IF v_gate.place = v_place AND current_setting('drill.held', true) IS DISTINCT FROM 'yes'
       AND pg_try_advisory_xact_lock({}, v_gate.number) THEN
        PERFORM set_config('drill.held', 'yes', true);
        PERFORM pg_advisory_xact_lock_shared({}, v_gate.number);
    END IF;
    RETURN NULL;
END $$)";

// One table after the other, so that nobody waits for this and is waited for.
constexpr std::string_view kBuild = R"(
DO $$
DECLARE
    v_table record;
    v_events text;
BEGIN
    FOR v_table IN SELECT oid::regclass::text AS name FROM pg_class
                    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                      AND relname NOT IN ('drill_gates', 'proof_inspections', 'photo_inspections') LOOP
        v_events := CASE v_table.name WHEN 'outbox_events' THEN 'INSERT' ELSE 'INSERT OR UPDATE OR DELETE' END;
        EXECUTE format('CREATE TRIGGER drill_before BEFORE %s ON %s FOR EACH STATEMENT'
                       ' EXECUTE FUNCTION drill_gate()', v_events, v_table.name);
        EXECUTE format('CREATE CONSTRAINT TRIGGER drill_end AFTER %s ON %s DEFERRABLE INITIALLY DEFERRED'
                       ' FOR EACH ROW EXECUTE FUNCTION drill_gate()', v_events, v_table.name);
        COMMIT;
    END LOOP;
END $$)";

constexpr std::string_view kPullDown = R"(
DO $$
DECLARE
    v_trigger record;
BEGIN
    FOR v_trigger IN SELECT tgname AS name, tgrelid::regclass::text AS place FROM pg_trigger
                      WHERE tgname IN ('drill_before', 'drill_end') LOOP
        EXECUTE format('DROP TRIGGER %s ON %s', v_trigger.name, v_trigger.place);
        COMMIT;
    END LOOP;
    DROP FUNCTION IF EXISTS drill_gate();
    DROP TABLE IF EXISTS drill_gates;
END $$)";

}  // namespace

Turnstile::Turnstile(SideClient& client) : client_(client) {
  client_.sql("CREATE TABLE drill_gates (number integer NOT NULL, place integer NOT NULL)");
  client_.sql("INSERT INTO drill_gates VALUES (0, -1)");
  client_.sql(fmt::format(kFunction, kFirst, kGate));
  client_.sql(std::string(kBuild));
}

Turnstile::~Turnstile() {
  try {
    client_.sql(std::string(kPullDown));
  } catch (const std::runtime_error&) {
    return;  // the database is gone, and the gates with it
  }
}

std::string Turnstile::before(int statement) {
  client_.sql(fmt::format("UPDATE drill_gates SET number = {}, place = {}", ++used_, statement));
  return fmt::format("SELECT pg_advisory_xact_lock({}, {})", kGate, used_);
}

void Turnstile::open() {
  client_.sql("UPDATE drill_gates SET place = -1");
}

}  // namespace loadgen
