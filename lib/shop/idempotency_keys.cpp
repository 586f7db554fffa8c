// The row of the key is the lock. It is inserted before anything else, in the transaction that places the
// order, so a second request with the same key waits at the unique index until the first has ended, and then
// sees its answer, or takes the key if the first came to nothing. To look for the key first and insert it
// later would let both find nothing, and order twice.
//
// A key that is past its life is taken over by the same statement: ON CONFLICT updates it, and RETURNING
// tells a new claim from one that is still valid. Between claim and end the row has no order and no answer,
// but no other transaction sees it so.
//
// The answer is kept as the bytes that were sent, so a repeat is the same even after a product was renamed.
// The form of the header is that of draft-ietf-httpapi-idempotency-key-header.
#include "shop/idempotency_keys.h"

#include <chrono>
#include <optional>
#include <utility>

#include "base/problem.h"
#include "shop/upkeep.h"

namespace aforro::shop {

bool claim_key(sql::Connection& connection, const Repeatable& request, Time now) {
  try {
    return connection
        .maybe_integer(
            "INSERT INTO idempotency_keys (key, fingerprint, order_id, answer, created_at)"
            " VALUES ($1, $2, 0, '', $3)"
            " ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, created_at = "
            "excluded.created_at"
            " WHERE idempotency_keys.created_at <= $4 RETURNING 1",
            {request.key, request.fingerprint, now.micros(), (now - kKeyLife).micros()})
        .has_value();
  } catch (const sql::LockTimeout&) {  // here, where it is known that the wait was for the key
    throw Problem(Problem::Kind::conflict,
                  "The first request with this Idempotency-Key is still in progress.",
                  std::chrono::seconds{1});
  }
}

void release_key(sql::Connection& connection, const Repeatable& request) {
  connection.run("DELETE FROM idempotency_keys WHERE key = $1", {request.key});
}

void keep_answer(sql::Connection& connection, const Repeatable& request, const Placed& placed) {
  connection.run("UPDATE idempotency_keys SET order_id = $2, answer = $3 WHERE key = $1",
                 {request.key, placed.id.value(), placed.answer});
}

Placed first_answer(sql::Connection& connection, const Repeatable& request) {
  std::optional<Placed> first;
  connection.query(
      "SELECT k.fingerprint, k.order_id, k.answer, o.status FROM idempotency_keys k JOIN orders o ON o.id = "
      "k.order_id WHERE k.key = $1",
      {request.key}, [&](const sql::Row& row) {
        if (row.text(0) != request.fingerprint) {
          throw Problem(Problem::Kind::key_reused, "The Idempotency-Key was used for another request.");
        }
        first = Placed{.id = OrderId(row.integer(1)),
                       .status = *parse_order_status(row.text(3)),
                       .answer = std::string(row.text(2)),
                       .replayed = true};
      });
  // The key is there with its order: claim_key() has just seen it, and both commit together.
  return std::move(first).value();
}

}  // namespace aforro::shop
