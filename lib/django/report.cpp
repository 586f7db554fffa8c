#include "django/report.h"

#include "base/shorten.h"
#include "base/text.h"

namespace aforro::django {
namespace {

struct Words {
  std::string_view name;
  std::string_view sentence;
};

constexpr std::array<Words, kNotes> kWords{{
    {"key_missing", "rows without a key: left out"},
    {"key_repeated", "rows whose key another row has: left out"},
    {"inventory_orphan", "inventory rows whose store or product is not there: left out"},
    {"order_orphan", "orders whose store is not there: left out with their items"},
    {"item_orphan", "order items whose order is not there: left out"},
    {"item_product_gone", "order items whose product is not there: left out"},
    {"item_quantity", "order items whose quantity is no whole number from 1 on: left out"},
    {"order_empty", "orders without an item that could be taken: left out"},
    {"order_too_long", "orders of more than 2,000 items: left out"},
    {"order_line_too_large", "orders of more than 1,000,000 pieces of a product: left out"},
    {"order_not_wanted", "orders whose status --status leaves out: left out"},
    {"user_not_staff", "users that are no staff: left out"},
    {"user_inactive", "staff that is not active: left out"},
    {"user_nameless", "staff without a name: left out"},
    {"sku_dropped", "SKUs that another product has, or that can't be one: left out, not their products"},
    {"email_dropped", "e-mail addresses of staff that are none: left out, not the users"},
    {"renumbered", "rows whose key is no id: numbered anew"},
    {"name_repeated", "names that another row has without regard to case and accents: numbered"},
    {"name_missing", "rows without a name or title: named by their ids"},
    {"text_cut", "texts that are too long: cut"},
    {"text_changed", "texts with control characters or not in Unicode NFC: without them, in NFC"},
    {"price_rounded", "prices that were not whole cents: rounded"},
    {"price_out_of_range", "prices below 0 or above 9,999,999.99: set to that"},
    {"price_missing", "products without a price that can be read: 0.00"},
    {"category_missing", "products whose category is not there: in Uncategorized"},
    {"time_missing", "products, orders and users without a time that can be read: that of this import"},
    {"quantity_out_of_range",
     "quantities in stock below 0, above 1,000,000,000,000 or unreadable: set to the nearest"},
    {"shelf_added_up", "stores with more than one row of a product: added up"},
    {"line_added_up", "orders with more than one item of a product: added up"},
    {"price_averaged", "lines added up of items with different prices: at their mean"},
    {"price_of_product", "order items without a price: at the product's present price"},
    {"pending_cancelled", "PENDING orders, which held no stock: CANCELLED"},
    {"availability_unknown", "REJECTED orders: what was available then is not known"},
    {"shelf_made",
     "products that orders took from a store that has no row for them: in its inventory with 0"},
    {"stock_evened",
     "shelves that had less than a cancelled order held: received and corrected in the ledger"},
    {"user_disabled", "staff: disabled until `aforro createsuperuser` sets a password"},
}};

const Words& words_of(Note note) { return kWords[static_cast<std::size_t>(note)]; }

}  // namespace

std::string_view name_of(Note note) { return words_of(note).name; }
std::string_view sentence_of(Note note) { return words_of(note).sentence; }
bool is_left_out(Note note) { return note < Note::renumbered; }

void Report::add(Note note, std::string_view what) {
  Kind& kind = kinds_[static_cast<std::size_t>(note)];
  ++kind.count;
  if (kind.examples.size() < kExamples)
    kind.examples.push_back(shortened(for_terminal(what), kMaxExampleBytes));
  if (list_) list_(note, what);
}

}  // namespace aforro::django
