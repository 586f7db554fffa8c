// The page of a store's inventory listing as it is sent, with the versions that it was rendered from, so that
// it can be proven true or untrue. It keeps to one format on its way to other processes. Safe from any
// thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "cache/cache.h"
#include "shop/inventory.h"

namespace aforro::api {

class RenderedInventory final : public cache::Entry {
 public:
  // `key` is the page's in the caches; `mark` the database's, taken before the listing was read.
  RenderedInventory(std::string key, const shop::InventoryListing& listing,
                    std::optional<std::uint64_t> mark);

  // Grows when it is packed.
  std::size_t size_bytes() const override;

  const std::string& key() const { return key_; }
  const shop::InventoryVersion& version() const { return version_; }
  std::int64_t total() const { return total_; }
  const std::optional<shop::InventoryCursor>& next() const { return next_; }
  const std::shared_ptr<const std::string>& body() const { return body_; }
  const std::string& etag() const { return etag_; }

  // Packed once, for the first client that takes it so: most of what rendering costs, and many take none.
  // True if this call packed it.
  bool pack() const;
  const std::shared_ptr<const std::string>& gzipped() const { return gzipped_; }  // once packed

  bool was_true_at(std::optional<std::uint64_t> mark) const {
    return mark && has_mark_ && mark_.load(std::memory_order_relaxed) == *mark;
  }
  // The mark has moved, but not what is shown here. An entry's mark is only ever set to one that was taken
  // before a comparison which found it true.
  void proven_true_at(std::optional<std::uint64_t> mark) const {
    if (mark) mark_.store(*mark, std::memory_order_relaxed);
  }

  // The whole of it, packed or not, as bytes for other processes; and back, as the page of that key at that
  // version. Null for what is none.
  std::string to_bytes() const;
  static std::shared_ptr<const RenderedInventory> from_bytes(std::string_view bytes, std::string_view key,
                                                             const shop::InventoryVersion& version,
                                                             std::optional<std::uint64_t> mark);

 private:
  RenderedInventory(std::string key, const shop::InventoryVersion& version, std::optional<std::uint64_t> mark)
      : key_(std::move(key)), version_(version), mark_(mark.value_or(0)), has_mark_(mark.has_value()) {}

  std::string key_;
  shop::InventoryVersion version_;
  std::int64_t total_ = 0;
  std::optional<shop::InventoryCursor> next_;
  mutable std::atomic<std::uint64_t> mark_;
  const bool has_mark_;
  std::shared_ptr<const std::string> body_;
  mutable std::once_flag packed_once_;
  mutable std::shared_ptr<const std::string> gzipped_;
  mutable std::atomic<std::size_t> packed_bytes_ = 0;  // not 0: gzipped_ can be read
  std::string etag_;
};

// The version as a part of a key.
std::string to_string(const shop::InventoryVersion& version);

}  // namespace aforro::api
