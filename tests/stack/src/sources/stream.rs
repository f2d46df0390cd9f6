//! A table's changes, handed to a function in order and in batches, as Lambda's event source mapping
//! does: records that no filter lets through are passed over; a batch that fails is tried again from
//! where it failed, halved where the template says so, a bounded number of times, and then put away
//! whole. Only then does the stream go on: a bad record holds up what comes after it, as at AWS.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType};
use sandbox::Saved;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::queue::failures;
use super::{Surface, filter, wire};
use crate::aws::REGION;
use crate::resources::said;
use crate::template::StreamSource;

/// How long to wait between two looks when nothing is there.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The most records that one look takes from a shard.
const LOOK_LIMIT: i32 = 1_000;
/// The most requests to list a stream's shards.
const SHARD_PAGES_LIMIT: usize = 100;
/// The wait before the first repetition; each further one is twice as long.
const PAUSE_FIRST: Duration = Duration::from_millis(20);
/// The longest wait before a repetition.
const PAUSE_LONGEST: Duration = Duration::from_millis(500);
/// How long somebody who asks whether all is quiet waits for the next look to end.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// How far each shard was read; on a file, a restart goes on from there.
pub type Positions = Saved<BTreeMap<String, String>>;

/// A stream that is being followed.
pub(super) struct Stream {
    asked: watch::Sender<u64>,
    looked: watch::Receiver<Looked>,
}

/// What the newest look found.
#[derive(Clone, Copy, Default)]
struct Looked {
    for_question: u64,
    found: usize,
}

impl Stream {
    pub(super) fn start(surface: &Surface, function: &str, source: &StreamSource, positions: Positions, tasks: &mut JoinSet<()>) -> Self {
        let asked = watch::Sender::new(0);
        let (answering, looked) = watch::channel(Looked::default());
        let follower = Follower {
            surface: surface.clone(),
            function: function.to_owned(),
            source: source.clone(),
            positions,
            iterators: BTreeMap::new(),
        };
        tasks.spawn(follow(follower, asked.subscribe(), answering));
        Self { asked, looked }
    }

    /// Asks for a look now, and says whether it found anything.
    pub(super) async fn restless(&self) -> Option<String> {
        let mut question = 0;
        self.asked.send_modify(|asked| {
            *asked += 1;
            question = *asked;
        });
        let mut looked = self.looked.clone();
        let answer = tokio::time::timeout(ANSWER_WITHIN, looked.wait_for(|looked| looked.for_question >= question));
        match answer.await {
            Ok(Ok(looked)) if looked.found == 0 => None,
            Ok(Ok(looked)) => Some(format!("{} changes were just read", looked.found)),
            Ok(Err(_)) => None,
            Err(_) => Some("changes are being worked on".to_owned()),
        }
    }
}

async fn follow(mut follower: Follower, mut asked: watch::Receiver<u64>, answering: watch::Sender<Looked>) {
    loop {
        let for_question = *asked.borrow_and_update();
        let found = follower.look().await;
        answering.send_replace(Looked { for_question, found });
        if found == 0 {
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                changed = asked.changed() => if changed.is_err() { return },
            }
        }
    }
}

struct Follower {
    surface: Surface,
    function: String,
    source: StreamSource,
    positions: Positions,
    /// Where to read next, by shard; without one the shard is taken up anew.
    iterators: BTreeMap<String, String>,
}

/// Records that are handed over together.
struct Batch {
    records: Vec<Value>,
    /// How often it was tried already.
    tries: u32,
}

impl Follower {
    /// Reads each shard once and hands on what it found; answers how many records there were.
    async fn look(&mut self) -> usize {
        if self.iterators.is_empty()
            && let Err(cause) = self.take_up().await
        {
            tracing::debug!(cause, "the stream could not be taken up");
            return 0;
        }
        let mut found = 0;
        for (shard, iterator) in self.iterators.clone() {
            found += self.look_at(&shard, iterator).await;
        }
        found
    }

    async fn look_at(&mut self, shard: &str, iterator: String) -> usize {
        let request = self.surface.clients.streams.get_records().shard_iterator(iterator).limit(LOOK_LIMIT);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(cause) => {
                tracing::debug!(cause = said(cause), "a shard could not be read");
                self.iterators.remove(shard);
                return 0;
            }
        };
        let records = answer.records.unwrap_or_default();
        if !records.is_empty() {
            self.hand_on(shard, &records).await;
        }
        match answer.next_shard_iterator {
            Some(next) => self.iterators.insert(shard.to_owned(), next),
            None => self.iterators.remove(shard),
        };
        records.len()
    }

    async fn take_up(&mut self) -> Result<(), String> {
        let mut after: Option<String> = None;
        for _ in 0..SHARD_PAGES_LIMIT {
            let request = self.surface.clients.streams.describe_stream().stream_arn(&self.source.arn);
            let answer = request.set_exclusive_start_shard_id(after).send().await.map_err(said)?;
            let Some(stream) = answer.stream_description else {
                break;
            };
            for shard in stream.shards.unwrap_or_default() {
                self.take_up_shard(shard.shard_id.unwrap_or_default()).await?;
            }
            after = stream.last_evaluated_shard_id;
            if after.is_none() {
                break;
            }
        }
        Ok(())
    }

    async fn take_up_shard(&mut self, shard: String) -> Result<(), String> {
        let position = self.positions.read(|positions| positions.get(&shard).cloned());
        let from = |kind, at| {
            let request = self.surface.clients.streams.get_shard_iterator().stream_arn(&self.source.arn);
            request.shard_id(&shard).shard_iterator_type(kind).set_sequence_number(at).send()
        };
        let answer = match position {
            Some(at) => match from(ShardIteratorType::AfterSequenceNumber, Some(at)).await {
                Ok(answer) => answer,
                // What was read up to is forgotten by now.
                Err(_) => from(ShardIteratorType::TrimHorizon, None).await.map_err(said)?,
            },
            None => from(ShardIteratorType::TrimHorizon, None).await.map_err(said)?,
        };
        self.iterators.extend(answer.shard_iterator.map(|iterator| (shard, iterator)));
        Ok(())
    }

    async fn hand_on(&self, shard: &str, records: &[Record]) {
        let all = records.iter().map(|record| wire::record(record, &self.source.arn, REGION));
        let wanted: Vec<Value> = all.filter(|record| filter::matches(&self.source.filters, record)).collect();
        if !wanted.is_empty() {
            let _busy = self.surface.activity.begin();
            for records in wanted.chunks(self.source.batch_size.max(1)) {
                self.deliver(shard, Batch { records: records.to_vec(), tries: 0 }).await;
            }
        }
        let last = records.last().and_then(|record| record.dynamodb.as_ref()?.sequence_number.clone());
        if let Some(last) = last {
            self.positions.write(|positions| positions.insert(shard.to_owned(), last));
        }
    }

    async fn deliver(&self, shard: &str, batch: Batch) {
        // The newest part is on top: the order of the stream holds.
        let mut parts = vec![batch];
        while let Some(batch) = parts.pop() {
            let event = json!({ "Records": batch.records });
            let answer = self.surface.invoker.invoke(&self.function, &event).await;
            let failed_from = match answer {
                Ok(answer) if self.source.partial => first_failure(&batch.records, &answer),
                Ok(_) => None,
                Err(_) => Some(0),
            };
            let Some(failed_from) = failed_from else {
                continue;
            };
            let left = Batch { records: batch.records.into_iter().skip(failed_from).collect(), tries: batch.tries + 1 };
            if left.tries > self.source.retries {
                self.put_away(shard, left).await;
                continue;
            }
            tokio::time::sleep(pause(left.tries)).await;
            parts.extend(self.again(left));
        }
    }

    /// The parts to try next, last one first.
    fn again(&self, mut batch: Batch) -> Vec<Batch> {
        if !self.source.bisect || batch.records.len() < 2 {
            return vec![batch];
        }
        let later = batch.records.split_off(batch.records.len().div_ceil(2));
        // Halving is no repetition.
        batch.tries = batch.tries.saturating_sub(1);
        vec![Batch { records: later, tries: batch.tries }, batch]
    }

    async fn put_away(&self, shard: &str, batch: Batch) {
        let Some(destination) = &self.source.on_failure else {
            tracing::warn!(records = batch.records.len(), "changes were given up and go nowhere");
            return;
        };
        let record = self.invocation_record(shard, &batch);
        let sent = match destination.strip_prefix("arn:aws:s3:::") {
            Some(bucket) => self.put_object(bucket, shard, &record).await,
            None => super::schedule::send(&self.surface, destination, record.to_string()).await,
        };
        match sent {
            Ok(()) => tracing::warn!(records = batch.records.len(), destination, "changes were given up and put away"),
            Err(cause) => tracing::error!(cause, "changes were given up and could not be put away"),
        }
    }

    fn invocation_record(&self, shard: &str, batch: &Batch) -> Value {
        json!({
            "version": "1.0",
            "timestamp": self.surface.clock.now().to_string(),
            "requestContext": {
                "functionArn": self.function,
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": batch.tries,
            },
            "DDBStreamBatchInfo": {
                "shardId": shard,
                "startSequenceNumber": batch.records.first().map(sequence_number),
                "endSequenceNumber": batch.records.last().map(sequence_number),
                "batchSize": batch.records.len(),
                "streamArn": self.source.arn,
            },
            "payload": json!({ "Records": batch.records }).to_string(),
        })
    }

    async fn put_object(&self, bucket: &str, shard: &str, record: &Value) -> Result<(), String> {
        let now = self.surface.clock.now();
        let at = now.strftime("%Y/%m/%d/%Y-%m-%dT%H.%M.%S");
        let key = format!("aws/lambda/{}/{shard}/{at}-{:016x}", self.function, rand::random::<u64>());
        let body = record.to_string().into_bytes();
        let request = self.surface.clients.s3.put_object().bucket(bucket).key(key);
        request.body(body.into()).send().await.map(drop).map_err(said)
    }
}

fn sequence_number(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
}

/// The place of the first record that failed. An answer that is not understood fails them all.
fn first_failure(records: &[Value], answer: &Value) -> Option<usize> {
    let Some(failed) = failures(answer) else {
        return Some(0);
    };
    if failed.is_empty() {
        return None;
    }
    let place = records.iter().position(|record| failed.contains(sequence_number(record)));
    Some(place.unwrap_or(0))
}

fn pause(tries: u32) -> Duration {
    PAUSE_FIRST.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1))).min(PAUSE_LONGEST)
}
