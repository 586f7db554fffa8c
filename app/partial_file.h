// A file that is being written and gets its name when it is whole. Until then it is called
// NAME.aforro-partial, is for its owner alone, and is removed with this object, or by SIGINT, SIGTERM or
// SIGHUP, which then end the process. What kill -9 leaves is taken over by the next one of that name. One at
// a time in a process.
#pragma once

#include <csignal>

#include <cstdint>
#include <filesystem>

namespace aforro::app {

class PartialFile {
 public:
  // Beside `target`. Throws Problem (conflict) if the folder does not take it, or another process is writing
  // one for the same target.
  explicit PartialFile(std::filesystem::path target);
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  ~PartialFile();

  const std::filesystem::path& path() const { return path_; }
  int descriptor() const { return descriptor_; }

  // Throws Problem (conflict) if the disk has no room for so many bytes.
  void reserve(std::uint64_t bytes) const;

  // Hands what was written since the last time to the disk and waits for it, so that other processes that
  // wait for the disk never meet a flood of it; then drops it from memory, which others need more. Throws
  // Problem (conflict) if the disk does not take it.
  void write_out(std::uint64_t written_bytes);

  // Permissions, and as far as the system lets us the owner, of another file.
  void resemble(const std::filesystem::path& other) const;

  // Returns once it is on the disk. Throws Problem (conflict) if the disk does not take it.
  void sync() const;

  // Gives it its name; with `replace`, in the place of a file that has it. Throws Problem (conflict) if the
  // name is taken, and leaves it to its owner.
  enum class Existing { refuse, replace };
  void finish(Existing existing);

  // To be called when the caller has renamed it by other means.
  void disown();

 private:
  [[noreturn]] void refuse(int error) const;

  const std::filesystem::path target_;
  const std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t written_out_ = 0;
  bool is_ours_ = true;
};

// No SIGINT, SIGTERM or SIGHUP while it lives; they come afterwards.
class SignalsHeld {
 public:
  SignalsHeld();
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;
  ~SignalsHeld();

 private:
  sigset_t before_{};
};

}  // namespace aforro::app
