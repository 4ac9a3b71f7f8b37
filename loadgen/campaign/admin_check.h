// Item 14: what administrators did and what admin_actions says, compared both ways (AUDIT-3).
#pragma once

#include "loadgen/campaign/case_judge.h"
#include "loadgen/database.h"

namespace loadgen {

// Every certain effect has a row with actor and time; every row of these admins has an effect. Counts "admin
// effects".
void check_admin_actions(Database& database, CaseJudge& judge);

}  // namespace loadgen
