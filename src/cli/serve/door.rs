//! The door: connections, and the bounds of each.
//!
//! Takes a socket that listens; gives every request to the desk and its answer back, one request a
//! connection, until it is told to stop. Speaks HTTP by way of a library, and knows no page.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::http::header;
use hyper::http::{Request, Response, StatusCode};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use super::asked::{Answer, Asked, Fields};
use super::desk::Desk;

/// Connections at a time; further ones wait.
const CONNECTIONS: u32 = 32;
/// Pages that are made at a time.
const PAGES: usize = 4;
/// Bytes of the first line and the headers.
const HEAD: usize = 16 << 10;
/// Headers of a request.
const HEADERS: usize = 64;
/// Bytes of a form: a note of two thousand Japanese characters takes nine for each.
const BODY: usize = 64 << 10;
/// Bytes of a form that is too large which are still read, so that the answer is heard.
const PASSED_OVER: usize = 4 << 20;
/// Longest wait for the headers, and then for the body.
const WAIT: Duration = Duration::from_secs(10);
/// Longest time of a connection.
const WHOLE: Duration = Duration::from_secs(120);
/// How often it is looked whether to stop.
const TICK: Duration = Duration::from_millis(100);
/// Longest wait at the end for answers that are under way.
const FAREWELL: Duration = Duration::from_secs(5);

/// Answers until `stop` is set.
///
/// # Errors
/// What the system says.
pub(super) fn answer(listener: TcpListener, desk: Desk, stop: Arc<AtomicBool>) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(PAGES)
        .build()?;
    let ended = runtime.block_on(open(listener, Arc::new(desk), &stop));
    runtime.shutdown_timeout(TICK);
    ended
}

async fn open(listener: TcpListener, desk: Arc<Desk>, stop: &AtomicBool) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let places = Arc::new(Semaphore::new(CONNECTIONS as usize));
    while !stop.load(Ordering::Relaxed) {
        let Ok(Ok(place)) = timeout(TICK, Arc::clone(&places).acquire_owned()).await else {
            continue;
        };
        match timeout(TICK, listener.accept()).await {
            Ok(Ok((stream, _))) => {
                tokio::spawn(connection(stream, Arc::clone(&desk), place));
            }
            // A connection that went before it was answered, or too many open files: a moment
            // later it may go.
            Ok(Err(_)) => sleep(TICK).await,
            Err(_) => {}
        }
    }
    drop(listener);
    // Whoever asked just before gets the answer, if it does not take too long.
    let _ = timeout(FAREWELL, places.acquire_many(CONNECTIONS)).await;
    Ok(())
}

/// One connection; its place is free again when it ends.
async fn connection(stream: TcpStream, desk: Arc<Desk>, place: OwnedSemaphorePermit) {
    let Ok(local) = stream.local_addr() else {
        return;
    };
    let service = service_fn(move |request| {
        let desk = Arc::clone(&desk);
        async move { Ok::<_, Infallible>(request_answered(request, desk, local).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(WAIT)
        .keep_alive(false)
        .max_headers(HEADERS)
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    // A browser that hangs up misses its page, and nobody else anything.
    let _ = timeout(WHOLE, connection).await;
    drop(place);
}

async fn request_answered(
    request: Request<Incoming>,
    desk: Arc<Desk>,
    local: SocketAddr,
) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = match timeout(WAIT, whole(body)).await {
        Ok(Ok(body)) => body,
        Ok(Err(status)) => return sent(Answer::bare(status)),
        Err(_) => return sent(Answer::bare(StatusCode::REQUEST_TIMEOUT)),
    };
    let asked = Asked {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: Fields::read(head.uri.query().unwrap_or_default().as_bytes()),
        headers: head.headers,
        body,
        local,
    };
    // Pages ask the disk, and must not keep other browsers waiting.
    let answered = tokio::task::spawn_blocking(move || desk.answer(&asked)).await;
    sent(answered.unwrap_or_else(|_| Answer::bare(StatusCode::INTERNAL_SERVER_ERROR)))
}

/// The bytes of a body, or why there are none.
async fn whole(mut body: Incoming) -> Result<Vec<u8>, StatusCode> {
    let (mut bytes, mut count) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| StatusCode::BAD_REQUEST)?;
        let Ok(part) = frame.into_data() else {
            continue;
        };
        count += part.len();
        if count > PASSED_OVER {
            break;
        }
        if count <= BODY {
            bytes.extend_from_slice(&part);
        }
    }
    match count <= BODY {
        true => Ok(bytes),
        false => Err(StatusCode::PAYLOAD_TOO_LARGE),
    }
}

fn sent(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = answer.whole();
    let headers = response.headers_mut();
    headers.insert(
        header::CONNECTION,
        header::HeaderValue::from_static("close"),
    );
    response.map(|html| Full::new(Bytes::from(html)))
}
