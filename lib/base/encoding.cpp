// An encoding is only guessed where the guess can't be wrong: by a byte order mark, or by the NUL bytes that
// UTF-16 has beside ASCII letters. Between UTF-8 and Windows-1252 nothing decides, and a wrong guess would
// not show: it makes other letters, not an error. So what is neither marked nor UTF-16 is UTF-8, and the
// person who knows better says so.
#include "base/encoding.h"

#include <array>
#include <cstdint>
#include <utility>

#include "base/problem.h"

namespace aforro {
namespace {

using namespace std::string_view_literals;

// What Windows-1252 has at 0x80 to 0x9F; five of its places are those of control characters.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

// A surrogate on its own comes out as three bytes that are not valid UTF-8.
void append(std::string& text, std::uint32_t c) {
  const auto continued = [](std::uint32_t bits) { return static_cast<char>(0x80 | (bits & 0x3F)); };
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0 | (c >> 6));
    text += continued(c);
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0 | (c >> 12));
    text += continued(c >> 6);
    text += continued(c);
  } else {
    text += static_cast<char>(0xF0 | (c >> 18));
    text += continued(c >> 12);
    text += continued(c >> 6);
    text += continued(c);
  }
}

std::string from_utf16(std::string_view bytes, bool is_little_endian) {
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<std::uint32_t>(is_little_endian ? first | second << 8 : first << 8 | second);
  };
  std::string text;
  text.reserve(bytes.size() / 2);
  std::size_t at = 0;
  for (; at + 1 < bytes.size(); at += 2) {
    std::uint32_t c = unit(at);
    if (c >= 0xD800 && c < 0xDC00 && at + 3 < bytes.size()) {
      const std::uint32_t low = unit(at + 2);
      if (low >= 0xDC00 && low < 0xE000) {
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        at += 2;
      }
    }
    append(text, c);
  }
  if (at < bytes.size()) text += '\xFF';
  return text;
}

std::string from_windows_1252(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() + bytes.size() / 8);
  for (const char byte : bytes) {
    const auto c = static_cast<unsigned char>(byte);
    append(text, c >= 0x80 && c < 0xA0 ? kWindows1252[c - 0x80U] : c);
  }
  return text;
}

bool is_printable_ascii(char c) { return (c >= ' ' && c < 0x7F) || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

std::string_view name_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::utf16_le:
    case Encoding::utf16_be:
      return "UTF-16";
    case Encoding::windows_1252:
      return "Windows-1252";
    case Encoding::utf8:
      break;
  }
  return "UTF-8";
}

std::optional<Encoding> parse_encoding(std::string_view name) {
  std::string key;
  for (const char c : name) {
    if (c == '-' || c == '_') continue;
    key += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (key == "utf8") return Encoding::utf8;
  if (key == "utf16" || key == "utf16le") return Encoding::utf16_le;
  if (key == "utf16be") return Encoding::utf16_be;
  if (key == "windows1252" || key == "cp1252" || key == "latin1" || key == "iso88591")
    return Encoding::windows_1252;
  return std::nullopt;
}

Encoding guess_encoding(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE\0\0"sv) || bytes.starts_with("\0\0\xFE\xFF"sv)) {
    throw Problem(Problem::Kind::invalid, "this is UTF-32; save it as UTF-8");
  }
  if (bytes.starts_with("\xFF\xFE")) return Encoding::utf16_le;
  if (bytes.starts_with("\xFE\xFF")) return Encoding::utf16_be;
  if (bytes.size() >= 4 && bytes.size() % 2 == 0) {
    if (is_printable_ascii(bytes[0]) && bytes[1] == '\0' && bytes[2] != '\0' && bytes[3] == '\0')
      return Encoding::utf16_le;
    if (bytes[0] == '\0' && is_printable_ascii(bytes[1]) && bytes[2] == '\0' && bytes[3] != '\0')
      return Encoding::utf16_be;
  }
  return Encoding::utf8;
}

std::string to_utf8(std::string bytes, Encoding encoding) {
  switch (encoding) {
    case Encoding::utf16_le:
      // "utf-16" does not say the order of the bytes; a mark at the beginning does.
      return from_utf16(bytes, !bytes.starts_with("\xFE\xFF"));
    case Encoding::utf16_be:
      return from_utf16(bytes, bytes.starts_with("\xFF\xFE"));
    case Encoding::windows_1252:
      return from_windows_1252(bytes);
    case Encoding::utf8:
      break;
  }
  return bytes;
}

}  // namespace aforro
