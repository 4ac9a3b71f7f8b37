// The contract table (contract.h) printed as TypeScript: an AppRouter type for @trpc/client 11.
#pragma once

#include <string>

namespace model {

// A module without runtime code. It exports AppRouter for createTRPCClient<AppRouter>, the type HxCode of
// error.data.hx, and needs the types of @trpc/server 11. Limits that TypeScript cannot say stand as comments.
std::string typescript_router();

}  // namespace model
