// The bookkeeping behind the choice that held_bytes.h explains. A Record is what one connection holds; a
// Group is the records that share one answer, or a single record with something of its own. A group stands in
// the row for the power of two of its holders' part, by the age of its oldest. heaviest() compares the first
// of each row, 65 at most. An order by bytes × age can't be kept sorted, since the products grow at different
// paces; and for whom to disconnect, a factor of two is near enough.
//
// Making room must not fail for want of memory. So records are linked into their group by pointers of their
// own, and a group that moves to another row takes its node along.
//
// let_go() of a holder is called with the mutex held. take() needs the same mutex, so a worker can't begin
// with a connection while it is being emptied.
#include "http/held_bytes.h"

#include <algorithm>
#include <bit>
#include <optional>

namespace aforro::http {

// Connections that hold the same answer, or one that holds something else. Groups and records are guarded by
// the mutex of the HeldBytes that they are in.
struct HeldBytes::Group {
  std::size_t bytes = 0;  // the answer, and what each has of its own
  std::size_t holders = 0;
  Record* oldest = nullptr;
  Record* newest = nullptr;
  std::size_t row = 0;
  std::optional<Row::iterator> position;  // in that row

  std::size_t part() const { return bytes / holders; }
};

struct HeldBytes::Record {
  enum class State { at_work, waiting, let_go };

  explicit Record(Holder& its_holder) : holder(its_holder) {}

  Holder& holder;
  State state = State::at_work;
  std::size_t own = 0;
  const std::string* answer = nullptr;  // that it shares
  TimePoint since;
  Group alone;  // the group it is in while it has no answer
  Group* group = nullptr;
  Record* older = nullptr;  // in the group
  Record* newer = nullptr;
};

HeldBytes::HeldBytes(std::size_t max_bytes) : max_bytes_(max_bytes) {}

HeldBytes::~HeldBytes() = default;

std::size_t HeldBytes::total() const {
  const Lock lock(mutex_);
  return total_;
}

// Puts the group where it belongs by now. Throws for want of memory only where it was nowhere.
void HeldBytes::enter(Group& group) {
  const auto row = static_cast<std::size_t>(std::bit_width(group.part()));
  const std::pair key(group.oldest->since, &group);
  if (!group.position) {
    group.position = rows_.at(row).insert(key).first;
  } else if (group.row != row || **group.position != key) {
    auto node = rows_.at(group.row).extract(*group.position);
    node.value() = key;
    group.position = rows_.at(row).insert(std::move(node)).position;
  }
  group.row = row;
}

void HeldBytes::remove(Group& group) {
  if (group.position) rows_.at(group.row).erase(*group.position);
  group.position.reset();
}

void HeldBytes::join(Record& record, Group& group) {
  record.group = &group;
  record.older = group.newest;
  record.newer = nullptr;
  (group.newest == nullptr ? group.oldest : group.newest->newer) = &record;
  group.newest = &record;
  ++group.holders;
  group.bytes += record.own;
  total_ += record.own;
  enter(group);
}

void HeldBytes::leave(Record& record) {
  if (record.group == nullptr) return;
  Group& group = *std::exchange(record.group, nullptr);
  const std::string* const answer = std::exchange(record.answer, nullptr);
  (record.older == nullptr ? group.oldest : record.older->newer) = record.newer;
  (record.newer == nullptr ? group.newest : record.newer->older) = record.older;
  group.bytes -= record.own;
  total_ -= record.own;
  if (--group.holders > 0) return enter(group);
  remove(group);
  total_ -= group.bytes;  // the answer
  group.bytes = 0;
  if (answer != nullptr) by_answer_.erase(answer);
}

void HeldBytes::set_own(Record& record, std::size_t bytes) {
  record.group->bytes += bytes - record.own;
  total_ += bytes - record.own;
  record.own = bytes;
  enter(*record.group);
}

void HeldBytes::let_go(Record& record) {
  leave(record);
  record.state = Record::State::let_go;
  record.holder.let_go();
}

HeldBytes::Record* HeldBytes::heaviest(TimePoint now) const {
  Record* found = nullptr;
  double most = 0;
  for (std::size_t row = 1; row < rows_.size(); ++row) {  // row 0: those that hold nothing
    for (const auto& [since, group] : rows_.at(row)) {
      Record* record = group->oldest;
      while (record != nullptr && record->state != Record::State::waiting) record = record->newer;
      if (record == nullptr) continue;  // a thread is at work on each of them, so there are few such groups
      // A second more for all, so that among connections that have only just come the bytes decide.
      const std::chrono::duration<double> age = now - record->since + std::chrono::seconds(1);
      const double product = static_cast<double>(group->part()) * age.count();
      if (product > most) found = record;
      most = std::max(most, product);
      break;
    }
  }
  return found;
}

bool HeldBytes::make_room(TimePoint now) {
  while (total_ > max_bytes_) {
    Record* const record = heaviest(now);
    if (record == nullptr) return false;
    let_go(*record);
  }
  return true;
}

HeldBytes::Share::Share(HeldBytes& all, Holder& holder) : all_(all), holder_(holder) {}

HeldBytes::Share::~Share() { release(); }

HeldBytes::Record& HeldBytes::Share::record() {
  if (!record_) record_ = std::make_unique<Record>(holder_);
  return *record_;
}

bool HeldBytes::Share::take() {
  if (!record_) return true;
  {
    const Lock lock(all_.mutex_);
    if (record_->state != Record::State::let_go) {
      record_->state = Record::State::at_work;
      return true;
    }
  }
  record_.reset();
  return false;
}

bool HeldBytes::Share::collect(std::size_t bytes, TimePoint since, TimePoint now) {
  Record& mine = record();
  const Lock lock(all_.mutex_);
  if (mine.group != &mine.alone || mine.since != since) {
    all_.leave(mine);
    mine.own = 0;
    mine.since = since;
    all_.join(mine, mine.alone);
  }
  const std::size_t before = mine.own;
  all_.set_own(mine, bytes);
  // Counted before there is room, so that this connection is weighed with all others; taken back if none is
  // found.
  if (bytes <= before || all_.make_room(now)) return true;
  all_.set_own(mine, before);
  return false;
}

void HeldBytes::Share::wait() {
  if (!record_) return;
  const Lock lock(all_.mutex_);
  record_->state = Record::State::waiting;
}

void HeldBytes::Share::send(std::size_t bytes, const std::shared_ptr<const std::string>& answer,
                            TimePoint since, TimePoint now) {
  Record& mine = record();
  const Lock lock(all_.mutex_);
  if (mine.group == nullptr || mine.answer != answer.get() || mine.since != since) {
    all_.leave(mine);
    mine.own = 0;
    mine.since = since;
    if (answer) {
      const auto [found, is_first] = all_.by_answer_.try_emplace(answer.get());
      // The answer itself counts once, with the first connection that has to wait with it.
      if (is_first) {
        found->second.bytes = answer->capacity();
        all_.total_ += answer->capacity();
      }
      mine.answer = answer.get();
      all_.join(mine, found->second);
    } else {
      all_.join(mine, mine.alone);
    }
  }
  all_.set_own(mine, bytes);
  all_.make_room(now);
  mine.state = Record::State::waiting;
}

void HeldBytes::Share::release() {
  if (!record_) return;
  {
    const Lock lock(all_.mutex_);
    if (record_->state != Record::State::let_go) all_.leave(*record_);
  }
  record_.reset();
}

}  // namespace aforro::http
