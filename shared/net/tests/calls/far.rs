//! The far end of a call: genuine HTTP/1.1 over pipes of this process, on a clock that stands still.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use net::Http;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// How many bytes a pipe holds.
const PIPE_BYTES: usize = 64 * 1024;

/// A client, and what its far end saw.
pub(crate) struct Far {
    pub(crate) http: Http,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    addresses: Vec<Uri>,
    requests: Vec<String>,
    kept: Vec<DuplexStream>,
}

/// One connection at its far end.
pub(crate) struct Line {
    pub(crate) number: usize,
    stream: DuplexStream,
    seen: Arc<Mutex<Seen>>,
}

impl Far {
    /// Every connection is made at once, and is `serve`'s from then on.
    pub(crate) fn new<F: Future<Output = ()> + Send + 'static>(serve: impl Fn(Line) -> F + Send + Sync + 'static) -> Self {
        Self::refusing(move |line| Ok(serve(line)))
    }

    /// The same where `serve` may refuse a connection.
    pub(crate) fn refusing<F: Future<Output = ()> + Send + 'static>(serve: impl Fn(Line) -> io::Result<F> + Send + Sync + 'static) -> Self {
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let log = Arc::clone(&seen);
        let http = Http::over(move |address| {
            let (near, stream) = tokio::io::duplex(PIPE_BYTES);
            log.lock().unwrap().addresses.push(address);
            let line = Line { number: log.lock().unwrap().addresses.len(), stream, seen: Arc::clone(&log) };
            let served = serve(line).map(|serving| drop(tokio::spawn(serving)));
            async move { served.map(|()| near) }
        });
        Self { http, seen }
    }

    /// A hyper server on every connection.
    pub(crate) fn serving(answer: impl Fn(&Request<Incoming>) -> Response<Full<Bytes>> + Clone + Send + Sync + 'static) -> Self {
        Self::new(move |line| line.serve(answer.clone()))
    }

    /// To which addresses connections were asked for.
    pub(crate) fn addresses(&self) -> Vec<String> {
        self.seen.lock().unwrap().addresses.iter().map(ToString::to_string).collect()
    }

    /// The first line of every request that arrived, the same one twice if it came twice.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().requests.clone()
    }

    /// Hangs up every connection that was kept.
    pub(crate) fn hang_up(&self) {
        self.seen.lock().unwrap().kept.clear();
    }
}

impl Line {
    async fn serve(self, answer: impl Fn(&Request<Incoming>) -> Response<Full<Bytes>>) {
        let (answer, seen) = (&answer, &self.seen);
        let service = service_fn(move |request: Request<Incoming>| {
            seen.lock().unwrap().requests.push(format!("{} {}", request.method(), request.uri()));
            let response = answer(&request);
            async move { Ok::<_, Infallible>(response) }
        });
        let _ = http1::Builder::new().serve_connection(TokioIo::new(self.stream), service).await;
    }

    /// Reads one request's head.
    pub(crate) async fn read(&mut self) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let first = head.split(" HTTP/1.1").next().unwrap_or_default().to_owned();
        self.seen.lock().unwrap().requests.push(first);
    }

    /// Writes bytes of an answer.
    pub(crate) async fn write(&mut self, bytes: &str) {
        self.stream.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// Stays open and says nothing more, until [`Far::hang_up`].
    pub(crate) fn keep(self) {
        self.seen.lock().unwrap().kept.push(self.stream);
    }
}
