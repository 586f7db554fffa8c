# Called by the build with SOURCE, VERSION, COMMIT (empty: git is asked) and OUTPUT: writes version.h, touching it only if it
# changed.
set(commit unknown)
find_program(git git)
if(COMMIT)
  set(commit ${COMMIT})
elseif(git AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${git} -C ${SOURCE} describe --always --dirty
    OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(commit ${described})
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
// What this program calls itself. Written by the build.
#pragma once

namespace aforro::app {

inline constexpr char kVersion[] = "@VERSION@";
// What git calls the sources, "unknown" if they came without it.
inline constexpr char kCommit[] = "@commit@";

}  // namespace aforro::app
]])
