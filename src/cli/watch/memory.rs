//! What a live run knows of earlier ones: an open store, and the inputs that are read again.
//!
//! Takes the path of a store and the inputs of this run; gives the inputs of earlier runs, wherever
//! a rotation brought them, and how they are remembered for later runs. Never reads a log itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

use super::super::args::Reading;
use super::super::remember::{
    self, HORIZON, digest_of, file_of, input_named, place_of, reading_of, text_of,
};
use super::rotated::{self, Whereabouts};
use crate::diagnostic::Problem;
use crate::input::Input;
use crate::pipeline::OpenedInput;
use crate::store::{InputRecord, PastInput, Store};

/// What is told of a followed file beside how it is read.
#[derive(Default, Deserialize)]
struct Mark {
    /// Its first bytes, by which it is known under another name: how many, and their digest.
    head: Option<(usize, String)>,
}

/// An input of an earlier run that is read again, and how.
pub(super) struct Again {
    pub(super) input: Input,
    pub(super) reading: Reading,
}

/// The memory of a live run.
pub(super) struct Memory {
    pub(super) path: PathBuf,
    pub(super) store: Store,
    /// Inputs of earlier runs that are read again.
    pub(super) again: Vec<Again>,
    /// Numbers of what earlier live runs followed or kept, by place.
    pub(super) followed: Vec<(String, i64)>,
    /// The last instant of inputs that are no longer at hand.
    pub(super) lost: Option<i64>,
    pub(super) began: i64,
}

impl Memory {
    /// Opens the store, and looks for the inputs of earlier runs that are not among the new ones.
    pub(super) fn open(path: PathBuf, new: &[Input], began: i64) -> Result<Memory, Box<Problem>> {
        let store = Store::open(&path).map_err(|failure| remember::said(&path, &failure))?;
        let past = store.inputs();
        let past = past.map_err(|failure| remember::said(&path, &failure))?;
        let followed = past.iter().filter(|(_, input)| input.streams.is_none());
        let followed = followed.map(|(number, input)| (input.path.clone(), *number));
        let mut memory = Memory {
            path,
            store,
            again: Vec::new(),
            followed: followed.collect(),
            lost: None,
            began,
        };
        let past: Vec<PastInput> = past.into_iter().map(|(_, input)| input).collect();
        memory.find(&past, new);
        Ok(memory)
    }

    fn find(&mut self, past: &[PastInput], new: &[Input]) {
        let named: Vec<String> = new.iter().map(|input| place_of(&input.name)).collect();
        let newest = past.iter().filter_map(|p| p.span).map(|s| s.1).max();
        let mut places = BTreeSet::new();
        for input in past {
            let place = match rotated::find(input, &named) {
                Whereabouts::Named => continue,
                Whereabouts::Gone => {
                    self.lose(input.span);
                    continue;
                }
                Whereabouts::At(place) => place,
            };
            if !places.insert(place.clone()) {
                continue;
            }
            let is_old = match (input.span, newest) {
                (Some((_, last)), Some(newest)) => last < newest.saturating_sub(HORIZON),
                _ => false,
            };
            match input_named(&place, &place).filter(|_| !is_old) {
                Some(found) => self.again.push(Again {
                    input: found,
                    reading: reading_of(&input.reading),
                }),
                None => self.lose(input.span),
            }
        }
        for (place, like) in rotated::missed(past, &named, &places) {
            self.again
                .extend(input_named(&place, &place).map(|input| Again {
                    input,
                    reading: reading_of(&like.reading),
                }));
        }
    }

    fn lose(&mut self, span: Option<(i64, i64)>) {
        self.lost = self.lost.max(span.map(|(_, last)| last));
    }
}

/// How an input is to be read, as text; with the beginning by which a followed file is known.
pub(super) fn told(reading: &Reading, head: Option<(usize, String)>) -> String {
    let text = text_of(reading);
    let Some(head) = head else { return text };
    let mut told: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    told["head"] = serde_json::json!(head);
    told.to_string()
}

/// The beginning by which an input that was followed is known.
pub(super) fn head_of(past: &PastInput) -> Option<(usize, String)> {
    let mark: Mark = serde_json::from_str(&past.reading).unwrap_or_default();
    mark.head
}

/// What was read of an input that lies at a path.
pub(super) fn record_at(input: &OpenedInput, name: &str) -> InputRecord {
    let path = file_of(name);
    let account = &input.account;
    InputRecord {
        source: input.source.clone(),
        path: name.to_owned(),
        size: fs::metadata(&path).map_or(0, |m| m.len()),
        sha256: digest_of(&path).unwrap_or_default(),
        records: (account.records, account.accepted, account.rejected()),
        span: account.span,
    }
}
