//! What stands under `as_of` of a correlation: which leases its events are joined with.
//!
//! ```yaml
//! as_of: { leases: [unregistered-lease, registered-lease], ends: lease-ended, term: 72h, grace: 10m,
//!          address: source.ip, leased: client.ip, holder: client.mac, lasts: dhcp.lease_seconds,
//!          network: source.network, fixed: device.fixed_address }
//! ```
//!
//! Only `leases` must be there; `ends` and `fixed` are none without, the others as above. `term` is
//! how long a lease lasts that does not tell it; the window of the correlation without. Unknown
//! keys are refused. Never knows whether the rules named exist.

use crate::event::NANOS;
use crate::yaml::Node;

use super::super::FieldRef;
use super::correlation::Named;
use super::{Context, duration, known_keys, map, meta, required, scalar, texts};

/// A join whose references are not resolved yet.
pub(in crate::rule) struct AsOfDraft {
    pub(in crate::rule) leases: Vec<Named>,
    pub(in crate::rule) ends: Vec<Named>,
    pub(in crate::rule) address: FieldRef,
    pub(in crate::rule) leased: FieldRef,
    pub(in crate::rule) holder: FieldRef,
    pub(in crate::rule) lasts: FieldRef,
    pub(in crate::rule) network: FieldRef,
    pub(in crate::rule) fixed: Option<FieldRef>,
    pub(in crate::rule) term: Option<i64>,
    pub(in crate::rule) grace: i64,
}

impl AsOfDraft {
    /// The rules it names.
    pub(in crate::rule) fn names(&self) -> impl Iterator<Item = &Named> {
        self.leases.iter().chain(&self.ends)
    }
}

const KEYS: [&str; 10] = [
    "leases", "ends", "address", "leased", "holder", "lasts", "network", "fixed", "term", "grace",
];

/// Reads `as_of`; `None` where there is none or it is refused.
pub(super) fn read(ours: &Node, context: &mut Context<'_>) -> Option<AsOfDraft> {
    let node = ours.get("as_of").filter(|n| !n.is_null())?;
    map(node, "as_of", context)?;
    known_keys(node, "as_of", &KEYS, context);
    let leases = required(node, "leases", context).map(|n| named(Some(n), "leases", context));
    let ends = named(node.get("ends"), "ends", context);
    let mut field = |key: &str, without: &str| -> Option<FieldRef> {
        match node.get(key).filter(|n| !n.is_null()) {
            Some(written) => {
                let name = scalar(written, key, context)?;
                meta::check_spelling(name, &written.place, context);
                Some(FieldRef::named(name))
            }
            None => Some(FieldRef::named(without)),
        }
    };
    let address = field("address", "source.ip");
    let leased = field("leased", "client.ip");
    let holder = field("holder", "client.mac");
    let lasts = field("lasts", "dhcp.lease_seconds");
    let network = field("network", "source.network");
    let fixed = node.get("fixed").is_some_and(|n| !n.is_null());
    let fixed = fixed.then(|| field("fixed", "")).flatten();
    let mut length = |key: &str| {
        let written = node.get(key).filter(|n| !n.is_null())?;
        Some(duration(written, key, context))
    };
    let (term, grace) = (length("term"), length("grace"));
    Some(AsOfDraft {
        leases: leases?,
        ends,
        address: address?,
        leased: leased?,
        holder: holder?,
        lasts: lasts?,
        network: network?,
        fixed,
        term: term.map_or(Some(None), |term| term.map(Some))?,
        grace: grace.unwrap_or(Some(600 * NANOS))?,
    })
}

fn named(node: Option<&Node>, what: &str, context: &mut Context<'_>) -> Vec<Named> {
    let listed = texts(node, what, context).into_iter();
    listed
        .map(|(name, place)| (name.to_owned(), place.clone()))
        .collect()
}
