// The body of a request as JSON, read strictly and in one pass: valid UTF-8, at most 64 levels deep, no key
// twice in one object. Its caller asks for the value that comes next and says what is wrong with it; nothing
// is kept but the faults and where the names of the open objects stand, so that a body takes a few times its
// own size at most, whatever is in it. Not for use by several threads.
//
//   JsonBody body(request);
//   body.object([&](std::string_view name) { name == "a" ? read_a(body) : body.refuse("is not known here");
//   }); body.finish();
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/faults.h"
#include "base/function_ref.h"
#include "http/json_scanner.h"
#include "http/member_names.h"
#include "http/message.h"

namespace aforro::http {

inline constexpr std::size_t kMaxJsonDepth = 64;

class JsonBody {
 public:
  // The request must outlive this. Throws Problem (invalid) for a body that is empty or not UTF-8. All that
  // reads throws Problem (invalid) for what is no JSON or too deep.
  explicit JsonBody(const Request& request);

  // The kind of the value that comes next.
  JsonKind kind() { return scanner_.kind(); }

  // Each takes the value that comes next, which must be of that kind.
  std::string_view number() { return scanner_.number(); }  // as it stands
  std::string string() { return unescaped(scanner_.string()); }
  bool boolean() { return scanner_.word() == "true"; }
  // `each` must take the value of the member. One whose name was there before is a fault and passed over.
  void object(FunctionRef<void(std::string_view name)> each);
  // `each` must take the element.
  void array(FunctionRef<void()> each);

  // Takes the value that comes next, whatever it is.
  void skip();

  // Notes a fault of the value that comes next, or was taken last; `detail` is called if it is listed.
  void fault(std::string_view detail);
  void fault(FunctionRef<std::string()> detail);
  // Notes that the object that was taken last has no such member.
  void missing(std::string_view name);

  // The same, and passes over the value.
  void refuse(std::string_view detail) {
    fault(detail);
    skip();
  }

  // For faults that are noticed beside the reading.
  Faults& faults() { return faults_; }

  // To be called once the value was taken. Throws Problem (invalid) if something follows it, Problem
  // (invalid) with all faults if there are any.
  void finish();

 private:
  // A step of the path, from an open container to what is in it.
  struct Step {
    bool is_name;
    std::string_view name;  // its escapes as they stand
    std::size_t index;
  };

  void require_room() const;
  void read_member(std::string_view inside, FunctionRef<void(std::string_view name)> each);
  std::vector<std::string> steps() const;

  JsonScanner scanner_;
  MemberNames names_;
  std::vector<Step> path_;
  Faults faults_;
};

}  // namespace aforro::http
