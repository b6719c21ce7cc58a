//! Guards what is found, and that what was compressed comes back whole or says why not.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{Input, Opened, decompress, explain, find, ranges};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut writer = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    writer.include_checksum(true).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = liblzma::write::XzEncoder::new(Vec::new(), 0);
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zip_of(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in members {
        if name.ends_with('/') {
            writer.add_directory(*name, options).unwrap();
        } else {
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

/// A compressor and the name of what it makes.
type Packer = (&'static str, fn(&[u8]) -> Vec<u8>);

const PACKERS: [Packer; 4] = [("gzip", gzip), ("zstd", zstd), ("xz", xz), ("bzip2", bzip2)];

/// A log of some size that no compressor makes vanish.
fn sample() -> Vec<u8> {
    let mut state = 7_u64;
    (0..60_000_u64)
        .flat_map(|line| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(line);
            format!("{line},{:x},カルテ参照\n", state >> 20).into_bytes()
        })
        .collect()
}

fn open(packed: Vec<u8>) -> std::io::Result<Opened> {
    decompress::open(Box::new(std::io::Cursor::new(packed)))
}

fn found(path: &Path) -> Vec<Input> {
    let found = find(&[path.to_str().unwrap().to_owned()]);
    assert!(found.unreadable.is_empty(), "{:?}", found.unreadable);
    found.inputs
}

fn names(inputs: &[Input], folder: &Path) -> Vec<String> {
    let folder = format!("{}/", folder.display());
    inputs
        .iter()
        .map(|input| input.name.replace(&folder, ""))
        .collect()
}

fn read(input: &Input) -> (Vec<u8>, &'static str) {
    let mut opened = input.open(Arc::default()).unwrap();
    let mut bytes = Vec::new();
    opened.reader.read_to_end(&mut bytes).unwrap();
    (bytes, opened.compression)
}

#[test]
fn compressed_streams_come_back_in_one_piece_or_two() {
    let plain = sample();
    for (name, pack) in PACKERS {
        let twice = [pack(&plain), pack(b"tail\n")].concat();
        let mut opened = open(twice).unwrap();
        let mut bytes = Vec::new();
        opened.reader.read_to_end(&mut bytes).unwrap();
        assert_eq!(opened.compression, name);
        assert!(bytes == [plain.as_slice(), b"tail\n"].concat(), "{name}");
    }
}

#[test]
fn a_truncated_stream_gives_what_was_readable_and_says_so() {
    let plain = sample();
    for (name, pack) in PACKERS {
        let packed = pack(&plain);
        let mut opened = open(packed[..packed.len() * 3 / 4].to_vec()).unwrap();
        let mut bytes = Vec::new();
        let error = opened.reader.read_to_end(&mut bytes).unwrap_err();
        assert!(
            explain(&error).en.contains("ends too early"),
            "{name}: {error}"
        );
        assert!(explain(&error).ja.contains("途中で切れています"));
        assert!(
            plain.starts_with(&bytes) && bytes.len() > plain.len() / 2,
            "{name}"
        );
    }
}

#[test]
fn a_damaged_stream_says_so() {
    let plain = sample();
    for (name, pack) in PACKERS {
        let mut packed = pack(&plain);
        let middle = packed.len() / 2;
        packed[middle..middle + 64].fill(0xA5);
        let error = open(packed)
            .and_then(|mut opened| opened.reader.read_to_end(&mut Vec::new()))
            .unwrap_err();
        assert!(explain(&error).en.contains("damaged"), "{name}: {error}");
    }
}

#[test]
fn a_window_that_is_too_large_is_refused() {
    let mut writer = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    writer.window_log(28).unwrap();
    writer.write_all(b"a\n").unwrap();
    let packed = writer.finish().unwrap();
    let error = open(packed)
        .and_then(|mut opened| opened.reader.read_to_end(&mut Vec::new()))
        .unwrap_err();
    assert!(explain(&error).en.contains("128 MiB"), "{error}");
}

#[test]
fn foreign_files_are_named() {
    let mut tar = vec![0; 1024];
    tar[257..262].copy_from_slice(b"ustar");
    let cases: [(&[u8], &str); 4] = [
        (b"7z\xBC\xAF\x27\x1C\0\0", "7-Zip"),
        (b"ElfFile\0\0", "event log"),
        (&tar, "tar"),
        (b"PK\x03\x04", "zip"),
    ];
    for (bytes, word) in cases {
        for packed in [bytes.to_vec(), gzip(bytes)] {
            let error = open(packed).err().unwrap();
            assert!(explain(&error).en.contains(word), "{error}");
        }
    }
}

#[test]
fn folders_are_walked_by_name_and_globs_are_tried_last() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("b")).unwrap();
    for name in ["c.log", "a.log", "b/x.log", ".hidden", "odd[1].log"] {
        fs::write(at(name), "x\n").unwrap();
    }
    let all = found(folder.path());
    assert_eq!(
        names(&all, folder.path()),
        ["a.log", "b/x.log", "c.log", "odd[1].log"]
    );
    assert_eq!(names(&found(&at("*.log")), folder.path()).len(), 3);
    assert_eq!(
        names(&found(&at("odd[1].log")), folder.path()),
        ["odd[1].log"]
    );
    assert_eq!(found(&at("**/x.log")).len(), 1);
    assert_eq!(all[0].size(), Some(2));
    assert!(!all[0].is_stdin());
}

#[test]
fn what_is_missing_is_told_and_the_rest_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("a"), "").unwrap();
    fs::create_dir(at("empty")).unwrap();
    let paths = ["none", "none*", "a", "a", "empty", "x[", "-", "-"].map(|name| {
        if name == "-" {
            name.to_owned()
        } else {
            at(name)
        }
    });
    let found = find(&paths);
    assert_eq!(names(&found.inputs, folder.path()), ["a", "-"]);
    assert_eq!(found.unreadable.len(), 5);
    assert!(found.inputs[1].is_stdin() && found.inputs[1].size().is_none());
    assert!(found.unreadable[0].message.en.contains("does not exist"));
    assert_eq!(read(&found.inputs[0]), (Vec::new(), "none"));
}

#[cfg(unix)]
#[test]
fn links_in_circles_and_closed_folders_do_not_stop_the_walk() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a"), "x").unwrap();
    symlink(folder.path(), at("circle")).unwrap();
    symlink(at("a"), at("same")).unwrap();
    assert_eq!(names(&found(folder.path()), folder.path()), ["a"]);

    fs::create_dir(at("closed")).unwrap();
    fs::set_permissions(at("closed"), fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser reads everything.
    if fs::read_dir(at("closed")).is_err() {
        let found = find(&[folder.path().to_str().unwrap().to_owned()]);
        assert_eq!(found.inputs.len(), 1);
        assert!(found.unreadable[0].message.en.contains("may not be read"));
    }
    fs::set_permissions(at("closed"), fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn members_of_archives_are_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let plain = sample();
    let members: [(&str, &[u8]); 5] = [
        ("logs/", b""),
        ("logs/b.csv", &plain),
        ("logs/a.csv.gz", &gzip(&plain)),
        ("__MACOSX/._b.csv", b"x"),
        ("empty.csv", b""),
    ];
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let path = folder.path().join("month.zip");
        fs::write(&path, zip_of(&members, method)).unwrap();
        let inputs = found(&path);
        assert_eq!(
            names(&inputs, folder.path()),
            [
                "month.zip!empty.csv",
                "month.zip!logs/a.csv.gz",
                "month.zip!logs/b.csv"
            ]
        );
        assert_eq!(read(&inputs[0]), (Vec::new(), "zip"));
        assert_eq!(read(&inputs[1]), (plain.clone(), "zip"));
        assert_eq!(read(&inputs[2]), (plain.clone(), "zip"));
        assert_eq!(inputs[2].read_ranges(&[(3, 4)]).unwrap(), [&plain[3..7]]);
        assert!(inputs[2].open(Arc::default()).unwrap().modified.is_some());
    }
}

#[test]
fn damaged_archives_and_workbooks_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    let text = path.to_str().unwrap().to_owned();
    let whole = zip_of(&[("a.csv", &sample())], CompressionMethod::Deflated);
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let found_now = find(std::slice::from_ref(&text));
    assert!(found_now.unreadable[0].message.en.contains("damaged zip"));

    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 0xFF;
    fs::write(&path, &flipped).unwrap();
    let mut reader = found(&path)[0].open(Arc::default()).unwrap().reader;
    let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
    assert!(explain(&error).en.contains("zip data is damaged"));

    let book = zip_of(&[("[Content_Types].xml", b"x")], CompressionMethod::Stored);
    fs::write(&path, book).unwrap();
    assert!(find(&[text]).unreadable[0].message.en.contains("Excel"));
}

#[test]
fn an_archive_without_files_is_told_and_a_dot_hides_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let found_in = |name: &str, members: &[(&str, &[u8])]| {
        let path = folder.path().join(name);
        fs::write(&path, zip_of(members, CompressionMethod::Stored)).unwrap();
        find(&[path.to_string_lossy().into_owned()])
    };
    for (name, members) in [
        ("none.zip", &[][..]),
        ("folder.zip", &[("logs/", &b""[..])][..]),
        ("hidden.zip", &[("logs/.keep", &b"x"[..])][..]),
    ] {
        let found = found_in(name, members);
        assert!(found.inputs.is_empty(), "{name}");
        let told: Vec<String> = found
            .unreadable
            .iter()
            .map(|problem| problem.render(crate::diagnostic::Lang::En))
            .collect();
        assert!(
            told.len() == 1 && told[0].contains("is a zip archive without files"),
            "{told:?}"
        );
    }
    let found = found_in("dot.zip", &[("./logs/a.csv", b"x")]);
    assert_eq!((found.inputs.len(), found.unreadable.len()), (1, 0));
}

#[test]
fn zeros_after_gzip_data_are_padding_and_other_bytes_are_not() {
    let read = |bytes: Vec<u8>| {
        let mut out = Vec::new();
        let mut opened = decompress::open(Box::new(std::io::Cursor::new(bytes))).unwrap();
        let error = opened.reader.read_to_end(&mut out).err();
        (out, error.map(|error| explain(&error).en))
    };
    let plain = sample();
    let (half, rest) = plain.split_at(plain.len() / 2);
    let packed = [gzip(half), gzip(b""), gzip(rest)].concat();
    for zeros in [0, 1, 2, 511, 10_240, 300_000] {
        let padded = [&packed[..], &vec![0; zeros]].concat();
        assert_eq!(read(padded), (plain.clone(), None), "{zeros}");
    }
    for garbage in [&b"garbage"[..], b"\0\0garbage", b"\0\x1f\x8b", b"\x01\0\0"] {
        let (out, error) = read([&packed[..], garbage].concat());
        assert_eq!(out, plain);
        assert!(error.is_some(), "{garbage:?}");
    }
    let cut = packed[..packed.len() - 3].to_vec();
    assert!(read(cut).1.unwrap().contains("ends too early"));
}

#[test]
fn progress_counts_what_is_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let packed = gzip(&sample());
    fs::write(&path, &packed).unwrap();
    let progress = Arc::new(AtomicU64::new(0));
    let input = &found(&path)[0];
    let mut opened = input.open(Arc::clone(&progress)).unwrap();
    std::io::copy(&mut opened.reader, &mut std::io::sink()).unwrap();
    assert_eq!(progress.load(Ordering::Relaxed), packed.len() as u64);
    assert_eq!(input.size(), Some(packed.len() as u64));
}

#[test]
fn ranges_are_read_again_from_any_input() {
    let folder = tempfile::tempdir().unwrap();
    let plain = sample();
    let asked = [(0, 5), (10, 100), (50, 5), (100_000, 70_000), (100_001, 0)];
    let expected: Vec<&[u8]> = asked
        .iter()
        .map(|(at, length)| &plain[*at as usize..][..*length as usize])
        .collect();
    for bytes in [plain.clone(), gzip(&plain)] {
        let path = folder.path().join("a.log");
        fs::write(&path, bytes).unwrap();
        let input = &found(&path)[0];
        assert_eq!(input.read_ranges(&asked).unwrap(), expected);
        let error = input
            .read_ranges(&[(plain.len() as u64 - 1, 2)])
            .unwrap_err();
        assert!(explain(&error).en.contains("shorter"));
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_once_and_its_ranges_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    if !made.is_ok_and(|status| status.success()) {
        return;
    }
    // A pipe in a folder is passed over: it may never say anything.
    assert!(
        find(&[folder.path().to_str().unwrap().to_owned()])
            .inputs
            .is_empty()
    );
    let plain = sample();
    let packed = gzip(&plain);
    let writer = std::thread::spawn({
        let path = path.clone();
        move || fs::write(path, packed).unwrap()
    });
    let input = &found(&path)[0];
    let mut reader = input.open(Arc::default()).unwrap().reader;
    let mut bytes = vec![0; 100_000];
    reader.read_exact(&mut bytes).unwrap();
    assert_eq!(input.read_ranges(&[(7, 9)]).unwrap(), [&plain[7..16]]);
    assert!(input.open(Arc::default()).is_err());
    reader.read_to_end(&mut bytes).unwrap();
    writer.join().unwrap();
    assert!(bytes == plain);
    assert_eq!(
        input.read_ranges(&[(90_000, 9)]).unwrap(),
        [&plain[90_000..90_009]]
    );
    assert!(read(input).0 == plain);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 0..200), kind in 0usize..6,
    ) {
        let magic: [&[u8]; 6] = [
            b"\x1F\x8B\x08\0", b"\x28\xB5\x2F\xFD", b"\xFD7zXZ\0", b"BZh91AY&SY", b"PK\x03\x04", b"",
        ];
        bytes.splice(0..0, magic[kind].iter().copied());
        if let Ok(mut opened) = open(bytes) {
            let _ = std::io::copy(&mut (&mut opened.reader).take(1 << 20), &mut std::io::sink());
        }
    }

    #[test]
    fn streamed_ranges_are_sought_ranges(
        bytes in prop::collection::vec(any::<u8>(), 1..500),
        asked in prop::collection::vec((0u64..500, 0u32..500), 0..12),
    ) {
        let sought = ranges::seek(&mut std::io::Cursor::new(&bytes), &asked);
        let streamed = ranges::stream(bytes.as_slice(), &asked);
        prop_assert_eq!(sought.ok(), streamed.ok());
    }
}
