//! What queues, streams and schedules do to functions.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::bench::Bench;

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

#[tokio::test]
async fn jobs_are_worked_off_and_a_failed_one_comes_back_and_then_is_put_aside() {
    let bench = Bench::start().await;
    bench.seen().bad_jobs.insert("bad".to_owned());
    for job in ["one", "bad", "two"] {
        bench.send_job(job).await;
    }
    bench.stack.settle().await.unwrap();
    let mut seen: Vec<String> = bench.seen().batches.concat();
    seen.sort();
    assert_eq!(seen, ["bad", "one", "two"]);
    // Its visibility runs out: once more, and then it is in the dead letters.
    for _ in 0..2 {
        bench.stack.clock().advance(minutes(3));
        bench.stack.settle().await.unwrap();
    }
    let times = bench.seen().batches.concat().iter().filter(|job| *job == "bad").count();
    assert_eq!(times, 2);
    assert_eq!(bench.take_all("Dead").await, ["bad"]);
    assert!(bench.take_all("Jobs").await.is_empty());
}

#[tokio::test]
async fn changes_that_somebody_waits_for_reach_the_function_in_order() {
    let bench = Bench::start().await;
    for number in 0..25 {
        bench.put_thing(&format!("t{number:02}"), number % 5 != 0).await;
    }
    bench.stack.settle().await.unwrap();
    let seen = bench.seen();
    let keys = seen.changes.concat();
    let expected: Vec<String> = (0..25).filter(|number| number % 5 != 0).map(|number| format!("t{number:02}")).collect();
    assert_eq!(keys, expected);
    assert!(seen.changes.iter().all(|batch| batch.len() <= 10), "{:?}", seen.changes);
}

#[tokio::test]
async fn a_change_that_cannot_be_relayed_is_cornered_put_away_whole_and_the_rest_goes_on() {
    let bench = Bench::start().await;
    bench.seen().bad_changes.insert("poison".to_owned());
    for key in ["a", "b", "poison", "c"] {
        bench.put_thing(key, true).await;
    }
    bench.stack.settle().await.unwrap();
    let seen = bench.seen().changes.concat();
    assert_eq!(seen.last().unwrap(), "c", "the order holds: {seen:?}");
    for key in ["a", "b", "c"] {
        assert!(seen.contains(&key.to_owned()), "{seen:?}");
    }
    let bucket = bench.stack.made().await.buckets["Files"].clone();
    let s3 = &bench.stack.clients().s3;
    let listed = s3.list_objects_v2().bucket(&bucket).prefix("aws/lambda/").send().await.unwrap();
    let [object] = listed.contents() else { panic!("{:?}", listed.contents()) };
    let object = s3.get_object().bucket(&bucket).key(object.key().unwrap()).send().await.unwrap();
    let record: Value = serde_json::from_slice(&object.body.collect().await.unwrap().into_bytes()).unwrap();
    assert_eq!(record["requestContext"]["condition"], "RetryAttemptsExhausted");
    let payload: Value = serde_json::from_str(record["payload"].as_str().unwrap()).unwrap();
    let keys: Vec<&Value> = payload["Records"].as_array().unwrap().iter().map(|record| &record["dynamodb"]["Keys"]["pk"]["S"]).collect();
    assert_eq!(keys, [&json!("poison")]);
    bench.put_thing("later", true).await;
    bench.stack.settle().await.unwrap();
    assert_eq!(bench.seen().changes.last().unwrap(), &["later"]);
}

#[tokio::test]
async fn a_clock_that_is_moved_far_fires_each_schedule_once() {
    let bench = Bench::start().await;
    bench.stack.clock().advance(SignedDuration::from_hours(24 * 30));
    bench.stack.settle().await.unwrap();
    let mut ticks = bench.seen().ticks.clone();
    ticks.sort();
    assert_eq!(ticks, ["nightly", "sweep"]);
    bench.stack.clock().advance(minutes(61));
    bench.stack.settle().await.unwrap();
    assert_eq!(bench.seen().ticks.iter().filter(|job| *job == "sweep").count(), 2);
}

#[tokio::test]
async fn a_job_that_keeps_failing_is_tried_again_by_the_clock_and_then_put_aside() {
    let bench = Bench::start().await;
    bench.seen().ticks_fail = true;
    bench.stack.clock().advance(minutes(61));
    bench.stack.settle().await.unwrap();
    for _ in 0..2 {
        bench.stack.clock().advance(minutes(2));
        bench.stack.settle().await.unwrap();
    }
    let sweeps = bench.seen().ticks.iter().filter(|job| *job == "sweep").count();
    assert_eq!(sweeps, 3);
    assert_eq!(bench.take_all("Dead").await, [r#"{"job":"sweep"}"#]);
}

#[tokio::test]
async fn what_is_kept_on_disk_is_there_again_and_changes_are_not_told_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let bench = Bench::start_with(|config| config.data_dir = Some(path.clone())).await;
    bench.put_thing("kept", true).await;
    bench.stack.clock().advance(SignedDuration::from_hours(5));
    bench.stack.settle().await.unwrap();
    assert_eq!(bench.seen().changes.concat(), ["kept"]);
    let (before, ring) = (bench.stack.clock().now(), ring(&bench).await);
    bench.stack.stop().await;
    let bench = Bench::start_with(|config| config.data_dir = Some(path)).await;
    assert!(bench.stack.clock().now() >= before, "the clock goes on from where it was moved to");
    assert_eq!(self::ring(&bench).await, ring, "the keyring is the same");
    bench.put_thing("new", true).await;
    bench.stack.settle().await.unwrap();
    assert_eq!(bench.seen().changes.concat(), ["new"]);
}

#[tokio::test]
async fn after_a_crash_the_same_ports_are_taken_up_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let bench = Bench::start_with(|config| config.data_dir = Some(path.clone())).await;
    bench.put_thing("kept", true).await;
    let (_, places) = bench.get("/local/endpoints").await;
    let port = |name: &str| places[name].as_str().unwrap().rsplit(':').next().unwrap().parse::<u16>().unwrap();
    let (gateway, aws) = (port("gateway"), port("aws"));
    drop(bench);
    let again = Bench::start_with(|config| {
        config.data_dir = Some(path);
        (config.port, config.aws_port) = (gateway, aws);
    });
    let bench = again.await;
    bench.stack.settle().await.unwrap();
    assert_eq!(bench.seen().changes.concat().last().map_or("kept", String::as_str), "kept");
    assert_eq!(bench.get("/local/clock").await.0, 200);
}

async fn ring(bench: &Bench) -> String {
    let secret = bench.stack.made().await.secrets["Ring"].clone();
    let value = bench.stack.clients().secrets.get_secret_value().secret_id(secret).send().await.unwrap();
    let ring = value.secret_string.unwrap();
    assert!(ring.contains("\"seal\"") && ring.contains("\"webhook\""), "{ring}");
    ring
}
