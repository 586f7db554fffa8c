#include "app/spool_folder.h"

#include <filesystem>
#include <vector>

#include "base/problem.h"

namespace aforro::app {

namespace fs = std::filesystem;

std::unique_ptr<http::Spool> open_spool(const std::string& given, std::uint64_t max_bytes,
                                        const DatabaseChoice& database, Log& log) {
  const auto open = [&](const fs::path& folder) {
    return std::make_unique<http::Spool>(http::SpoolOptions{.folder = folder, .max_bytes = max_bytes});
  };
  if (!given.empty()) return open(given);
  std::vector<fs::path> folders;
  if (!is_postgres(database)) folders.push_back(fs::absolute(database.location).parent_path());
  folders.emplace_back("/var/tmp");
  std::string why;
  for (const fs::path& folder : folders) {
    try {
      return open(folder);
    } catch (const Problem& problem) {
      why = problem.detail();
    }
  }
  log.warning("no_spool", {{"error", why}, {"hint", "choose a folder with --spool"}});
  return nullptr;
}

}  // namespace aforro::app
