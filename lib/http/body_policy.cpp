#include "http/body_policy.h"

#include "base/problem.h"
#include "http/fields.h"

namespace aforro::http {
namespace {

constexpr std::uint64_t kKibibyte = 1024;
constexpr std::uint64_t kMebibyte = 1024 * kKibibyte;
constexpr std::uint64_t kGibibyte = 1024 * kMebibyte;

std::string in_words(std::uint64_t bytes) {
  if (bytes >= kGibibyte && bytes % kGibibyte == 0) return std::to_string(bytes / kGibibyte) + " GiB";
  if (bytes >= kMebibyte && bytes % kMebibyte == 0) return std::to_string(bytes / kMebibyte) + " MiB";
  if (bytes >= kKibibyte && bytes % kKibibyte == 0) return std::to_string(bytes / kKibibyte) + " KiB";
  return std::to_string(bytes) + " bytes";
}

bool is_of_type(std::string_view content_type, std::string_view wanted) {
  return wanted == "*/*" || same_word(trim_blanks(content_type.substr(0, content_type.find(';'))), wanted);
}

}  // namespace

void refuse_large_body(const BodyPolicy& policy) {
  throw Problem(Problem::Kind::body_too_large,
                "A request body has at most " + in_words(policy.max_bytes) + ".");
}

void check_body(const BodyPolicy& policy, const Framing& framing, const HeaderList& headers) {
  if (framing.content_bytes > policy.max_bytes) refuse_large_body(policy);
  if (!policy.is_wanted() || !framing.has_body()) return;
  if (!is_of_type(find_header(headers, "Content-Type").value_or(""), policy.media_type)) {
    throw Problem(Problem::Kind::unsupported_type,
                  "The body needs the header Content-Type: " + std::string(policy.media_type) + ".");
  }
  if (const auto coding = find_header(headers, "Content-Encoding");
      coding && !same_word(*coding, "identity")) {
    throw Problem(Problem::Kind::unsupported_type,
                  "The body must not be packed: Content-Encoding is not understood here.");
  }
}

}  // namespace aforro::http
