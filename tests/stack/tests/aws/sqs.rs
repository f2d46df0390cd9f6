//! Queues: visibility, delays and retention by the clock, receipt handles, batches, dead letters.

use std::time::Duration;

use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry,
};
use jiff::SignedDuration;

use super::world::{World, fresh};

async fn queue(world: &World, name: &str, attributes: &[(QueueAttributeName, &str)]) -> String {
    let mut create = world.clients.sqs.create_queue().queue_name(name);
    for (attribute, value) in attributes {
        create = create.attributes(attribute.clone(), *value);
    }
    create.send().await.expect("the queue is made").queue_url.unwrap()
}

async fn send(world: &World, queue: &str, body: &str) {
    let send = world.clients.sqs.send_message().queue_url(queue);
    send.message_body(body).send().await.expect("a message is sent");
}

async fn receive(world: &World, queue: &str) -> Vec<Message> {
    let receive = world.clients.sqs.receive_message().queue_url(queue);
    let receive = receive.max_number_of_messages(10).message_system_attribute_names(MessageSystemAttributeName::All);
    receive.send().await.expect("messages are asked for").messages.unwrap_or_default()
}

fn bodies(messages: &[Message]) -> Vec<&str> {
    let mut bodies: Vec<_> = messages.iter().filter_map(Message::body).collect();
    bodies.sort_unstable();
    bodies
}

async fn delete(world: &World, queue: &str, message: &Message) {
    let delete = world.clients.sqs.delete_message().queue_url(queue);
    let delete = delete.set_receipt_handle(message.receipt_handle.clone());
    delete.send().await.expect("a message is deleted");
}

#[tokio::test]
async fn a_received_message_is_hidden_until_the_clock_has_passed_its_timeout() {
    let world = fresh().await;
    let jobs = queue(&world, "jobs", &[(QueueAttributeName::VisibilityTimeout, "360")]).await;
    send(&world, &jobs, "settle").await;

    assert_eq!(bodies(&receive(&world, &jobs).await), ["settle"]);
    assert!(receive(&world, &jobs).await.is_empty());
    world.advance(SignedDuration::from_secs(300)).await;
    assert!(receive(&world, &jobs).await.is_empty());
    world.advance(SignedDuration::from_secs(61)).await;
    let again = receive(&world, &jobs).await;
    assert_eq!(bodies(&again), ["settle"]);
    let count = &again[0].attributes.as_ref().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount];
    assert_eq!(count, "2");
    delete(&world, &jobs, &again[0]).await;
    world.advance(SignedDuration::from_hours(1)).await;
    assert!(receive(&world, &jobs).await.is_empty());
}

#[tokio::test]
async fn a_deletion_by_the_newest_handle_holds_after_the_timeout_and_by_an_older_one_does_not() {
    let world = fresh().await;
    let jobs = queue(&world, "jobs", &[]).await;
    send(&world, &jobs, "slow").await;
    let first = receive(&world, &jobs).await;
    world.advance(SignedDuration::from_secs(31)).await;
    let second = receive(&world, &jobs).await;
    delete(&world, &jobs, &first[0]).await;
    world.advance(SignedDuration::from_secs(31)).await;
    let third = receive(&world, &jobs).await;
    assert_eq!(bodies(&third), ["slow"], "the old handle deleted nothing");
    assert_eq!(second[0].message_id, third[0].message_id);

    world.advance(SignedDuration::from_secs(31)).await;
    delete(&world, &jobs, &third[0]).await;
    assert!(receive(&world, &jobs).await.is_empty());
}

#[tokio::test]
async fn a_batch_deletes_what_it_can_and_names_the_rest() {
    let world = fresh().await;
    let jobs = queue(&world, "jobs", &[]).await;
    let entry = |id: &str| {
        let entry = SendMessageBatchRequestEntry::builder().id(id).message_body(id);
        entry.build().unwrap()
    };
    let sent = world.clients.sqs.send_message_batch().queue_url(&jobs);
    let sent = sent.entries(entry("one")).entries(entry("two")).entries(entry("three"));
    assert_eq!(sent.send().await.unwrap().successful.len(), 3);

    let received = receive(&world, &jobs).await;
    assert_eq!(bodies(&received), ["one", "three", "two"]);
    let mut batch = world.clients.sqs.delete_message_batch().queue_url(&jobs);
    for message in received.iter().filter(|message| message.body() != Some("two")) {
        let entry =
            DeleteMessageBatchRequestEntry::builder().id(message.body().unwrap()).set_receipt_handle(message.receipt_handle.clone());
        batch = batch.entries(entry.build().unwrap());
    }
    let unknown = DeleteMessageBatchRequestEntry::builder().id("nobody").receipt_handle("nothing");
    let deleted = batch.entries(unknown.build().unwrap()).send().await.unwrap();
    assert_eq!(deleted.successful.len(), 2);
    let failed: Vec<_> = deleted.failed.iter().map(|failed| (failed.id(), failed.code())).collect();
    assert_eq!(failed, [("nobody", "ReceiptHandleIsInvalid")]);

    world.advance(SignedDuration::from_mins(1)).await;
    assert_eq!(bodies(&receive(&world, &jobs).await), ["two"]);
}

#[tokio::test]
async fn a_message_nobody_can_handle_ends_among_the_dead_letters() {
    let world = fresh().await;
    let dead = queue(&world, "jobs-dead", &[]).await;
    let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:jobs-dead","maxReceiveCount":5}"#;
    let jobs = queue(&world, "jobs", &[(QueueAttributeName::RedrivePolicy, policy)]).await;
    send(&world, &jobs, "poison").await;
    for _attempt in 0..5 {
        assert_eq!(bodies(&receive(&world, &jobs).await), ["poison"]);
        world.advance(SignedDuration::from_secs(31)).await;
    }
    assert!(receive(&world, &jobs).await.is_empty());
    assert_eq!(bodies(&receive(&world, &dead).await), ["poison"]);

    let nowhere = policy.replace("jobs-dead", "nowhere");
    let refused = world.clients.sqs.create_queue().queue_name("other");
    let refused = refused.attributes(QueueAttributeName::RedrivePolicy, nowhere);
    let refused = refused.send().await.expect_err("no such queue");
    assert_eq!(refused.code(), Some("InvalidParameterValue"));
}

#[tokio::test]
async fn delays_and_retention_follow_the_clock() {
    let world = fresh().await;
    let jobs = queue(&world, "jobs", &[]).await;
    let delayed = world.clients.sqs.send_message().queue_url(&jobs);
    delayed.message_body("later").delay_seconds(900).send().await.unwrap();
    assert!(receive(&world, &jobs).await.is_empty());
    world.advance(SignedDuration::from_mins(15)).await;
    assert_eq!(bodies(&receive(&world, &jobs).await), ["later"]);

    send(&world, &jobs, "forgotten").await;
    world.advance(SignedDuration::from_hours(4 * 24 + 1)).await;
    assert!(receive(&world, &jobs).await.is_empty(), "four days are the default");

    let sent_at = world.clock.now();
    send(&world, &jobs, "today").await;
    let today = receive(&world, &jobs).await;
    let sent = &today[0].attributes.as_ref().unwrap()[&MessageSystemAttributeName::SentTimestamp];
    let off_by_ms = sent.parse::<i64>().unwrap() - sent_at.as_millisecond();
    assert!((0..60_000).contains(&off_by_ms), "sent by our clock: {off_by_ms}");
}

#[tokio::test]
async fn what_sqs_refuses_is_refused() {
    let world = fresh().await;
    let jobs = queue(&world, "jobs", &[]).await;
    let sqs = &world.clients.sqs;
    let too_many = sqs.receive_message().queue_url(&jobs).max_number_of_messages(11);
    let too_many = too_many.send().await.expect_err("ten is the most");
    assert_eq!(too_many.code(), Some("InvalidParameterValue"));
    let too_late = sqs.send_message().queue_url(&jobs).message_body("x").delay_seconds(901);
    let too_late = too_late.send().await.expect_err("a quarter of an hour is the most");
    assert_eq!(too_late.code(), Some("InvalidParameterValue"));
    let unknown = sqs.delete_message().queue_url(&jobs).receipt_handle("nothing");
    let unknown = unknown.send().await.expect_err("never given out");
    assert_eq!(unknown.code(), Some("ReceiptHandleIsInvalid"));
    let nowhere = sqs.send_message().queue_url(jobs.replace("jobs", "none")).message_body("x");
    let nowhere = nowhere.send().await.expect_err("no such queue").into_service_error();
    assert!(nowhere.is_queue_does_not_exist(), "{nowhere:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_receive_wakes_for_a_message_and_gives_up_when_the_clock_says_so() {
    let world = fresh().await;
    let jobs = queue(&world, "jobs", &[]).await;
    let wait = || {
        let wait = world.clients.sqs.receive_message().queue_url(&jobs);
        tokio::spawn(wait.wait_time_seconds(20).send())
    };
    let waiting = wait();
    tokio::time::sleep(Duration::from_millis(50)).await;
    send(&world, &jobs, "hello").await;
    let woken = tokio::time::timeout(Duration::from_secs(5), waiting).await;
    let woken = woken.expect("woken at once").unwrap().unwrap();
    assert_eq!(bodies(woken.messages()), ["hello"]);

    let waiting = wait();
    tokio::time::sleep(Duration::from_millis(50)).await;
    world.advance(SignedDuration::from_secs(20)).await;
    let over = tokio::time::timeout(Duration::from_secs(5), waiting).await;
    assert!(over.expect("its time is over").unwrap().unwrap().messages().is_empty());
}

#[tokio::test]
async fn a_month_passes_at_once() {
    let world = fresh().await;
    let jobs = queue(&world, "jobs", &[]).await;
    send(&world, &jobs, "hello").await;
    receive(&world, &jobs).await;
    let started = std::time::Instant::now();
    world.advance(SignedDuration::from_hours(30 * 24)).await;
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}
