//! Field names of the Sigma taxonomy, by log source.
//!
//! Takes a name and the log source of the rule that uses it; gives the fields of our table that
//! hold what the name means there. A name means something only on the log sources it was made
//! for; elsewhere it stays a name of its own. Source: Sigma taxonomy appendix, version 2.1.

use crate::event::Field::{self, *};

use super::{FieldRef, StatedSource};

/// A log source and what names mean on it; an empty word is not asked for.
type Section = (
    [&'static str; 3],
    &'static [(&'static str, &'static [Field])],
);

/// All names, by category, product and service. Names that are ours already (`source.ip`,
/// `dns.question.name`) need no line.
const TABLE: &[Section] = &[
    (
        ["firewall", "", ""],
        &[
            ("src_ip", &[SourceIp]),
            ("src_port", &[SourcePort]),
            ("dst_ip", &[DestinationIp]),
            ("dst_port", &[DestinationPort]),
            ("username", &[UserName, UserId]),
        ],
    ),
    (
        ["", "", "netflow"],
        &[
            ("src_ip", &[SourceIp]),
            ("src_port", &[SourcePort]),
            ("dst_ip", &[DestinationIp]),
            ("dst_port", &[DestinationPort]),
        ],
    ),
    (
        ["webserver", "", ""],
        &[
            ("c-ip", &[SourceIp]),
            ("cs-username", &[UserName, UserId]),
            ("s-ip", &[DestinationIp]),
            ("s-port", &[DestinationPort]),
            ("s-computername", &[HostName]),
            ("cs-method", &[HttpMethod]),
            ("cs-uri", &[UrlOriginal]),
            ("sc-status", &[HttpStatus]),
            ("cs-host", &[DestinationDomain]),
            ("cs-user-agent", &[UserAgent]),
        ],
    ),
    (
        ["proxy", "", ""],
        &[
            ("c-ip", &[SourceIp]),
            ("src_ip", &[SourceIp]),
            ("dst_ip", &[DestinationIp]),
            ("c-uri", &[UrlOriginal]),
            ("c-useragent", &[UserAgent]),
            ("cs-host", &[DestinationDomain]),
            ("r-dns", &[DestinationDomain]),
            ("cs-method", &[HttpMethod]),
            ("cs-username", &[UserName, UserId]),
            ("sc-status", &[HttpStatus]),
        ],
    ),
    (
        ["dns", "", ""],
        &[
            ("query", &[DnsQuestionName]),
            ("record_type", &[DnsQuestionType]),
            ("src_ip", &[SourceIp]),
        ],
    ),
    (
        ["", "zeek", "dns"],
        &[
            ("query", &[DnsQuestionName]),
            ("qtype_name", &[DnsQuestionType]),
        ],
    ),
    (
        ["", "zeek", ""],
        &[
            ("id.orig_h", &[SourceIp]),
            ("id.orig_p", &[SourcePort]),
            ("id.resp_h", &[DestinationIp]),
            ("id.resp_p", &[DestinationPort]),
        ],
    ),
    (["", "linux", ""], &[("USER", &[UserName, UserId])]),
    (
        ["", "cisco", ""],
        &[("src", &[SourceIp]), ("dst", &[DestinationIp])],
    ),
    (
        ["", "windows", ""],
        &[
            ("EventID", &[EventCode]),
            ("Provider_Name", &[EventProvider]),
            ("Computer", &[HostName]),
            // The account acted upon; of a login it is the one that comes in.
            ("TargetUserName", &[UserTargetName, UserName]),
            ("TargetDomainName", &[UserDomain]),
            ("IpAddress", &[SourceIp]),
            ("IpPort", &[SourcePort]),
            ("WorkstationName", &[SourceDomain]),
            ("Workstation", &[SourceDomain]),
        ],
    ),
    (
        ["antivirus", "", ""],
        &[
            ("Filename", &[FilePath, FileName]),
            ("ComputerName", &[HostName]),
        ],
    ),
];

/// The fields a name stands for on a log source, in the order they are asked.
pub(super) fn fields(name: &str, source: &StatedSource) -> Option<&'static [Field]> {
    let is_here = |words: &[&str; 3]| {
        let asked = words.iter().zip(source.words());
        asked
            .into_iter()
            .all(|(word, told)| word.is_empty() || told == Some(word))
    };
    TABLE
        .iter()
        .filter(|(words, _)| is_here(words))
        .find_map(|(_, names)| names.iter().find(|(n, _)| *n == name))
        .map(|(_, fields)| *fields)
}

/// The field of a name on a log source: one of our table, a mapped one, or one of its own.
pub(super) fn resolve(name: &str, source: &StatedSource) -> FieldRef {
    match (FieldRef::named(name), fields(name, source)) {
        (FieldRef::Other(name), Some(fields)) => FieldRef::Mapped(name, fields),
        (field, _) => field,
    }
}

/// The field of a name that several log sources share: a mapped one where all mean the same.
pub(super) fn resolve_for_all<'s>(
    name: &str,
    mut sources: impl Iterator<Item = &'s StatedSource>,
) -> FieldRef {
    let plain = FieldRef::named(name);
    let Some(first) = sources.next().map(|source| resolve(name, source)) else {
        return plain;
    };
    match sources.all(|source| resolve(name, source) == first) {
        true => first,
        false => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(words: [&str; 3]) -> StatedSource {
        let [category, product, service] = words.map(|w| (!w.is_empty()).then(|| w.to_owned()));
        StatedSource {
            category,
            product,
            service,
        }
    }

    #[test]
    fn no_name_stands_twice_and_none_is_ours_already() {
        for (words, names) in TABLE {
            for (at, (name, fields)) in names.iter().enumerate() {
                assert!(
                    !names[..at].iter().any(|(n, _)| n == name),
                    "{words:?} {name}"
                );
                assert!(
                    Field::from_name(name).is_none() && !fields.is_empty(),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn a_name_means_something_on_its_log_source_only() {
        let of = |name, words| resolve(name, &source(words));
        let mapped = |name: &str, fields| FieldRef::Mapped(name.into(), fields);
        assert_eq!(
            of("src_ip", ["firewall", "", ""]),
            mapped("src_ip", &[SourceIp])
        );
        assert_eq!(
            of("src_ip", ["firewall", "cisco", "asa"]),
            mapped("src_ip", &[SourceIp])
        );
        assert_eq!(
            of("src_ip", ["ehr", "", ""]),
            FieldRef::Other("src_ip".into())
        );
        assert_eq!(of("src_ip", ["", "", ""]), FieldRef::Other("src_ip".into()));
        assert_eq!(
            of("c-uri", ["proxy", "", ""]),
            mapped("c-uri", &[UrlOriginal])
        );
        assert_eq!(
            of("source.ip", ["firewall", "", ""]),
            FieldRef::Known(SourceIp)
        );
    }

    #[test]
    fn rules_of_several_log_sources_share_a_name_where_it_means_the_same() {
        let (firewall, proxy, ehr) = (
            source(["firewall", "", ""]),
            source(["proxy", "", ""]),
            source(["ehr", "", ""]),
        );
        let same = resolve_for_all("src_ip", [&firewall, &proxy].into_iter());
        assert_eq!(same, FieldRef::Mapped("src_ip".into(), &[SourceIp]));
        let other = resolve_for_all("src_ip", [&firewall, &ehr].into_iter());
        assert_eq!(other, FieldRef::Other("src_ip".into()));
    }
}
