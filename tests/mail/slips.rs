//! Every mistake under `mail:` is told at once, at its place, without the secrets in it.

use super::folder::{House, holds};

const WRONG: &str = "\
mail:
  server: https://smtp.example.jp
  port: 70000
  tls: startls
  user: yomawari
  password: geheim
  password_fil: x
  from: nobody
  to: [officer@example.jp, 'a b', OFFICER]
  names: maybe
";

#[test]
fn every_mistake_is_told_at_its_place_in_both_languages() {
    let house = House::new().with("yomawari.yaml", WRONG).with("a.csv", "");
    let told = house.complaints(&["report", "--mail"]);
    assert!(!told.contains("geheim"), "{told}");
    holds("mail-complaints", &told);
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let told = |mail: &str| {
        let house = House::new().with("yomawari.yaml", mail);
        let ran = house.run(&["report", "--mail", "--lang", "en"]);
        assert_eq!(ran.status, 2, "{}", ran.err);
        ran.err
    };
    let rest = "from: a@b.example, to: [c@d.example]";
    let clear = told(&format!(
        "mail: {{ server: mail.example, tls: none, user: y, password_file: p, {rest} }}\n"
    ));
    assert!(
        clear.contains("a password over the network in the clear"),
        "{clear}"
    );
    let both = told(&format!(
        "mail: {{ server: mail.example, user: y, password_file: p, password_env: Q, {rest} }}\n"
    ));
    assert!(
        both.contains("both password_file and password_env"),
        "{both}"
    );
    let lacking = told(&format!(
        "mail: {{ server: mail.example, user: y, {rest} }}\n"
    ));
    assert!(lacking.contains("mail without password_file"), "{lacking}");
    let nothing = told("mail: {}\n");
    for key in ["server", "from", "to"] {
        assert!(
            nothing.contains(&format!("mail without {key}")),
            "{nothing}"
        );
    }
    let empty = told("mail: { server: mail.example, from: a@b.example, to: [] }\n");
    assert!(empty.contains("mail without to"), "{empty}");
    assert!(told("mail: yes\n").contains("found a"), "a map is expected");
    assert!(told("version: 1\n").contains("names no mail server"));
}

#[test]
fn a_password_that_is_not_there_is_said() {
    let config = "mail: { server: mail.example, user: y, password_file: none.txt, from: a@b.example, to: c@d.example }\nstore: s.db\n";
    let house = House::new().with("yomawari.yaml", config).with(
        "a.csv",
        "日時,利用者ID,操作\n2026-11-16 10:00:00,n1,ログイン\n",
    );
    assert_eq!(house.run(&["scan", "a.csv", "-q"]).status, 0);
    let ran = house.run(&["report", "--mail", "--lang", "en"]);
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert!(ran.err.contains("there is no file none.txt"), "{}", ran.err);
    house.put("none.txt", "\n");
    let ran = house.run(&["report", "--mail", "--lang", "en"]);
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert!(
        ran.err.contains("none.txt holds no password"),
        "{}",
        ran.err
    );
}
