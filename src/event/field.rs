//! The field table: every field a rule, a format or the output can name, in one place.

macro_rules! fields {
    ($($variant:ident $name:literal $doc:literal;)*) => {
        /// A known field. The order is that of the table and of the output.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Field { $(#[doc = $doc] $variant,)* }

        impl Field {
            /// All fields in the order of the table.
            pub const ALL: &'static [Field] = &[$(Field::$variant,)*];

            /// The dotted name (Elastic Common Schema, or ours where it has none).
            pub const fn name(self) -> &'static str {
                match self { $(Field::$variant => $name,)* }
            }

            /// The field with this exact dotted name.
            pub fn from_name(name: &str) -> Option<Field> {
                match name { $($name => Some(Field::$variant),)* _ => None }
            }
        }
    };
}

fields! {
    EventAction "event.action" "What happened: a word of the vocabulary in `action`.";
    EventOutcome "event.outcome" "`success`, `failure` or `unknown`; never assumed.";
    EventCategory "event.category" "ECS category; several possible.";
    EventType "event.type" "ECS type.";
    EventCode "event.code" "The word or number the log itself used.";
    EventReason "event.reason" "Why, in the log's words.";
    EventKind "event.kind" "`pipeline_error` for a record that could not be read, `state` for an input whose records all could; else as logged.";
    EventDataset "event.dataset" "The format's own name for its data, such as `fhir.auditevent`.";
    EventCreated "event.created" "When the record was written, where that differs from when it happened.";
    EventStart "event.start" "Start of an interval row.";
    EventEnd "event.end" "End of an interval row.";
    EventDuration "event.duration" "Nanoseconds, as ECS has it.";
    EventSequence "event.sequence" "Number that the reporter counts up by one with each record.";
    EventProvider "event.provider" "Program or subsystem that made the event.";
    RecordKind "record.kind" "Kind of medical record touched.";
    Message "message" "The message text behind the envelope.";
    UserId "user.id" "Login id.";
    UserName "user.name" "Login name; equals the id where the log has no other.";
    UserFullName "user.full_name" "A person's written name.";
    UserDomain "user.domain" "Domain or realm of the account.";
    UserRole "user.role" "Occupation or role.";
    UserDepartment "user.department" "Department or ward of the user.";
    UserEmail "user.email" "Mail address.";
    UserTargetName "user.target.name" "Account acted upon.";
    UserTargetId "user.target.id" "Id of the account acted upon.";
    UserEffectiveName "user.effective.name" "Account whose rights are used (sudo).";
    PatientId "patient.id" "Patient number; leading zeros are significant; several possible.";
    PatientName "patient.name" "Patient's written name.";
    PatientAssigner "patient.assigner" "Who issued the patient number.";
    PurposeOfUse "purpose_of_use" "Purpose of use (`TREAT`, `ETREAT`, `BTG`, …).";
    BreakGlass "break_glass" "`true` for emergency access.";
    EhrFunction "ehr.function" "Screen or function as logged.";
    SessionId "session.id" "Session number.";
    SourceIp "source.ip" "Address the user came from.";
    SourcePort "source.port" "Port the user came from.";
    SourceMac "source.mac" "Hardware address, upper case with hyphens.";
    SourceDomain "source.domain" "Host name the user came from.";
    SourceNatIp "source.nat.ip" "Translated source address.";
    DestinationIp "destination.ip" "Address reached for.";
    DestinationPort "destination.port" "Port reached for.";
    DestinationMac "destination.mac" "Hardware address reached for.";
    DestinationDomain "destination.domain" "Host name reached for.";
    ClientIp "client.ip" "Address leased to, or used by, a device.";
    ClientMac "client.mac" "Hardware address of a leased or associated device.";
    ClientDomain "client.domain" "Name a device gives itself.";
    HostName "host.name" "Terminal or server the event is about.";
    HostIp "host.ip" "Its address.";
    HostDepartment "host.department" "Department the terminal stands in.";
    ObserverName "observer.name" "Who reported: router, access point, server.";
    ObserverIp "observer.ip" "Its address.";
    ObserverMac "observer.mac" "Its hardware address.";
    ObserverVendor "observer.vendor" "Its maker.";
    ObserverProduct "observer.product" "Its product.";
    ObserverVersion "observer.version" "Its version.";
    ObserverIngress "observer.ingress.interface.name" "Interface in.";
    ObserverEgress "observer.egress.interface.name" "Interface out.";
    ServiceName "service.name" "By which door: ssh telnet http https console vpn ehr rdp ….";
    NetworkTransport "network.transport" "tcp, udp, icmp, ….";
    NetworkProtocol "network.protocol" "Application protocol.";
    NetworkDirection "network.direction" "inbound or outbound.";
    NetworkPackets "network.packets" "Packets counted by the device.";
    WifiSsid "wifi.ssid" "Network name.";
    WifiBssid "wifi.bssid" "Radio's hardware address.";
    WifiRssi "wifi.rssi" "Signal strength.";
    WifiCipher "wifi.cipher" "Cipher, only where the log names it.";
    WifiSecurity "wifi.security" "open, wep, wpa1, rsn.";
    RuleId "rule.id" "Filter or policy number on the device.";
    RuleName "rule.name" "Filter or policy name on the device.";
    ProcessName "process.name" "Program that wrote the line.";
    ProcessPid "process.pid" "Its process number.";
    ProcessCommandLine "process.command_line" "Command run.";
    ProcessWorkingDirectory "process.working_directory" "Where it was run.";
    DhcpLeaseSeconds "dhcp.lease_seconds" "Length of a lease.";
    DnsQuestionName "dns.question.name" "Name asked for.";
    DnsQuestionType "dns.question.type" "Record type asked for.";
    UrlOriginal "url.original" "URL as logged.";
    HttpMethod "http.request.method" "HTTP method.";
    HttpStatus "http.response.status_code" "HTTP status.";
    UserAgent "user_agent.original" "User agent as logged.";
    FileName "file.name" "File name.";
    FilePath "file.path" "File path.";
    PrintPages "print.pages" "Pages printed.";
    LogLevel "log.level" "Level word as logged.";
    SyslogPriority "log.syslog.priority" "PRI value.";
    SyslogFacility "log.syslog.facility.code" "PRI / 8.";
    SyslogSeverity "log.syslog.severity.code" "PRI mod 8.";
    SyslogHostname "log.syslog.hostname" "HOSTNAME of the header.";
    SyslogAppname "log.syslog.appname" "TAG or APP-NAME of the header.";
    SyslogProcid "log.syslog.procid" "PROCID of the header.";
    SyslogMsgid "log.syslog.msgid" "MSGID of the header.";
    RepeatCount "repeat.count" "How many events this record stands for, when more than one.";
    TimeSource "time.source" "message, header or received.";
    TimeYear "time.year" "`inferred` when the log prints no year.";
    TimeTrusted "time.trusted" "`false` when the clock that wrote the record is not to be trusted.";
    TimeSteppedBack "time.stepped_back" "Seconds by which the clock shows less than in the record before it of the same reporter and file; a minute or more.";
    UserAccount "user.account" "Derived: user.id, else user.name, case and width folded.";
    SourceTerminal "source.terminal" "Derived: source.ip, else source.mac, else host.name.";
    CalendarVerdict "calendar.verdict" "Derived: open, grace, closed or unknown.";
    CalendarBand "calendar.band" "Derived: after_hours, holiday or late_night.";
    CalendarReason "calendar.reason" "Derived: the calendar line that decided, in words.";
    CalendarClosedSpan "calendar.closed_span" "Derived: the closed stretch the event falls in.";
    Declared "declared" "Derived: kinds of the declarations that cover the event; several possible.";
    RosterOnDuty "roster.on_duty" "Derived: true, false or unknown.";
    DeviceKnown "device.known" "Derived: true, false or randomised.";
    DeviceId "device.id" "Derived: the device, by register or by its hardware address.";
    DeviceDepartment "device.department" "Derived: department of the device.";
    DeviceOwnDepartment "device.own_department" "Derived: true when the device stands in the user's department, false in another.";
    DeviceSupported "device.supported" "Derived: false once the support of the device has ended, by the register.";
    DeviceFixedAddress "device.fixed_address" "Derived: the address of the device, where the row of the register that knows it states it.";
    UserKnown "user.known" "Derived: true or false, by the registers.";
    UserActive "user.active" "Derived: true or false, valid at the event's time.";
    UserPasswordDays "user.password_days" "Derived: days since the password was changed, by the register of accounts.";
    UserKind "user.kind" "Derived: person, shared, vendor, service, admin or break-glass.";
    PatientRestricted "patient.restricted" "Derived: true for a restricted chart.";
    PatientIsSelf "patient.is_self" "Derived: true for one's own chart.";
    PatientIsStaff "patient.is_staff" "Derived: true for the chart of somebody who works here.";
    PatientDeceasedDays "patient.deceased_days" "Derived: days since the patient died, by the register of patients.";
    PatientDischargedDays "patient.discharged_days" "Derived: days since the patient was last discharged, by the register of patients.";
    PatientInHousehold "patient.in_household" "Derived: true for the chart of a relative of the person behind the account, by the register of patients.";
    SourceNetwork "source.network" "Derived: name of the configured network of source.ip, else client.ip; or outside or private.";
    DestinationNetwork "destination.network" "Derived: the same of destination.ip.";
    WifiBssidKnown "wifi.bssid_known" "Derived: true or false, by the register of devices.";
    SourceCountry "source.geo.country_iso_code" "Derived: country of source.ip, with a database configured.";
    SourceCountryExpected "source.geo.expected" "Derived: true when that country is one of those configured.";
    TimeWrittenAfter "time.written_after" "Derived: seconds from the event to the writing of its record (event.created); below zero where it was written before.";
    InputSource "input.source" "Derived: name of the source, of the account of an input and of records of a source with `expect`.";
    InputExpected "input.expected" "Derived: how often the source should be heard of (`expect`), on its records; absent without.";
    UserAgentLegacy "user_agent.legacy" "Derived: true for a browser out of support.";
}

impl Field {
    /// Number of fields.
    pub const COUNT: usize = Field::ALL.len();

    /// True for the fields that `enrich` adds, which no log states.
    pub fn is_derived(self) -> bool {
        self as u8 >= Field::UserAccount as u8
    }
}

/// A set of fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FieldSet([u64; 2]);

impl FieldSet {
    /// The empty set.
    pub const EMPTY: FieldSet = FieldSet([0; 2]);

    /// The set of these fields.
    pub fn of(fields: &[Field]) -> Self {
        let mut set = FieldSet::EMPTY;
        fields.iter().for_each(|&f| set.insert(f));
        set
    }

    /// Puts a field in.
    #[inline]
    pub fn insert(&mut self, field: Field) {
        self.0[field as usize >> 6] |= 1 << (field as usize & 63);
    }

    /// Takes a field out.
    #[inline]
    pub fn remove(&mut self, field: Field) {
        self.0[field as usize >> 6] &= !(1 << (field as usize & 63));
    }

    /// True when the field is in the set.
    #[inline]
    pub fn contains(&self, field: Field) -> bool {
        self.0[field as usize >> 6] & 1 << (field as usize & 63) != 0
    }

    /// The fields that are in either set.
    #[must_use]
    #[inline]
    pub fn union(self, other: FieldSet) -> FieldSet {
        FieldSet([self.0[0] | other.0[0], self.0[1] | other.0[1]])
    }

    /// The fields that are in both sets.
    #[must_use]
    #[inline]
    pub fn both(self, other: FieldSet) -> FieldSet {
        FieldSet([self.0[0] & other.0[0], self.0[1] & other.0[1]])
    }

    /// The fields that are not in the other set.
    #[must_use]
    #[inline]
    pub fn without(self, other: FieldSet) -> FieldSet {
        FieldSet([self.0[0] & !other.0[0], self.0[1] & !other.0[1]])
    }

    /// True when no field is in the set.
    #[inline]
    pub fn is_empty(self) -> bool {
        self == FieldSet::EMPTY
    }

    /// The set as bits, the first field lowest.
    pub fn bits(self) -> u128 {
        u128::from(self.0[1]) << 64 | u128::from(self.0[0])
    }

    /// The fields in table order.
    pub fn iter(self) -> impl Iterator<Item = Field> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let word = usize::from(left[0] == 0);
            let bit = left[word].trailing_zeros() as usize;
            left[word] &= left[word].wrapping_sub(1);
            // No bit is left in the last word: that is behind the table.
            Field::ALL.get(word * 64 + bit).copied()
        })
    }
}

const _: () = assert!(Field::COUNT <= 128, "FieldSet holds 128 fields");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_gives_its_fields_in_table_order() {
        let every = FieldSet::of(Field::ALL);
        assert!(every.iter().eq(Field::ALL.iter().copied()));
        let some = [Field::EventAction, Field::Message, Field::UserAgentLegacy];
        assert!(FieldSet::of(&some).iter().eq(some));
        assert_eq!(FieldSet::EMPTY.iter().next(), None);
    }
}
