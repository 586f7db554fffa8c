// Libraries report a want of descriptors late and vaguely ("unable to open database file"), and by then errno
// is gone. So the question is asked again: a few descriptors are opened as a probe, and if one fails, that
// was most likely the cause. Four, as other threads may just have given some back.
#include "base/shortage.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <new>
#include <system_error>

#include "base/system.h"

namespace aforro {

std::string_view shortage_of(int error_number) noexcept {
  switch (error_number) {
    case EMFILE:
      return kOutOfDescriptors;
    case ENFILE:
      return kSystemOutOfDescriptors;
    case ENOMEM:
      return kOutOfMemory;
    default:
      return {};
  }
}

std::string_view shortage_of(const std::exception& fault) noexcept {
  if (dynamic_cast<const std::bad_alloc*>(&fault) != nullptr) return kOutOfMemory;
  const auto* const error = dynamic_cast<const std::system_error*>(&fault);
  if (error == nullptr) return {};
  // pthread_create(3) has this for every limit that it meets.
  if (error->code() == std::errc::resource_unavailable_try_again) return kOutOfThreads;
  const bool is_errno = error->code().category() == std::generic_category() ||
                        error->code().category() == std::system_category();
  return is_errno ? shortage_of(error->code().value()) : std::string_view();
}

std::string error_text(int error_number) {
  const std::string_view what = shortage_of(error_number);
  return what.empty() ? std::generic_category().message(error_number) : std::string(what);
}

std::string_view shortage_of_descriptors() noexcept {
  std::array<int, 4> probes{};
  std::string_view what;
  std::size_t count = 0;
  for (; count < probes.size() && what.empty(); ++count) {
    probes[count] = open_probe();
    if (probes[count] < 0) what = shortage_of(errno);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (probes[i] >= 0) ::close(probes[i]);
  }
  return what;
}

}  // namespace aforro
