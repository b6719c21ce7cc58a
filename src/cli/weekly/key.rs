//! The key of the pseudonyms: a file of its own, which no report contains.
//!
//! Takes paths; gives a key. Makes one where there is none, readable by its owner alone; never
//! overwrites one.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::super::memory::Stop;
use super::super::{Streams, files};
use crate::diagnostic::{Lang, Problem};
use crate::input::private;
use crate::report::Key;

/// The key for a report: the one named, else that beside the store; made where there is none.
pub(in super::super) fn of_report(
    (store, named): (Option<&Path>, Option<&Path>),
    streams: &mut Streams<'_>,
    lang: Lang,
) -> Result<Key, Stop> {
    let beside = |store: &Path| {
        let mut name = store.as_os_str().to_owned();
        name.push(".key");
        PathBuf::from(name)
    };
    let path = named.map(Path::to_path_buf).or(store.map(beside));
    let path = path.ok_or_else(|| Stop::mistake(no_place()))?;
    if path.exists() {
        return read(&path);
    }
    let key = make(&path).map_err(|error| files::named(&path, &error))?;
    let name = path.display();
    let problem = Problem::warning(
        format!("a key for pseudonyms was made: {name}"),
        format!("仮名の鍵を作りました: {name}"),
    )
    .help(
        "keep it apart from the reports: whoever has both can tell the persons",
        "報告書と別の場所に保管してください。鍵があれば仮名から個人がわかります",
    );
    writeln!(streams.err, "{}", problem.render(lang))?;
    Ok(key)
}

/// The key in a file.
pub(super) fn read(path: &Path) -> Result<Key, Stop> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Stop::mistake(files::unreadable(path, &error)))?;
    Key::read(&text).ok_or_else(|| {
        Stop::mistake(
            Problem::error(
                format!("{name} holds no key: 64 hexadecimal digits were expected"),
                format!("{name} は仮名の鍵ではありません（16進数64桁が必要です）"),
            )
            .help(
                "name the file that `yomawari report --mask` made",
                "`yomawari report --mask` が作ったファイルを指定してください",
            ),
        )
    })
}

fn no_place() -> Problem {
    Problem::error(
        "--mask: there is no store beside which a key for pseudonyms could lie",
        "--mask: ストアがないため、仮名の鍵の置き場所がわかりません",
    )
    .help(
        "name a file with --key, or a store with --store",
        "--key で鍵のファイルを、または --store でストアを指定してください",
    )
}

fn make(path: &Path) -> io::Result<Key> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let key = Key::new(bytes);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut file = private(&mut options).open(path)?;
    writeln!(file, "{}", key.written())?;
    file.sync_all()?;
    Ok(key)
}
