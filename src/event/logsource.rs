//! Which Sigma log sources an event satisfies: one table of what our formats declare.

/// One kind of log source, in Sigma's three words; an empty word is not declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogSource {
    /// Sigma `category`.
    pub category: &'static str,
    /// Sigma `product`.
    pub product: &'static str,
    /// Sigma `service`.
    pub service: &'static str,
}

macro_rules! log_sources {
    ($($variant:ident $category:literal $product:literal $service:literal;)*) => {
        /// The log sources our formats declare.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum LogSourceId { $(#[doc = concat!("`", $category, "` / `", $product, "` / `", $service, "`")] $variant,)* }

        /// The table behind `LogSourceId`.
        pub const LOG_SOURCES: &[(LogSourceId, LogSource)] = &[
            $((LogSourceId::$variant,
               LogSource { category: $category, product: $product, service: $service }),)*
        ];
    };
}

log_sources! {
    Ehr "ehr" "" "";
    Authentication "authentication" "" "";
    Dhcp "dhcp" "" "";
    Wifi "wifi" "" "";
    Firewall "firewall" "" "";
    Vpn "vpn" "" "";
    Dns "dns" "" "";
    Proxy "proxy" "" "";
    Router "router" "" "";
    Yamaha "router" "yamaha" "rtx";
    LinuxAny "" "linux" "";
    LinuxSshd "" "linux" "sshd";
    LinuxAuth "" "linux" "auth";
    LinuxSudo "" "linux" "sudo";
    LinuxSyslog "" "linux" "syslog";
    CiscoSyslog "" "cisco" "syslog";
    CiscoAaa "" "cisco" "aaa";
    Device "device" "" "";
    Any "" "" "";
}

/// A set of log sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogSources(u64);

impl LogSources {
    /// No log source.
    pub const NONE: LogSources = LogSources(0);

    /// The set as bits.
    pub fn bits(self) -> u64 {
        self.0
    }

    /// The set of these.
    pub const fn of(ids: &[LogSourceId]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < ids.len() {
            bits |= 1 << ids[i] as u64;
            i += 1;
        }
        LogSources(bits)
    }

    /// Adds one.
    #[inline]
    pub fn insert(&mut self, id: LogSourceId) {
        self.0 |= 1 << id as u64;
    }

    /// Those in either set.
    #[must_use]
    pub const fn union(self, other: LogSources) -> LogSources {
        LogSources(self.0 | other.0)
    }

    /// True when the sets share one.
    #[inline]
    pub const fn intersects(self, other: LogSources) -> bool {
        self.0 & other.0 != 0
    }

    /// True when no log source is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// The log sources that state every given attribute alike (reference: Sigma, G20). An attribute
/// that is `None` is not asked for; with none asked for, all match.
pub fn matching(
    category: Option<&str>,
    product: Option<&str>,
    service: Option<&str>,
) -> LogSources {
    let fits = |asked: Option<&str>, stated: &str| asked.is_none_or(|a| a == stated);
    let mut set = LogSources::NONE;
    for (id, source) in LOG_SOURCES {
        if fits(category, source.category)
            && fits(product, source.product)
            && fits(service, source.service)
        {
            set.insert(*id);
        }
    }
    set
}
