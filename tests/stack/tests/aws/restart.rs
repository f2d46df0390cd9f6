//! What is kept in a data directory is there again after the process ended, however it ended.

use std::collections::HashMap;
use std::path::Path;

use aws_sdk_dynamodb::types::AttributeValue;

use super::table::{create_table, get, put, stream_records};
use super::world::kept;

#[tokio::test]
async fn tables_objects_and_secrets_outlive_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let item = HashMap::from([("pk".to_owned(), text("usr_1")), ("sk".to_owned(), text("account"))]);

    let before = kept(directory.path()).await;
    create_table(&before).await;
    put(&before, item.clone()).await;
    let s3 = &before.clients.s3;
    s3.create_bucket().bucket("proofs").send().await.unwrap();
    s3.put_object().bucket("proofs").key("a").body(b"picture".to_vec().into()).send().await.unwrap();
    let secrets = &before.clients.secrets;
    let made = secrets.create_secret().name("keyring").secret_string("one").send().await.unwrap();
    let put_value = secrets.put_secret_value().secret_id("keyring").secret_string("two");
    let newer = put_value.send().await.unwrap();
    // The files as a killed process leaves them: nothing was closed or written back.
    let killed = tempfile::tempdir().unwrap();
    copy(directory.path(), killed.path());
    before.aws.stop().await;

    for left in [directory.path(), killed.path()] {
        let after = kept(left).await;
        assert_eq!(get(&after, "usr_1", "account").await, Some(item.clone()));
        assert_eq!(stream_records(&after).await.len(), 1);
        let got = after.clients.s3.get_object().bucket("proofs").key("a").send().await.unwrap();
        assert_eq!(got.body.collect().await.unwrap().to_vec(), b"picture");
        let current = after.clients.secrets.get_secret_value().secret_id(made.arn().unwrap());
        let current = current.send().await.unwrap();
        assert_eq!(current.secret_string(), Some("two"));
        assert_eq!(current.version_id(), newer.version_id());
        let previous = after.clients.secrets.get_secret_value().secret_id("keyring");
        let previous = previous.set_version_id(made.version_id.clone()).send().await.unwrap();
        assert_eq!(previous.secret_string(), Some("one"));
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
