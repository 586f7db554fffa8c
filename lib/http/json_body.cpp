// Bodies come from strangers, and a tree of many small values takes many times the bytes in which they were
// sent. One body of 1 MiB, keys repeated below long names, once took 6.8 GB as a tree with all its faults. So
// nothing is built: the caller pulls value after value off the text. What is kept is the path of open
// containers and the names of open objects, as places in the text. A JSON pointer is only made for a fault
// that is listed, and faults past the fiftieth are counted alone.
//
// A fault of meaning (a wrong type, an unknown name) is noted and reading goes on, so that the client gets
// all of them at once. A fault of syntax throws: behind it nothing can be trusted.
//
// RFC 8259 leaves open what a name means that comes twice in one object. Two programs could take different
// values from the same body, so here it is a fault.
#include "http/json_body.h"

#include <cassert>

#include "base/problem.h"
#include "http/json_pointer.h"

namespace aforro::http {
namespace {

constexpr std::size_t kEnoughBytes = 1'024;  // of a name, for a step of a pointer

std::string_view json_of(const Request& request) {
  if (request.body.empty()) throw Problem(Problem::Kind::invalid, "The body is empty; it must be JSON.");
  return request.body;
}

}  // namespace

JsonBody::JsonBody(const Request& request) : scanner_(json_of(request)), names_(request.body) {}

void JsonBody::object(FunctionRef<void(std::string_view name)> each) {
  require_room();
  scanner_.expect('{');
  names_.open();
  if (!scanner_.take('}')) {
    do {
      const std::string_view inside = scanner_.string();
      scanner_.expect(':');
      path_.push_back({.is_name = true, .name = inside, .index = 0});
      read_member(inside, each);
      path_.pop_back();
    } while (scanner_.take(','));
    scanner_.expect('}');
  }
  names_.close();
}

void JsonBody::read_member(std::string_view inside, FunctionRef<void(std::string_view name)> each) {
  const std::size_t before = scanner_.position();
  if (!names_.add(inside)) {
    refuse("must be given once only");
  } else if (inside.find('\\') == std::string_view::npos) {
    each(inside);
  } else {
    each(unescaped(inside));
  }
  assert(scanner_.position() > before && "a member's value must be taken");
}

void JsonBody::array(FunctionRef<void()> each) {
  require_room();
  scanner_.expect('[');
  if (scanner_.take(']')) return;
  path_.push_back({.is_name = false, .name = {}, .index = 0});
  do {
    const std::size_t before = scanner_.position();
    each();
    assert(scanner_.position() > before && "an element must be taken");
    ++path_.back().index;
  } while (scanner_.take(','));
  path_.pop_back();
  scanner_.expect(']');
}

void JsonBody::skip() {
  switch (kind()) {
    case JsonKind::object:
      return object([this](std::string_view) { skip(); });
    case JsonKind::array:
      return array([this] { skip(); });
    case JsonKind::string:
      scanner_.string();
      return;
    case JsonKind::number:
      scanner_.number();
      return;
    case JsonKind::boolean:
    case JsonKind::null:
      scanner_.word();
      return;
  }
}

void JsonBody::fault(std::string_view detail) {
  faults_.add([&] { return Fault{Fault::In::body, json_pointer(steps()), std::string(detail)}; });
}

void JsonBody::fault(FunctionRef<std::string()> detail) {
  faults_.add([&] { return Fault{Fault::In::body, json_pointer(steps()), detail()}; });
}

void JsonBody::missing(std::string_view name) {
  faults_.add([&] {
    std::vector<std::string> all = steps();
    all.push_back(pointer_step(name));
    return Fault{Fault::In::body, json_pointer(all), "is missing"};
  });
}

void JsonBody::finish() {
  scanner_.expect_end();
  if (!faults_.empty()) throw Problem::invalid(std::move(faults_));
}

void JsonBody::require_room() const {
  if (path_.size() >= kMaxJsonDepth)
    throw Problem(Problem::Kind::invalid, "The body is nested more than 64 levels deep.");
}

std::vector<std::string> JsonBody::steps() const {
  std::vector<std::string> steps;
  steps.reserve(path_.size());
  for (const Step& step : path_) {
    steps.push_back(step.is_name ? pointer_step(unescaped(step.name, kEnoughBytes))
                                 : '/' + std::to_string(step.index));
  }
  return steps;
}

}  // namespace aforro::http
