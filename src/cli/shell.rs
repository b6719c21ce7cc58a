//! What shells and `man` want to know about the command line.
//!
//! Takes the definition of the arguments; gives completion scripts and the manual page, made when
//! asked for, so that they are never older than the program.

use std::io::{self, Write};

use clap::CommandFactory as _;

use super::args::Arguments;

/// Writes the completion script of a shell.
///
/// # Errors
/// What the writer says.
pub fn completions(shell: clap_complete::Shell, out: &mut dyn Write) -> io::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "yomawari", &mut script);
    out.write_all(&script)
}

/// Writes the manual: the page of the program, and below it those of its commands.
///
/// # Errors
/// What the writer says.
pub fn man(out: &mut dyn Write) -> io::Result<()> {
    let mut command = Arguments::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(out)?;
    for below in command.get_subcommands().filter(|c| c.get_name() != "help") {
        write_page(below, out)?;
    }
    Ok(())
}

/// Writes the parts of a command's page that say how it is used, and those of its own commands.
fn write_page(command: &clap::Command, out: &mut dyn Write) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    // One document has one title; each command becomes a section of it.
    writeln!(out, ".SH \"{}\"", name.replace('-', " ").to_uppercase())?;
    let page = clap_mangen::Man::new(command.clone());
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    if command.get_arguments().next().is_some() {
        page.render_options_section(out)?;
    }
    if command.get_after_help().is_some() {
        page.render_extra_section(out)?;
    }
    for below in command.get_subcommands().filter(|c| c.get_name() != "help") {
        write_page(below, out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum as _;

    #[test]
    fn every_shell_gets_a_script_that_knows_the_commands() {
        for shell in clap_complete::Shell::value_variants() {
            let mut script = Vec::new();
            completions(*shell, &mut script).unwrap();
            let script = String::from_utf8(script).unwrap();
            assert!(
                script.contains("scan") && script.contains("output-format"),
                "{shell}"
            );
        }
    }

    #[test]
    fn the_manual_tells_every_command() {
        let mut page = Vec::new();
        man(&mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        for section in [
            "YOMAWARI SCAN",
            "YOMAWARI RULES TEST",
            "YOMAWARI CALENDAR CHECK",
        ] {
            assert!(page.contains(&format!(".SH \"{section}\"")), "{section}");
        }
        assert!(page.contains("fail\\-on"), "options are told");
    }
}
