# embed(<file> NAMESPACE <namespace> SYMBOL <name> RESULT <variable>)
#
# At build time, turns a file of the source tree into a .cpp that defines
#   namespace <namespace> { extern const std::string_view <name>; }
# as the file's bytes, of any length, ready before any constructor of a static runs. The path of the
# .cpp ends up in <variable>, to be added to a target's sources.

if(CMAKE_SCRIPT_MODE_FILE)
  # The build calls this very file with INPUT, OUTPUT, NAMESPACE and SYMBOL.
  file(READ ${INPUT} bytes HEX)
  string(LENGTH "${bytes}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  cmake_path(GET INPUT FILENAME name)
  # An array and not a literal: compilers bound the length of a literal, and it would have to be escaped.
  file(WRITE ${OUTPUT} "// Made from ${name} by the build.\n#include <string_view>\n\n"
    "namespace ${NAMESPACE} {\n\n"
    "static constexpr char kBytes[] = {\n${bytes}'\\0'};\n\n"
    "extern const std::string_view ${SYMBOL};\n"
    "constinit const std::string_view ${SYMBOL}{kBytes, ${size}};\n\n"
    "}  // namespace ${NAMESPACE}\n")
  return()
endif()

set(embed_script ${CMAKE_CURRENT_LIST_FILE})

function(embed file)
  cmake_parse_arguments(PARSE_ARGV 1 embed "" "NAMESPACE;SYMBOL;RESULT" "")
  set(input ${PROJECT_SOURCE_DIR}/${file})
  set(output ${PROJECT_BINARY_DIR}/generated/embedded/${file}.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${input} -DOUTPUT=${output} -DNAMESPACE=${embed_NAMESPACE}
            -DSYMBOL=${embed_SYMBOL} -P ${embed_script}
    DEPENDS ${input} ${embed_script} COMMENT "Embedding ${file}" VERBATIM)
  set(${embed_RESULT} ${${embed_RESULT}} ${output} PARENT_SCOPE)
endfunction()
