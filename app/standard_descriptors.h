// The descriptors 0, 1 and 2, which a program may be started without.
#pragma once

namespace aforro::app {

// Gives each standard descriptor that is closed something that can be neither read nor written. Else the next
// file that is opened gets its number, and what is meant for the terminal is written into the database. To be
// called before anything is opened. False if that can't be done.
bool occupy_standard_descriptors();

}  // namespace aforro::app
