// Where settings come from besides flags: the environment, then `.env`, then a configuration file. Called
// once, before any thread starts.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aforro::app {

// Every setting by the name it has in the environment; a flag `--suggest-rate` is AFORRO_SUGGEST_RATE there
// and `suggest-rate` in the configuration file.
std::span<const std::string_view> setting_names();

// The name in the environment of the flag "suggest-rate", empty if it is no setting.
std::string setting_name(std::string_view flag);

struct LoadedSettings {
  std::map<std::string, std::string, std::less<>> origins;  // of each name taken: ".env, line 2"
  std::vector<std::string> notes;                           // what is odd in `.env`: see load_settings()
};

// Puts what `.env` and the configuration file (the one that AFORRO_CONFIG names, else `aforro.conf`, both in
// the working folder) say into the environment, where it does not say so itself. `.env` is shared with other
// programs: only the names above, and those that begin as ours do, are looked at. Noted are a `.env` that
// can't be read, a file in UTF-16 (which is read), and in `.env` names that are nearly ours, a setting of
// ours that is passed over for what can't be seen about its name, and one whose value is not UTF-8.
//
// Throws Problem (invalid) naming the file and the line where a setting of ours can't be read, or the unknown
// setting of the configuration.
LoadedSettings load_settings();

// Names that the Django service took and that are set, after load_settings(), but do nothing here.
std::vector<std::string_view> settings_without_effect();

}  // namespace aforro::app
