//! The thresholds worth trying around the one a rule has.

/// Half of it, three quarters, itself, and so on up to ten times, rounded; ascending, each once.
pub(super) fn around(present: i64) -> Vec<i64> {
    const QUARTERS: [i64; 8] = [2, 3, 4, 6, 8, 12, 20, 40];
    let rungs = QUARTERS.iter().map(|quarters| match quarters {
        4 => present,
        _ => rounded(i128::from(present) * i128::from(*quarters)),
    });
    let mut rungs: Vec<i64> = rungs.filter(|rung| *rung >= 1).collect();
    rungs.sort_unstable();
    rungs.dedup();
    rungs
}

/// So many quarters as a whole number, halves upward, of two figures that tell and zeros.
fn rounded(quarters: i128) -> i64 {
    let mut unit = 4;
    while quarters >= unit * 100 {
        unit *= 10;
    }
    let whole = (quarters + unit / 2) / unit * (unit / 4);
    i64::try_from(whole).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ladders_stand_around_the_present_threshold() {
        assert_eq!(around(10), [5, 8, 10, 15, 20, 30, 50, 100]);
        assert_eq!(around(1), [1, 2, 3, 5, 10]);
        assert_eq!(around(2), [1, 2, 3, 4, 6, 10, 20]);
        assert_eq!(around(137), [69, 100, 137, 210, 270, 410, 690, 1_400]);
        assert_eq!(around(200), [100, 150, 200, 300, 400, 600, 1_000, 2_000]);
    }

    proptest! {
        #[test]
        fn every_ladder_ascends_and_holds_the_present_one(present in 1..=i64::MAX) {
            let rungs = around(present);
            prop_assert!(rungs.contains(&present));
            prop_assert!(rungs.is_sorted_by(|a, b| a < b) && rungs[0] >= 1 && rungs.len() <= 8);
        }
    }
}
