#include "accounts/users.h"

#include <sodium.h>

#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "base/shortage.h"
#include "base/text.h"
#include "shop/types.h"

namespace aforro::accounts {
namespace {

constexpr std::size_t kMaxPasswordBytes = 1'024;

std::optional<std::string> password_fault(std::string_view password) {
  if (password.size() > kMaxPasswordBytes) return "must have at most 1,024 bytes";
  // A password may be any bytes that a terminal sends; characters can only be counted in valid UTF-8.
  const std::size_t length = is_valid_utf8(password) ? count_characters(password) : password.size();
  if (length < kMinPasswordCharacters) return "must have at least 8 characters";
  return std::nullopt;
}

// 64 MiB and two passes, some 0.1 s: what RFC 9106 (4) recommends where memory is constrained.
std::string hash_password(std::string_view password) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium could not be started");
  std::array<char, crypto_pwhash_STRBYTES> encoded{};
  if (crypto_pwhash_str_alg(encoded.data(), password.data(), password.size(),
                            crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw Shortage(kOutOfMemory);
  }
  return encoded.data();
}

}  // namespace

Users::Users(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

Users::Created Users::create_superuser(std::string_view username, const std::optional<std::string>& email,
                                       std::string_view password) {
  Faults faults;
  const auto fault_if = [&](const char* where, const std::optional<std::string>& detail) {
    if (detail) faults.add(Fault::In::query, where, *detail);
  };
  if (is_valid_utf8(username)) username = trim(username);
  fault_if("username", text_fault(username, 1, shop::kMaxNameCharacters));
  if (email) fault_if("email", email_fault(*email));
  fault_if("password", password_fault(password));
  if (!faults.empty()) throw Problem::invalid(std::move(faults));

  const std::string name = normalize(username);
  const std::string key = fold(name);
  const std::string hash = hash_password(password);  // out here: it takes longer than a write may
  const std::optional<std::string> address = email ? std::optional(normalize(*email)) : std::nullopt;
  const Time now = clock_.now();
  return database_.write([&](sql::Connection& connection) {
    const bool is_new =
        connection
            .maybe_integer(
                "INSERT INTO users (username, username_key, email, password_hash, is_superuser, created_at)"
                " VALUES ($1, $2, $3, $4, 1, $5) ON CONFLICT (username_key) DO NOTHING RETURNING id",
                {name, key, address, hash, now.micros()})
            .has_value();
    if (is_new) return Created::made;
    const bool was_disabled =
        connection
            .maybe_integer(
                "UPDATE users SET password_hash = $2, is_superuser = 1, email = coalesce($3, email)"
                " WHERE username_key = $1 AND password_hash = '' RETURNING id",
                {key, hash, address})
            .has_value();
    if (!was_disabled) throw Problem(Problem::Kind::conflict, "There is a user of this name.");
    return Created::enabled;
  });
}

void restore_disabled_users(sql::Connection& connection, const sql::ParamRows& rows) {
  connection.for_each(
      "INSERT INTO users (id, username, username_key, email, password_hash, is_superuser, created_at)"
      " VALUES ($1, $2, $3, $4, '', $5, $6)",
      rows);
}

}  // namespace aforro::accounts
