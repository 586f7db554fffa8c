// A cursor holds the sort key of the last row that was shown, and the next page begins behind it (keyset
// pagination). An offset would show a row twice, or none at all, when rows are added before it, and would
// read through all rows up to it.
//
// Fields are written with their length before them, so that they may hold anything and no two lists of fields
// look the same. A few digits of a hash over the list's name and the content tell a slip, or a cursor of
// another list, from one of ours. It is no signature, and need not be: a client that makes one up sees rows
// of a list that it could see anyway.
#include "api/cursor.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/numbers.h"

namespace aforro::api {
namespace {

constexpr int kForm = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::size_t kCheckBytes = 8;
constexpr std::size_t kMaxBytes = 8 * 1024;

// The text with its length before it.
std::string counted(std::string_view text) { return std::to_string(text.size()) + ':' + std::string(text); }

// Takes back what counted() wrote; nothing if it is something else.
std::optional<std::string> take_counted(std::string_view& content) {
  const std::size_t colon = std::min(content.find(':'), content.size());
  const auto size = parse_whole_number(content.substr(0, colon), 0, kMaxBytes);
  if (!size || content.size() - colon < static_cast<std::size_t>(*size) + 1) return std::nullopt;
  const std::string_view text = content.substr(colon + 1, static_cast<std::size_t>(*size));
  content.remove_prefix(colon + 1 + text.size());
  return std::string(text);
}

// Tells a slip from a cursor of ours; it is no signature, and needs no secret.
std::string check_of(std::string_view list, std::string_view content) {
  return hash_hex(counted(list) + std::string(content)).substr(0, kCheckBytes);
}

}  // namespace

std::string make_cursor(std::string_view list, const std::vector<std::string>& fields) {
  std::string content;
  for (const std::string& field : fields) content += counted(field);
  const std::string bytes = check_of(list, content) + content;
  std::string text(sodium_base64_encoded_len(bytes.size(), kForm), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), kForm);
  text.pop_back();  // its end mark
  return text;
}

std::optional<std::vector<std::string>> read_cursor(std::string_view text, std::string_view list,
                                                    std::size_t fields) {
  if (text.size() > kMaxBytes) return std::nullopt;
  std::string bytes(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &size, &end, kForm) != 0 ||
      end != text.data() + text.size() || size < kCheckBytes) {
    return std::nullopt;
  }
  bytes.resize(size);
  std::string_view content = std::string_view(bytes).substr(kCheckBytes);
  if (check_of(list, content) != bytes.substr(0, kCheckBytes)) return std::nullopt;
  std::vector<std::string> found;
  while (!content.empty()) {
    auto field = take_counted(content);
    if (!field || found.size() == fields) return std::nullopt;
    found.push_back(std::move(*field));
  }
  if (found.size() != fields) return std::nullopt;
  return found;
}

}  // namespace aforro::api
