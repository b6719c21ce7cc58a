//! The exact counting gate: which keys could reach a threshold at all, and when.
//!
//! A window of length S lies within two adjacent buckets of length ≥ S. What a key has in two
//! adjacent buckets, its events or its different values, bounds its measure in every window from
//! above; below the threshold its facts need not be looked at. Different values are bounded first
//! by the sum over all blocks, which spares nearly all keys; only of the others are the values
//! compared. Where a window is much shorter than a bucket, what the suspects of the sums have is
//! counted anew, fact by fact, in buckets as long as the window. Only buckets that can still grow
//! are kept, and of a key never more values than the threshold. Where more keys come in a bucket
//! than the memory allows, however many an attacker invents, all is looked through several times,
//! for a share of the keys each time.
//!
//! Where not the facts alone tell key and value, whoever knows tells them, and they are counted in
//! the same buckets. A rule that wants several things of one key speaks only near those of them that
//! are rare.

mod count;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::ops::Range;

use count::{Count, Reach};

use super::wiring::Use;
use crate::spill::{
    Block, EVER, Fact, Gate, Opened, Part, Reading, Sieve, Spilled, Through, combine,
};

/// The keys that could reach the threshold, each with the stretches of time to look at, in order.
#[derive(Default)]
pub(super) struct Suspects {
    of: HashMap<u64, Vec<Range<i64>>, Through>,
    /// All stretches, joined.
    spans: Vec<Range<i64>>,
}

impl Suspects {
    /// True when no key could reach the threshold.
    pub(super) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// All stretches of time in which some key is to be looked at.
    pub(super) fn spans(&self) -> &[Range<i64>] {
        &self.spans
    }

    /// The keys of these moments, each with all that lies within a window of one.
    pub(super) fn around(mut moments: Vec<(i64, u64)>, timespan: i64) -> Suspects {
        moments.sort_unstable();
        let mut of: HashMap<u64, Vec<Range<i64>>, Through> = HashMap::default();
        let mut spans = Vec::new();
        for (time, key) in moments {
            let end = time.saturating_add(timespan).saturating_add(1);
            let span = time.saturating_sub(timespan)..end;
            add_span(of.entry(key).or_default(), span.clone(), 0);
            add_span(&mut spans, span, 0);
        }
        Suspects { of, spans }
    }

    /// These keys, each in these stretches of time.
    pub(super) fn within(mut stretches: Vec<(u64, Range<i64>)>) -> Suspects {
        stretches.sort_unstable_by_key(|(_, span)| span.start);
        let mut of: HashMap<u64, Vec<Range<i64>>, Through> = HashMap::default();
        let mut spans = Vec::new();
        for (key, span) in stretches {
            add_span(of.entry(key).or_default(), span.clone(), 0);
            add_span(&mut spans, span, 0);
        }
        Suspects { of, spans }
    }

    /// Only the keys that are among these.
    pub(super) fn among(mut self, keys: &HashSet<u64, Through>) -> Suspects {
        self.of.retain(|key, _| keys.contains(key));
        self
    }

    /// Adds those of other keys; the stretches of all are joined by [`Suspects::joined`].
    fn join(&mut self, others: Suspects) {
        if self.of.is_empty() {
            *self = others;
            return;
        }
        self.of.extend(others.of);
        self.spans.extend(others.spans);
    }

    fn joined(mut self) -> Suspects {
        let are_apart = |one: &Range<i64>, next: &Range<i64>| one.end < next.start;
        if !self.spans.is_sorted_by(are_apart) {
            self.spans.sort_unstable_by_key(|span| span.start);
            let all = std::mem::take(&mut self.spans).into_iter();
            all.for_each(|span| add_span(&mut self.spans, span, 0));
        }
        self
    }

    /// True when a key is to be looked at then.
    pub(super) fn holds(&self, key: u64, time: i64) -> bool {
        self.of.get(&key).is_some_and(|spans| {
            let at = spans.partition_point(|s| s.end <= time);
            spans.get(at).is_some_and(|s| s.start <= time)
        })
    }
}

/// Wants the facts of suspects in their time; of all keys without suspects.
pub(super) struct OfSuspects<'a> {
    pub(super) group: &'a [usize],
    pub(super) suspects: Option<&'a Suspects>,
}

impl Sieve for OfSuspects<'_> {
    fn wants_any(&self, values: &[u64]) -> bool {
        match (self.suspects, self.group) {
            (Some(suspects), [_]) => values.iter().any(|value| {
                combine(&[*value], &[0]).is_some_and(|key| suspects.of.contains_key(&key))
            }),
            _ => true,
        }
    }

    fn wants(&self, fact: &Fact, values: &[u64]) -> bool {
        match combine(values, self.group) {
            None => false,
            Some(key) => self.suspects.is_none_or(|s| s.holds(key, fact.time)),
        }
    }
}

/// Finds the suspects of a correlation over all its streams. `gates` are those of each stream,
/// `least` is the smallest measure at which the condition can hold within a window of `timespan`;
/// keys are held in about `budget` bytes.
pub(super) fn suspects(
    uses: &[Use],
    gates: &[&[Gate]],
    facts: &Spilled,
    (least, timespan, budget): (u64, i64, usize),
) -> io::Result<Suspects> {
    let Some(first) = uses.first() else {
        return Ok(Suspects::default());
    };
    let bucket = gates[0][first.gate].bucket;
    let values = !first.picks.value.is_empty();
    let most = (budget / BYTES_A_KEY).max(KEYS);
    let bounded = in_shares(|share| {
        let buckets = Buckets::new(least, (bucket, values), (share, most));
        by_sums(uses, gates, facts, buckets)
    })?;
    if timespan >= bucket {
        return match values && !bounded.is_empty() {
            true => in_shares(|share| {
                let buckets = Buckets::new(least, (bucket, values), (share, most));
                by_values(uses, facts, &bounded, buckets)
            }),
            false => Ok(bounded),
        };
    }
    let length = timespan.max(1);
    // Where a few values are enough, to compare them at once costs less than to count them first.
    let bounded = match values && least <= ENOUGH {
        true => bounded,
        false => in_shares(|share| {
            let counts = Buckets::<u64>::new(least, (length, values), (share, most));
            by_moments(uses, facts, &bounded, counts, |count, weight, value| {
                *count += if value.is_some() { 1 } else { weight };
            })
        })?,
    };
    if !values {
        return Ok(bounded);
    }
    in_shares(|share| {
        let counts = Buckets::<Count>::new(least, (length, values), (share, most));
        by_moments(uses, facts, &bounded, counts, |count, _, value| {
            value.into_iter().for_each(|value| count.add(value, least));
        })
    })
}

/// Values of a key that are compared without being counted before.
const ENOUGH: u64 = 3;
/// Fewest keys that are held at a time; a test makes do with few.
const KEYS: usize = if cfg!(test) { 3 } else { 1 << 15 };
/// Bytes that a key takes among others, in a table that may have just been doubled.
const BYTES_A_KEY: usize = 64;
/// Spreads the bits of a key to its upper ones.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A share of all keys, of so many that are about as large; their number is a power of two.
#[derive(Clone, Copy)]
struct Share {
    number: u64,
    of: u64,
}

impl Share {
    #[inline]
    fn holds(self, key: u64) -> bool {
        self.of == 1 || key.wrapping_mul(SPREAD) >> 32 & (self.of - 1) == self.number
    }
}

/// Most shares that all keys are cut into: each share costs a walk through all blocks. Beyond it a
/// share is as large as it is.
const SHARES: u64 = 64;

/// The suspects that `find` gives for each share of the keys; it gives none for a share that has
/// too many keys, and is asked again with smaller ones then.
fn in_shares(find: impl Fn(Share) -> io::Result<Option<Suspects>>) -> io::Result<Suspects> {
    let mut of = 1;
    loop {
        let mut all = Suspects::default();
        let mut is_over = false;
        for number in 0..of {
            match find(Share { number, of })? {
                Some(found) => all.join(found),
                None => is_over = true,
            }
            if is_over {
                break;
            }
        }
        if !is_over {
            return Ok(all.joined());
        }
        of *= 4;
    }
}

/// The suspects by what the blocks say of themselves.
fn by_sums(
    uses: &[Use],
    gates: &[&[Gate]],
    facts: &Spilled,
    mut buckets: Buckets<u64>,
) -> io::Result<Option<Suspects>> {
    let share = buckets.share;
    each_block(uses, EVER, (facts, Part::Gates), |next, block| {
        buckets.close_before(block.first);
        let mut at_hand = None;
        Block::gate_entries(&block.bytes, gates[next], uses[next].gate, |entry| {
            if share.holds(entry.key) {
                let count = buckets.at_hand(&mut at_hand, entry.bucket).entry(entry.key);
                *count.or_default() += entry.adds;
            }
        });
        buckets.take_back(at_hand)
    })?;
    Ok(buckets.finish())
}

/// The suspects among those of a wider kind, by their different values.
fn by_values(
    uses: &[Use],
    facts: &Spilled,
    wider: &Suspects,
    mut buckets: Buckets<Count>,
) -> io::Result<Option<Suspects>> {
    let (least, length, share) = (buckets.least, buckets.length, buckets.share);
    each_block(uses, wider.spans(), (facts, Part::Rows), |next, block| {
        let part = &uses[next];
        buckets.close_before(block.first);
        let mut at_hand = None;
        Block::rows(&block.bytes, block.rows_at, part.columns, |time, values| {
            let key = combine(values, &part.picks.group);
            let key = key.filter(|key| share.holds(*key) && wider.holds(*key, time));
            if let Some((key, value)) = key.zip(combine(values, &part.picks.value)) {
                let keys = buckets.at_hand(&mut at_hand, time.div_euclid(length));
                keys.entry(key).or_default().add(value, least);
            }
        });
        buckets.take_back(at_hand)
    })?;
    Ok(buckets.finish())
}

/// The suspects among those of a wider kind, by what each fact adds to its key: `add` is told its
/// weight and, where values are counted, its value.
fn by_moments<C: Reach + Default>(
    uses: &[Use],
    facts: &Spilled,
    wider: &Suspects,
    mut buckets: Buckets<C>,
    add: impl Fn(&mut C, u64, Option<u64>),
) -> io::Result<Option<Suspects>> {
    let (length, share) = (buckets.length, buckets.share);
    each_block(uses, wider.spans(), (facts, Part::Facts), |next, block| {
        let Use { picks, columns, .. } = &uses[next];
        let wanted: Vec<usize> = picks.group.iter().chain(&picks.value).copied().collect();
        let values = !picks.value.is_empty();
        buckets.close_before(block.first);
        let mut at_hand = None;
        // Facts come in the order of time, so that hardly one in many needs a division.
        let (mut until, mut bucket) = (i64::MIN, 0);
        let told = (*columns, wanted.as_slice());
        Block::moments(&block.bytes, block.facts_at, told, |time, weight, row| {
            let key = combine(row, &picks.group);
            let Some(key) = key.filter(|key| share.holds(*key) && wider.holds(*key, time)) else {
                return;
            };
            let value = combine(row, &picks.value).filter(|_| values);
            if values && value.is_none() {
                return;
            }
            if time >= until {
                bucket = time.div_euclid(length);
                until = bucket.saturating_add(1).saturating_mul(length);
            }
            let keys = buckets.at_hand(&mut at_hand, bucket);
            add(keys.entry(key).or_default(), weight, value);
        });
        buckets.take_back(at_hand)
    })?;
    Ok(buckets.finish())
}

/// The keys that show so many different values within a window of `timespan`, where neither is told
/// by the facts alone: `tell` gives both for a fact of a use, of whose columns only the wanted ones
/// are read.
pub(super) fn by_told(
    uses: &[(Use, Vec<usize>)],
    facts: &Spilled,
    (least, timespan, budget): (u64, i64, usize),
    tell: impl Fn(usize, i64, &[u64]) -> Option<(u64, u64)>,
) -> io::Result<Suspects> {
    let (length, most) = (timespan.max(1), (budget / BYTES_A_KEY).max(KEYS));
    let (uses, wanted): (Vec<Use>, Vec<&[usize]>) = uses
        .iter()
        .map(|(part, w)| (part.clone(), w.as_slice()))
        .unzip();
    in_shares(|share| {
        let mut buckets = Buckets::<Count>::new(least, (length, true), (share, most));
        each_block(&uses, EVER, (facts, Part::Facts), |next, block| {
            buckets.close_before(block.first);
            let mut at_hand = None;
            let told = (uses[next].columns, wanted[next]);
            Block::moments(&block.bytes, block.facts_at, told, |time, _, row| {
                if let Some((key, value)) = tell(next, time, row)
                    && share.holds(key)
                {
                    let keys = buckets.at_hand(&mut at_hand, time.div_euclid(length));
                    keys.entry(key).or_default().add(value, least);
                }
            });
            buckets.take_back(at_hand)
        })?;
        Ok(buckets.finish())
    })
}

/// Calls `each` with the blocks of all streams, by their first times, each with the number of its
/// use and read up to a part, until it says that it has enough.
fn each_block(
    uses: &[Use],
    spans: &[Range<i64>],
    (facts, upto): (&Spilled, Part),
    mut each: impl FnMut(usize, Opened) -> bool,
) -> io::Result<()> {
    let blocks = |part: &Use| {
        let reading = Reading {
            number: part.stream,
            columns: part.columns,
            spans,
        };
        facts.blocks(reading, upto).peekable()
    };
    let mut streams: Vec<_> = uses.iter().map(blocks).collect();
    while let Some(next) = earliest(&mut streams) {
        if let Some(block) = streams[next].next()
            && !each(next, block?)
        {
            break;
        }
    }
    Ok(())
}

/// The stream whose next block begins first. An error is given when its block is taken.
fn earliest<I>(streams: &mut [std::iter::Peekable<I>]) -> Option<usize>
where
    I: Iterator<Item = io::Result<Opened>>,
{
    let mut best: Option<(i64, usize)> = None;
    for (number, blocks) in streams.iter_mut().enumerate() {
        match blocks.peek() {
            Some(Ok(block)) if best.is_none_or(|(time, _)| block.first < time) => {
                best = Some((block.first, number));
            }
            Some(Err(_)) => return Some(number),
            _ => {}
        }
    }
    best.map(|(_, number)| number)
}

/// What each key has in one bucket.
type Keys<C> = HashMap<u64, C, Through>;

/// The buckets that can still grow, and the suspects found in those that cannot.
struct Buckets<C> {
    live: BTreeMap<i64, Keys<C>>,
    /// Tables that are used up, to be filled again: growing one costs more than filling it.
    empty: Vec<Keys<C>>,
    least: u64,
    /// Nanoseconds.
    length: i64,
    /// How many buckets a stretch takes in, from the first of a pair on.
    reach: i64,
    /// The keys that are counted.
    share: Share,
    /// Keys that may be held at a time.
    most: usize,
    /// True once there were more of them.
    is_over: bool,
    found: Found,
}

impl<C: Reach> Buckets<C> {
    /// Of so many nanoseconds each. Where values are counted, an event without one adds nothing,
    /// but the condition is asked at it too, up to a window behind the last value.
    fn new(least: u64, (length, values): (i64, bool), (share, most): (Share, usize)) -> Self {
        Buckets {
            share,
            most,
            is_over: false,
            live: BTreeMap::new(),
            empty: Vec::new(),
            least,
            length,
            reach: if values { 3 } else { 2 },
            found: Found::default(),
        }
    }

    /// The keys of a bucket. What is counted comes bucket by bucket, so that the map of buckets is
    /// asked only where one changes; `at_hand` goes back into it in the end.
    #[inline]
    fn at_hand<'h>(
        &mut self,
        at_hand: &'h mut Option<(i64, Keys<C>)>,
        bucket: i64,
    ) -> &'h mut Keys<C> {
        if at_hand.as_ref().is_none_or(|(at, _)| *at != bucket) {
            let keys = self.live.remove(&bucket);
            let keys = keys.or_else(|| self.empty.pop()).unwrap_or_default();
            self.live.extend(at_hand.replace((bucket, keys)));
        }
        let (_, keys) = at_hand.as_mut().expect("it was put there just now");
        keys
    }

    /// Takes a bucket back when a block is done; false when there are too many keys.
    fn take_back(&mut self, at_hand: Option<(i64, Keys<C>)>) -> bool {
        self.live.extend(at_hand);
        let keys: usize = self.live.values().map(HashMap::len).sum();
        self.is_over = keys > self.most && self.share.of < SHARES;
        !self.is_over
    }

    /// Buckets before that of `time` cannot grow any more: pair each with the one before it, and
    /// let go of all that no later pair needs.
    fn close_before(&mut self, time: i64) {
        let next = time.div_euclid(self.length);
        if self
            .live
            .first_key_value()
            .is_none_or(|(first, _)| *first >= next)
        {
            return;
        }
        let closing: Vec<i64> = self.live.range(..next).map(|(bucket, _)| *bucket).collect();
        for bucket in closing {
            let before = self.live.get(&(bucket - 1));
            let mut keys: Vec<u64> = self.live[&bucket]
                .iter()
                .filter(|(key, count)| count.reaches(before.and_then(|b| b.get(*key)), self.least))
                .map(|(key, _)| *key)
                .collect();
            keys.sort_unstable();
            let from = (bucket - 1) * self.length;
            let to = from + self.reach * self.length;
            for key in keys {
                self.found.add(key, from..to);
            }
        }
        self.found.bound(MOST_SPANS, self.length);
        let kept = self.live.split_off(&next.saturating_sub(1));
        let passed = std::mem::replace(&mut self.live, kept);
        // Emptying a table costs what it could hold.
        let small = passed.into_values().filter(|keys| keys.capacity() <= SMALL);
        self.empty.extend(small.map(|mut keys| {
            keys.clear();
            keys
        }));
    }

    /// The suspects; `None` when there were too many keys.
    fn finish(mut self) -> Option<Suspects> {
        if self.is_over {
            return None;
        }
        self.close_before(i64::MAX);
        Some(Suspects {
            of: self.found.of,
            spans: self.found.spans,
        })
    }
}

/// Most keys of a table that is filled again.
const SMALL: usize = 4096;

/// Most stretches that are kept apart; more are joined over gaps, as wide as it takes.
const MOST_SPANS: usize = 1 << 17;

/// Suspects being found, in the order of time.
#[derive(Default)]
struct Found {
    of: HashMap<u64, Vec<Range<i64>>, Through>,
    /// All stretches, joined.
    spans: Vec<Range<i64>>,
    /// The number of stretches of all keys.
    count: usize,
    /// Stretches of a key are joined where no more than this lies between them: that more is
    /// looked at than has to be changes no alert.
    gap: i64,
}

impl Found {
    fn add(&mut self, key: u64, span: Range<i64>) {
        add_span(&mut self.spans, span.clone(), 0);
        let spans = self.of.entry(key).or_default();
        let before = spans.len();
        add_span(spans, span, self.gap);
        self.count += spans.len() - before;
    }

    /// Joins stretches while there are too many.
    fn bound(&mut self, most: usize, length: i64) {
        while self.count > most.max(2 * self.of.len()) {
            self.gap = self.gap.saturating_mul(2).max(length);
            let gap = self.gap;
            let join = |spans: &mut Vec<Range<i64>>| {
                let apart = std::mem::take(spans);
                apart
                    .into_iter()
                    .for_each(|span| add_span(spans, span, gap));
                spans.shrink_to_fit();
                spans.len()
            };
            self.count = self.of.values_mut().map(join).sum();
        }
    }
}

/// Adds a stretch; stretches come in order of time and are joined where no more than `gap` lies
/// between them.
fn add_span(spans: &mut Vec<Range<i64>>, span: Range<i64>, gap: i64) {
    match spans.last_mut() {
        Some(last) if last.end.saturating_add(gap) >= span.start => {
            last.end = last.end.max(span.end);
        }
        _ => spans.push(span),
    }
}
