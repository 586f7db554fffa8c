#include "http/request_head.h"

#include <algorithm>
#include <limits>

#include "base/numbers.h"
#include "http/problem_document.h"
#include "http/transport.h"

namespace aforro::http {
namespace {

bool is_token(std::string_view text) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";  // RFC 9110, 5.6.2
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool is_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

std::string_view trim_blanks(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool same_word(std::string_view a, std::string_view lower_case) {
  return std::equal(a.begin(), a.end(), lower_case.begin(), lower_case.end(), [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
  });
}

}  // namespace

void parse_headers(std::string_view lines, HeaderList& headers) {
  if (lines.size() > kMaxHeaderBytes) throw HttpError(431, "The headers have at most 8 KiB in sum.");
  while (!lines.empty()) {
    const std::size_t end = lines.find("\r\n");
    if (end == std::string_view::npos) throw HttpError(400, "A header line does not end as it must.");
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end + 2);
    if (line.empty()) return;
    const std::size_t colon = line.find(':');
    const std::string_view value = colon == std::string_view::npos ? "" : trim_blanks(line.substr(colon + 1));
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) || !is_value(value)) {
      throw HttpError(400, "A header line is malformed.");
    }
    headers.emplace_back(line.substr(0, colon), value);
  }
}

Framing parse_framing(const HeaderList& headers) {
  Framing framing;
  std::optional<std::string_view> length;
  for (const auto& [name, value] : headers) {
    if (same_word(name, "content-length")) {
      if (length && *length != value) throw HttpError(400, "There are two different Content-Length headers.");
      length = value;
    } else if (same_word(name, "transfer-encoding")) {
      if (framing.is_chunked || !same_word(value, "chunked")) {
        throw HttpError(415, "The only transfer coding understood here is chunked.");
      }
      framing.is_chunked = true;
    }
  }
  if (!length) return framing;
  if (framing.is_chunked) throw HttpError(400, "A body has either a Content-Length or chunks.");
  const bool is_digits = !length->empty() && std::all_of(length->begin(), length->end(),
                                                         [](char c) { return c >= '0' && c <= '9'; });
  if (!is_digits) throw HttpError(400, "The Content-Length is no number.");
  const auto bytes = parse_whole_number(*length, 0, std::numeric_limits<std::int64_t>::max());
  framing.content_bytes =
      bytes ? static_cast<std::uint64_t>(*bytes) : std::numeric_limits<std::uint64_t>::max();
  return framing;
}

bool wants_close(const HeaderList& headers) {
  return std::any_of(headers.begin(), headers.end(), [](const auto& header) {
    return same_word(header.first, "connection") && same_word(header.second, "close");
  });
}

}  // namespace aforro::http
