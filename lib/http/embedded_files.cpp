#include "http/embedded_files.h"

#include <memory>
#include <string>

#include "base/problem.h"

namespace aforro::http {
namespace {

constexpr const char* kForEver = "public, max-age=31536000, immutable";  // RFC 8246; a year is the custom

Response answer_with(const EmbeddedFile& file) {
  Response response;
  response.content_type = file.content_type;
  response.body = std::make_shared<const std::string>(file.bytes);
  response.gzipped_body = [packed = std::make_shared<const std::string>(file.gzipped)] { return packed; };
  response.etag = file.hash;
  response.takes_ranges = true;
  response.headers.emplace_back("Cache-Control", kForEver);
  return response;
}

}  // namespace

EmbeddedFiles::EmbeddedFiles(std::initializer_list<const EmbeddedFile*> files) {
  for (const EmbeddedFile* const file : files) answers_.emplace(file->name, answer_with(*file));
}

Response EmbeddedFiles::find(std::string_view name) const {
  const auto found = answers_.find(name);
  if (found == answers_.end()) throw Problem::not_found("There is no such file.");
  return found->second;
}

}  // namespace aforro::http
