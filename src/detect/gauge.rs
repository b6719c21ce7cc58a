//! What a window measures, kept while events come and go: each step costs the same, however many
//! events the window holds.

use std::cmp::Ordering;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::draft::Measured;
use super::exact::{Exact, decode_float, decode_number};
use super::ranks::Ranks;
use crate::rule::{Comparison, Measure, Number};

/// A measure over the events of a window.
#[derive(Clone, Debug)]
pub(super) enum Gauge {
    /// Events, repeats counted.
    Events(u64),
    /// How often each different value is there.
    Values(HashMap<u64, u64, FixedState>),
    /// The sum of numbers, and how many there are.
    Sum(Exact, u64),
    /// The numbers in order.
    Ranks(Ranks),
}

impl Gauge {
    /// The gauge of a measure; temporal ones are measured by what matched, not here.
    pub(super) fn of(measure: &Measure) -> Gauge {
        match measure {
            Measure::EventCount | Measure::Temporal | Measure::TemporalOrdered => Gauge::Events(0),
            Measure::ValueCount(_) => Gauge::Values(HashMap::default()),
            Measure::ValueSum(_) | Measure::ValueAverage(_) => Gauge::Sum(Exact::default(), 0),
            Measure::ValueMedian(_) | Measure::ValuePercentile(..) => {
                Gauge::Ranks(Ranks::default())
            }
        }
    }

    /// An event comes in: how often it happened and its different values.
    pub(super) fn add(&mut self, weight: u32, values: &[u64]) {
        let times = u64::from(weight.max(1));
        match self {
            Gauge::Events(count) => *count += u64::from(weight),
            Gauge::Values(counts) => {
                for value in values {
                    *counts.entry(*value).or_default() += 1;
                }
            }
            Gauge::Sum(sum, count) => {
                for value in values {
                    sum.add(decode_number(*value), i128::from(times));
                    *count += times;
                }
            }
            Gauge::Ranks(ranks) => values.iter().for_each(|value| ranks.insert(*value, times)),
        }
    }

    /// An event that came in goes out.
    pub(super) fn remove(&mut self, weight: u32, values: &[u64]) {
        let times = u64::from(weight.max(1));
        match self {
            Gauge::Events(count) => *count -= u64::from(weight),
            Gauge::Values(counts) => {
                for value in values {
                    if let Some(count) = counts.get_mut(value) {
                        *count -= 1;
                        if *count == 0 {
                            counts.remove(value);
                        }
                    }
                }
            }
            Gauge::Sum(sum, count) => {
                for value in values {
                    sum.add(decode_number(*value), -i128::from(times));
                    *count -= times;
                }
            }
            Gauge::Ranks(ranks) => values.iter().for_each(|value| ranks.remove(*value, times)),
        }
    }

    /// What is measured, where the condition holds. Without any value nothing holds (reference:
    /// Sigma, G10).
    pub(super) fn holds(
        &self,
        measure: &Measure,
        condition: &[(Comparison, Number)],
    ) -> Option<Measured> {
        match self {
            Gauge::Events(count) => count_holds(*count, condition),
            Gauge::Values(counts) if counts.is_empty() => None,
            Gauge::Values(counts) => count_holds(counts.len() as u64, condition),
            Gauge::Sum(_, 0) => None,
            Gauge::Sum(sum, count) => {
                let among = match measure {
                    Measure::ValueAverage(_) => *count,
                    _ => 1,
                };
                let about = Measured::Number(sum.about() / among as f64);
                every(condition, |bound| sum.compare(bound, among)).then_some(about)
            }
            Gauge::Ranks(ranks) => {
                let percent = match measure {
                    Measure::ValuePercentile(_, percent) => *percent,
                    _ => Number::from(50),
                };
                let (exact, parts, about) = percentile(ranks, percent)?;
                let holds = every(condition, |bound| exact.compare(bound, parts));
                holds.then_some(Measured::Number(about))
            }
        }
    }
}

/// A count, where it satisfies the condition.
pub(super) fn count_holds(count: u64, condition: &[(Comparison, Number)]) -> Option<Measured> {
    let number = Number::from(i64::try_from(count).unwrap_or(i64::MAX));
    every(condition, |bound| number.cmp(&bound)).then_some(Measured::Count(count))
}

fn every(condition: &[(Comparison, Number)], order: impl Fn(Number) -> Ordering) -> bool {
    condition
        .iter()
        .all(|(how, bound)| how.accepts(order(*bound)))
}

/// The percentile at position `percent` / 100 × (n − 1), linear between two ranks (reference:
/// Sigma, G11): `parts` times it, `parts`, and about how much it is.
fn percentile(ranks: &Ranks, percent: Number) -> Option<(Exact, u64, f64)> {
    let behind = percent.exponent().min(0).unsigned_abs();
    let raised = percent.exponent().max(0).unsigned_abs();
    let parts = 100 * 10_u64.pow(behind);
    let last = i128::from(ranks.total().checked_sub(1)?);
    let position = i128::from(percent.mantissa()) * 10_i128.pow(raised) * last;
    let rank = u64::try_from(position / i128::from(parts)).ok()?;
    let beyond = position % i128::from(parts);
    let low = ranks.nth(rank)?;
    let high = ranks.nth(rank + 1).unwrap_or(low);
    let mut exact = Exact::default();
    exact.add(decode_number(low), i128::from(parts) - beyond);
    exact.add(decode_number(high), beyond);
    let part = beyond as f64 / parts as f64;
    let (low, high) = (decode_float(low), decode_float(high));
    Some((exact, parts, low + part * (high - low)))
}
