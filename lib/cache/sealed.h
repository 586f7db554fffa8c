// Bytes on their way through a store that others may write to, too: what comes back is what was put under
// that very key, or is seen not to be. It guards against damage and mistakes, not against forgery. Pure
// functions, for any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aforro::cache {

std::string seal(std::string_view key, std::string_view bytes);

// The bytes, within `sealed`; nothing if they are not whole, or belong to another key or another format.
std::optional<std::string_view> unseal(std::string_view key, std::string_view sealed);

}  // namespace aforro::cache
