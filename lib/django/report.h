// What an import has to tell: each row that is left out, and each that is not what it was, by the kind of
// reason. Counts all of them and keeps the first of each kind, so that it takes the same memory whatever the
// source; the complete list goes where it is asked for, line by line. One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace aforro::django {

enum class Note {
  // Left out
  key_missing,
  key_repeated,
  inventory_orphan,
  order_orphan,
  item_orphan,
  item_product_gone,
  item_quantity,
  order_empty,
  order_too_long,
  order_line_too_large,
  order_not_wanted,
  user_not_staff,
  user_inactive,
  user_nameless,
  sku_dropped,
  email_dropped,
  // Changed
  renumbered,
  name_repeated,
  name_missing,
  text_cut,
  text_changed,
  price_rounded,
  price_out_of_range,
  price_missing,
  category_missing,
  time_missing,
  quantity_out_of_range,
  shelf_added_up,
  line_added_up,
  price_averaged,
  price_of_product,
  pending_cancelled,
  availability_unknown,
  shelf_made,
  stock_evened,
  user_disabled,
};
inline constexpr std::size_t kNotes = static_cast<std::size_t>(Note::user_disabled) + 1;

std::string_view name_of(Note note);      // "item_orphan", for programs
std::string_view sentence_of(Note note);  // "order items whose order is not there: left out"
bool is_left_out(Note note);              // or else changed

class Report {
 public:
  static constexpr std::size_t kExamples = 20;
  static constexpr std::size_t kMaxExampleBytes = 160;

  // Told every note as it comes.
  using List = std::function<void(Note note, std::string_view what)>;

  Report() = default;
  explicit Report(List list) : list_(std::move(list)) {}

  // `what` says which row it is and, where that helps, what it was and is: "store 7: North is North (2)".
  void add(Note note, std::string_view what);

  std::int64_t count(Note note) const { return of(note).count; }
  const std::vector<std::string>& examples(Note note) const { return of(note).examples; }

 private:
  struct Kind {
    std::int64_t count = 0;
    std::vector<std::string> examples;
  };
  const Kind& of(Note note) const { return kinds_[static_cast<std::size_t>(note)]; }

  List list_;
  std::array<Kind, kNotes> kinds_;
};

}  // namespace aforro::django
