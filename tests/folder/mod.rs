//! A house in a temporary folder, in which the program is run as a user runs it.
//!
//! Takes files and words of a command; gives what was printed and how it ended. The environment is
//! empty but for the zone, so that no test depends on the computer it runs on.

#![allow(dead_code, reason = "each test program uses its own part")]

use std::path::PathBuf;

/// A folder with the user's files in it.
pub struct House(tempfile::TempDir);

/// What a run of the program left.
#[derive(Debug)]
pub struct Ran {
    /// Exit status.
    pub status: i32,
    /// stdout.
    pub out: String,
    /// stderr.
    pub err: String,
}

impl House {
    /// An empty house.
    pub fn new() -> House {
        House(tempfile::tempdir().expect("the temporary folder is writable"))
    }

    /// The same house with one more file.
    pub fn with(self, name: &str, bytes: impl AsRef<[u8]>) -> House {
        self.put(name, bytes);
        self
    }

    /// Writes a file; its folders are made.
    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.at(name);
        let folder = path.parent().expect("a file stands in a folder");
        std::fs::create_dir_all(folder).expect("the house is writable");
        std::fs::write(&path, bytes).expect("the house is writable");
    }

    /// Where a file stands.
    pub fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The bytes of a file.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.at(name)).expect(name)
    }

    /// The text of a file.
    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).expect(name)
    }

    /// Whether a file is there.
    pub fn has(&self, name: &str) -> bool {
        self.at(name).exists()
    }

    /// The program, ready to run in the house.
    pub fn command(&self, words: &[&str]) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_yomawari"));
        command.args(words).current_dir(self.0.path()).env_clear();
        command.env("TZ", "Asia/Tokyo").env("LANG", "en_US.UTF-8");
        command
    }

    /// Runs the program with nothing on stdin.
    pub fn run(&self, words: &[&str]) -> Ran {
        self.run_with(words, b"")
    }

    /// Runs the program with something on stdin.
    pub fn run_with(&self, words: &[&str], stdin: &[u8]) -> Ran {
        let output = self
            .command(words)
            .write_stdin(stdin)
            .output()
            .expect("the program starts");
        Ran {
            status: output.status.code().expect("the program ends by itself"),
            out: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            err: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }

    /// What a command complains of in both languages, one after the other; it does nothing.
    pub fn complaints(&self, words: &[&str]) -> String {
        let told = ["en", "ja"].map(|lang| {
            let ran = self.run(&[words, &["--lang", lang]].concat());
            assert_eq!((ran.status, ran.out.as_str()), (2, ""));
            ran.err
        });
        told.concat()
    }
}

/// Holds a text against the snapshot of this name in `tests/snapshots`.
pub fn holds(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
