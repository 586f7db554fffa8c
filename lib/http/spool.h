// Large bodies of requests, kept on a disk and not in memory: in files without a name, which are gone with
// their requests whatever happens, of which all together take so much and leave the disk room for the shop.
// Safe from any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "http/body_policy.h"
#include "http/request_head.h"

namespace aforro::http {

class Spool;

// One body. Written by one thread at a time and, once it is whole, read by any number.
class SpooledBody {
 public:
  SpooledBody(Spool& spool, Descriptor file);
  SpooledBody(const SpooledBody&) = delete;
  SpooledBody& operator=(const SpooledBody&) = delete;
  ~SpooledBody();

  // Throws as Spool::open() does.
  void append(std::string_view bytes);

  std::uint64_t size() const { return size_; }

  // At most `max_bytes` from there on; none behind the end. Throws std::system_error if the disk does not
  // give them.
  std::string read(std::uint64_t position, std::size_t max_bytes) const;

 private:
  Spool& spool_;
  const Descriptor file_;
  std::uint64_t size_ = 0;
};

struct SpoolOptions {
  std::filesystem::path folder;
  std::uint64_t max_bytes = 4ULL << 30U;  // of all bodies that are there at a time
};

class Spool {
 public:
  // Throws Problem (conflict) if the folder is none, does not take files, or lies in memory (tmpfs).
  explicit Spool(SpoolOptions options);
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // For a body of which so much is announced, 0 if nothing is: that is not yet put by, but must fit. It must
  // not outlive the spool. Throws Problem (body_too_large if it alone is past max_bytes, unavailable if there
  // is no room beside the others), Unavailable if the disk has none or takes none.
  std::shared_ptr<SpooledBody> open(std::uint64_t announced_bytes);

  std::uint64_t held_bytes() const { return held_; }

 private:
  friend class SpooledBody;
  void require_room(std::uint64_t held_by_others, std::uint64_t own_bytes, std::uint64_t more) const;
  void take(std::uint64_t held_by_body, std::uint64_t more);
  void give_back(std::uint64_t bytes) noexcept { held_ -= bytes; }

  const SpoolOptions options_;
  std::atomic<std::uint64_t> held_ = 0;
};

// The place for a body that was announced, where the policy has it spooled; else null. Throws as
// Spool::open() does, and Unavailable if there is no spool.
std::shared_ptr<SpooledBody> open_spooled(Spool* spool, const BodyPolicy& policy, const Framing& framing);

}  // namespace aforro::http
