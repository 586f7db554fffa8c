// Where a body ends does not depend on how its bytes arrive, and what follows is left alone. The first byte
// says how it was announced, the second how it is cut into pieces.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "fuzz.h"
#include "http/body_decoder.h"
#include "http/problem_document.h"
#include "http/transport.h"

namespace {

using namespace aforro::http;  // NOLINT: most of it
using aforro::fuzz::require;

struct Outcome {
  std::string body;
  std::size_t used = 0;
  bool is_complete = false;
  int refused_with = 0;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome decode(const Framing& framing, std::string_view bytes, std::size_t piece) {
  Outcome outcome;
  try {
    BodyDecoder decoder(framing, kJsonBody);
    while (outcome.used < bytes.size() && !decoder.is_complete()) {
      const std::string_view given = bytes.substr(outcome.used, piece);
      const std::size_t used = decoder.feed(given);
      require(used > 0 && used <= given.size());
      require(used == given.size() || decoder.is_complete());
      outcome.used += used;
    }
    outcome.is_complete = decoder.is_complete();
    if (outcome.is_complete) require(decoder.feed(bytes) == 0);
    outcome.body = decoder.take();
  } catch (const aforro::Problem& problem) {
    const int status = status_of(problem.kind());
    outcome = {.body = {}, .used = 0, .is_complete = false, .refused_with = status};
    require(status == 400 || status == 413);
  }
  return outcome;
}

std::string chunked(std::string_view body, std::size_t piece) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string bytes;
  for (; !body.empty(); body.remove_prefix(std::min(piece, body.size()))) {
    const std::string_view chunk = body.substr(0, piece);
    bytes += kHex[chunk.size() / 16 % 16];
    bytes += kHex[chunk.size() % 16];
    bytes.append("\r\n").append(chunk).append("\r\n");
  }
  return bytes + "0\r\n\r\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Framing framing{.is_chunked = data[0] == 0, .content_bytes = data[0]};
  const std::size_t piece = data[1] % 32U + 1;
  const std::string_view bytes = aforro::fuzz::text_of(data + 2, size - 2);

  const Outcome whole = decode(framing, bytes, std::string_view::npos);
  require(decode(framing, bytes, piece) == whole);
  require(decode(framing, bytes, 1) == whole);
  require(whole.body.size() <= whole.used && whole.used <= bytes.size());
  if (whole.is_complete) {
    require(decode(framing, bytes.substr(0, whole.used), piece) == whole);
    require(!decode(framing, bytes.substr(0, whole.used - 1), piece).is_complete);
  }
  if (!framing.is_chunked) require(whole.body == bytes.substr(0, framing.content_bytes));

  const std::string sent = chunked(bytes, piece);
  const Outcome received = decode({.is_chunked = true}, sent + "GET /", piece);
  require(received.is_complete && received.body == bytes && received.used == sent.size());
  return 0;
}
