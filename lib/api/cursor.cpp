#include "api/cursor.h"

#include <sodium.h>

#include "base/hash.h"

namespace aforro::api {
namespace {

constexpr int kForm = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr char kSeparator = '\x1F';
constexpr std::size_t kMaxBytes = 8 * 1024;

// Not a signature: what a cursor holds is no secret and does no harm. It tells a slip from a cursor of ours.
std::string check_of(std::string_view list, std::string_view content) {
  return hash_hex(std::string(list) + kSeparator + std::string(content)).substr(0, 8);
}

}  // namespace

std::string make_cursor(std::string_view list, const std::vector<std::string>& fields) {
  std::string content;
  for (const std::string& field : fields) content += field + kSeparator;
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
      end != text.data() + text.size() || size < 8) {
    return std::nullopt;
  }
  bytes.resize(size);
  std::string_view content = std::string_view(bytes).substr(8);
  if (check_of(list, content) != bytes.substr(0, 8)) return std::nullopt;
  std::vector<std::string> found;
  while (!content.empty()) {
    const std::size_t at = content.find(kSeparator);
    if (at == std::string_view::npos) return std::nullopt;
    found.emplace_back(content.substr(0, at));
    content.remove_prefix(at + 1);
  }
  if (found.size() != fields) return std::nullopt;
  return found;
}

}  // namespace aforro::api
