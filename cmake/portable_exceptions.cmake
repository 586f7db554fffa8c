# The tests that say more than the portable build promises (-DAFORRO_EPOLL=OFF): which file, how the name of the case
# begins, and why. Only that build leaves them out. docs/http.md says the same from the client's side.

set(portable_exceptions "")

# except(<file below tests> <how its case begins> <why>), which fails if there is no such case any more.
function(except file case why)
  file(READ ${PROJECT_SOURCE_DIR}/tests/${file} text)
  string(FIND "${text}" "\"${case}" found)
  if(found EQUAL -1)
    message(FATAL_ERROR "cmake/portable_exceptions.cmake: tests/${file} has no case \"${case}…\"")
  endif()
  string(REPLACE "," "\\," case "${case}")  # a comma separates filters
  set(portable_exceptions ${portable_exceptions} "${file}=${case}*" PARENT_SCOPE)
endfunction()

# portable_filter(<file below tests> <variable>): the argument for a test program that leaves its exceptions out, if any.
function(portable_filter file variable)
  set(filter "")
  foreach(exception IN LISTS portable_exceptions)
    string(FIND "${exception}" "${file}=" found)
    if(found EQUAL 0)
      string(LENGTH "${file}=" length)
      string(SUBSTRING "${exception}" ${length} -1 case)
      list(APPEND filter "${case}")
    endif()
  endforeach()
  list(JOIN filter "," filter)
  if(filter)
    set(filter "--test-case-exclude=${filter}")
  endif()
  set(${variable} "${filter}" PARENT_SCOPE)
endfunction()

# Chunks are read by cpp-httplib.
except(api/bodies_test.cpp "chunks that are not as they must be are refused" "strtoul() takes +41 and 0x41 for sizes")

# A connection is a thread.
except(api/connections_test.cpp "where there is no memory for another thread" "without a thread there is no connection")
except(http/event_stream_test.cpp "a thousand that listen take no thread" "each of them has its own")
except(http/transport_test.cpp "requests that wait are refused before they take the last threads"
  "threads are bounded as connections are, and none is kept for others")

except(api/slow_clients_test.cpp "1,024 clients that take nothing of a page of their own"
  "what a thread that is let go holds is free once it has woken: on two processors one run in ten looks too early")
except(http/slow_clients_test.cpp "who takes or sends too little for long makes room" "only an idle client does")

# What sockets_posix.cpp and system_posix.cpp can't do.
except(http/listener_test.cpp "a TCP socket that was handed over is served, clients" "there is no TCP_NOTSENT_LOWAT")
except(http/listener_test.cpp "the connections of a port of our own have their options" "there is no TCP_NOTSENT_LOWAT")
except(sql/sqlite_file_test.cpp "a file that is mounted by itself is refused" "nobody can tell")
set(nothing_set_aside "no call sets room aside and leaves the file's size alone")
except(sql/sqlite_log_test.cpp "a disk that the log has filled heals by itself" ${nothing_set_aside})
except(sql/sqlite_log_test.cpp "a disk that somebody else has filled to the last byte" ${nothing_set_aside})
