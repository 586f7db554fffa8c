// A service made by the Django that Debian has: models as a test writes them, tables by its own migrations,
// rows by its ORM, a dump by its own command. Its Python runs to the end in each call.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/location.h"
#include "support/temporary_folder.h"

namespace aforro::test {

class DjangoProject {
 public:
  struct Source {
    std::vector<std::pair<std::string, std::string>> apps;  // their names, and their models.py
    std::string fill;                                       // Python that makes the rows
    std::string settings = {};                              // more keywords of settings.configure()
  };

  // True if python3-django and python3-psycopg2 are there.
  static bool is_installed();

  // Makes the tables and the rows in a database that is empty. Throws with Python's words if that fails.
  DjangoProject(Location database, const Source& source);

  const Location& database() const { return database_; }
  // What `manage.py dumpdata` has written.
  std::filesystem::path dump() const { return folder_ / "dump.json"; }

 private:
  TemporaryFolder folder_;
  Location database_;
};

}  // namespace aforro::test
