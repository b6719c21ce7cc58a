//! Days: dates, weekdays, holidays, and how busy each hour is.

/// The first day of all works: a Wednesday.
pub const FIRST: (i32, u32, u32) = (2026, 4, 1);

/// Holidays of Japan in the years the works usually cover, so that the queries of the comparison
/// and the calendar agree with the days on which the clinics rest.
pub const HOLIDAYS: [(i32, u32, u32); 35] = [
    (2026, 4, 29),
    (2026, 5, 3),
    (2026, 5, 4),
    (2026, 5, 5),
    (2026, 5, 6),
    (2026, 7, 20),
    (2026, 8, 11),
    (2026, 9, 21),
    (2026, 9, 22),
    (2026, 9, 23),
    (2026, 10, 12),
    (2026, 11, 3),
    (2026, 11, 23),
    (2027, 1, 1),
    (2027, 1, 11),
    (2027, 2, 11),
    (2027, 2, 23),
    (2027, 3, 21),
    (2027, 3, 22),
    (2027, 4, 29),
    (2027, 5, 3),
    (2027, 5, 4),
    (2027, 5, 5),
    (2027, 7, 19),
    (2027, 8, 11),
    (2027, 9, 20),
    (2027, 9, 23),
    (2027, 10, 11),
    (2027, 11, 3),
    (2027, 11, 23),
    (2028, 1, 1),
    (2028, 1, 10),
    (2028, 2, 11),
    (2028, 2, 23),
    (2028, 3, 20),
];

#[derive(Clone, Copy)]
pub struct Date {
    /// Days since [`FIRST`].
    pub number: u32,
    pub year: i32,
    pub month: u32,
    pub day: u32,
}

impl Date {
    pub fn first() -> Date {
        let (year, month, day) = FIRST;
        Date {
            number: 0,
            year,
            month,
            day,
        }
    }

    pub fn next(self) -> Date {
        let mut next = Date {
            number: self.number + 1,
            day: self.day + 1,
            ..self
        };
        if next.day > yomawari::event::days_in_month(next.year, next.month) {
            next.day = 1;
            next.month += 1;
        }
        if next.month > 12 {
            next.month = 1;
            next.year += 1;
        }
        next
    }

    /// True on weekdays that are no holiday: the clinics are open.
    pub fn is_open(self) -> bool {
        let weekday = (self.number + 2) % 7; // 0 is Monday.
        weekday < 5 && !HOLIDAYS.contains(&(self.year, self.month, self.day))
    }
}

/// Weights of the hours: how busy the clinics are. All hours lie within opening and grace.
pub const CLINIC: [u32; 24] = [
    0, 0, 0, 0, 0, 0, 0, 0, 60, 130, 140, 130, 70, 90, 120, 120, 100, 60, 20, 0, 0, 0, 0, 0,
];
/// The same for the wards, which never close.
pub const WARD: [u32; 24] = [
    16, 14, 12, 12, 14, 30, 50, 60, 90, 100, 95, 80, 60, 75, 80, 80, 85, 70, 55, 50, 45, 40, 30, 20,
];
/// The same for a router: people by day, machines by night.
pub const ROUTER: [u32; 24] = [
    25, 22, 22, 22, 22, 24, 30, 45, 90, 110, 110, 105, 85, 95, 105, 105, 100, 85, 60, 45, 40, 36,
    32, 28,
];

/// Spreads so many records over the seconds of a day by the weights of its hours.
pub struct Spread {
    weights: &'static [u32; 24],
    total: u64,
    sum: u64,
    owed: u64,
}

impl Spread {
    pub fn new(weights: &'static [u32; 24], total: u64) -> Spread {
        let sum: u32 = weights.iter().sum();
        Spread {
            weights,
            total,
            sum: u64::from(sum) * 3_600,
            owed: 0,
        }
    }

    /// Records of this second.
    #[inline]
    pub fn in_second(&mut self, second: u32) -> u64 {
        let weight = self.weights[(second / 3_600) as usize % 24];
        self.owed += self.total * u64::from(weight);
        let now = self.owed / self.sum;
        self.owed %= self.sum;
        now
    }
}
