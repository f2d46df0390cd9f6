//! The queue's messages, handed to the worker in batches, several at once: what the worker does not name as
//! failed is deleted, the rest comes back.

use std::collections::HashSet;
use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use sandbox::Clock;
use tokio::sync::Semaphore;

use crate::aws::{Cloud, Received};
use crate::dice::Dice;
use crate::machine::{Code, Function, Machine};

/// Hands messages to the worker, until it is dropped.
pub(crate) async fn work_off(cloud: Arc<Cloud>, machine: Arc<Machine>, clock: Clock, dice: Dice, batch_size: u64, lanes: usize) {
    let lanes = Arc::new(Semaphore::new(lanes));
    loop {
        wait(&cloud, &clock).await;
        let lane = Arc::clone(&lanes).acquire_owned().await.unwrap();
        let most = usize::try_from(dice.number(1, batch_size)).unwrap_or(1);
        let batch = cloud.queue.receive(most);
        if batch.is_empty() {
            continue;
        }
        let (cloud, machine) = (Arc::clone(&cloud), Arc::clone(&machine));
        tokio::spawn(async move {
            deliver(&cloud, &machine, batch).await;
            drop(lane);
        });
    }
}

/// Waits until a message can be received.
async fn wait(cloud: &Cloud, clock: &Clock) {
    while cloud.queue.next().is_none_or(|next| next > clock.now()) {
        let next = async {
            match cloud.queue.next() {
                Some(next) => clock.sleep_until(next).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = next => {}
            () = cloud.queue.changed.notified() => {}
        }
    }
}

async fn deliver(cloud: &Cloud, machine: &Machine, batch: Vec<Received>) {
    let mut event = SqsEvent::default();
    for received in &batch {
        let mut message = SqsMessage::default();
        message.message_id = Some(received.id.to_string());
        message.body = Some(received.body.clone());
        event.records.push(message);
    }
    let answer = machine
        .invoke(Function::Worker, async |code| match code {
            Code::Worker(handler) => handler.call(event).await.ok(),
            _ => None,
        })
        .await;
    let Ok(Some(answer)) = answer else { return };
    let failed: HashSet<String> = answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
    for received in batch.iter().filter(|received| !failed.contains(&received.id.to_string())) {
        cloud.queue.delete(received.id);
    }
}
