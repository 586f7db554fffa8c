// hiredis reads the protocol, and nothing else: its own connections wait by SO_RCVTIMEO, which is for each
// piece that comes, so that an answer in pieces would be waited for without end. Its reader hands out objects
// through functions, which are ours: they write into the Reply that its privdata points to, so that each
// answer is copied once, and refuse a list that announces more than we ever ask for, before memory is taken
// for it. Types that only RESP3 has have no function, and so are no Reply.
#include <hiredis/read.h>

#include <exception>
#include <stdexcept>

#include "redis/reply.h"

namespace aforro::redis {
namespace {

constexpr std::size_t kKeptBytes = std::size_t{64} * 1024;  // of the reader's buffer, for the next answer

// Where the answer that the task reads belongs; null if its list has no such place.
Reply* place_of(const redisReadTask* task) {
  if (task->parent == nullptr) return static_cast<Reply*>(task->privdata);
  auto* const list = static_cast<Reply*>(task->parent->obj);
  const auto index = static_cast<std::size_t>(task->idx);
  return index < list->list.size() ? &list->list[index] : nullptr;
}

// An exception must not pass through C: to hiredis null means that there is no memory.
template <class F>
void* made(const redisReadTask* task, F&& fill) {
  try {
    Reply* const reply = place_of(task);
    if (reply != nullptr) fill(*reply);
    return reply;
  } catch (const std::exception&) {
    return nullptr;
  }
}

void* make_text(const redisReadTask* task, char* bytes, std::size_t size) {
  return made(task, [&](Reply& reply) {
    reply.kind = task->type == REDIS_REPLY_ERROR ? Reply::Kind::error : Reply::Kind::text;
    reply.text.assign(bytes, size);
  });
}

// The number is an int in hiredis 0.14 and a size_t in 1.x.
template <class Count>
void* make_list(const redisReadTask* task, Count count) {
  if (static_cast<std::size_t>(count) > kMaxListed || task->type != REDIS_REPLY_ARRAY) return nullptr;
  return made(task, [&](Reply& reply) {
    reply.kind = Reply::Kind::list;
    reply.list.assign(static_cast<std::size_t>(count), Reply());
  });
}

void* make_number(const redisReadTask* task, long long number) {
  return made(task, [&](Reply& reply) {
    reply.kind = Reply::Kind::number;
    reply.number = number;
  });
}

void* make_nothing(const redisReadTask* task) {
  return made(task, [](Reply& reply) { reply.kind = Reply::Kind::nothing; });
}

void leave(void* /*reply*/) {}  // it is ours

redisReplyObjectFunctions& functions() {
  static redisReplyObjectFunctions made = [] {
    redisReplyObjectFunctions ours{};
    ours.createString = make_text;
    ours.createArray = make_list;
    ours.createInteger = make_number;
    ours.createNil = make_nothing;
    ours.freeObject = leave;
    return ours;
  }();
  return made;
}

class HiredisReader final : public ReplyReader {
 public:
  HiredisReader() : reader_(redisReaderCreateWithFunctions(&functions())) {
    if (!reader_) throw std::bad_alloc();
    reader_->privdata = &reply_;
    reader_->maxbuf = kKeptBytes;
  }

  void feed(std::string_view bytes) override {
    fed_ += bytes.size();
    if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) is_broken_ = true;
  }

  State next(Reply& reply) override {
    void* got = nullptr;
    if (is_broken_ || redisReaderGetReply(reader_.get(), &got) != REDIS_OK ||
        (got != nullptr && got != &reply_)) {
      is_broken_ = true;
    } else if (got == nullptr) {
      is_broken_ = fed_ > kMaxReplyBytes;
    } else {
      fed_ = 0;
      reply = std::move(reply_);
      reply_ = Reply();
      return State::complete;
    }
    return is_broken_ ? State::broken : State::incomplete;
  }

 private:
  struct Free {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
  };

  Reply reply_;  // the one that is being read
  std::size_t fed_ = 0;
  bool is_broken_ = false;
  const std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace

bool has_reader() { return true; }

std::unique_ptr<ReplyReader> make_reader() { return std::make_unique<HiredisReader>(); }

}  // namespace aforro::redis
