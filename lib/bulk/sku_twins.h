// SKUs that look like each other without being the same, told to whoever imports a file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bulk/import_table.h"
#include "shop/catalogue.h"

namespace aforro::bulk {

// "the sku "A-1" (with U+0410) looks like "A-1"", with the first character that is not ASCII.
std::string looks_like(const std::string& sku, const std::string& other);

// The SKUs of a file that no product has. Not for use by several threads.
class MissingSkus {
 public:
  // To be called in the order of the file: as many as there are rows to explain are kept.
  void add(std::int64_t line, const std::string& sku);

  // Adds to the reason of each bad row whose SKU is missing the one of the catalogue that it looks like.
  // Reads all SKUs once, if any is missing.
  void explain(shop::Catalogue& catalogue, BadRows& bad) const;

 private:
  struct Missing {
    std::int64_t line;
    std::string sku;
    std::string look;
  };

  std::vector<Missing> first_;
};

}  // namespace aforro::bulk
