// `aforro import django`: a shop that a Django service has kept so far.
#pragma once

#include <CLI/App.hpp>

#include "app/session.h"

namespace aforro::app {

// Below `import`.
void add_import_django(CLI::App& parent, Session& session);

}  // namespace aforro::app
