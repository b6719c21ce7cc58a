//! What a server refuses is said in its words, nobody else goes without, and no password shows.

use std::net::TcpListener;

use super::sent::{mail, with_mail};
use super::server::{Manners, soon, start};

#[test]
fn a_refused_recipient_is_named_and_the_others_get_the_page() {
    let (port, got) = start(Manners {
        unknown: &["gone@b.example"],
        ..Manners::default()
    });
    let house = with_mail(
        port,
        "server: localhost, tls: none, to: [gone@b.example, here@b.example]",
    );
    let ran = mail(&house, &["--lang", "en"]);
    assert_eq!(ran.status, 3, "{}", ran.err);
    assert!(
        ran.err.contains("did not reach gone@b.example"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("550"), "{}", ran.err);
    assert!(
        ran.err.contains("nobody of this name \\u{1b}[31mhere"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("was sent to here@b.example"),
        "{}",
        ran.err
    );
    assert_eq!(soon(&got).to, ["here@b.example"]);
    assert!(got.try_recv().is_err());
}

#[test]
fn a_server_that_is_busy_is_asked_again() {
    let (port, got) = start(Manners {
        busy_once: &["a@b.example"],
        ..Manners::default()
    });
    let house = with_mail(port, "server: localhost, tls: none, to: [a@b.example]");
    let ran = mail(&house, &[]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(soon(&got).to, ["a@b.example"]);
    assert!(got.try_recv().is_err());
}

#[test]
fn a_server_that_is_down_is_said_and_nothing_is_done() {
    // A port at which nobody listens any more, and a server that hangs up.
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let down = closed.local_addr().expect("a port").port();
    drop(closed);
    let (mute, _) = start(Manners {
        mute: true,
        ..Manners::default()
    });
    for port in [down, mute] {
        let house = with_mail(
            port,
            "server: 127.0.0.1, tls: none, to: [a@b.example, c@d.example]",
        );
        let ran = mail(&house, &["--lang", "en"]);
        assert_eq!((ran.status, ran.out.as_str()), (4, ""), "{}", ran.err);
        for whom in ["a@b.example", "c@d.example"] {
            let told = format!("did not reach {whom}: 127.0.0.1:{port}: ");
            assert!(ran.err.contains(&told), "{}", ran.err);
        }
    }
}

#[test]
fn a_server_that_nobody_vouches_for_gets_nothing() {
    for (whole, tls) in [(false, "starttls"), (true, "tls")] {
        let (port, got) = start(Manners {
            whole,
            starttls: true,
            login: Some(("yomawari", "geheim-42")),
            ..Manners::default()
        });
        let house = with_mail(
            port,
            &format!(
                "server: localhost, tls: {tls}, user: yomawari, password_file: secret, to: [a@b.example]"
            ),
        )
        .with("secret", "geheim-42");
        let ran = mail(&house, &["--lang", "en"]);
        assert_eq!(ran.status, 4, "{}", ran.err);
        assert!(
            ran.err.to_lowercase().contains("certificate"),
            "{}",
            ran.err
        );
        assert!(!ran.err.contains("geheim"), "{}", ran.err);
        assert!(got.try_recv().is_err());
    }
}

#[test]
fn without_the_encryption_that_is_asked_for_nothing_is_sent() {
    let (port, got) = start(Manners::default());
    let house = with_mail(port, "server: localhost, to: [a@b.example]");
    let ran = mail(&house, &["--lang", "en"]);
    assert_eq!(ran.status, 4, "{}", ran.err);
    assert!(ran.err.to_lowercase().contains("starttls"), "{}", ran.err);
    assert!(got.try_recv().is_err());
}

#[test]
fn a_wrong_password_is_not_repeated_and_not_shown() {
    let (port, got) = start(Manners {
        starttls: true,
        login: Some(("yomawari", "right")),
        ..Manners::default()
    });
    let house = with_mail(
        port,
        "server: localhost, ca: ca.pem, user: yomawari, password_file: secret, to: [a@b.example, c@d.example]",
    )
    .with("ca.pem", include_bytes!("certificates/ca.pem"))
    .with("secret", "geheim-42");
    let ran = mail(&house, &["--lang", "en"]);
    assert_eq!(ran.status, 4, "{}", ran.err);
    assert!(ran.err.contains("535"), "{}", ran.err);
    assert!(!ran.err.contains("geheim"), "{}", ran.err);
    assert!(got.try_recv().is_err());
}
