// A trouble of the database, raised on purpose by a trigger on this stage for one row of one table, as long
// as it lives.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "loadgen/side/side_client.h"

namespace loadgen {

// A condition that the database reports, and what the caller is told of it.
struct Trouble {
  std::string sqlstate;
  std::string message;
  int times;
  std::string expected;
};

class Raised {
 public:
  Raised(SideClient& client, const Trouble& trouble, std::string_view event, std::string_view row)
      : client_(client), table_(event.substr(event.rfind(' ') + 1)) {
    client_.sql("CREATE SEQUENCE drill_troubles");
    client_.sql(
        fmt::format("CREATE FUNCTION drill_trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                    " IF nextval('drill_troubles') <= {} THEN"
                    " RAISE EXCEPTION USING ERRCODE = '{}', MESSAGE = '{}'; END IF; RETURN NEW; END $$",
                    trouble.times, trouble.sqlstate, trouble.message));
    client_.sql(
        fmt::format("CREATE TRIGGER drill_trouble BEFORE {} FOR EACH ROW WHEN ({}) EXECUTE FUNCTION"
                    " drill_trouble()",
                    event, row));
  }
  ~Raised() {
    try {
      client_.sql(fmt::format("DROP TRIGGER IF EXISTS drill_trouble ON {}", table_));
      client_.sql("DROP FUNCTION IF EXISTS drill_trouble()");
      client_.sql("DROP SEQUENCE IF EXISTS drill_troubles");
    } catch (const std::runtime_error&) {
      return;  // the database is gone, and the trouble with it
    }
  }
  Raised(const Raised&) = delete;
  Raised& operator=(const Raised&) = delete;

 private:
  SideClient& client_;
  std::string table_;
};

}  // namespace loadgen
