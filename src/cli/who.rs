//! Who sits at this computer, and what it is called: the names the system knows them by.
//!
//! Takes nothing but what the system tells; gives a name for the run record and one for messages
//! to other machines. It tells who was logged in, and proves nothing.

/// The user's name, else its number; `unknown` where the system tells neither.
pub(super) fn user() -> String {
    by_number()
        .or_else(by_variable)
        .unwrap_or_else(|| "unknown".to_owned())
}

/// The name of this computer; empty where the system does not tell it.
pub(super) fn host() -> String {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let variables = ["COMPUTERNAME", "HOSTNAME"];
    let told = told.or_else(|| variables.iter().find_map(|name| std::env::var(name).ok()));
    told.map(|name| name.trim().to_owned()).unwrap_or_default()
}

fn by_variable() -> Option<String> {
    let variables = ["USERNAME", "USER", "LOGNAME"];
    let told = variables.iter().find_map(|name| std::env::var(name).ok());
    told.filter(|name| !name.is_empty())
}

/// The name of the user this process runs for. Variables can be set to anything, so they are
/// asked only where this is not told.
#[cfg(unix)]
fn by_number() -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let number = std::fs::metadata("/proc/self").ok()?.uid();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    Some(name_of(&accounts, number).unwrap_or_else(|| format!("uid {number}")))
}

#[cfg(not(unix))]
fn by_number() -> Option<String> {
    None
}

/// The name that a list of accounts (`name:x:number:…`) gives to a number.
#[cfg(unix)]
fn name_of(accounts: &str, number: u32) -> Option<String> {
    let number = number.to_string();
    accounts.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        (parts.nth(1)? == number).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_always_named() {
        assert!(!user().is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_number_has_the_name_of_its_account() {
        let accounts = "root:x:0:0:root:/root:/bin/bash\n# note\nkato:x:1000:1000::/home/kato:\n";
        assert_eq!(name_of(accounts, 1000).as_deref(), Some("kato"));
        assert_eq!(name_of(accounts, 100), None);
    }
}
