// How the log is kept within its bound while reads overlap and orders come. (1) A passive checkpoint, beside
// the writer, copies what it can, and this thread syncs the file: so little is left for later, and orders do
// not wait for a disk that writes 64 MiB. (2) If another process holds an old snapshot (a verification, a
// backup), nothing more can be done now. (3) Otherwise the gate is closed: new snapshots of this process
// wait, orders go on. Long reads may need more time to end than the gate was closed for: then it is opened
// for as long, and closed for longer the next time. (4) When the last snapshot has ended, the writer
// truncates the log between two transactions, which takes about as long as a commit, and the gate opens.
//
// How the watch notices a log that was removed, cut off or written over. If it was removed, its name leads
// nowhere or to another file: the connections still have the old one, and what that holds is copied into the
// database file at once, so that it outlives the process. Otherwise the log's size, and the salts of its
// header, are compared with what its index says. SQLite changes the index after it has written the log and
// before it cuts the log off. So if the two disagree while the index stays the same, something other than
// SQLite has changed the log. A database file that was cut off shows likewise: SQLite cuts a file only to as
// many pages as the database has.
//
// How it notices an overwritten file. The file's stamp (log_stamps.h) changes only by checkpoints, to a stamp
// that is in the log, or was there at the last look. File and log are read one after the other while orders
// are written, so another stamp is only a doubt: a commit that was just being written may have been missed.
// Then the whole log is read once more with the write lock held. If the stamp is still another one at two
// such looks in a row (another process may be in the middle of a checkpoint), and no commit was made that a
// checkpoint could have copied and cut off meanwhile, another file was written over this one.
#include "sql/sqlite_watch.h"

#include <algorithm>
#include <exception>
#include <new>

#include "base/blocking.h"
#include "base/problem.h"

namespace aforro::sql {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLookEvery{250};
constexpr milliseconds kAskedLately{5'000};
constexpr milliseconds kOldAnswer{400};        // another look is waited for
constexpr milliseconds kNewAnswer{900};        // for so long
constexpr milliseconds kLongestLook{2'000};    // then the disk itself does not answer
constexpr milliseconds kLockIsHeld{400};       // for so long, the lock is not just one of many
constexpr milliseconds kLockPatience{100};     // where there is another try soon
constexpr milliseconds kWriterIsStuck{1'000};  // with one batch
constexpr milliseconds kFaultIsFresh{1'500};   // a change that is tried now would fail as well
constexpr milliseconds kTryEvery{1'000};
constexpr milliseconds kMostReadersPatience{1'000};
constexpr milliseconds kWriterPatience{100};
constexpr int kFewPages = 2'000;  // that a truncation may still have to copy
constexpr std::uint64_t kLeastRoom = std::uint64_t{128} * 1024;
constexpr int kLooksInDoubt = 2;
constexpr int kLooksForLoss = 3;
constexpr milliseconds kBetweenLooksForLoss{1};

// Opens the closed gate when it goes, also by an exception.
class Reopening {
 public:
  explicit Reopening(SnapshotGate& gate) : gate_(gate) {}
  Reopening(const Reopening&) = delete;
  Reopening& operator=(const Reopening&) = delete;
  ~Reopening() { gate_.open(); }

 private:
  SnapshotGate& gate_;
};

// Holds the write lock while it lives. Throws LockTimeout if another connection has it.
class WriteLock {
 public:
  explicit WriteLock(SqliteConnection& connection) : connection_(connection) {
    connection_.begin_immediate();
  }
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;
  ~WriteLock() {
    try {
      if (connection_.in_transaction()) connection_.run("ROLLBACK");
    } catch (const std::exception&) {
      // for want of memory: done before the next one begins
    }
  }

 private:
  SqliteConnection& connection_;
};

}  // namespace

SqliteWatch::SqliteWatch(const SqliteFile& file, SqliteLog& log, SqliteWriter& writer, int known_schema,
                         const SqliteOptions& options)
    : file_(file),
      log_(log),
      writer_(writer),
      known_schema_(known_schema),
      options_(options),
      connection_(file, SqliteConnection::Role::writer, kLockPatience),
      stamps_(file) {
  connection_.script("PRAGMA cache_size = -256");
  connection_.count_log_frames();  // it makes its checkpoints when it means to
  stamps_.look_at(
      static_cast<std::uint32_t>(
          connection_.maybe_integer("SELECT rootpage FROM sqlite_schema WHERE name = 'log_stamp'").value()),
      static_cast<std::size_t>(connection_.maybe_integer("PRAGMA page_size").value()));
  stamps_.has_stamps(LogStamps::Trust::none);
  stamp_ = stamps_.stamp_of_file();
  file_.note_log();
  thread_ = std::thread([this] { watch(); });
}

SqliteWatch::~SqliteWatch() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_one();
  thread_.join();
  file_.forget_log();
}

std::optional<std::string> SqliteWatch::write_obstacle() {
  const auto now = steady_clock::now();
  about_to_block();
  const Lock lock(mutex_);
  asked_ = now;
  if (looked_ + kOldAnswer < now) {
    woken_.notify_one();
    const auto until = steady_clock::now() + kNewAnswer;
    while (looked_ + kOldAnswer < now && has_looked_.wait_until(mutex_, until)) {
    }
    if (looked_ != TimePoint() && looked_ + kLongestLook < now) return "the disk does not answer";
  }
  return obstacle_;
}

void SqliteWatch::watch() {
  Lock lock(mutex_);
  while (!stopping_) {
    const auto began = steady_clock::now();
    const bool is_asked = began < asked_ + kAskedLately;
    lock.unlock();
    std::optional<std::string> obstacle;
    try {
      look();
      if (is_asked) obstacle = find_obstacle();
    } catch (const std::bad_alloc&) {  // the next look may find enough
    } catch (const std::exception&) {
      obstacle = "the disk does not answer as it should";
    }
    lock.lock();
    if (is_asked) {
      obstacle_ = std::move(obstacle);
      looked_ = began;
      has_looked_.notify_all();
    }
    const auto next = steady_clock::now() + kLookEvery;
    while (!stopping_ && asked_ <= looked_ + kLookEvery && woken_.wait_until(mutex_, next)) {
    }
  }
}

void SqliteWatch::look() {
  is_at_its_path_ = file_.is_at_its_path();
  has_its_log_ = file_.has_its_log();
  if (file_.given_up() != nullptr) return;
  if (!has_its_log_) return save_log();
  is_log_saved_ = false;
  look_for_loss();
  if (file_.given_up() != nullptr) return;
  look_at_stamp();
  if (log_.is_past_its_bound()) {
    bound_log();
  } else {
    is_log_held_ = false;
  }
}

// Frames that a reader still needs, or that the writer is just adding, are left for the next look.
void SqliteWatch::save_log() {
  if (is_log_saved_ || !is_at_its_path_) return;
  is_log_saved_ = connection_.checkpoint(SqliteConnection::Checkpoint::passive) == 0;
  file_.sync();
}

void SqliteWatch::look_for_loss() {
  const std::uint64_t before = file_bytes_;
  const char* loss = nullptr;
  for (int look = 0; look < kLooksForLoss; ++look) {
    const auto index = connection_.log_index();
    loss = index ? find_loss(*index) : nullptr;
    // An index that has moved meanwhile means that SQLite is at work, and the comparison says nothing.
    if (loss == nullptr || connection_.log_index() != index) return;
    file_bytes_ = before;
    std::this_thread::sleep_for(kBetweenLooksForLoss);
  }
  file_.give_up(loss);
}

const char* SqliteWatch::find_loss(const LogIndex& index) {
  const std::uint64_t bytes = file_.size_bytes();
  if (bytes < std::exchange(file_bytes_, bytes) && bytes < index.file_bytes()) {
    return "the database file was cut off";
  }
  if (index.frames == 0) return nullptr;
  const auto log = read_log_head(file_.companion("-wal"));
  if (log && log->bytes >= index.log_bytes() && log->salts == index.salts) return nullptr;
  return file_.has_its_log() ? kLogIsLost : nullptr;  // else it was taken away just now, and may come back
}

// Whether any connection, in this process or another, has committed since the last call.
bool SqliteWatch::has_changed_since_last() {
  const SnapshotGate::Passage passage(log_.gate());
  const std::int64_t mark = connection_.maybe_integer("PRAGMA data_version").value();
  return std::exchange(mark_, mark) != mark;
}

void SqliteWatch::look_at_stamp() {
  const bool has_changed = has_changed_since_last();
  bool is_right = has_its_stamp(has_changed);
  if (!is_right) {
    const auto is_surely_right = has_its_stamp_while_nobody_writes(has_changed);
    if (!is_surely_right) return;  // the next look may get the lock
    is_right = *is_surely_right;
  }
  if (is_right) {
    looks_in_doubt_ = 0;
  } else if (++looks_in_doubt_ >= kLooksInDoubt) {
    file_.give_up("the database file was overwritten by another one");
  }
}

bool SqliteWatch::has_its_stamp(bool has_changed) {
  const auto stamp = stamps_.stamp_of_file();
  const bool was_in_log = stamps_.continues(stamp);  // as it was at the last look
  const bool is_right = stamps_.has_stamps(LogStamps::Trust::none)
                            ? stamps_.continues(stamp) || stamps_.continues(stamps_.stamp_of_file())
                            : was_in_log || has_changed || stamp == stamp_;
  if (is_right) stamp_ = stamp;
  return is_right;
}

// Nothing if the lock can't be had.
std::optional<bool> SqliteWatch::has_its_stamp_while_nobody_writes(bool has_changed) {
  connection_.set_lock_deadline(steady_clock::now() + kLockPatience);
  has_changed = has_changed_since_last() || has_changed;
  try {
    const WriteLock lock(connection_);
    stamps_.forget();
    return has_its_stamp(has_changed);
  } catch (const LockTimeout&) {
    return std::nullopt;
  }
}

void SqliteWatch::bound_log() {
  // Step 1. What an old snapshot holds back shows in the pages that are left.
  const std::optional<int> left = connection_.checkpoint(SqliteConnection::Checkpoint::passive);
  if (!left) return;  // the writer makes a checkpoint just now
  if (*left > kFewPages) {
    if (!std::exchange(is_log_held_, true) && options_.log_is_held) options_.log_is_held(log_.size_bytes());
    return;
  }
  file_.sync();
  if (steady_clock::now() < close_next_) return;
  // Step 3, and the way back: leave the gate open for as long as it was closed in vain.
  if (!log_.gate().close(readers_patience_)) {
    close_next_ = steady_clock::now() + readers_patience_;
    readers_patience_ = std::min(2 * readers_patience_, kMostReadersPatience);
    return;
  }
  readers_patience_ = kReadersPatience;
  const Reopening reopening(log_.gate());
  writer_.between_transactions([this](SqliteConnection& writer) { log_.truncate(writer); }, kWriterPatience);
}

std::optional<std::string> SqliteWatch::find_obstacle() {
  const auto now = steady_clock::now();
  if (const char* const why = file_.given_up()) return why;
  if (!is_at_its_path_) return "the database file was moved, replaced or removed";
  if (!has_its_log_) return "the log beside the database file was moved, replaced or removed";
  if (file_.is_on_read_only_disk()) return "the disk can only be read";
  if (auto newer = find_newer_schema()) return newer;
  const auto lock = find_lock(now);
  if (lock) return lock;
  if (writer_.is_full()) return "too many changes are waiting";
  auto fault = writer_.last_fault();
  const bool is_over =
      fault && fault->when + kFaultIsFresh < now && !(fault->is_full_disk && file_.free_bytes() < kLeastRoom);
  if (is_over) {
    try_to_write(now);
    fault = writer_.last_fault();
  }
  if (!fault) return std::nullopt;
  return fault->is_full_disk ? "the disk is full" : "the last change could not be written";
}

std::optional<std::string> SqliteWatch::find_newer_schema() {
  const SnapshotGate::Passage passage(log_.gate());
  try {
    connection_.require_schema_for(known_schema_);
  } catch (const SchemaTooNew& newer) {
    return newer.what();
  }
  return std::nullopt;
}

std::optional<std::string> SqliteWatch::find_lock(TimePoint now) {
  using Doing = SqliteWriter::Progress::Doing;
  static constexpr const char* kHeld = "another process holds the write lock";
  const SqliteWriter::Progress progress = writer_.progress();
  if (progress.doing == Doing::waiting_for_lock) {
    if (now - progress.since >= kLockIsHeld) return kHeld;
    return std::nullopt;
  }
  if (progress.doing == Doing::writing) {
    if (now - progress.since >= kWriterIsStuck) return "a change has been under way for too long";
    return std::nullopt;
  }
  try {
    connection_.set_lock_deadline(now + kLockIsHeld);
    const WriteLock lock(connection_);
  } catch (const LockTimeout&) {
    return kHeld;
  }
  return std::nullopt;
}

// The fault may have passed, and without orders no other write would find out.
void SqliteWatch::try_to_write(TimePoint now) {
  if (now < tried_to_write_ + kTryEvery) return;
  tried_to_write_ = now;
  try {
    writer_.write([](Connection& connection) { connection.run("UPDATE log_stamp SET id = id"); });
  } catch (const Unavailable&) {
    // as the writer has noted
  }
}

}  // namespace aforro::sql
