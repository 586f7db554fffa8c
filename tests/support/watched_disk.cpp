#include "support/watched_disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <new>
#include <stdexcept>
#include <utility>

#include "support/temporary_folder.h"

namespace aforro::test {
namespace {

// SQLite hands the folder's hook nothing of ours, so this is how it finds the one disk there is.
WatchedDisk* watched = nullptr;

constexpr int kWatchedKinds = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;

}  // namespace

// Lies in the memory that SQLite gives for a file; the real one follows behind it.
struct WatchedDisk::Opened {
  sqlite3_file base;
  WatchedDisk* disk;
  std::size_t number;
  bool is_watched;

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  static Opened& of(sqlite3_file* file) { return *reinterpret_cast<Opened*>(file); }
};

struct WatchedDisk::Vfs {
  static sqlite3_vfs& get() {
    static sqlite3_vfs vfs{};
    return vfs;
  }
  static WatchedDisk& disk(sqlite3_vfs* vfs) { return *static_cast<WatchedDisk*>(vfs->pAppData); }

  // --- of files

  // The call on the real file, unless it is to fail. Files that SQLite keeps for itself never do.
  template <class... Params, class... Args>
  static int pass(sqlite3_file* file, DiskCall call,
                  int (*sqlite3_io_methods::*method)(sqlite3_file*, Params...), Args... args) {
    Opened& opened = Opened::of(file);
    if (const int code = opened.disk->failing(call); code != SQLITE_OK) return code;
    sqlite3_file* const real = opened.real();
    return (real->pMethods->*method)(real, args...);
  }
  template <class Result, class... Params, class... Args>
  static Result pass_unfailing(sqlite3_file* file,
                               Result (*sqlite3_io_methods::*method)(sqlite3_file*, Params...),
                               Args... args) {
    sqlite3_file* const real = Opened::of(file).real();
    return (real->pMethods->*method)(real, args...);
  }

  static int close(sqlite3_file* file) { return pass_unfailing(file, &sqlite3_io_methods::xClose); }
  static int read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 offset) {
    return pass(file, DiskCall::read, &sqlite3_io_methods::xRead, to, bytes, offset);
  }
  static int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
    Opened& opened = Opened::of(file);
    sqlite3_file* const real = opened.real();
    const int failing = opened.disk->failing(DiskCall::write);
    const int written = failing == SQLITE_OK ? bytes : bytes / 2;
    if (opened.is_watched && written > 0) {
      opened.disk->note(
          {.kind = DiskChange::Kind::write,
           .file = opened.number,
           .offset = offset,
           .bytes = std::string(static_cast<const char*>(from), static_cast<std::size_t>(written))});
    }
    const int code = real->pMethods->xWrite(real, from, written, offset);
    return failing == SQLITE_OK ? code : failing;
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 bytes) {
    Opened& opened = Opened::of(file);
    const int code = pass(file, DiskCall::truncate, &sqlite3_io_methods::xTruncate, bytes);
    if (opened.is_watched && code == SQLITE_OK) {
      opened.disk->note({.kind = DiskChange::Kind::truncate, .file = opened.number, .offset = bytes});
    }
    return code;
  }
  static int sync(sqlite3_file* file, int flags) {
    Opened& opened = Opened::of(file);
    const int failing = opened.disk->failing(DiskCall::sync);
    if (opened.is_watched) {
      // Before the real one, which goes on to sync the folder where the file is new.
      opened.disk->note(
          {.kind = failing == SQLITE_OK ? DiskChange::Kind::sync : DiskChange::Kind::failed_sync,
           .file = opened.number});
    }
    return failing == SQLITE_OK ? pass_unfailing(file, &sqlite3_io_methods::xSync, flags) : failing;
  }
  static int size(sqlite3_file* file, sqlite3_int64* bytes) {
    return pass(file, DiskCall::size, &sqlite3_io_methods::xFileSize, bytes);
  }
  static int lock(sqlite3_file* file, int level) {
    return pass(file, DiskCall::lock, &sqlite3_io_methods::xLock, level);
  }
  static int unlock(sqlite3_file* file, int level) {
    return pass_unfailing(file, &sqlite3_io_methods::xUnlock, level);
  }
  static int is_reserved(sqlite3_file* file, int* result) {
    return pass(file, DiskCall::lock, &sqlite3_io_methods::xCheckReservedLock, result);
  }
  static int control(sqlite3_file* file, int operation, void* argument) {
    return pass_unfailing(file, &sqlite3_io_methods::xFileControl, operation, argument);
  }
  static int sector_size(sqlite3_file* file) {
    return pass_unfailing(file, &sqlite3_io_methods::xSectorSize);
  }
  static int characteristics(sqlite3_file* file) {
    return pass_unfailing(file, &sqlite3_io_methods::xDeviceCharacteristics);
  }
  // The log's index is memory that processes share: a power cut takes it, and nothing is lost with it.
  static int map_shared(sqlite3_file* file, int region, int bytes, int extend, void volatile** memory) {
    return pass(file, DiskCall::shared_memory, &sqlite3_io_methods::xShmMap, region, bytes, extend, memory);
  }
  static int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
    const bool is_locking = (flags & SQLITE_SHM_LOCK) != 0;
    if (!is_locking) return pass_unfailing(file, &sqlite3_io_methods::xShmLock, offset, count, flags);
    return pass(file, DiskCall::lock, &sqlite3_io_methods::xShmLock, offset, count, flags);
  }
  static void barrier(sqlite3_file* file) { pass_unfailing(file, &sqlite3_io_methods::xShmBarrier); }
  static int unmap_shared(sqlite3_file* file, int remove) {
    return pass_unfailing(file, &sqlite3_io_methods::xShmUnmap, remove);
  }

  // Version 2: without reading by mapped memory, which would pass the reads by.
  static const sqlite3_io_methods& methods() {
    static const sqlite3_io_methods kMethods = [] {
      sqlite3_io_methods all{};
      all.iVersion = 2;
      all.xClose = close;
      all.xRead = read;
      all.xWrite = write;
      all.xTruncate = truncate;
      all.xSync = sync;
      all.xFileSize = size;
      all.xLock = lock;
      all.xUnlock = unlock;
      all.xCheckReservedLock = is_reserved;
      all.xFileControl = control;
      all.xSectorSize = sector_size;
      all.xDeviceCharacteristics = characteristics;
      all.xShmMap = map_shared;
      all.xShmLock = lock_shared;
      all.xShmBarrier = barrier;
      all.xShmUnmap = unmap_shared;
      return all;
    }();
    return kMethods;
  }

  // --- of the disk

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_used) {
    WatchedDisk& self = disk(vfs);
    file->pMethods = nullptr;  // then nobody closes it
    if (const int code = self.failing(DiskCall::open); code != SQLITE_OK) return code;
    auto* const opened = new (file) Opened{};
    opened->disk = &self;
    opened->is_watched = name != nullptr && (flags & kWatchedKinds) != 0;
    if (opened->is_watched) self.note_opened(name);
    const int code = self.real_->xOpen(self.real_, name, opened->real(), flags, flags_used);
    if (opened->real()->pMethods != nullptr) opened->base.pMethods = &methods();
    if (opened->is_watched) opened->number = self.file_number(name);
    return code;
  }
  static int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    WatchedDisk& self = disk(vfs);
    if (const int code = self.failing(DiskCall::remove); code != SQLITE_OK) return code;
    if (self.knows(name)) self.note({.kind = DiskChange::Kind::remove, .file = self.file_number(name)});
    return self.real_->xDelete(self.real_, name, sync_folder);
  }
  static int access(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
    return disk(vfs).real_->xAccess(disk(vfs).real_, name, flags, result);
  }
  static int full_path(sqlite3_vfs* vfs, const char* name, int bytes, char* to) {
    return disk(vfs).real_->xFullPathname(disk(vfs).real_, name, bytes, to);
  }
  static int randomness(sqlite3_vfs* vfs, int bytes, char* to) {
    return disk(vfs).real_->xRandomness(disk(vfs).real_, bytes, to);
  }
  static int sleep(sqlite3_vfs* vfs, int micros) { return disk(vfs).real_->xSleep(disk(vfs).real_, micros); }
  static int last_error(sqlite3_vfs* vfs, int bytes, char* to) {
    return disk(vfs).real_->xGetLastError(disk(vfs).real_, bytes, to);
  }
  static int time(sqlite3_vfs* vfs, sqlite3_int64* millis) {
    return disk(vfs).real_->xCurrentTimeInt64(disk(vfs).real_, millis);
  }
};

WatchedDisk::WatchedDisk() {
  assert(watched == nullptr && "one at a time");
  if (sqlite3_initialize() != SQLITE_OK) throw std::runtime_error("SQLite does not start");
  real_ = sqlite3_vfs_find(nullptr);
  sqlite3_vfs& vfs = Vfs::get();
  vfs = {};
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(Opened)) + real_->szOsFile;
  vfs.mxPathname = real_->mxPathname;
  vfs.zName = "watched";
  vfs.pAppData = this;
  vfs.xOpen = Vfs::open;
  vfs.xDelete = Vfs::remove;
  vfs.xAccess = Vfs::access;
  vfs.xFullPathname = Vfs::full_path;
  vfs.xRandomness = Vfs::randomness;
  vfs.xSleep = Vfs::sleep;
  vfs.xGetLastError = Vfs::last_error;
  vfs.xCurrentTimeInt64 = Vfs::time;
  watched = this;
  // SQLite opens a folder for nothing but to sync it, which no method of a VFS tells.
  open_directory_ =
      reinterpret_cast<int (*)(const char*, int*)>(real_->xGetSystemCall(real_, "openDirectory"));
  real_->xSetSystemCall(real_, "openDirectory", reinterpret_cast<sqlite3_syscall_ptr>(open_directory));
  if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK) throw std::runtime_error("SQLite takes no other disk");
}

WatchedDisk::~WatchedDisk() {
  sqlite3_vfs_unregister(&Vfs::get());
  sqlite3_vfs_register(real_, 1);
  real_->xSetSystemCall(real_, "openDirectory", nullptr);
  watched = nullptr;
}

int WatchedDisk::open_directory(const char* path, int* descriptor) {
  watched->note({.kind = DiskChange::Kind::sync_folder});
  return watched->open_directory_(path, descriptor);
}

void WatchedDisk::acknowledge(std::int64_t what) {
  note({.kind = DiskChange::Kind::acknowledge, .offset = what});
}

void WatchedDisk::note(DiskChange change) {
  const std::lock_guard lock(mutex_);
  history_.changes.push_back(std::move(change));
}

bool WatchedDisk::knows(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return std::find(paths_.begin(), paths_.end(), path) != paths_.end();
}

std::size_t WatchedDisk::file_number(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find(paths_.begin(), paths_.end(), path);
  const auto number = static_cast<std::size_t>(found - paths_.begin());
  if (found == paths_.end()) {
    paths_.push_back(path);
    history_.names.push_back(std::filesystem::path(path).filename().string());
  }
  return number;
}

// Before it is opened: what is not there, or was made just now by others and is empty, begins here.
void WatchedDisk::note_opened(const std::string& path) {
  const bool is_there = std::filesystem::exists(path);
  const bool is_new = !knows(path);
  const std::size_t number = file_number(path);
  if (!is_there || (is_new && std::filesystem::file_size(path) == 0)) {
    note({.kind = DiskChange::Kind::create, .file = number});
  } else if (is_new) {
    const std::lock_guard lock(mutex_);
    history_.before[number] = read_file(path);
  }
}

void WatchedDisk::fail(DiskCall call, std::uint64_t nth, Fails fails, int code) {
  const std::lock_guard lock(mutex_);
  failure_ = Failure{.call = call, .calls_before = nth - 1, .fails = fails, .code = code};
  failures_ = 0;
}

void WatchedDisk::heal() {
  const std::lock_guard lock(mutex_);
  failure_.reset();
}

std::uint64_t WatchedDisk::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

int WatchedDisk::failing(DiskCall call) {
  const std::lock_guard lock(mutex_);
  if (!failure_ || failure_->call != call) return SQLITE_OK;
  if (failure_->calls_before > 0) {
    --failure_->calls_before;
    return SQLITE_OK;
  }
  const int code = failure_->code;
  if (failure_->fails == Fails::once) failure_.reset();
  ++failures_;
  return code;
}

}  // namespace aforro::test
