// What is wrong with an input, all of it: the first faults listed, the others counted. However many faults an
// input has, the list takes a few tens of KiB at most, and one more fault costs nothing. Values; the texts
// are shown to strangers.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"

namespace aforro {

// One thing that is wrong with one part of the input. Both texts are valid UTF-8.
struct Fault {
  enum class In { body, query };

  In in = In::body;
  std::string where;   // a JSON pointer (RFC 6901) into the body, or the name of a query parameter
  std::string detail;  // "must be a whole number of at least 1"

  friend bool operator==(const Fault&, const Fault&) = default;
};

class Faults {
 public:
  static constexpr std::size_t kMaxListed = 50;
  // As JSON writes them; what is longer is cut. With kMaxListed they bound what a refusal is answered with.
  static constexpr std::size_t kMaxWhereBytes = 512;
  static constexpr std::size_t kMaxDetailBytes = 256;

  Faults() = default;
  Faults(std::initializer_list<Fault> faults);

  void add(Fault::In in, std::string_view where, std::string_view detail);

  // For texts that have to be put together: `make` is called only if the fault is listed.
  void add(FunctionRef<Fault()> make);

  bool empty() const { return listed_.empty(); }
  const std::vector<Fault>& listed() const { return listed_; }
  std::size_t more() const { return more_; }  // that are not listed

 private:
  std::vector<Fault> listed_;
  std::size_t more_ = 0;
};

}  // namespace aforro
