// BLAKE2b of bytes (RFC 7693, by libsodium), as lower-case hexadecimal; and unguessable random names.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace aforro {

// 32 hexadecimal digits (128 bits).
std::string hash_hex(std::string_view bytes);

// `bytes` random bytes from the operating system, as hexadecimal digits, two a byte.
std::string random_hex(std::size_t bytes);

}  // namespace aforro
