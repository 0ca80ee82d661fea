// SPDX-License-Identifier: GPL-2.0-only
// Answers from a JSON file instead of the DNS: for tests and `cordon scan --dns-zone`. What the
// file does not tell does not exist, and nothing else is asked.
//
//     {"example.org": {"TXT": ["v=spf1 mx -all"], "MX": ["10 mx.example.org"]},
//      "mx.example.org": {"A": ["192.0.2.1"], "AAAA": "TIMEOUT"},
//      "www.example.org": {"CNAME": "mx.example.org"}, "*.w.example.org": {"A": "192.0.2.2"},
//      "1.2.0.192.in-addr.arpa": {"PTR": ["mx.example.org"]}, "dead.example": "SERVFAIL"}
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "conf/base/result.h"
#include "scoring/lookups/dns.h"

namespace cordon {

class ZoneResolver : public Resolver {
 public:
    static Result<ResolverPtr> load(const std::string& file);
    static Result<ResolverPtr> parse(std::string_view json);

    DnsAnswerPtr ask(const DnsQuestion& question, Done done) override;

    /// All that the file says of one name.
    struct Node {
        std::map<DnsType, DnsAnswer> records;
        std::string alias;    // CNAME
        std::string failure;  // of every type that is not in `records`
        bool is_absent = false;
    };

 private:
    const Node* find(const std::string& name) const;

    std::map<std::string, Node, std::less<>> nodes_;
};

}  // namespace cordon
