// Telling that a name comes twice must not cost more than reading it did. Comparing each name with all before
// it takes the square of their number, and a table of strings takes many times the text. So a name is a place
// in the text, four bytes. Objects of few names are looked through; larger ones share one open-addressing
// hash table whose slots hold the object's number beside the place. Closing an object touches no slot: its
// slots are garbage, dropped when the table is made anew.
//
// The hash has a secret of this process (SipHash), so that no body can be made whose names all collide.
#include "http/member_names.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>
#include <string>

#include "base/hash.h"
#include "base/mixing.h"
#include "http/json_scanner.h"

namespace aforro::http {
namespace {

constexpr std::size_t kLookedThrough = 8;

bool has_escape(std::string_view inside) { return inside.find('\\') != std::string_view::npos; }

bool is_same_name(std::string_view a, std::string_view b) {
  if (a == b) return true;
  return (has_escape(a) || has_escape(b)) && unescaped(a) == unescaped(b);
}

std::size_t hash_of(std::uint32_t object, std::string_view inside) {
  const std::uint64_t name = has_escape(inside) ? keyed_hash(unescaped(inside)) : keyed_hash(inside);
  return Mixing(object).add(name).value();
}

}  // namespace

void MemberNames::open() { open_.push_back({places_.size(), ++objects_, false}); }

void MemberNames::close() {
  places_.resize(open_.back().first);
  open_.pop_back();
}

bool MemberNames::add(std::string_view inside) {
  assert(text_.size() <= std::numeric_limits<std::uint32_t>::max());
  Object& object = open_.back();
  const auto place = static_cast<std::uint32_t>(inside.data() - text_.data());
  const std::size_t names = places_.size() - object.first;
  if (names < kLookedThrough) {
    const bool is_known =
        std::any_of(places_.begin() + static_cast<std::ptrdiff_t>(object.first), places_.end(),
                    [&](std::uint32_t other) { return is_same_name(name_at(other), inside); });
    if (!is_known) places_.push_back(place);
    return !is_known;
  }
  if (!object.is_in_table) {
    object.is_in_table = true;
    for (std::size_t i = object.first; i < places_.size(); ++i)
      add_to_table(object.number, name_at(places_[i]));
  }
  const bool is_new = add_to_table(object.number, inside);
  if (is_new) places_.push_back(place);
  return is_new;
}

// The part of the text up to the quote that ends it.
std::string_view MemberNames::name_at(std::uint32_t place) const {
  std::size_t end = place;
  while (text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
  return text_.substr(place, end - place);
}

bool MemberNames::add_to_table(std::uint32_t object, std::string_view inside) {
  if (4 * used_ >= 3 * slots_.size()) make_table();
  Slot& slot = find_slot(object, inside);
  if (slot.object != 0) return false;
  slot = {object, static_cast<std::uint32_t>(inside.data() - text_.data())};
  ++used_;
  return true;
}

// The slot of the name, or the free slot where it belongs.
MemberNames::Slot& MemberNames::find_slot(std::uint32_t object, std::string_view inside) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash_of(object, inside) & mask;
  const auto is_it = [&](const Slot& slot) {
    return slot.object == object && is_same_name(name_at(slot.place), inside);
  };
  while (slots_[at].object != 0 && !is_it(slots_[at])) at = (at + 1) & mask;
  return slots_[at];
}

// Keeps only names of objects that are open. Half of the table or more is free afterwards, so the next time
// is far.
void MemberNames::make_table() {
  slots_ = {};
  used_ = 0;
  slots_.resize(std::bit_ceil(2 * (places_.size() + kLookedThrough)));
  for (std::size_t i = 0; i < open_.size(); ++i) {
    if (!open_[i].is_in_table) continue;
    const std::size_t end = i + 1 < open_.size() ? open_[i + 1].first : places_.size();
    for (std::size_t name = open_[i].first; name < end; ++name) {
      find_slot(open_[i].number, name_at(places_[name])) = {open_[i].number, places_[name]};
      ++used_;
    }
  }
}

}  // namespace aforro::http
