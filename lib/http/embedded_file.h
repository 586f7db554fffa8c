// A file that is a part of the program, as the build makes it (cmake/embed.cmake): packed already, and named
// by its content, so that whoever has it never needs to ask again. A value without memory of its own.
#pragma once

#include <string_view>

namespace aforro::http {

struct EmbeddedFile {
  std::string_view name;  // "page.4c1f09ab27de.css": a hash of its bytes stands in it
  std::string_view content_type;
  std::string_view bytes;
  std::string_view gzipped;
  std::string_view hash;  // hexadecimal, of all of its bytes (SHA-256)
};

}  // namespace aforro::http
