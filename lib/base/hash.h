// Hashes of bytes: BLAKE2b (RFC 7693, by libsodium) as lower-case hexadecimal, and a keyed one for tables in
// memory; and unguessable random names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace aforro {

// 32 hexadecimal digits (128 bits).
std::string hash_hex(std::string_view bytes);

// A short hash with a secret of this process (SipHash): no client can choose texts whose hashes collide.
// Another in each process, so not to be kept or sent.
std::uint64_t keyed_hash(std::string_view bytes);

// `bytes` random bytes from the operating system, as hexadecimal digits, two a byte.
std::string random_hex(std::size_t bytes);

}  // namespace aforro
