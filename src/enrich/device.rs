//! The device an event is about, and whether the register knows it.

use super::Enriched;
use crate::event::Field;
use crate::register::{Device, Known};
use crate::text::fold_key;

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
                self.support(device);
            }
            Known::Randomised => self.put(Field::DeviceKnown, "randomised"),
            Known::No(_) => self.put(Field::DeviceKnown, "false"),
        }
    }

    /// Whether the device is still supported; only where the register tells until when, and the
    /// record when it was.
    fn support(&mut self, device: &Device) {
        if let (Some(until), Some(time)) = (device.support_until, self.trusted()) {
            let supported = if time.nanos < until { "true" } else { "false" };
            self.put(Field::DeviceSupported, supported);
        }
    }

    /// Whether the device stands in the department of the user, where both are known: the register
    /// tells the device's, the log or the list of staff the user's.
    pub(super) fn own_department(&mut self) {
        let Some(of_device) = self.get(Field::DeviceDepartment) else {
            return;
        };
        let Some(of_user) = self.department() else {
            return;
        };
        let same = of_device == of_user || fold_key(of_device) == fold_key(of_user);
        self.put(
            Field::DeviceOwnDepartment,
            if same { "true" } else { "false" },
        );
    }

    /// The address of the device, where its row states that address: nobody leases it.
    pub(super) fn fixed_address(&mut self) {
        let names = self.device_names();
        if names[1].is_empty() || !self.house.registers.has_devices() {
            return;
        }
        if let Known::Yes(device) = self.known(names)
            && device.ip.is_some()
            && device.ip == names[1].parse().ok()
        {
            self.put(Field::DeviceFixedAddress, names[1]);
        }
    }

    /// Whether the register knows the radio of an access point, by its hardware address.
    pub(super) fn radio(&mut self) {
        let registers = self.house.registers;
        let Some(bssid) = self.event.get(Field::WifiBssid) else {
            return;
        };
        if registers.has_devices() {
            let nanos = self.event.time().map_or(0, |t| t.nanos);
            let known = matches!(registers.device(bssid, "", "", nanos), Known::Yes(_));
            self.put(Field::WifiBssidKnown, if known { "true" } else { "false" });
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
