// The files that the pages use, of lib/api/files.
#pragma once

#include <string>

#include "http/embedded_file.h"

namespace aforro::api {

extern const http::EmbeddedFile kPageStyle;
extern const http::EmbeddedFile kIcon;
extern const http::EmbeddedFile kSearchScript;

// Where it is served, for a page to name: "/files/page.4c1f09ab27de.css".
std::string address_of(const http::EmbeddedFile& file);

}  // namespace aforro::api
