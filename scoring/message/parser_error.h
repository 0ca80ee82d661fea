// SPDX-License-Identifier: GPL-2.0-only
// What is thrown over certain bytes of a message comes again with each try: it is a fact about the
// message, and tells the part that holds them. Want of memory or a failing machine is none.
#pragma once

#include <exception>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace cordon {

class ParserError : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

/// Runs what reads `what` of part number `index`; what it throws over the content names both.
template <typename Step>
decltype(auto) in_part(std::size_t index, std::string_view what, Step&& step) {
    try {
        return std::invoke(std::forward<Step>(step));
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::system_error&) {
        throw;
    } catch (const ParserError&) {
        throw;
    } catch (const std::exception& error) {
        std::string place = "part " + std::to_string(index) + ", ";
        throw ParserError(place.append(what).append(": ").append(error.what()));
    }
}

}  // namespace cordon
