// Packed data from strangers can unpack to a thousand times its size. gunzip() therefore goes through it
// twice: the first pass only counts, and refuses beyond the bound before anything is kept; the second knows
// how much room it needs. That costs processor time, and saves the doubling of a growing string, which is
// memory. A gzip file may have several members one behind the other (RFC 1952, 2.2), as `cat a.gz b.gz` makes
// them.
#include "base/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <stdexcept>

#include "base/function_ref.h"
#include "base/problem.h"

namespace aforro {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way of asking for the gzip format
constexpr std::size_t kChunk = 64 * 1024;

Bytef* as_input(std::string_view bytes) {
  // zlib only reads through it.
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&stream_, kGzipWindow) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
};

[[noreturn]] void refuse(const char* why) { throw Problem(Problem::Kind::invalid, why); }

// Gives `take` what comes out, piece by piece.
void unpack(std::string_view bytes, FunctionRef<void(std::string_view)> take) {
  Inflater inflater;
  z_stream& stream = inflater.stream();
  std::array<char, kChunk> chunk{};
  for (;;) {
    if (stream.avail_in == 0) {
      if (bytes.empty()) refuse("the gzip data is cut off");
      stream.next_in = as_input(bytes);
      stream.avail_in =
          static_cast<uInt>(std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max()));
      bytes.remove_prefix(stream.avail_in);
    }
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    const int state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END) refuse("the data is no sound gzip");
    take({chunk.data(), chunk.size() - stream.avail_out});
    if (state != Z_STREAM_END) continue;
    if (stream.avail_in == 0 && bytes.empty()) return;
    inflateReset(&stream);  // another member follows
  }
}

}  // namespace

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ending(&stream, &deflateEnd);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = as_input(bytes);
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  std::size_t in_left = bytes.size();
  std::size_t out_left = packed.size();
  // zlib counts in 32 bits, so both buffers are given to it in parts.
  int state = Z_OK;
  while (state == Z_OK) {
    if (stream.avail_in == 0) {
      stream.avail_in = static_cast<uInt>(std::min<std::size_t>(in_left, std::numeric_limits<uInt>::max()));
      in_left -= stream.avail_in;
    }
    if (stream.avail_out == 0) {
      stream.avail_out = static_cast<uInt>(std::min<std::size_t>(out_left, std::numeric_limits<uInt>::max()));
      out_left -= stream.avail_out;
    }
    state = deflate(&stream, in_left == 0 ? Z_FINISH : Z_NO_FLUSH);
  }
  packed.resize(stream.total_out);
  packed.shrink_to_fit();  // some are kept for long
  if (state != Z_STREAM_END) throw std::runtime_error("deflate did not end");
  return packed;
}

bool is_gzip(std::string_view bytes) { return bytes.size() >= 2 && bytes[0] == '\x1F' && bytes[1] == '\x8B'; }

std::string gunzip(std::string_view bytes, std::size_t max_bytes) {
  std::size_t size = 0;
  unpack(bytes, [&](std::string_view piece) {
    size += piece.size();
    if (size > max_bytes) refuse("the gzip data unpacks to more than is allowed");
  });
  std::string unpacked;
  unpacked.reserve(size);
  unpack(bytes, [&](std::string_view piece) { unpacked += piece; });
  return unpacked;
}

}  // namespace aforro
