//! The near end of a pipe to a provider, on which an invocation can die: before a request leaves, or when its
//! answer comes. A connection carries one request after the other, until one of them is lost or its answer is.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

use crate::life::{Life, Passing};

/// A pipe whose requests belong to whoever lives in an environment.
pub(crate) struct Watched {
    pipe: DuplexStream,
    life: Arc<Mutex<Life>>,
    under_way: Option<Passing>,
    dead: bool,
    /// Nothing comes through any more, in either direction.
    lost: bool,
}

impl Watched {
    pub(crate) fn new(pipe: DuplexStream, life: &Arc<Mutex<Life>>) -> Self {
        Self { pipe, life: Arc::clone(life), under_way: None, dead: false, lost: false }
    }

    /// A request begins with its method.
    fn begins(&mut self, bytes: &[u8]) {
        if self.under_way.is_none() {
            let life = self.life.lock().unwrap_or_else(PoisonError::into_inner).clone();
            match life.ask(!bytes.starts_with(b"GET ")) {
                Ok(passing) => {
                    self.lost |= passing.loses_request();
                    self.under_way = Some(passing);
                }
                Err(_) => self.dead = true,
            }
        }
    }

    fn answered(&mut self) {
        if let Some(passing) = self.under_way.take() {
            self.lost |= passing.loses_answer();
            self.dead |= !passing.end();
        }
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.begins(bytes);
        if self.lost {
            return Poll::Ready(Ok(bytes.len()));
        }
        if self.dead { Poll::Pending } else { Pin::new(&mut self.pipe).poll_write(context, bytes) }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(context)
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.dead {
            return Poll::Pending;
        }
        if self.lost {
            return Poll::Ready(Ok(()));
        }
        let before = into.filled().len();
        let read = Pin::new(&mut self.pipe).poll_read(context, into);
        if read.is_ready() {
            self.answered();
        }
        if self.lost {
            into.set_filled(before);
        }
        if self.dead { Poll::Pending } else { read }
    }
}
