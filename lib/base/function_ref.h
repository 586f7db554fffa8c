// A reference to a callable object (of a plain function take the address), for parameters that are only
// called during the call. It owns nothing and must not outlive what it refers to.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace aforro {

template <class Signature>
class FunctionRef;

template <class Result, class... Args>
class FunctionRef<Result(Args...)> {
 public:
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, FunctionRef> && std::is_invocable_r_v<Result, F&, Args...>)
      FunctionRef(F&& f)  // NOLINT: meant to convert, constrained above
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(f)))),
        call_([](void* object, Args... args) -> Result {
          auto& called = *static_cast<std::remove_reference_t<F>*>(object);
          if constexpr (std::is_void_v<Result>) {
            std::invoke(called, std::forward<Args>(args)...);
          } else {
            return std::invoke(called, std::forward<Args>(args)...);
          }
        }) {}

  Result operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

 private:
  void* object_;
  Result (*call_)(void*, Args...);
};

}  // namespace aforro
