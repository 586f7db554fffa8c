// Answers with files that are parts of the program. Immutable, so for any thread.
#pragma once

#include <initializer_list>
#include <map>
#include <string_view>

#include "http/embedded_file.h"
#include "http/message.h"

namespace aforro::http {

class EmbeddedFiles {
 public:
  // Each must live as long as the program.
  EmbeddedFiles(std::initializer_list<const EmbeddedFile*> files);

  // The file of that name, for clients to keep for ever. Throws Problem (not_found) if there is none, which
  // is so too of the name that it had before it changed.
  Response find(std::string_view name) const;

 private:
  std::map<std::string_view, Response> answers_;  // by name
};

}  // namespace aforro::http
