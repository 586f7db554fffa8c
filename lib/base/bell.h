// What the processes of one shop tell each other without words: something may be due. It is heard within
// milliseconds or, where it can't be told, not at all: nothing may depend on it. Safe from any thread.
#pragma once

namespace aforro {

class Bell {
 public:
  Bell() = default;
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  virtual ~Bell() = default;

  // Heard by all other processes that listen. Never waits; many at once may be heard as one.
  virtual void ring() = 0;
};

}  // namespace aforro
