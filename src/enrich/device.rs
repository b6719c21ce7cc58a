//! The device an event is about, and whether the register knows it.

use super::Enriched;
use crate::event::Field;
use crate::register::Known;

impl<'r> Enriched<'_, 'r> {
    /// Hardware address, address and name of the device the event is about.
    pub(super) fn device_names(&self) -> [&'r str; 3] {
        let one = |fields: [Field; 3]| {
            fields
                .into_iter()
                .find_map(|f| self.event.get(f))
                .unwrap_or_default()
        };
        [
            one([Field::SourceMac, Field::ClientMac, Field::SourceMac]),
            one([Field::SourceIp, Field::ClientIp, Field::SourceIp]),
            one([Field::HostName, Field::SourceDomain, Field::ClientDomain]),
        ]
    }

    pub(super) fn device(&mut self) {
        let names = self.device_names();
        let Some(any) = names.into_iter().find(|n| !n.is_empty()) else {
            return;
        };
        self.put(Field::DeviceId, any);
        if !self.house.registers.has_devices() {
            return;
        }
        match self.known(names) {
            Known::Yes(device) => {
                self.put(Field::DeviceKnown, "true");
                let named = [&device.name, &device.mac]
                    .into_iter()
                    .find(|n| !n.is_empty());
                match (named, device.ip) {
                    (Some(id), _) => self.put(Field::DeviceId, id),
                    (None, Some(ip)) => self.put_copy(Field::DeviceId, &ip.to_string()),
                    (None, None) => {}
                }
                if !device.department.is_empty() {
                    self.put(Field::DeviceDepartment, &device.department);
                }
            }
            Known::Randomised => self.put(Field::DeviceKnown, "randomised"),
            Known::No(_) => self.put(Field::DeviceKnown, "false"),
        }
    }

    /// Asks the register for a device, or the memo: a hardware address that stands in a row valid
    /// at all times decides alone, whatever else the log says.
    pub(super) fn known(&mut self, [mac, ip, name]: [&'r str; 3]) -> Known<'r> {
        if let Some(device) = self.memo.devices.get(mac) {
            return Known::Yes(device);
        }
        let nanos = self.event.time().map_or(0, |t| t.nanos);
        let found = self.house.registers.device(mac, ip, name, nanos);
        if let Known::Yes(device) = found
            && device.valid.is_none()
            && !mac.is_empty()
            && device.mac == mac
        {
            self.memo.devices.put(mac, device);
        }
        found
    }
}
