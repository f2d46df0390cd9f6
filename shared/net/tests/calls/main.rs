//! What may be believed after each way in which a call can end, over pipes instead of sockets.

#![allow(clippy::unwrap_used)]

mod far;

use std::future::Ready;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use net::{Http, HttpError};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::TcpListener;
use tokio::time::Instant;

use far::{Far, Line};

const LONGEST_BYTES: usize = 1_024;
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn get(path: &str) -> Request<Bytes> {
    Request::get(format!("https://far.example{path}")).body(Bytes::new()).unwrap()
}

fn post(path: &str) -> Request<Bytes> {
    Request::post(format!("https://far.example{path}")).body(Bytes::from_static(b"thirty days")).unwrap()
}

async fn call(http: &Http, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    http.call(request, None, LONGEST_BYTES).await
}

fn word(answer: &Result<Response<Bytes>, HttpError>) -> String {
    match answer {
        Ok(answer) => answer.status().to_string(),
        Err(HttpError::NotSent { .. }) => "not sent".to_owned(),
        Err(HttpError::Lost { status: None, .. }) => "lost".to_owned(),
        Err(HttpError::Lost { status: Some(status), .. }) => format!("lost after {status}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_comes_back_whole_and_the_next_call_goes_over_the_same_connection() {
    let far = Far::serving(|request| {
        let said = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
        let echo = format!("{} {} {}", said("host"), said("accept"), said("user-agent"));
        Response::builder().status(422).header("x-echo", echo).body(Full::from("thirty")).unwrap()
    });
    let answer = call(&far.http, post("/extend?x=1")).await.unwrap();
    assert_eq!((answer.status(), answer.body().as_ref()), (StatusCode::UNPROCESSABLE_ENTITY, &b"thirty"[..]));
    assert_eq!(answer.headers()["x-echo"], format!("far.example */* {}", net::OUR_NAME));
    let named = Request::get("https://far.example/").header("accept", "application/json").body(Bytes::new()).unwrap();
    let answer = call(&far.http, named).await.unwrap();
    assert_eq!(answer.headers()["x-echo"], format!("far.example application/json {}", net::OUR_NAME));
    assert_eq!(far.addresses(), ["https://far.example/"]);
    assert_eq!(far.requests(), ["POST /extend?x=1", "GET /"]);
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let far = Far::serving(|_| Response::builder().status(307).header("location", "/elsewhere").body(Full::default()).unwrap());
    assert_eq!(word(&call(&far.http, post("/extend")).await), "307 Temporary Redirect");
    assert_eq!(far.requests(), ["POST /extend"]);
}

#[tokio::test(start_paused = true)]
async fn who_hangs_up_before_any_answer_may_have_heeded_the_request() {
    let silent = Far::new(|mut line: Line| async move { line.read().await });
    assert_eq!(word(&call(&silent.http, post("/extend")).await), "lost");
    assert_eq!(silent.requests(), ["POST /extend"]);
    let deaf = Far::new(|line: Line| async move { drop(line) });
    assert_eq!(word(&call(&deaf.http, post("/extend")).await), "lost");
    assert_eq!(deaf.addresses().len(), 1);
    let torn = Far::new(|mut line: Line| async move {
        line.read().await;
        line.write("HTTP/1.1 200 OK\r\ncontent-length: 200\r\n\r\n{\"succ").await;
    });
    assert_eq!(word(&call(&torn.http, post("/extend")).await), "lost after 200");
    assert_eq!(torn.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_or_could_not_be_made_was_not_sent() {
    let refused = Http::over(|_| async { Err::<DuplexStream, _>(io::Error::from(io::ErrorKind::ConnectionRefused)) });
    let answer = call(&refused, post("/extend")).await;
    assert_eq!(word(&answer), "not sent");
    assert!(answer.unwrap_err().to_string().contains("refused"));
    let far = Far::serving(|_| Response::new(Full::default()));
    for address in ["/extend", "far.example", "far.example:80"] {
        let request = Request::post(address).body(Bytes::new()).unwrap();
        assert_eq!(word(&call(&far.http, request).await), "not sent", "{address}");
    }
    assert!(far.addresses().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_not_there_in_five_seconds_was_never_made() {
    let never = Http::over(|_| std::future::pending::<io::Result<DuplexStream>>());
    let begun = Instant::now();
    assert_eq!(word(&call(&never, post("/extend")).await), "not sent");
    assert_eq!(begun.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_at_its_limit_and_may_have_happened() {
    let silent = || {
        Far::new(|mut line: Line| async move {
            line.read().await;
            line.keep();
        })
    };
    for (timeout, expected_ms) in [(None, 20_000), (Some(Duration::from_millis(300)), 300), (Some(Duration::from_secs(40)), 40_000)] {
        let (far, begun) = (silent(), Instant::now());
        assert_eq!(word(&far.http.call(post("/extend"), timeout, LONGEST_BYTES).await), "lost");
        assert_eq!(begun.elapsed(), Duration::from_millis(expected_ms));
        assert_eq!(far.requests(), ["POST /extend"]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_limit_holds_for_head_and_body_together() {
    let slow = |last_ms: u64| {
        Far::new(move |mut line: Line| async move {
            line.read().await;
            tokio::time::sleep(Duration::from_secs(12)).await;
            line.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no").await;
            tokio::time::sleep(Duration::from_millis(last_ms)).await;
            line.write("k").await;
            line.keep();
        })
    };
    assert_eq!(word(&call(&slow(7_999).http, get("/")).await), "200 OK");
    let begun = Instant::now();
    assert_eq!(word(&call(&slow(8_001).http, get("/")).await), "lost after 200");
    assert_eq!(begun.elapsed(), Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn a_body_past_its_limit_is_not_read_whether_its_length_is_told_or_not() {
    for (bytes, expected) in [(LONGEST_BYTES, "200 OK"), (LONGEST_BYTES + 1, "lost after 200")] {
        let told = Far::serving(move |_| Response::new(Full::from(vec![b'x'; bytes])));
        assert_eq!(word(&call(&told.http, get("/")).await), expected, "{bytes}");
        let untold = Far::new(move |mut line: Line| async move {
            line.read().await;
            line.write(&format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{bytes:x}\r\n")).await;
            line.write(&format!("{}\r\n0\r\n\r\n", "x".repeat(bytes))).await;
            line.keep();
        });
        assert_eq!(word(&call(&untold.http, get("/")).await), expected, "{bytes}, chunked");
    }
}

/// Gives that many connections, answers one request on each, and keeps it until it is told to hang up.
fn one_each(connections: usize) -> Far {
    Far::refusing(move |mut line: Line| {
        let open = line.number <= connections;
        open.then_some(()).ok_or(io::ErrorKind::ConnectionRefused)?;
        Ok(async move {
            line.read().await;
            line.write(OK).await;
            line.keep();
        })
    })
}

/// One answered call, whose connection is kept, and has died unnoticed when this comes back.
async fn left_with_a_dead_connection(far: &Far) {
    assert_eq!(word(&call(&far.http, get("/")).await), "200 OK");
    tokio::time::sleep(Duration::from_millis(1)).await;
    far.hang_up();
}

#[tokio::test(start_paused = true)]
async fn a_kept_connection_that_died_unused_is_replaced_and_the_request_arrives_once() {
    let far = one_each(2);
    left_with_a_dead_connection(&far).await;
    assert_eq!(word(&call(&far.http, post("/extend")).await), "200 OK");
    assert_eq!((far.addresses().len(), far.requests()), (2, vec!["GET /".to_owned(), "POST /extend".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_found_its_connection_dead_and_no_other_was_not_sent() {
    let far = one_each(1);
    left_with_a_dead_connection(&far).await;
    assert_eq!(word(&call(&far.http, post("/extend")).await), "not sent");
    assert_eq!((far.addresses().len(), far.requests()), (2, vec!["GET /".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_kept_connection_that_dies_with_the_request_leaves_it_lost_and_not_repeated() {
    let far = Far::new(|mut line: Line| async move {
        line.read().await;
        line.write(OK).await;
        line.read().await;
    });
    assert_eq!(word(&call(&far.http, get("/")).await), "200 OK");
    assert_eq!(word(&call(&far.http, post("/extend")).await), "lost");
    assert_eq!((far.addresses().len(), far.requests()), (1, vec!["GET /".to_owned(), "POST /extend".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_kept_for_half_a_minute_by_the_runtimes_clock() {
    let far = Far::serving(|_| Response::new(Full::default()));
    for (pause_seconds, connections) in [(0, 1), (29, 1), (31, 2)] {
        tokio::time::sleep(Duration::from_secs(pause_seconds)).await;
        assert_eq!(word(&call(&far.http, get("/")).await), "200 OK");
        assert_eq!(far.addresses().len(), connections, "after {pause_seconds} s");
    }
}

#[tokio::test]
async fn over_sockets_whoever_does_not_speak_tls_is_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let mut heard = Vec::new();
        for _ in 0..2 {
            let (mut socket, _) = listener.accept().await.unwrap();
            heard.push(socket.read_u8().await.unwrap());
            socket.write_all(OK.as_bytes()).await.unwrap();
        }
        heard
    });
    let http = Http::new();
    let to = |scheme: &str| Request::get(format!("{scheme}://127.0.0.1:{port}/")).body(Bytes::new()).unwrap();
    assert_eq!(word(&call(&http, to("https")).await), "not sent");
    assert_eq!(word(&call(&http, to("http")).await), "200 OK");
    assert_eq!(word(&call(&http, to("ftp")).await), "not sent");
    // A handshake begins with its type, a request with its method.
    assert_eq!(server.await.unwrap(), [22, b'G']);
}

#[tokio::test(start_paused = true)]
async fn nothing_secret_is_printed() {
    let bearer = net::bearer("s3cret").unwrap();
    assert_eq!(bearer, "Bearer s3cret");
    let far = Http::over(|address| -> Ready<io::Result<DuplexStream>> {
        std::future::ready(Err(io::Error::other(address.host().unwrap().len().to_string())))
    });
    let request = Request::post("https://me:s3cret@far.example/s3cret?s3cret").header("authorization", bearer.clone());
    let error = call(&far, request.body(Bytes::from_static(b"s3cret")).unwrap()).await.unwrap_err();
    let printed = format!("{far:?} {bearer:?} {error} {error:?}");
    assert!(!printed.contains("s3cret"), "{printed}");
    assert!(net::bearer("line\nbreak").is_err());
}
