// The people who may administer the shop. Passwords are kept as Argon2id hashes (RFC 9106, by libsodium).
// Safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "sql/database.h"

namespace aforro::accounts {

inline constexpr std::size_t kMinPasswordCharacters = 8;

class Users {
 public:
  Users(sql::Database& database, const Clock& clock);

  enum class Created { made, enabled };

  // Makes an administrator; a user of this name who is disabled becomes one, and keeps the e-mail address
  // where none is given. Throws Problem: invalid for a name that is not 1 to 120 characters, or a password
  // under 8 (or over 1,024 bytes); conflict if there is a user of this name (without regard to case and
  // accents) who has a password.
  Created create_superuser(std::string_view username, const std::optional<std::string>& email,
                           std::string_view password);

 private:
  sql::Database& database_;
  const Clock& clock_;
};

// Users who are disabled until they have a password, as another program has them, for a shop that has none:
// (id, username, username_key, email, is_superuser, created_at).
void restore_disabled_users(sql::Connection& connection, const sql::ParamRows& rows);

}  // namespace aforro::accounts
