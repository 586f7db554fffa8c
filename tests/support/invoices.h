// A year of real invoices of a gift shop (UCI Online Retail, see the data's own README), as orders: what was
// bought of which product, in the order of the file. Values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace aforro::test {

struct Invoice {
  struct Line {
    std::size_t product;  // of Invoices::skus
    std::int64_t quantity;
  };
  std::vector<Line> lines;  // as on the paper: a product may be there twice
};

struct Invoices {
  std::vector<std::string> skus;
  std::vector<Invoice> invoices;
};

// The folder of the data; nothing where AFORRO_DATA does not name one that is there.
std::optional<std::filesystem::path> online_retail_folder();

// The invoices that have at least one line that counts: of a product of products.csv, with a quantity above 0
// (below it is a return). Invoices whose number begins with C take others back and are left out.
Invoices read_invoices(const std::filesystem::path& online_retail);

// What to put on each shelf so that of the invoices, served one after the other, about this share is turned
// away because something has run out: the same part of what was sold of each product.
std::vector<std::int64_t> stock_to_reject(const Invoices& invoices, double share);

}  // namespace aforro::test
