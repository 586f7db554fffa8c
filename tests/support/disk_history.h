// What happened to a disk, step by step, and what a power cut after any of the steps may leave of it: all
// that was synced, and of the rest whatever sectors the disk got round to. Values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace aforro::test {

struct DiskChange {
  enum class Kind {
    create,       // an entry in the folder
    remove,       // of an entry
    sync_folder,  // entries made and removed so far are on the disk
    write,        // `bytes` at `offset`
    truncate,     // to `offset` bytes
    sync,         // of a file
    failed_sync,  // what was to be saved is lost, and no later sync saves it
    acknowledge,  // of `offset`, to somebody
  };
  Kind kind;
  std::size_t file = 0;
  std::int64_t offset = 0;
  std::string bytes = {};
};

struct DiskHistory {
  std::vector<std::string> names;             // of the files
  std::map<std::size_t, std::string> before;  // what files held that were there already
  std::vector<DiskChange> changes;
};

// What becomes of what was written and not synced.
struct Damage {
  enum class Kind {
    all_lost,
    none_lost,  // the program was killed, the system went on
    last_torn,  // only the last write is incomplete: a number of its sectors, from its start or its end
    some_lost,  // each sector, entry and change of size is there or not, whatever came before or after it
  };
  Kind kind;
  std::size_t sector_bytes = 512;
};

// A disk at one moment of a history.
class DiskImage {
 public:
  explicit DiskImage(const DiskHistory& history);

  // Goes on by one change; false at the end.
  bool advance();
  // How many changes it has seen.
  std::size_t position() const { return position_; }

  // What each file holds after a power cut now; files that are not there have no entry.
  std::map<std::string, std::string> after(const Damage& damage, std::mt19937_64& random) const;

 private:
  struct File {
    std::string synced;
    std::vector<const DiskChange*> pending;  // writes and truncations, not synced
  };
  struct Entry {  // of the folder
    std::shared_ptr<File> on_disk;
    std::shared_ptr<File> seen;  // by programs
  };

  static std::string content(const File& file, const Damage& damage, std::mt19937_64& random);

  const DiskHistory& history_;
  std::size_t position_ = 0;
  std::vector<Entry> entries_;
};

// Writes such files into a folder.
void write_files(const std::filesystem::path& folder, const std::map<std::string, std::string>& files);

}  // namespace aforro::test
