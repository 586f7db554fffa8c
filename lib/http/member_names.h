// Which names the open objects of a JSON text have had so far, so that a name that comes twice is noticed. A
// name is kept as its place in the text, in a few bytes however long it is; telling whether it is new takes
// constant time, and no body can be made so that it takes more.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace aforro::http {

class MemberNames {
 public:
  // `text` must outlive this, and be valid as far as names are taken from it.
  explicit MemberNames(std::string_view text) : text_(text) {}

  void open();   // an object begins, inside the one that is open
  void close();  // the innermost ends

  // `inside` is the part of the text between the quotes of a name. False if the innermost object has that
  // name already, however either is spelt.
  bool add(std::string_view inside);

 private:
  // Objects of a few names are looked through. A larger one has its names in the table, which all share: a
  // slot holds an object's number and a name's place. The slots of objects that were closed are garbage,
  // which goes when the table is made anew.
  struct Object {
    std::size_t first;  // of its names, in places_
    std::uint32_t number;
    bool is_in_table;
  };
  struct Slot {
    std::uint32_t object = 0;  // 0: free
    std::uint32_t place = 0;
  };

  std::string_view name_at(std::uint32_t place) const;
  bool add_to_table(std::uint32_t object, std::string_view inside);
  Slot& find_slot(std::uint32_t object, std::string_view inside);
  void make_table();

  std::string_view text_;
  std::vector<Object> open_;
  std::vector<std::uint32_t> places_;  // of the names of all open objects
  std::uint32_t objects_ = 0;          // there were so far
  std::vector<Slot> slots_;            // a power of two, or none
  std::size_t used_ = 0;
};

}  // namespace aforro::http
