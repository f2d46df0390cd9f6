//! What is kept in a data directory is there again after the process ended.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::dynamodb::{create_table, get, put, stream_records};
use super::world::kept;

#[tokio::test]
async fn tables_objects_and_secrets_outlive_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let item = HashMap::from([
        ("pk".to_owned(), text("usr_1")),
        ("sk".to_owned(), text("account")),
    ]);

    let before = kept(directory.path()).await;
    create_table(&before).await;
    put(&before, item.clone()).await;
    let s3 = &before.clients.s3;
    s3.create_bucket().bucket("proofs").send().await.unwrap();
    s3.put_object()
        .bucket("proofs")
        .key("a")
        .body(b"picture".to_vec().into())
        .send()
        .await
        .unwrap();
    let secrets = &before.clients.secrets;
    let made = secrets
        .create_secret()
        .name("keyring")
        .secret_string("one")
        .send()
        .await
        .unwrap();
    let put_value = secrets
        .put_secret_value()
        .secret_id("keyring")
        .secret_string("two");
    let newer = put_value.send().await.unwrap();
    before.aws.stop().await;

    let after = kept(directory.path()).await;
    assert_eq!(get(&after, "usr_1", "account").await, Some(item));
    assert_eq!(stream_records(&after).await.len(), 1);
    let got = after
        .clients
        .s3
        .get_object()
        .bucket("proofs")
        .key("a")
        .send()
        .await
        .unwrap();
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"picture");
    let current = after
        .clients
        .secrets
        .get_secret_value()
        .secret_id(made.arn().unwrap());
    let current = current.send().await.unwrap();
    assert_eq!(current.secret_string(), Some("two"));
    assert_eq!(current.version_id(), newer.version_id());
    let previous = after
        .clients
        .secrets
        .get_secret_value()
        .secret_id("keyring");
    let previous = previous
        .set_version_id(made.version_id)
        .send()
        .await
        .unwrap();
    assert_eq!(previous.secret_string(), Some("one"));
}
