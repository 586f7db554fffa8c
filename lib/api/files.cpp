#include "api/files.h"

#include "api/handlers.h"
#include "http/embedded_files.h"

namespace aforro::api {

std::string address_of(const http::EmbeddedFile& file) { return "/files/" + std::string(file.name); }

http::Response show_file(const Services&, const http::Request& request) {
  static const http::EmbeddedFiles kFiles{&kPageStyle, &kIcon, &kSearchScript};
  return kFiles.find(request.path_texts.at(0));
}

}  // namespace aforro::api
