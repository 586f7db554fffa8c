#include "support/django_project.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "support/program.h"

namespace aforro::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPython = "/usr/bin/python3";
constexpr std::chrono::minutes kPatience{2};

// One process for all of it: Django takes a second to be loaded.
constexpr std::string_view kManage = R"py(
import sys
from urllib.parse import urlsplit
import django
from django.conf import settings
from django.core.management import call_command

url, dump, *apps = sys.argv[1:]
if url.startswith("postgres://"):
    parts = urlsplit(url)
    database = {"ENGINE": "django.db.backends.postgresql", "NAME": parts.path[1:], "USER": parts.username,
                "PASSWORD": parts.password, "HOST": parts.hostname, "PORT": parts.port}
else:
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": url}
options = {"USE_TZ": True, "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField"}
options.update(eval(open("settings.py").read()))
settings.configure(SECRET_KEY="test", DATABASES={"default": database},
                   INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"] + apps, **options)
django.setup()
call_command("makemigrations", *apps, verbosity=0)
call_command("migrate", verbosity=0)
exec(open("fill.py").read(), {"__name__": "fill"})
call_command("dumpdata", output=dump, verbosity=0)
)py";

// Python's exit status; what it says goes to that file.
int run_python(const std::vector<std::string>& arguments, const fs::path& folder, const fs::path& said) {
  std::vector<std::string> command{kPython};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int out = ::open(said.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  Process process(command, {.folder = folder}, in, out, out);
  ::close(in);
  ::close(out);
  const auto status = process.wait(kPatience);
  if (!status) throw std::runtime_error("Django takes too long");
  return *status;
}

}  // namespace

bool DjangoProject::is_installed() {
  static const bool kIs = [] {
    if (!fs::exists(kPython)) return false;
    const TemporaryFolder folder;
    return run_python({"-c", "import django, psycopg2"}, folder.path(), folder / "said") == 0;
  }();
  return kIs;
}

DjangoProject::DjangoProject(Location database, const Source& source) : database_(std::move(database)) {
  std::vector<std::string> arguments{"manage.py", database_.string(), dump().string()};
  for (const auto& [app, models] : source.apps) {
    fs::create_directory(folder_ / app);
    folder_.write(app + "/__init__.py", "");
    folder_.write(app + "/models.py", models);
    arguments.push_back(app);
  }
  folder_.write("manage.py", kManage);
  folder_.write("fill.py", source.fill);
  folder_.write("settings.py", "{" + source.settings + "}");
  const fs::path said = folder_ / "said";
  if (run_python(arguments, folder_.path(), said) != 0)
    throw std::runtime_error("Django: " + read_file(said));
}

}  // namespace aforro::test
