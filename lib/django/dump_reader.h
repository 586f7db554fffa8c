// `manage.py dumpdata` as it is read: a list of objects {"model": "shop.order", "pk": 1, "fields": {…}}, one
// after the other, without a tree of the whole: it takes the memory of its largest object, which is bounded.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "django/sources.h"

namespace aforro::django {

struct DumpField {
  std::string name;
  std::optional<std::string> value;  // a number as it stands there; nothing for null, lists and objects
  bool is_list = false;
};

struct DumpObject {
  std::string model;
  std::optional<std::string> key;
  std::vector<DumpField> fields;
};

inline constexpr std::size_t kMaxDumpFields = 100;                        // of an object
inline constexpr std::size_t kMaxDumpValueBytes = std::size_t{16} << 20;  // of one text, or number
inline constexpr std::size_t kMaxDumpObjectBytes = std::size_t{64}
                                                   << 20;  // of its texts and numbers together
inline constexpr std::size_t kMaxDumpNameBytes = 500;      // of a model or field
inline constexpr std::size_t kMaxDumpDepth = 64;

// Throws Problem (invalid) where that is no dump, or goes past these bounds; says at which byte, and what it
// may be instead.
void read_dump_objects(ReadBytes read, FunctionRef<void(DumpObject&)> visit);

}  // namespace aforro::django
