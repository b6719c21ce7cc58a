//! The outbox of a command that ends: what waits in its store, or what it found itself.
//!
//! Takes a store, or the alerts of a run that remembers nothing; brings them to the sinks and says
//! on stderr which sinks did not take all. Never changes how a command ends: what it found stands.

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::AtomicBool;

use super::super::house::House;
use super::super::streams::Streams;
use super::{Delivered, Manners, Patience, Sinks, deliver};
use crate::alert::Alert;
use crate::diagnostic::{Lang, Problem};
use crate::pipeline::Tally;
use crate::store::counts::NameKind;
use crate::store::{Failure, Store};

/// Where alerts wait.
#[derive(Default)]
pub(in crate::cli) enum Outbox<'s> {
    /// Nothing waits.
    #[default]
    Empty,
    /// In the store, where what is not taken stays.
    Kept(&'s Store),
    /// In memory, for this run alone.
    Once(Result<Store, Failure>),
}

impl<'s> Outbox<'s> {
    /// What waits in a store, from this run and from earlier ones.
    pub(in crate::cli) fn kept(store: &'s Store) -> Outbox<'s> {
        Outbox::Kept(store)
    }

    /// The alerts of a run without a store.
    pub(in crate::cli) fn of_once(
        sinks: &Sinks,
        alerts: &[Alert],
        house: &House,
        tally: &Tally,
    ) -> Outbox<'s> {
        Outbox::Once(posted(sinks, alerts, house, tally))
    }

    /// Brings what waits, and says what was not taken.
    ///
    /// # Errors
    /// What stderr says.
    pub(in crate::cli) fn bring(
        &self,
        sinks: &Sinks,
        stop: &AtomicBool,
        streams: &mut Streams<'_>,
        lang: Lang,
    ) -> io::Result<()> {
        let (store, is_kept) = match self {
            Outbox::Kept(store) if !sinks.is_empty() => (Ok(*store), true),
            Outbox::Once(store) => (store.as_ref(), false),
            _ => return Ok(()),
        };
        let brought = store.map(|store| deliver(store, sinks, Patience::USUAL, stop));
        let problems: Vec<Problem> = match &brought {
            Ok(Ok(told)) => {
                let problems = told.iter().map(|sink| sink.problem(is_kept));
                problems.flatten().chain(unnamed(told, store)).collect()
            }
            Ok(Err(failure)) => vec![failed(failure, is_kept)],
            Err(failure) => vec![failed(failure, is_kept)],
        };
        streams.unreadable(&problems, lang).map(drop)
    }
}

/// A store in memory in which alerts wait.
fn posted(sinks: &Sinks, alerts: &[Alert], house: &House, tally: &Tally) -> Result<Store, Failure> {
    let vouched = vouched(tally);
    let mut was_seen = |account: &str| vouched.contains(account);
    let mut manners = Manners::new(&house.rules, &house.registers, &mut was_seen);
    let mut store = Store::fleeting()?;
    let changing = store.change()?;
    sinks.post(&changing, alerts, &mut manners)?;
    changing.commit()?;
    Ok(store)
}

/// Accounts that were seen elsewhere than in failed logins.
fn vouched(tally: &Tally) -> BTreeSet<&str> {
    let seen = tally.inputs.iter().flat_map(|input| &input.seen);
    let names = seen.filter(|seen| seen.vouched).filter_map(|seen| {
        let name = tally.names.get(seen.name as usize)?;
        (name.kind == NameKind::Account).then_some(&*name.text)
    });
    names.collect()
}

/// What waits for sinks that the config does not name.
fn unnamed(told: &[Delivered], store: Result<&Store, &Failure>) -> Vec<Problem> {
    let waiting = store.ok().and_then(|store| store.waiting_by_sink().ok());
    let is_named = |name: &str| told.iter().any(|sink| sink.sink == name);
    let waiting = waiting.unwrap_or_default().into_iter();
    let unnamed = waiting.filter(|(name, _)| !is_named(name));
    let problem = |(name, n): (String, u64)| {
        Problem::warning(
            format!("{n} alerts wait for sink {name}, which the config does not name"),
            format!("設定にない送り先 {name} あてのアラートが{n}件残っています"),
        )
        .help(
            "name it again under sinks to have them brought",
            "送るには sinks にもう一度書いてください",
        )
    };
    unnamed.map(problem).collect()
}

fn failed(failure: &Failure, is_kept: bool) -> Problem {
    let reason = match failure {
        Failure::Locked => "another program holds the store".to_owned(),
        Failure::Sqlite(error) => error.to_string(),
        Failure::Io(error) => error.to_string(),
        Failure::Damaged(error) => error.to_string(),
        Failure::Missing | Failure::Foreign | Failure::Later { .. } => {
            "the store is not as it was".to_owned()
        }
    };
    let (next_en, next_ja) = match is_kept {
        true => (
            "; the next run brings what waits",
            "。残りは次の実行で送り直します",
        ),
        false => ("", ""),
    };
    Problem::warning(
        format!("alerts were not brought to all sinks: {reason}{next_en}"),
        format!("送り先に届けられないアラートがあります: {reason}{next_ja}"),
    )
}
