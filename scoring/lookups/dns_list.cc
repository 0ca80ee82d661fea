// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/dns_list.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "conf/base/file_descriptor.h"
#include "conf/base/log.h"
#include "conf/base/mail_address.h"
#include "conf/base/text.h"
#include "scoring/lookups/internet_name.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxSubjects = 20;  // of one list and one message
constexpr std::size_t kMaxKeyBytes = 200;

/// Collects subjects, each once.
class Subjects {
 public:
    void add(std::string name, std::string_view shown) {
        const bool is_known = std::any_of(list_.begin(), list_.end(),
                                          [&](const auto& one) { return one.name == name; });
        if (name.empty() || is_known || list_.size() >= kMaxSubjects) return;
        list_.push_back({std::move(name), printable(shown, 200)});
    }
    void add_address(const IpAddress& ip) {
        if (ip.is_known() && !ip.is_loopback()) add(reversed_address(ip), ip.to_string());
    }
    /// By the domain that somebody registered.
    void add_domain(std::string_view domain) {
        if (domain.find('.') == std::string_view::npos) return;
        const auto name = organizational_domain(ascii_domain(domain));
        add(name, name);
    }
    std::vector<ListSubject> take() { return std::move(list_); }

 private:
    std::vector<ListSubject> list_;
};

std::string hashed(std::string_view address, const std::string& hash) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const auto text = lower(address);
    const auto* const method = ::EVP_get_digestbyname(hash.c_str());
    if (text.empty() || method == nullptr ||
        ::EVP_Digest(text.data(), text.size(), digest.data(), &size, method, nullptr) != 1)
        return {};
    return to_hex({reinterpret_cast<const char*>(digest.data()), size});
}

void add_subjects(Subjects& out, const std::string& what, const DnsList& list,
                  const ListFacts& facts) {
    if (what == "client") out.add_address(facts.client);
    if (what == "helo" && !IpAddress::parse(facts.helo)) out.add_domain(facts.helo);
    if (what == "sender") out.add_domain(domain_of(facts.mail_from));
    if (what == "email") out.add(hashed(facts.mail_from, list.options.hash), facts.mail_from);
    if (facts.content == nullptr) return;
    const auto& content = *facts.content;
    if (what == "received")
        for (const auto& hop : content.hops) out.add_address(hop.client);
    if (what == "sender") out.add_domain(content.from_domain);
    if (what == "email")
        for (const auto& address : {content.from_address, content.reply_to})
            out.add(hashed(address, list.options.hash), address);
    if (what != "url") return;
    for (const auto& host : content.hosts) {
        if (const auto ip = IpAddress::parse(host))
            out.add_address(*ip);
        else
            out.add_domain(host);
    }
}

bool starts_with_bytes(const IpAddress& ip, std::initializer_list<std::uint8_t> bytes) {
    return ip.family() == IpAddress::Family::v4 &&
           std::equal(bytes.begin(), bytes.end(), ip.bytes().begin());
}

}  // namespace

std::vector<DnsList> load_dns_lists(const Configuration& configuration) {
    std::vector<DnsList> out;
    for (const auto& options : configuration.dns_lists) {
        if (!options.is_enabled) continue;
        DnsList list{options, options.zone, {}, std::make_shared<std::atomic<bool>>(false)};
        if (!options.key_file.empty()) {
            const auto key = read_file(options.key_file, kMaxKeyBytes);
            if (!key) {
                log::error("dns-list-off", {{"list", options.name}, {"error", key.error().what}});
                continue;
            }
            list.zone.replace(list.zone.find("{key}"), 5, trim(*key));
        }
        for (const auto& word : options.answers.value)
            if (auto answer = parse_list_answer(word)) list.answers.push_back(std::move(*answer));
        out.push_back(std::move(list));
    }
    return out;
}

std::vector<ListSubject> subjects_of(const DnsList& list, const ListFacts& facts) {
    Subjects out;
    for (const auto& what : list.options.looks_at.value) add_subjects(out, what, list, facts);
    return out.take();
}

ListFinding read_list_answer(const DnsList& list, const ListSubject& subject,
                             const DnsAnswer& answer) {
    ListFinding out;
    if (answer.is_failed()) out.problem = answer.reason;
    for (const auto& ip : answer.addresses) {
        if (!starts_with_bytes(ip, {127})) continue;  // a parked or captured domain
        if (starts_with_bytes(ip, {127, 255, 255})) {
            out.problem = "the list does not answer us (" + ip.to_string() + ")";
            if (!list.has_refused->exchange(true))
                log::error("dns-list-refuses",
                           {{"list", list.options.name},
                            {"answer", ip.to_string()},
                            {"remedy",
                             "it does not serve public resolvers, or too many questions: "
                             "use a resolver of your own, or a key"}});
            continue;
        }
        if (list.answers.empty()) out.hits.push_back({rule_name(list.options, {}), subject.shown});
        for (const auto& meaning : list.answers) {
            if (!meaning.contains(ip)) continue;
            out.hits.push_back({rule_name(list.options, meaning.label), subject.shown});
            if (meaning.bits == 0) break;
        }
    }
    return out;
}

}  // namespace cordon
