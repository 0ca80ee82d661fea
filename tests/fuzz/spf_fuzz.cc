// SPDX-License-Identifier: GPL-2.0-only
// An SPF record that refers to itself and to names without data; the input is the record and,
// behind a NUL, the sender.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "scoring/lookups/spf.h"

namespace {

/// Every TXT record is the same, addresses depend on the name.
class Echo : public cordon::Resolver {
 public:
    explicit Echo(std::string record) : record_(std::move(record)) {}
    cordon::DnsAnswerPtr ask(const cordon::DnsQuestion& question, Done) override {
        ++asked;
        auto out = std::make_shared<cordon::DnsAnswer>();
        out->status = cordon::DnsAnswer::Status::found;
        if (question.type == cordon::DnsType::txt) out->texts.push_back(record_);
        if (question.type == cordon::DnsType::mx || question.type == cordon::DnsType::ptr)
            out->names.assign(12, question.name);
        if (question.name.size() % 3 == 0) out->status = cordon::DnsAnswer::Status::no_data;
        if (question.name.size() % 5 == 0)
            out->addresses.push_back(*cordon::IpAddress::parse("192.0.2.1"));
        return out;
    }
    std::size_t asked = 0;

 private:
    std::string record_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const auto end = bytes.find('\0');
    const auto record = bytes.substr(0, end);
    const auto sender = end == std::string::npos ? "a@o.example" : bytes.substr(end + 1);
    for (const auto* const client : {"192.0.2.1", "2001:db8::1"}) {
        const auto resolver = std::make_shared<Echo>(record);
        cordon::Lookups lookups(resolver);
        cordon::SpfQuery query{*cordon::IpAddress::parse(client), sender, "helo.example",
                               "mx.example", 1};
        const auto out = cordon::check_spf(query, lookups);
        if (!out || resolver->asked > cordon::kMaxLookups) std::abort();
        for (const char c : out->explanation + out->reason + out->domain)
            if (static_cast<unsigned char>(c) < 0x20) std::abort();
    }
    return 0;
}
