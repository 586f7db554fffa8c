// gzip (RFC 1952, by zlib): whole strings, in memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace aforro {

std::string gzip(std::string_view bytes);

// True if the bytes begin as a gzip file does.
bool is_gzip(std::string_view bytes);

// Unpacks all members. Throws Problem (invalid) if the bytes are no gzip, are cut off, or unpack to more than
// `max_bytes`.
std::string gunzip(std::string_view bytes, std::size_t max_bytes);

}  // namespace aforro
