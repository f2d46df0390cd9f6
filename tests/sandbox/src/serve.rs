//! The listeners: one socket on loopback for each provider's door, HTTP/1.1, without delay; and the same
//! conversation over any stream, for whoever brings one ([`converse`]).
//!
//! A handler can end a connection without an answer by answering [`hang_up`]: that is how a lost
//! request and a lost answer look from the caller's side. Dropping a [`Listening`] closes its
//! socket and every connection. TLS is absent.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};
use tower::ServiceExt;

/// An open socket; closes when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Listening {
    address: SocketAddr,
    _open: Arc<Open>,
}

impl Listening {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

#[derive(Debug)]
struct Open(AbortHandle);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A socket that is bound but answers nobody yet, for providers that must know their own URL
/// before they can build their router.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

/// Binds `port` on loopback; 0 takes any free one.
///
/// # Errors
/// When the port is taken.
pub async fn bind(port: u16) -> Result<Bound, std::io::Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    Ok(Bound { listener, address })
}

impl Bound {
    /// The base URL it will answer at.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Starts to answer.
    #[must_use]
    pub fn serve(self, router: Router) -> Listening {
        let accepting = tokio::spawn(accept(self.listener, router));
        Listening { address: self.address, _open: Arc::new(Open(accepting.abort_handle())) }
    }
}

/// Binds and serves in one go.
///
/// # Errors
/// When the port is taken.
pub async fn serve(router: Router, port: u16) -> Result<Listening, std::io::Error> {
    Ok(bind(port).await?.serve(router))
}

/// The answer that is no answer: the connection ends without a byte.
#[must_use]
pub fn hang_up() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(HangUp);
    response
}

#[derive(Clone)]
struct HangUp;

#[derive(Debug, thiserror::Error)]
#[error("hung up by a fault rule")]
struct HungUp;

// The set of connections is owned by this task, so that ending the task ends them all.
async fn accept(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let _ = stream.set_nodelay(true);
                    connections.spawn(speak(builder(true), stream, router.clone()));
                }
                Err(cause) => tracing::warn!(%cause, "a connection was not accepted"),
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

/// Speaks HTTP/1.1 over a stream, such as a pipe within the process, until either side ends it. Its answers bear
/// no date: the machine's is nobody's time there.
pub async fn converse(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, router: Router) {
    speak(builder(false), stream, router).await;
}

fn builder(dated: bool) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).auto_date_header(dated);
    builder
}

async fn speak(builder: http1::Builder, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, router: Router) {
    let service = service_fn(move |request: hyper::Request<Incoming>| answer(router.clone(), request));
    let served = builder.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
    if let Err(cause) = served {
        tracing::debug!(%cause, "a connection ended early");
    }
}

async fn answer(router: Router, request: hyper::Request<Incoming>) -> Result<Response, HungUp> {
    let request = request.map(Body::new);
    let response = match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never as Infallible {},
    };
    match response.extensions().get::<HangUp>() {
        Some(_) => Err(HungUp),
        None => Ok(response),
    }
}
