//! AWS in this process, for the unchanged SDK: the tables that the template asks for, the queue of jobs, the
//! secrets and the bucket, under seeded weather. No request meets a socket, a thread or the machine's clock.

mod call;
mod mutation;
mod queue;
mod weather;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use bytes::Bytes;
use http::StatusCode;
use serde_json::json;
use stack::aws::tables::{Attempt, Tables};
use tokio::sync::Notify;

use crate::life::Life;
use call::{Answer, Call, Service};
pub(crate) use mutation::Guard;
pub(crate) use queue::{JobQueue, QueueRules, Received};
use weather::Fate;
pub(crate) use weather::Weather;

/// The services.
pub(crate) struct Cloud {
    pub(crate) tables: Tables,
    pub(crate) queue: JobQueue,
    pub(crate) secrets: BTreeMap<String, String>,
    pub(crate) weather: Weather,
    /// What is made worthless.
    without: Option<Guard>,
    bucket: Mutex<BTreeMap<String, Bytes>>,
    /// Told of each change of the tables.
    pub(crate) changed: Notify,
}

impl Cloud {
    pub(crate) fn new(
        tables: Tables,
        queue: JobQueue,
        secrets: BTreeMap<String, String>,
        weather: Weather,
        without: Option<Guard>,
    ) -> Self {
        Self { tables, queue, secrets, weather, without, bucket: Mutex::default(), changed: Notify::new() }
    }

    /// Carries a request there and its answer back, as the weather lets it; at once for those whom it does not meet.
    async fn carry(self: Arc<Self>, life: Option<Life>, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let call = Call::read(request).await?;
        let Some(life) = life else { return self.answer(&call, false).into_response() };
        self.weather.count(&call);
        let call = match self.without {
            Some(guard) => guard.taken_from(call),
            None => call,
        };
        let changes = call.changes();
        let passing = life.before(changes).await;
        let fate = self.weather.fate(&call);
        tokio::time::sleep(self.weather.way()).await;
        let answer = self.meet(call, fate).await;
        passing.after().await;
        tokio::time::sleep(self.weather.way()).await;
        answer?.into_response()
    }

    async fn meet(self: &Arc<Self>, call: Call, fate: Fate) -> Result<Answer, ConnectorError> {
        match fate {
            Fate::Fair | Fate::Partial => Ok(self.answer(&call, fate == Fate::Partial)),
            Fate::Slow(wait) => {
                tokio::time::sleep(wait).await;
                Ok(self.answer(&call, false))
            }
            Fate::Throttled => Ok(Answer::refused(400, "ThrottlingException")),
            Fate::Failed => Ok(Answer::refused(500, "InternalServerError")),
            Fate::Contended if call.operation == "TransactWriteItems" => {
                Ok(Answer::contended(call.json()["TransactItems"].as_array().map_or(0, Vec::len)))
            }
            Fate::Contended => Ok(Answer::refused(400, "TransactionConflictException")),
            Fate::Lost => Err(ConnectorError::io("the connection was reset".into())),
            Fate::AnswerLost => {
                drop(self.answer(&call, false));
                Err(ConnectorError::io("the connection was reset".into()))
            }
            Fate::Late(wait) => {
                let cloud = Arc::clone(self);
                tokio::spawn(async move {
                    tokio::time::sleep(wait).await;
                    drop(cloud.answer(&call, false));
                });
                std::future::pending().await
            }
        }
    }

    /// Does what a request asks for.
    pub(crate) fn answer(&self, call: &Call, partial: bool) -> Answer {
        match call.service {
            Service::Tables => self.tables(call),
            Service::Queue => self.queue.answer(call, partial),
            Service::Secrets => self.secret(call),
            Service::Bucket => self.object(call),
        }
    }

    fn tables(&self, call: &Call) -> Answer {
        let answer = match self.tables.call(&call.operation, &call.body) {
            Attempt::Done(json) => Answer::done(json),
            Attempt::Refused(error) => Answer { status: error.status_code(), body: error.to_json().into() },
            Attempt::Elsewhere => Answer::refused(400, "ValidationException"),
        };
        if call.changes() && answer.status == StatusCode::OK {
            self.changed.notify_one();
        }
        answer
    }

    fn secret(&self, call: &Call) -> Answer {
        let said = call.json();
        let name = said["SecretId"].as_str().unwrap_or_default();
        match self.secrets.get(name) {
            Some(text) => Answer::done(json!({ "ARN": name, "Name": name, "SecretString": text }).to_string()),
            None => Answer::refused(400, "ResourceNotFoundException"),
        }
    }

    fn object(&self, call: &Call) -> Answer {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        match (call.operation.as_str(), bucket.get(&call.path)) {
            ("PUT", _) => {
                bucket.insert(call.path.clone(), call.body.clone());
                Answer::done(Bytes::new())
            }
            ("GET", Some(body)) => Answer::done(body.clone()),
            _ => Answer { status: 404, body: Bytes::from_static(b"<Error><Code>NoSuchKey</Code></Error>") },
        }
    }
}

/// The SDK's HTTP client of one invocation's environment.
#[derive(Clone)]
pub(crate) struct CloudHttp {
    pub(crate) cloud: Arc<Cloud>,
    /// Whose life the calls belong to, by now; nobody's for whoever looks on from outside.
    pub(crate) life: Option<Arc<Mutex<Life>>>,
}

impl fmt::Debug for CloudHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CloudHttp")
    }
}

impl HttpClient for CloudHttp {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for CloudHttp {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let life = self.life.as_ref().map(|life| life.lock().unwrap_or_else(PoisonError::into_inner).clone());
        HttpConnectorFuture::new(Arc::clone(&self.cloud).carry(life, request))
    }
}
