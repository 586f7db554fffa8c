// What a client announces is not put by, or one that sends nothing would take the room of all others; what
// arrives is, piece by piece. How much the disk has left is asked each time, since others write there too: it
// takes a microsecond, which is little beside the writing.
#include "http/spool.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "base/problem.h"
#include "base/shortage.h"
#include "base/unnamed_file.h"
#include "http/open_file.h"

namespace aforro::http {
namespace {

// What the disk keeps for the shop: a twentieth of it, and no more than that.
constexpr std::uint64_t kMostLeftFree = 1ULL << 30U;
constexpr std::uint64_t kPartLeftFree = 20;

[[noreturn]] void refuse_disk(const std::string& why) {
  throw Unavailable("a large body can't be kept: " + why);
}

Problem unusable(const std::filesystem::path& folder, const std::string& why) {
  return {Problem::Kind::conflict, "The folder " + folder.string() + " can't keep large bodies: " + why};
}

void require_free(const std::filesystem::path& folder, std::uint64_t bytes) {
  struct statvfs disk {};
  if (::statvfs(folder.c_str(), &disk) != 0) refuse_disk(error_text(errno));
  const std::uint64_t all = static_cast<std::uint64_t>(disk.f_blocks) * disk.f_frsize;
  const std::uint64_t free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  const std::uint64_t kept = std::min(all / kPartLeftFree, kMostLeftFree);
  if (free < kept || free - kept < bytes) refuse_disk("the disk is nearly full");
}

}  // namespace

SpooledBody::SpooledBody(Spool& spool, Descriptor file) : spool_(spool), file_(std::move(file)) {}

SpooledBody::~SpooledBody() { spool_.give_back(size_); }

void SpooledBody::append(std::string_view bytes) {
  spool_.take(size_, bytes.size());
  const std::uint64_t begin = size_;
  size_ += bytes.size();  // first, so that what was taken is given back also if it can't be written
  std::uint64_t position = begin;
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(position));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) refuse_disk(error_text(errno));
    position += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string SpooledBody::read(std::uint64_t position, std::size_t max_bytes) const {
  return read_at(file_.get(), position,
                 std::min<std::uint64_t>(size_ - std::min(size_, position), max_bytes));
}

Spool::Spool(SpoolOptions options) : options_(std::move(options)) {
  try {
    open_unnamed_file(options_.folder);
    if (is_in_memory(options_.folder)) throw unusable(options_.folder, "it lies in memory (tmpfs)");
  } catch (const std::system_error& fault) {
    throw unusable(options_.folder, error_text(fault.code().value()));
  }
}

std::shared_ptr<SpooledBody> Spool::open(std::uint64_t announced_bytes) {
  require_room(held_, 0, announced_bytes);
  try {
    return std::make_shared<SpooledBody>(*this, open_unnamed_file(options_.folder));
  } catch (const std::system_error& fault) {
    refuse_disk(error_text(fault.code().value()));
  }
}

// Of `held_by_others` none is the body's own.
void Spool::require_room(std::uint64_t held_by_others, std::uint64_t own_bytes, std::uint64_t more) const {
  if (own_bytes + more > options_.max_bytes) {
    throw Problem(Problem::Kind::body_too_large, "The body is larger than what is kept of all together.");
  }
  if (held_by_others + own_bytes + more > options_.max_bytes) {
    throw Problem::unavailable("Too many large bodies are arriving already; nothing was changed.");
  }
  require_free(options_.folder, more);
}

void Spool::take(std::uint64_t held_by_body, std::uint64_t more) {
  const std::uint64_t before = held_.fetch_add(more);
  try {
    require_room(before - held_by_body, held_by_body, more);
  } catch (...) {
    held_ -= more;
    throw;
  }
}

std::shared_ptr<SpooledBody> open_spooled(Spool* spool, const BodyPolicy& policy, const Framing& framing) {
  if (!policy.is_spooled) return nullptr;
  if (spool == nullptr) throw Unavailable("there is no folder for large bodies (--spool)");
  return spool->open(framing.content_bytes);
}

}  // namespace aforro::http
