//! Where a report goes: the form its file asks for, and the file or stdout itself.
//!
//! Takes what was typed; gives the form, and brings what is written. Never writes over the store.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::super::memory::Stop;
use super::super::{Streams, files};
use crate::diagnostic::{Complaints, Lang, Problem, Text};

/// What a file's ending asks for.
type OfEnding<F> = fn(&Path) -> Option<F>;

/// The form that is wanted: as told, else by the file's ending. `endings` and `option` stand in
/// the help where the ending tells none.
pub(in super::super) fn form<F: Copy>(
    told: Option<F>,
    (output, of_ending): (Option<&Path>, OfEnding<F>),
    (endings, option): (&str, &str),
    complaints: &mut Complaints,
) -> Option<F> {
    let by_ending = output.and_then(of_ending);
    if output.is_some() && told.is_none() && by_ending.is_none() {
        let ja = endings.replace(", ", "・").replace(" or ", "・");
        complaints.push(
            Problem::error(
                "the ending of the output file tells no form",
                "出力ファイルの拡張子から形式がわかりません",
            )
            .help(
                format!("end it with {endings}, or add {option}"),
                format!("{ja} のどれかにするか、{option} を付けてください"),
            ),
        );
    }
    told.or(by_ending)
}

/// A page is printed; no PDF is made.
pub(in super::super) fn no_pdf() -> Problem {
    Problem::error(
        "a PDF is not made here: the page is made to be printed, A4 with page numbers",
        "PDF は直接作りません。HTML がA4・ページ番号付きの印刷用になっています",
    )
    .help(
        "write it with -o report.html, open it in a browser, and print it to a PDF file",
        "-o report.html で書き出し、ブラウザで開いて「PDFに保存」で印刷してください",
    )
}

/// Where a report is wanted.
pub(in super::super) struct Target<'t> {
    /// The file named, if one is.
    pub(in super::super) output: Option<&'t Path>,
    /// The file it is written to on a terminal, where it is nothing for a terminal.
    pub(in super::super) by_itself: Option<String>,
    /// The store, which is spared.
    pub(in super::super) store: Option<&'t Path>,
}

/// Writes a report where it is wanted, and says where it went by itself.
pub(in super::super) fn put(
    target: &Target<'_>,
    (streams, lang): (&mut Streams<'_>, Lang),
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Stop> {
    let named = target.output.map(Path::to_path_buf);
    let by_itself = target.by_itself.as_ref().map(PathBuf::from);
    let by_itself = by_itself.filter(|_| named.is_none() && streams.out_is_terminal);
    let tells = by_itself.is_some();
    let Some(path) = named.or(by_itself) else {
        write(streams.out)?;
        return Ok(streams.out.flush()?);
    };
    if let Some(store) = target.store {
        spare(&path, store)?;
    }
    let written = files::create(&path).and_then(|mut file| {
        write(&mut file)?;
        file.flush()
    });
    written.map_err(|error| files::named(&path, &error))?;
    if tells {
        let name = path.display();
        let told = Text::new(
            format!("written to {name}"),
            format!("{name} に書き出しました"),
        );
        writeln!(streams.err, "{}", told.get(lang))?;
    }
    Ok(())
}

/// A report is never written over the store.
fn spare(path: &Path, store: &Path) -> Result<(), Stop> {
    let place = |path: &Path| path.canonicalize().ok();
    match place(path).is_some() && place(path) == place(store) {
        false => Ok(()),
        true => {
            let name = path.display();
            Err(Stop::mistake(Problem::error(
                format!("{name} is the store and would be overwritten"),
                format!("{name} はストアで、上書きされてしまいます"),
            )))
        }
    }
}
