//! `serve`: the week and the alerts in a browser, for the person who works the list.
//!
//! Takes the arguments; answers browsers until a signal comes, and gives an exit status. It reads
//! the store and writes into it only what a person decides and who looked at what. It serves no
//! file, runs no script and asks nothing of any other computer.

mod alert;
mod asked;
mod desk;
mod door;
mod gate;
mod lists;
mod token;

use std::io;
use std::net::{SocketAddr, TcpListener};

use super::args::{Common, Serve};
use super::house::House;
use super::memory::{Memory, Stop};
use super::plan::{Plan, World};
use super::{Exit, Streams, stop_on_interrupt};
use crate::diagnostic::{Complaints, Lang, Problem};
use crate::pipeline::Watch;
use crate::store::Store;
use desk::Desk;
use gate::Gate;

/// Does the whole command and says how it ended.
pub(super) fn serve(task: &Serve, common: &Common, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let mut complaints = Complaints::new();
    let plan = Plan::make(common, None, &World::present(), &mut complaints);
    let house = House::read(&plan, &task.ruling, &mut complaints);
    check(task, &mut complaints);
    if streams.complain(&complaints, plan.lang)? {
        return Ok(Exit::Mistake);
    }
    let lang = plan.lang;
    let ended = open(task, plan, house, streams);
    Stop::tell(ended, streams, lang)
}

/// Complains about arguments that do not go together.
fn check(task: &Serve, complaints: &mut Complaints) {
    let at = task.listen;
    if !task.open_to_network && !at.ip().to_canonical().is_loopback() {
        complaints.push(
            Problem::error(
                format!("--listen {at}: other computers could reach this address, over a way that is not encrypted"),
                format!("--listen {at}: 他のコンピュータからも、暗号化されずに届くアドレスです"),
            )
            .help(
                "listen on 127.0.0.1 and come by way of ssh or of a web server with TLS; or add --open-to-network if this is meant",
                "127.0.0.1 で待ち受け、ssh か TLS 付きの Web サーバを経由してください。意図してのことなら --open-to-network を付けてください",
            ),
        );
    }
    for name in &task.hosts {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        if name.is_empty() || !name.chars().all(is_plain) {
            complaints.push(
                Problem::error(
                    format!("--host {name}: this is no name of a host"),
                    format!("--host {name}: ホスト名として読めません"),
                )
                .help(
                    "write the name alone, such as yomawari.example.jp",
                    "yomawari.example.jp のように名前だけを書いてください",
                ),
            );
        }
    }
}

/// Opens the door, and answers until a signal comes.
fn open(task: &Serve, plan: Plan, house: House, streams: &mut Streams<'_>) -> Result<Exit, Stop> {
    let lang = plan.lang;
    // A store that cannot be used is said now, not to the first who asks.
    let path = Memory::open(&plan, &task.store, Store::read_only)?;
    let path = path.path().display().to_string();
    let (token, warning) = match &task.token_file {
        Some(file) => token::of_file(file)?,
        None => (token::chance()?, None),
    };
    let listener = TcpListener::bind(task.listen)
        .map_err(|error| Stop::mistake(cannot_listen(task.listen, &error)))?;
    let at = listener.local_addr()?;
    let gate = Gate::new(token.clone(), &token::chance()?, at.port(), &task.hosts);
    let watch = Watch::default();
    stop_on_interrupt(&watch);
    if let Some(warning) = warning {
        writeln!(streams.err, "{}", warning.render(lang))?;
    }
    let shown = match task.token_file {
        Some(_) => None,
        None => Some(token.as_str()),
    };
    greet(streams, (task, lang), (at, shown), &path)?;
    let desk = Desk::new(plan, house, task.clone(), gate);
    door::answer(listener, desk, watch.stop)?;
    Ok(Exit::Done)
}

/// Says where to go, and who else can.
fn greet(
    streams: &mut Streams<'_>,
    (task, lang): (&Serve, Lang),
    (at, token): (SocketAddr, Option<&str>),
    store: &str,
) -> io::Result<()> {
    let query = token.map_or_else(String::new, |token| format!("?token={token}"));
    writeln!(streams.err, "http://{at}/{query}")?;
    if let Some(file) = &task.token_file {
        let file = file.display();
        let told = match lang {
            Lang::En => format!("the token stands in {file}"),
            Lang::Ja => format!("トークンは {file} にあります"),
        };
        writeln!(streams.err, "{told}")?;
    }
    if !at.ip().to_canonical().is_loopback() {
        let problem = Problem::warning(
            "other computers can reach this address, and nothing on the way is encrypted: who listens there can read the alerts and the token",
            "他のコンピュータからも届くアドレスで、通信は暗号化されません。途中で傍受されるとアラートもトークンも読まれます",
        )
        .help(
            "put a web server with TLS before it, or listen on 127.0.0.1 and come by way of ssh",
            "TLS 付きの Web サーバを前に置くか、127.0.0.1 で待ち受けて ssh を経由してください",
        );
        writeln!(streams.err, "{}", problem.render(lang))?;
    }
    let told = match lang {
        Lang::En => format!(
            "{store}: open the address in a browser of this computer; keep it to yourself. Ctrl-C ends it"
        ),
        Lang::Ja => format!(
            "{store}: このアドレスをこのコンピュータのブラウザで開いてください。他の人には知らせないでください。Ctrl-C で終わります"
        ),
    };
    writeln!(streams.err, "{told}")?;
    streams.err.flush()
}

fn cannot_listen(at: SocketAddr, error: &io::Error) -> Problem {
    Problem::error(
        format!("--listen {at}: {error}"),
        format!("--listen {at}: 待ち受けられません: {error}"),
    )
    .help(
        "end the program that listens there, or choose another port; port 0 takes a free one",
        "そこで待ち受けているプログラムを終えるか、別のポートを指定してください（0 なら空きを使います）",
    )
}
