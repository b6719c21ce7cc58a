//! Where and when leases are recorded: what the absence of a lease is a statement about.
//!
//! Takes the times of leases by network, in order; tells whether leases of a network were being
//! recorded at an instant and for some time before.

use super::ByAddress;

/// The stretches of time in which leases of each network are recorded.
pub(super) struct Networks {
    /// Longest time between two leases, and shortest before an instant.
    term: i64,
    /// First and last lease of each stretch, in order.
    of: ByAddress<Vec<(i64, i64)>>,
}

impl Networks {
    /// None yet.
    pub(super) fn new(term: i64) -> Networks {
        Networks {
            term,
            of: ByAddress::default(),
        }
    }

    /// A lease of a network, if it tells one.
    pub(super) fn take(&mut self, network: u64, time: i64) {
        if network == 0 {
            return;
        }
        let stretches = self.of.entry(network).or_default();
        match stretches.last_mut() {
            Some(last) if time.saturating_sub(last.1) <= self.term => last.1 = time,
            _ => stretches.push((time, time)),
        }
    }

    /// True when leases are recorded from long enough before an instant until it.
    pub(super) fn covers(&self, network: u64, time: i64) -> bool {
        self.of.get(&network).is_some_and(|stretches| {
            let at = stretches.partition_point(|(_, last)| *last < time);
            let stretch = stretches.get(at);
            stretch.is_some_and(|(first, _)| first.saturating_add(self.term) <= time)
        })
    }
}
