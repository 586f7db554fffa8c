#include "support/disk_history.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace aforro::test {
namespace {

using Kind = DiskChange::Kind;

bool by_chance(std::mt19937_64& random) { return random() % 2 == 0; }

void put(std::string& content, std::size_t at, std::string_view bytes) {
  if (content.size() < at + bytes.size()) content.resize(at + bytes.size(), '\0');
  std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(at));
}

// Calls take(from, count) for each part of [from, end) that lies in one sector.
template <class F>
void for_each_sector(std::size_t from, std::size_t end, std::size_t sector_bytes, F take) {
  while (from < end) {
    const std::size_t until = std::min(end, (from / sector_bytes + 1) * sector_bytes);
    take(from, until - from);
    from = until;
  }
}

void apply(std::string& content, const DiskChange& change) {
  const auto at = static_cast<std::size_t>(change.offset);
  if (change.kind == Kind::truncate) {
    content.resize(at, '\0');
  } else {
    put(content, at, change.bytes);
  }
}

void apply_some(std::string& content, const DiskChange& change, std::size_t sector_bytes,
                std::mt19937_64& random) {
  if (change.kind == Kind::truncate) {
    if (by_chance(random)) apply(content, change);
    return;
  }
  const auto at = static_cast<std::size_t>(change.offset);
  const std::string_view bytes = change.bytes;
  // A file may have grown without what it grew by: then that is zeros.
  if (by_chance(random) && content.size() < at + bytes.size()) content.resize(at + bytes.size(), '\0');
  for_each_sector(at, at + bytes.size(), sector_bytes, [&](std::size_t from, std::size_t count) {
    if (by_chance(random)) put(content, from, bytes.substr(from - at, count));
  });
}

void apply_torn(std::string& content, const DiskChange& change, std::size_t sector_bytes,
                std::mt19937_64& random) {
  if (change.kind == Kind::truncate) return;
  const auto at = static_cast<std::size_t>(change.offset);
  const std::string_view bytes = change.bytes;
  const std::size_t middle = at + random() % (bytes.size() + 1) / sector_bytes * sector_bytes;
  const bool is_start_there = by_chance(random);
  for_each_sector(at, at + bytes.size(), sector_bytes, [&](std::size_t from, std::size_t count) {
    if ((from < middle) == is_start_there) put(content, from, bytes.substr(from - at, count));
  });
}

}  // namespace

DiskImage::DiskImage(const DiskHistory& history) : history_(history), entries_(history.names.size()) {
  for (const auto& [file, content] : history.before) {
    Entry& entry = entries_[file];
    entry.seen = entry.on_disk = std::make_shared<File>(File{.synced = content, .pending = {}});
  }
}

bool DiskImage::advance() {
  if (position_ == history_.changes.size()) return false;
  const DiskChange& change = history_.changes[position_++];
  Entry& entry = entries_.at(change.file);
  switch (change.kind) {
    case Kind::create:
      entry.seen = std::make_shared<File>();
      break;
    case Kind::remove:
      entry.seen.reset();
      break;
    case Kind::sync_folder:
      for (Entry& any : entries_) any.on_disk = any.seen;
      break;
    case Kind::write:
    case Kind::truncate:
      entry.seen->pending.push_back(&change);
      break;
    case Kind::sync:
      for (const DiskChange* const pending : entry.seen->pending) apply(entry.seen->synced, *pending);
      entry.seen->pending.clear();
      break;
    case Kind::failed_sync:
      entry.seen->pending.clear();
      break;
    case Kind::acknowledge:
      break;
  }
  return true;
}

std::string DiskImage::content(const File& file, const Damage& damage, std::mt19937_64& random) {
  std::string content = file.synced;
  for (const DiskChange* const change : file.pending) {
    const bool is_last = change == file.pending.back();
    switch (damage.kind) {
      case Damage::Kind::all_lost:
        break;
      case Damage::Kind::none_lost:
        apply(content, *change);
        break;
      case Damage::Kind::last_torn:
        is_last ? apply_torn(content, *change, damage.sector_bytes, random) : apply(content, *change);
        break;
      case Damage::Kind::some_lost:
        apply_some(content, *change, damage.sector_bytes, random);
        break;
    }
  }
  return content;
}

std::map<std::string, std::string> DiskImage::after(const Damage& damage, std::mt19937_64& random) const {
  std::map<std::string, std::string> result;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    const bool is_old =
        damage.kind == Damage::Kind::all_lost ||
        (damage.kind == Damage::Kind::some_lost && entry.on_disk != entry.seen && by_chance(random));
    const File* const file = (is_old ? entry.on_disk : entry.seen).get();
    if (file != nullptr) result.emplace(history_.names[i], content(*file, damage, random));
  }
  return result;
}

void write_files(const std::filesystem::path& folder, const std::map<std::string, std::string>& files) {
  for (const auto& [name, content] : files) {
    std::ofstream stream(folder / name, std::ios::binary | std::ios::trunc);
    stream.write(content.data(), static_cast<std::streamsize>(content.size()));
    if (!stream.flush()) throw std::runtime_error("can't write " + (folder / name).string());
  }
}

}  // namespace aforro::test
