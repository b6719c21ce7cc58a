//! By what facts come about: a digest for each stream that changes whenever its facts could.
//!
//! Takes the plan of a run and its house; gives the digests for an input read by given settings.
//! Facts of an earlier run stand for this one where the digests are equal. Never looks at a log.

use std::cell::RefCell;
use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::super::args::Ruling;
use super::super::house::House;
use super::super::plan::{Plan, RegisterBytes};
use crate::calendar::Calendars;
use crate::diagnostic::Complaints;
use crate::pipeline::{SourceSettings, StreamShape, stream_shapes};
use crate::rule::RuleSet;
use crate::store::StreamDigest;
use crate::yaml::{Node, Value};

/// What the facts of each stream hang on, but for the settings of their source.
pub(super) struct Marks {
    streams: Vec<[u8; 32]>,
    /// Of each stream, whether it hangs on which sources are expected to speak.
    expects: Vec<bool>,
    /// The detection of each stream.
    pub(super) detections: Vec<usize>,
}

impl Marks {
    pub(super) fn new(plan: &Plan, house: &House, ruling: &Ruling) -> Marks {
        let texts = texts(plan, ruling);
        let of_house = of_house(plan);
        let shapes = stream_shapes(&house.rules);
        let mark = |shape: &StreamShape| {
            let meta = &house.rules.detections[shape.detection].meta;
            let mut hash = Hash::new();
            // A later version may read a record otherwise, or match otherwise.
            hash.put(env!("CARGO_PKG_VERSION").as_bytes());
            hash.put(meta.id.as_bytes());
            hash.put(meta.name.as_bytes());
            hash.put(shape.shape.as_bytes());
            hash.put(&texts.filters);
            match texts.files.get(&*meta.place.file) {
                Some(digest) => hash.put(digest),
                None => hash.put(b""),
            }
            hash.put(if shape.derives { &of_house } else { b"" });
            hash.done()
        };
        Marks {
            streams: shapes.iter().map(mark).collect(),
            expects: shapes.iter().map(|shape| shape.expects).collect(),
            detections: shapes.iter().map(|shape| shape.detection).collect(),
        }
    }

    /// The digests of all streams for an input that is read by these settings.
    pub(super) fn of(&self, settings: &SourceSettings) -> Vec<StreamDigest> {
        let mut hash = Hash::new();
        hash.put(settings.name.as_deref().unwrap_or_default().as_bytes());
        hash.put(settings.format.as_deref().unwrap_or_default().as_bytes());
        let words = (settings.encoding, settings.year, settings.log_sources);
        hash.put(format!("{words:?}").as_bytes());
        hash.put(settings.zone.name().as_bytes());
        if let Some(section) = &settings.section {
            hash.put_node(section);
        }
        let told = &settings.expected;
        let settings = hash.done();
        let digest = |(mark, expects): (&[u8; 32], &bool)| {
            let mut hash = Hash::new();
            hash.put(mark);
            hash.put(&settings);
            if *expects && told.is_some() {
                hash.put(b"expected");
            }
            let whole = hash.done();
            *whole.first_chunk().expect("a digest is longer")
        };
        self.streams.iter().zip(&self.expects).map(digest).collect()
    }
}

/// The texts of rules.
struct Texts {
    /// Digest of each file, by the name that places in it bear.
    files: BTreeMap<String, [u8; 32]>,
    /// Digest of what may change any rule: files that filter, and the values of placeholders.
    filters: [u8; 32],
}

fn texts(plan: &Plan, ruling: &Ruling) -> Texts {
    // Complaints about these files were made when the rules were read.
    let named = plan.rule_files(ruling, &mut Complaints::new());
    let embedded = RuleSet::embedded_files().iter().copied();
    let named = named.iter().map(|(name, text)| (&**name, &**text));
    let mut files: BTreeMap<String, Hash> = BTreeMap::new();
    let mut filters = Hash::new();
    for (name, text) in embedded.chain(named) {
        let file = files.entry(name.to_owned()).or_insert_with(Hash::new);
        file.put(text.as_bytes());
        if text.lines().any(|line| line.starts_with("filter:")) {
            filters.put(text.as_bytes());
        }
    }
    filters.put(format!("{:?}", plan.config.rules.placeholders).as_bytes());
    Texts {
        files: files
            .into_iter()
            .map(|(n, hash)| (n, hash.done()))
            .collect(),
        filters: filters.done(),
    }
}

/// Digest of calendars, rosters, registers, networks and countries.
fn of_house(plan: &Plan) -> [u8; 32] {
    let hash = RefCell::new(Hash::new());
    // Complaints about all this were made when the house was read.
    let mut complaints = Complaints::new();
    hash.borrow_mut().put(plan.zone.name().as_bytes());
    if let Some((node, folder)) = &plan.calendar {
        hash.borrow_mut().put_node(node);
        let load = |name: &str| {
            let bytes = std::fs::read(folder.join(name));
            hash.borrow_mut().put(bytes.as_deref().unwrap_or_default());
            bytes
        };
        let _ = Calendars::read_in(plan.zone.tz(), node, &load, &mut complaints);
    }
    let mut hash = hash.into_inner();
    let registers = &plan.config.registers;
    for (kind, _, bytes) in &RegisterBytes::read(registers, &mut complaints).files {
        hash.put(format!("{kind:?}").as_bytes());
        hash.put(bytes);
    }
    if let Some(networks) = &registers.networks {
        hash.put_node(networks);
    }
    if let Some(geoip) = &plan.config.geoip {
        hash.put(format!("{:?}", geoip.expected).as_bytes());
        let database = std::fs::read(&geoip.database.path);
        hash.put(database.as_deref().unwrap_or_default());
    }
    hash.done()
}

/// A hash of parts, each told with its length.
struct Hash(Sha256);

impl Hash {
    fn new() -> Hash {
        Hash(Sha256::new())
    }

    fn put(&mut self, part: &[u8]) {
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    /// What a node says, wherever it stands.
    fn put_node(&mut self, node: &Node) {
        match &node.value {
            Value::Null => self.put(b"null"),
            Value::Scalar { text, plain } => {
                self.put(if *plain { b"plain" } else { b"quoted" });
                self.put(text.as_bytes());
            }
            Value::Seq(items) => {
                self.put(format!("list {}", items.len()).as_bytes());
                items.iter().for_each(|item| self.put_node(item));
            }
            Value::Map(entries) => {
                self.put(format!("map {}", entries.len()).as_bytes());
                for (key, value) in entries {
                    self.put(key.text.as_bytes());
                    self.put_node(value);
                }
            }
        }
    }

    fn done(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
