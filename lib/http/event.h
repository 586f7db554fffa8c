// Something that one thread tells and an epoll set notices, by eventfd(2). Safe from any thread.
#pragma once

#include <cstdint>

namespace aforro::http {

class Event {
 public:
  // Throws std::system_error if there is no descriptor to be had.
  Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event();

  // The descriptor is readable from here on,
  void set() const;
  // until here.
  void clear() const;

  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

}  // namespace aforro::http
