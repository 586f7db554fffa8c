// Where settings come from besides flags: the environment, then `.env`, then a configuration file. Called
// once, before any thread starts.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace aforro::app {

// Every setting by the name it has in the environment; a flag `--suggest-rate` is AFORRO_SUGGEST_RATE there
// and `suggest-rate` in the configuration file.
std::span<const std::string_view> setting_names();

// The name in the environment of the flag "suggest-rate", empty if it is no setting.
std::string setting_name(std::string_view flag);

// Puts what `.env` and the configuration file (the one that AFORRO_CONFIG names, else `aforro.conf`, both in
// the working folder) say into the environment, where it does not say so itself. Of `.env` only the names
// above are looked at, as other programs keep theirs there too.
//
// Throws Problem (invalid) naming the file and line that can't be read, or the unknown setting of the
// configuration.
void load_settings();

}  // namespace aforro::app
