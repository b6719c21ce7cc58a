//! What the weekly page counts, kept in the commit of a run.
//!
//! Takes what the inputs that were read tell, and the house as it stands; writes both into the
//! change that is to be committed. Never counts anything itself.

use super::super::as_seen;
use super::Found;
use super::file::place_of;
use crate::pipeline::OpenedInput;
use crate::store::counts::{CountedInput, CountedRun};
use crate::store::{Changing, Failure};

/// Keeps what the weekly page counts, and the house as it stands. An input that could not be read
/// whole this time leaves what was counted of it before as it was; one that was not read again
/// stays counted as it is. `numbers` are those of the inputs that are new to the store.
pub(super) fn keep_counts(
    changing: &Changing<'_>,
    run: i64,
    found: &Found<'_>,
    numbers: &[Option<i64>],
) -> Result<(), Failure> {
    let again = found
        .again
        .iter()
        .map(|input| (input, input.error.is_none()));
    let new = found.inputs.iter().map(|input| (input, true));
    let all: Vec<(&OpenedInput, bool)> = new.chain(again).collect();
    let places: Vec<String> = all.iter().map(|(i, _)| place_of(&i.input.name)).collect();
    // What is judged by kept facts has no number here, and nothing was counted of it.
    let numbers = numbers.iter().copied().chain(std::iter::repeat(None));
    let told = all
        .iter()
        .zip(&places)
        .zip(&found.tally.inputs)
        .zip(numbers);
    let told = told.filter(|((((_, is_whole), _), _), _)| *is_whole);
    let inputs: Vec<CountedInput<'_>> = told
        .map(|((((input, _), place), counts), number)| CountedInput {
            source: &input.source,
            place,
            counts,
            input: number,
            before: None,
        })
        .collect();
    changing.keep_counts(CountedRun {
        run,
        names: &found.tally.names,
        inputs: &inputs,
    })?;
    let registers = as_seen::registers(found.plan, found.ruling, found.house);
    let document = as_seen::document(found.plan, found.house, found.ended);
    changing.keep_house(run, &registers, &document.to_string())
}
