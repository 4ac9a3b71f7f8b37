// Who may call a procedure (safety-and-abuse.md §8, api.md "Who"), as a set of relations to the object that
// the call names. A fact of the contract table: the role matrix is generated from it, so that a new row is
// covered.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace model::access {

using Roles = std::uint16_t;  // a set of the following

inline constexpr Roles poster = 1;       // of the task that the object belongs to
inline constexpr Roles worker = 2;       // assigned to that task
inline constexpr Roles stranger = 4;     // any other account in good standing
inline constexpr Roles clerk = 8;        // a row in admin_roles without any capability
inline constexpr Roles resolver = 16;    // can_resolve_disputes
inline constexpr Roles overrider = 32;   // can_override_escrow
inline constexpr Roles truster = 64;     // can_modify_trust
inline constexpr Roles banner = 128;     // can_ban_users
inline constexpr Roles financier = 256;  // can_access_financials

inline constexpr Roles unspecified = 0;
inline constexpr Roles party = poster | worker;
inline constexpr Roles any_admin = clerk | resolver | overrider | truster | banner | financier;
inline constexpr Roles everybody = party | stranger | any_admin;

inline constexpr std::array<std::string_view, 9> kRoleNames{
    "poster", "worker", "stranger", "clerk", "resolver", "overrider", "truster", "banner", "financier"};

}  // namespace model::access
