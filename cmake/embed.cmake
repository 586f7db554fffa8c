# embed(<file> NAMESPACE <namespace> SYMBOL <name> RESULT <variable>)
#
# At build time, turns a file of the source tree into a .cpp that defines
#   namespace <namespace> { extern const std::string_view <name>; }
# as the file's bytes, of any length, ready before any constructor of a static runs. The path of the
# .cpp ends up in <variable>, to be added to a target's sources.
#
# embed_file(<file> TYPE <media type> NAMESPACE <namespace> SYMBOL <name> RESULT <variable>)
#
# The same as a file to be served: extern const http::EmbeddedFile <name>, packed, and named by its hash.

if(CMAKE_SCRIPT_MODE_FILE)
  # The build calls this very file with INPUT, OUTPUT, NAMESPACE, SYMBOL and TYPE, which is empty for embed().

  # An array and not a literal: compilers bound the length of a literal, and it would have to be escaped.
  function(define_bytes symbol hex)
    string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," hex "${hex}")
    file(APPEND ${OUTPUT} "static constexpr char ${symbol}[] = {\n${hex}'\\0'};\n\n")
  endfunction()

  cmake_path(GET INPUT FILENAME name)
  file(READ ${INPUT} bytes HEX)
  file(SIZE ${INPUT} size)
  set(header "<string_view>")
  if(TYPE)
    set(header "\"http/embedded_file.h\"")
  endif()
  file(WRITE ${OUTPUT} "// Made from ${name} by the build.\n#include ${header}\n\nnamespace ${NAMESPACE} {\n\n")
  define_bytes(kBytes "${bytes}")
  if(TYPE)
    file(ARCHIVE_CREATE OUTPUT ${OUTPUT}.gz PATHS ${INPUT} FORMAT raw COMPRESSION GZip COMPRESSION_LEVEL 9)
    file(READ ${OUTPUT}.gz packed HEX)
    # Without the time at which it was packed (RFC 1952, 2.3.1): the same sources give the same program.
    string(SUBSTRING "${packed}" 0 8 before)
    string(SUBSTRING "${packed}" 16 -1 behind)
    set(packed "${before}00000000${behind}")
    string(LENGTH "${packed}" digits)
    math(EXPR packed_size "${digits} / 2")
    define_bytes(kPacked "${packed}")
    file(SHA256 ${INPUT} hash)
    string(SUBSTRING ${hash} 0 12 short_hash)
    cmake_path(GET name STEM stem)
    cmake_path(GET name EXTENSION extension)
    file(APPEND ${OUTPUT} "extern const http::EmbeddedFile ${SYMBOL};\n"
      "constinit const http::EmbeddedFile ${SYMBOL}{\n"
      "    .name = \"${stem}.${short_hash}${extension}\",\n    .content_type = \"${TYPE}\",\n"
      "    .bytes = {kBytes, ${size}},\n    .gzipped = {kPacked, ${packed_size}},\n    .hash = \"${hash}\"};\n\n")
  else()
    file(APPEND ${OUTPUT} "extern const std::string_view ${SYMBOL};\n"
      "constinit const std::string_view ${SYMBOL}{kBytes, ${size}};\n\n")
  endif()
  file(APPEND ${OUTPUT} "}  // namespace ${NAMESPACE}\n")
  return()
endif()

set(embed_script ${CMAKE_CURRENT_LIST_FILE})

function(embed_file file)
  cmake_parse_arguments(PARSE_ARGV 1 embed "" "TYPE;NAMESPACE;SYMBOL;RESULT" "")
  set(input ${PROJECT_SOURCE_DIR}/${file})
  set(output ${PROJECT_BINARY_DIR}/generated/embedded/${file}.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${input} -DOUTPUT=${output} -DNAMESPACE=${embed_NAMESPACE}
            -DSYMBOL=${embed_SYMBOL} "-DTYPE=${embed_TYPE}" -P ${embed_script}
    DEPENDS ${input} ${embed_script} COMMENT "Embedding ${file}" VERBATIM)
  set(${embed_RESULT} ${${embed_RESULT}} ${output} PARENT_SCOPE)
endfunction()

macro(embed file)
  embed_file(${file} ${ARGN})
endmacro()
