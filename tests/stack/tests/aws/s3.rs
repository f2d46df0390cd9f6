//! Objects: conditions, versions, checksums, lists, links, lifecycle.

use std::time::Duration;

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketVersioningStatus, ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter,
    VersioningConfiguration,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use jiff::SignedDuration;

use super::world::{World, call, fresh};

pub(crate) const BUCKET: &str = "proofs";

pub(crate) async fn with_bucket() -> World {
    let world = fresh().await;
    world.clients.s3.create_bucket().bucket(BUCKET).send().await.expect("a bucket");
    world
}

pub(crate) async fn with_versions() -> World {
    let world = with_bucket().await;
    let versioning = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
    let put = world.clients.s3.put_bucket_versioning().bucket(BUCKET);
    put.versioning_configuration(versioning.build()).send().await.expect("versions are kept");
    world
}

pub(crate) async fn put(world: &World, key: &str, content: &str) -> Option<String> {
    let put = world.clients.s3.put_object().bucket(BUCKET).key(key);
    let put = put.content_type("text/plain").body(content.as_bytes().to_vec().into());
    put.send().await.expect("an object is put").version_id
}

async fn get(world: &World, key: &str, version: Option<&str>) -> Option<String> {
    let get = world.clients.s3.get_object().bucket(BUCKET).key(key);
    let got = get.set_version_id(version.map(str::to_owned)).send().await.ok()?;
    let content = got.body.collect().await.expect("a whole object");
    Some(String::from_utf8(content.to_vec()).expect("text"))
}

#[tokio::test]
async fn an_object_comes_back_as_it_was_put() {
    let world = with_bucket().await;
    let etag = world
        .clients
        .s3
        .put_object()
        .bucket(BUCKET)
        .key("raw/2026/a b+c.json")
        .content_type("application/json")
        .metadata("provider", "paypal")
        .body(b"{\"id\":1}".to_vec().into())
        .send()
        .await
        .unwrap()
        .e_tag;
    let got = world.clients.s3.get_object().bucket(BUCKET).key("raw/2026/a b+c.json");
    let got = got.send().await.unwrap();
    assert_eq!(got.content_type(), Some("application/json"));
    assert_eq!(got.metadata().unwrap()["provider"], "paypal");
    assert_eq!(got.e_tag, etag);
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"{\"id\":1}");

    let part = world.clients.s3.get_object().bucket(BUCKET).key("raw/2026/a b+c.json");
    let part = part.range("bytes=2-3").send().await.unwrap();
    assert_eq!(part.content_range(), Some("bytes 2-3/8"));
    assert_eq!(part.body.collect().await.unwrap().to_vec(), b"id");

    let same = world.clients.s3.get_object().bucket(BUCKET).key("raw/2026/a b+c.json");
    let same = same.set_if_none_match(etag).send().await.expect_err("unchanged");
    assert_eq!(same.raw_response().unwrap().status().as_u16(), 304);
    let missing = world.clients.s3.get_object().bucket(BUCKET).key("none").send().await;
    assert!(missing.expect_err("no such key").into_service_error().is_no_such_key());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_put_what_must_not_exist_one_wins() {
    let world = with_bucket().await;
    let mut racing = tokio::task::JoinSet::new();
    for racer in 0..20 {
        let put = world.clients.s3.put_object().bucket(BUCKET).key("receipt/1").if_none_match("*");
        racing.spawn(put.body(format!("racer {racer}").into_bytes().into()).send());
    }
    let mut won = 0;
    while let Some(ended) = racing.join_next().await {
        match ended.unwrap() {
            Ok(_put) => won += 1,
            Err(error) => assert_eq!(error.code(), Some("PreconditionFailed")),
        }
    }
    assert_eq!(won, 1);

    let stale = world.clients.s3.put_object().bucket(BUCKET).key("receipt/1").if_match("\"0\"");
    let stale = stale.body(b"x".to_vec().into()).send().await.expect_err("it has changed");
    assert_eq!(stale.code(), Some("PreconditionFailed"));
}

#[tokio::test]
async fn a_version_stays_what_it_was_whatever_is_uploaded_after() {
    let world = with_versions().await;
    let first = put(&world, "proof", "checked").await.expect("a version");
    let second = put(&world, "proof", "swapped").await.expect("a version");
    assert_eq!(get(&world, "proof", None).await.as_deref(), Some("swapped"));
    assert_eq!(get(&world, "proof", Some(&first)).await.as_deref(), Some("checked"));

    let s3 = &world.clients.s3;
    let deleted = s3.delete_object().bucket(BUCKET).key("proof").send().await.unwrap();
    assert_eq!(deleted.delete_marker(), Some(true));
    assert_eq!(get(&world, "proof", None).await, None);
    let listed = s3.list_object_versions().bucket(BUCKET).send().await.unwrap();
    let versions: Vec<_> = listed.versions().iter().filter_map(|one| one.version_id()).collect();
    assert_eq!(versions, [second.as_str(), first.as_str()]);
    assert_eq!(listed.delete_markers().len(), 1);

    let undelete = s3.delete_object().bucket(BUCKET).key("proof");
    undelete.set_version_id(deleted.version_id).send().await.unwrap();
    assert_eq!(get(&world, "proof", None).await.as_deref(), Some("swapped"));
    let copied = s3.copy_object().bucket(BUCKET).key("copy");
    let source = format!("{BUCKET}/proof?versionId={first}");
    copied.copy_source(source).send().await.expect("an old version can be copied");
    assert_eq!(get(&world, "copy", None).await.as_deref(), Some("checked"));
}

#[tokio::test]
async fn a_content_with_a_wrong_checksum_is_not_stored() {
    let world = with_bucket().await;
    let put = world.clients.s3.put_object().bucket(BUCKET).key("broken");
    let put = put.checksum_sha256(STANDARD.encode([0; 32])).body(b"content".to_vec().into());
    let refused = put.send().await.expect_err("not its checksum");
    assert_eq!(refused.code(), Some("BadDigest"));
    assert_eq!(get(&world, "broken", None).await, None);
}

#[tokio::test]
async fn lists_go_by_prefix_in_pages_and_group_by_delimiter() {
    let world = with_bucket().await;
    for key in ["a/1", "a/2", "b", "b/1", "b/2", "c"] {
        put(&world, key, key).await;
    }
    let list = || world.clients.s3.list_objects_v2().bucket(BUCKET);
    let top = list().delimiter("/").send().await.unwrap();
    let keys: Vec<_> = top.contents().iter().filter_map(|one| one.key()).collect();
    let groups: Vec<_> = top.common_prefixes().iter().filter_map(|one| one.prefix()).collect();
    assert_eq!((keys, groups), (vec!["b", "c"], vec!["a/", "b/"]));

    let mut seen = Vec::new();
    let mut token = None;
    for _page in 0..4 {
        let page = list().max_keys(2).set_continuation_token(token.take()).send().await.unwrap();
        seen.extend(page.contents().iter().filter_map(|one| one.key().map(str::to_owned)));
        token = page.next_continuation_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["a/1", "a/2", "b", "b/1", "b/2", "c"]);
    let inside = list().prefix("b/").send().await.unwrap();
    assert_eq!(inside.key_count(), Some(2));
}

#[tokio::test]
async fn a_link_opens_the_object_until_its_time_is_over_by_the_clock() {
    let world = with_bucket().await;
    put(&world, "proof.png", "picture").await;
    let start = std::time::SystemTime::from(world.clock.now());
    let config = PresigningConfig::builder().start_time(start).expires_in(Duration::from_secs(300));
    let link = world.clients.s3.get_object().bucket(BUCKET).key("proof.png");
    let link = link.presigned(config.build().unwrap()).await.unwrap().uri().to_owned();
    let open = || call(Request::get(&link).body("").unwrap());

    let opened = open().await;
    assert_eq!((opened.status().as_u16(), opened.body().as_ref()), (200, b"picture".as_ref()));
    let bent = call(Request::get(link.replace("proof.png", "other.png")).body("").unwrap()).await;
    assert_eq!(bent.status(), 403);
    world.advance(SignedDuration::from_mins(6)).await;
    assert_eq!(open().await.status(), 403);
}

#[tokio::test]
async fn a_lifecycle_rule_removes_what_is_old_by_the_clock() {
    let world = with_bucket().await;
    put(&world, "raw/event", "body").await;
    put(&world, "offline/proof", "picture").await;
    let rule = LifecycleRule::builder()
        .id("raw-bodies")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("raw/").build())
        .expiration(LifecycleExpiration::builder().days(400).build())
        .build()
        .unwrap();
    let rules = BucketLifecycleConfiguration::builder().rules(rule).build().unwrap();
    let put_rules = world.clients.s3.put_bucket_lifecycle_configuration().bucket(BUCKET);
    put_rules.lifecycle_configuration(rules).send().await.unwrap();

    world.advance(SignedDuration::from_hours(399 * 24)).await;
    assert!(get(&world, "raw/event", None).await.is_some());
    world.advance(SignedDuration::from_hours(2 * 24)).await;
    assert_eq!(get(&world, "raw/event", None).await, None);
    assert!(get(&world, "offline/proof", None).await.is_some());
}

#[tokio::test]
async fn nobody_gets_in_without_a_signature_and_a_bucket_in_use_stays() {
    let world = with_bucket().await;
    put(&world, "proof", "picture").await;
    let url = format!("{}/{BUCKET}/proof", world.aws.url());
    assert_eq!(call(Request::get(url).body("").unwrap()).await.status(), 403);
    let refused = world.clients.s3.delete_bucket().bucket(BUCKET).send().await;
    assert_eq!(refused.expect_err("not empty").code(), Some("BucketNotEmpty"));
}
