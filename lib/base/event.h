// Something that one thread tells and another notices, who waits for descriptors: eventfd(2) on Linux
// (event_linux.cpp), a pipe elsewhere (event_posix.cpp). Safe from any thread.
#pragma once

namespace aforro {

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
  int descriptor_;
  int writing_;  // the other end, which may be the same
};

}  // namespace aforro
