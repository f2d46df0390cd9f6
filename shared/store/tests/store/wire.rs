//! What lies between the store and its table in these tests: it can lose answers and requests, answer in
//! the table's place, and it holds the bucket's objects.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

/// Something that goes wrong once.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// The table does it, and its answer is lost.
    LostAnswer,
    /// The table never hears of it.
    LostRequest,
    /// Somebody answers in the table's place: status, error code.
    Refused(u16, &'static str),
    /// The same with a whole body.
    Answer(u16, String),
}

#[derive(Debug, Default)]
struct State {
    faults: VecDeque<(&'static str, Fault)>,
    objects: HashMap<String, Vec<u8>>,
    calls: Vec<String>,
}

/// The wire. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    inner: net::AwsHttp,
    state: Arc<Mutex<State>>,
}

impl Wire {
    pub(crate) fn new() -> Self {
        Self { inner: net::AwsHttp::new(), state: Arc::default() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next calls of that operation go wrong so, one after the other.
    pub(crate) fn next(&self, operation: &'static str, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.extend(faults.into_iter().map(|fault| (operation, fault)));
    }

    /// Faults that nobody has met yet.
    pub(crate) fn faults_left(&self) -> usize {
        self.state().faults.len()
    }

    /// The operations that were called since the last look.
    pub(crate) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.state().calls)
    }

    /// The objects in the bucket.
    pub(crate) fn objects(&self) -> Vec<String> {
        self.state().objects.keys().cloned().collect()
    }

    /// Forgets all objects.
    pub(crate) fn empty_bucket(&self) {
        self.state().objects.clear();
    }

    fn fault(&self, operation: &str) -> Option<Fault> {
        let mut state = self.state();
        state.calls.push(operation.to_owned());
        let place = state.faults.iter().position(|(target, _)| *target == operation)?;
        state.faults.remove(place).map(|(_, fault)| fault)
    }

    async fn object(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let path = request.uri().split('?').next().unwrap_or_default();
        let place = path.split_once("/bucket/").map(|(_, place)| place.to_owned()).unwrap_or_default();
        if request.method() == "PUT" {
            assert!(request.headers().get("content-encoding").is_none(), "the body is sent as it is");
            let body = ByteStream::new(request.into_body()).collect().await;
            let body = body.map_err(|error| ConnectorError::other(error.into(), None))?;
            self.state().objects.insert(place, body.to_vec());
            return answer(200, String::new());
        }
        match self.state().objects.get(&place) {
            Some(body) => Ok(HttpResponse::new(200.try_into().unwrap(), SdkBody::from(body.clone()))),
            None => answer(404, "<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>".to_owned()),
        }
    }
}

fn answer(status: u16, body: String) -> Result<HttpResponse, ConnectorError> {
    Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body)))
}

impl HttpClient for Wire {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector { wire: self.clone(), inner: self.inner.http_connector(settings, components) })
    }
}

#[derive(Debug)]
struct Connector {
    wire: Wire,
    inner: SharedHttpConnector,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Some(target) = request.headers().get("x-amz-target") else {
            let wire = self.wire.clone();
            return HttpConnectorFuture::new(async move { wire.object(request).await });
        };
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let fault = self.wire.fault(&operation);
        let inner = self.inner.clone();
        HttpConnectorFuture::new(async move {
            match fault {
                None => inner.call(request).await,
                Some(Fault::LostRequest) => Err(ConnectorError::io("lost on the way".into())),
                Some(Fault::LostAnswer) => {
                    inner.call(request).await?;
                    Err(ConnectorError::io("the answer was lost".into()))
                }
                Some(Fault::Refused(status, code)) => answer(status, format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}"}}"#)),
                Some(Fault::Answer(status, body)) => answer(status, body),
            }
        })
    }
}
