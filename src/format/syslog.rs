//! Format `syslog`.

use crate::diagnostic::{Complaints, Text};
use crate::format::{Format, Parser, Settings};
use crate::frame::Framing;

pub(super) struct Syslog;

impl Format for Syslog {
    fn name(&self) -> &'static str {
        "syslog"
    }

    fn about(&self) -> Text {
        Text::new(
            "syslog of routers and servers: YAMAHA RTX, sshd, sudo, DHCP, Wi-Fi, netfilter, Cisco IOS",
            "ルーターやサーバーのsyslog（YAMAHA RTX、sshd、sudo、DHCP、無線LAN、netfilter、Cisco IOS）",
        )
    }

    fn framing(&self) -> Framing {
        Framing::Syslog
    }

    fn claims(&self, _head: &str) -> Option<Text> {
        None
    }

    fn parser(&self, _: &str, _: &Settings<'_>, _: &mut Complaints) -> Option<Box<dyn Parser>> {
        None
    }
}
