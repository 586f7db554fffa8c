// Texts that are shown or logged, without the passwords of the addresses in them. A pure function, for any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace aforro {

// The text with *** in place of each password: what stands between the ':' and the last '@' of an address
// (`scheme://user:password@host`, also without a user, a host or the scheme, and with percent-escapes), and
// the value of `password=`, `?pwd=` and their like, bare or in quotes. Where an address can be read in two
// ways, more is hidden rather than less: a password may itself hold '/', '@' and blanks.
std::string without_passwords(std::string_view text);

}  // namespace aforro
