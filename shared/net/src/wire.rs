//! What carries the bytes of a call: TCP, under TLS where the address says https; or whatever somebody
//! puts in its place, such as a pipe in this process.
//!
//! Invariants: one kind of connection, so that hyper is built once for all; a connection is made within
//! its time or fails. Absent on purpose: any word of HTTP.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;

use crate::tls::tls_config;

type Connecting = Pin<Box<dyn Future<Output = io::Result<Wire>> + Send>>;

/// Makes connections; cheap to clone.
#[derive(Clone)]
pub(crate) struct Carrier(Arc<dyn Fn(Uri) -> Connecting + Send + Sync>);

impl Carrier {
    /// TCP and TLS; `None` if there were no TLS version in common.
    pub(crate) fn sockets(within: Duration) -> Option<Self> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(within));
        let connector = HttpsConnector::from((tcp, tls_config()?));
        Some(Self::timed(within, move |address| {
            let connecting = connector.clone().call(address);
            async move { connecting.await.map(Wire::new).map_err(io::Error::other) }
        }))
    }

    /// Connections that `connect` makes; nothing is put over them, not for https either.
    pub(crate) fn pipes<F, S>(within: Duration, connect: impl Fn(Uri) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<S>> + Send + 'static,
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        Self::timed(within, move |address| {
            let connecting = connect(address);
            async move { connecting.await.map(|stream| Wire::new(TokioIo::new(stream))) }
        })
    }

    fn timed<F>(within: Duration, connect: impl Fn(Uri) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<Wire>> + Send + 'static,
    {
        Self(Arc::new(move |address| {
            let connecting = connect(address);
            Box::pin(async move { tokio::time::timeout(within, connecting).await.unwrap_or_else(|late| Err(late.into())) })
        }))
    }
}

impl Service<Uri> for Carrier {
    type Response = Wire;
    type Error = io::Error;
    type Future = Connecting;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, address: Uri) -> Connecting {
        (self.0)(address)
    }
}

trait Stream: Read + Write + Send + Unpin {}

impl<T: Read + Write + Send + Unpin> Stream for T {}

/// One connection.
pub(crate) struct Wire(Box<dyn Stream>);

impl Wire {
    fn new(stream: impl Stream + 'static) -> Self {
        Self(Box::new(stream))
    }
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl Write for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, parts: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(context, parts)
    }
}
