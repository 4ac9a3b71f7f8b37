// The statement that calls a SQL function of schema api: uid, email, name, now in milliseconds, input.
#pragma once

#include "reference_server/database.h"

#define HUSTLE_FUNCTION(name)    \
  ::server::Statement{           \
      #name, "SELECT api." #name \
             "($1, $2, $3, timestamptz 'epoch' + $4::bigint * interval '1 millisecond', $5::jsonb)"}
