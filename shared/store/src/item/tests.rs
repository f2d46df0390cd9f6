//! Every record reads back as it was written; one of each shape that was ever written is kept in
//! `shapes.json`; what cannot be read is an error that names its place, never a panic.

use std::collections::BTreeMap;
use std::fmt::Debug;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::account::Account;
use domain::channel::Channel;
use domain::creations::Creations;
use domain::extension::Extension;
use domain::ledger::Entry;
use domain::notice::{Finding, HistoryEvent, Notification, PartnerBalanceNotice};
use domain::plan::Plan;
use domain::subscription::Subscription;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::dice::{Dice, Thrown};
use super::{
    Attributes, CauseRow, FindingKeyRow, HashedKey, InboxRow, Item, LogRow, OwedRow, PointerRow, ReceiptRow, RolledRow, from_item, to_item,
};
use crate::error::StoreError;
use crate::key::Key;
use crate::partner::PartnerState;
use crate::solvency::Solvency;
use crate::who::{ApiKey, Identity};

const KEPT_SHAPES: &str = include_str!("shapes.json");

/// Calls a generic function for every kind of record.
macro_rules! for_each_record {
    ($call:ident $arguments:tt) => {
        for_each_record!(@ $call $arguments
            Account, Channel, Extension, Plan, Subscription, Entry, Notification, HistoryEvent, PartnerBalanceNotice, Finding,
            Creations, PartnerState, Identity, ApiKey, HashedKey, InboxRow, LogRow, ReceiptRow, PointerRow, CauseRow, FindingKeyRow, RolledRow,
            OwedRow, Solvency);
    };
    (@ $call:ident $arguments:tt $($kind:ident),*) => { $($call::<$kind>(stringify!($kind), $arguments);)* };
}

fn round_trip<T: Item + Thrown + Debug + PartialEq>(name: &str, (seed,): (u64,)) {
    let record: T = Dice::new(seed).any();
    let item = to_item(&record);
    assert_eq!(from_item::<T>(&item).unwrap(), record, "{name}");
    assert_eq!(item["pk"], AttributeValue::S(record.key().pk()), "{name}");
    assert_eq!(item["sk"], AttributeValue::S(record.key().sk()), "{name}");
    assert_eq!(item.contains_key("due_shard"), record.due().is_some(), "{name}");
    assert_eq!(item.contains_key("due_kind"), record.due().is_some(), "{name}");
}

/// Whatever is taken out of an item or put in another's place: reading it never panics, and an error names the item.
fn broken<T: Item + Thrown + Debug + PartialEq>(name: &str, (seed,): (u64,)) {
    let record: T = Dice::new(seed).any();
    let item = to_item(&record);
    for attribute in item.keys().filter(|name| !["pk", "sk"].contains(&name.as_str())) {
        for wrong in [
            AttributeValue::Null(true),
            AttributeValue::S("?".to_owned()),
            AttributeValue::N("1e9".to_owned()),
            AttributeValue::M([].into()),
        ] {
            let mut changed = item.clone();
            changed.insert(attribute.clone(), wrong);
            names_its_place::<T>(name, &record, &changed);
        }
        let mut changed = item.clone();
        changed.remove(attribute);
        names_its_place::<T>(name, &record, &changed);
    }
}

fn names_its_place<T: Item + Debug>(name: &str, record: &T, item: &Attributes) {
    match from_item::<T>(item) {
        Ok(_) => {}
        Err(StoreError::Corrupt(what)) => assert!(what.starts_with(&record.key().to_string()), "{name}: {what}"),
        Err(other) => panic!("{name}: {other}"),
    }
}

proptest! {
    #[test]
    fn every_record_reads_back_as_it_was_written(seed in any::<u64>()) {
        for_each_record!(round_trip(seed,));
    }

    #[test]
    fn a_broken_item_names_its_place(seed in any::<u64>()) {
        for_each_record!(broken(seed,));
    }
}

fn to_json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(flag) => json!({ "BOOL": flag }),
        AttributeValue::B(blob) => json!({ "B": STANDARD.encode(blob.as_ref()) }),
        AttributeValue::L(list) => json!({ "L": list.iter().map(to_json).collect::<Vec<_>>() }),
        AttributeValue::M(map) => json!({ "M": map.iter().map(|(name, value)| (name, to_json(value))).collect::<BTreeMap<_, _>>() }),
        other => panic!("not written by us: {other:?}"),
    }
}

fn from_json(value: &Value) -> AttributeValue {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    let text = || value.as_str().unwrap().to_owned();
    match kind.as_str() {
        "S" => AttributeValue::S(text()),
        "N" => AttributeValue::N(text()),
        "BOOL" => AttributeValue::Bool(value.as_bool().unwrap()),
        "B" => AttributeValue::B(STANDARD.decode(text()).unwrap().into()),
        "L" => AttributeValue::L(value.as_array().unwrap().iter().map(from_json).collect()),
        _ => AttributeValue::M(value.as_object().unwrap().iter().map(|(name, value)| (name.clone(), from_json(value))).collect()),
    }
}

/// The seed of the records that are kept.
const KEPT_SEED: u64 = 2;

/// The kept item is read as the record it was; and unless the shape's version moved, it is written so still.
fn kept<T: Item + Thrown + Debug + PartialEq>(name: &str, (): ()) {
    let record: T = Dice::new(KEPT_SEED).any();
    let shapes: Value = serde_json::from_str(KEPT_SHAPES).unwrap();
    for (shape, item) in shapes[name].as_object().unwrap_or_else(|| panic!("no {name} is kept")) {
        let item: Attributes = item.as_object().unwrap().iter().map(|(name, value)| (name.clone(), from_json(value))).collect();
        assert_eq!(from_item::<T>(&item).unwrap(), record, "{name} {shape}");
        if *shape == T::SHAPE.to_string() {
            assert_eq!(to_item(&record), item, "{name}: its shape changed: count SHAPE up and keep the old one");
        }
    }
    assert!(shapes[name].get(T::SHAPE.to_string()).is_some(), "{name}: its newest shape is not kept");
}

#[test]
fn one_of_each_shape_is_kept_and_still_read() {
    for_each_record!(kept());
}

fn later_shape<T: Item + Thrown + Debug>(name: &str, (): ()) {
    let mut item = to_item::<T>(&Dice::new(1).any());
    item.insert("shape".to_owned(), AttributeValue::N((T::SHAPE + 1).to_string()));
    assert!(matches!(from_item::<T>(&item), Err(StoreError::Corrupt(_))), "{name}");
}

#[test]
fn a_shape_from_the_future_is_not_guessed_at() {
    for_each_record!(later_shape());
}

/// DynamoDB's own count of an item's size, near enough.
fn size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number.len() / 2 + 2,
        AttributeValue::L(list) => 3 + list.iter().map(|value| size(value) + 1).sum::<usize>(),
        AttributeValue::M(map) => 3 + map.iter().map(|(name, value)| name.len() + size(value) + 1).sum::<usize>(),
        _ => 1,
    }
}

fn item_size(item: &Attributes) -> usize {
    item.iter().map(|(name, value)| name.len() + size(value)).sum()
}

#[test]
fn what_is_written_often_stays_within_one_write_unit() {
    use domain::channel::{Connection, Health, Provision, Sealed, Status};
    let mut dice = Dice::new(5);
    let now: domain::Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
    let mut channel = Channel::new(dice.any(), dice.any(), "Main Street Shop".to_owned(), Some(dice.any()), now);
    channel.whatsapp_number = Some("97336612345".to_owned());
    channel.channel_ref = Some("MANTIS-M72HC".to_owned());
    channel.token = Some(Sealed("1.2026-11.".to_owned() + &"x".repeat(88)));
    channel.status = Status::Active;
    channel.connection = Connection::Authenticating;
    channel.provision = Provision::Confirmed;
    channel.provider_status = Some("active".to_owned());
    channel.health = Some(Health { text: "AUTH".to_owned(), read_at: now });
    (channel.active_till, channel.paid_till, channel.code_given_at) = (Some(now), Some(now), Some(now));
    channel.turn = Some(domain::extension::Turn { extension_id: dice.any(), days: dice.any(), before: now, called_at: now, unknown: true });
    (channel.mode_live, channel.webhooks_set) = (true, true);
    let size = item_size(&to_item(&channel));
    assert!(size < 1_000, "a channel in the middle of everything has {size} bytes");
}

proptest! {
    #[test]
    fn a_key_reads_back_as_it_was_written(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let place = to_item(&dice.any::<LogRow>());
        let text = |name: &str| place[name].as_s().unwrap().clone();
        let keys = [
            Key::Account(dice.any()),
            Key::Subscription(dice.any(), dice.any()),
            Key::Channel(dice.any(), dice.any()),
            Key::Extension(dice.any(), dice.any(), dice.any()),
            Key::Entry(dice.any(), dice.any()),
            Key::History(dice.any(), dice.any(), dice.any()),
            Key::Notification(dice.any(), dice.any()),
            Key::ApiKey(dice.any(), dice.any()),
            Key::Cause(dice.any()),
            Key::Identity(Identity::hash("https://issuer.test", &dice.any::<String>())),
            Key::KeyHash(dice.any()),
            Key::Pointer(dice.any(), dice.any()),
            Key::Plan(dice.any()),
            Key::Inbox("paypal".to_owned(), dice.any()),
            Key::Idempotency(dice.any(), "POST /v1/channels/{id}".to_owned(), "ab12".to_owned()),
            Key::Notice(dice.any()),
            Key::PartnerState,
            Key::Creations,
            Key::OpenFinding(dice.any()),
            Key::SettledFinding(dice.any()),
            Key::finding(&dice.any::<String>()),
        ];
        for key in &keys {
            prop_assert_eq!(&Key::parse(&key.pk(), &key.sk()).unwrap(), key);
        }
        let pairs: std::collections::HashSet<_> = keys.iter().map(|key| (key.pk(), key.sk())).collect();
        prop_assert_eq!(pairs.len(), keys.len());
        if !text("provider").contains('#') {
            prop_assert!(Key::parse(&text("pk"), &text("sk")).is_ok());
        }
    }

    #[test]
    fn no_text_is_a_key_by_chance(pk in ".{0,60}", sk in ".{0,60}") {
        if let Ok(key) = Key::parse(&pk, &sk) {
            prop_assert_eq!((key.pk(), key.sk()), (pk, sk));
        }
    }
}

#[test]
fn an_id_from_outside_cannot_pretend_to_be_another_record() {
    let sly = Key::Pointer(crate::who::PointerKind::WhapiChannel, "x#POINTER".to_owned());
    let other = Key::Pointer(crate::who::PointerKind::Channel, "x".to_owned());
    assert_ne!(sly.pk(), other.pk());
    assert_eq!(Key::parse(&sly.pk(), &sly.sk()), Ok(sly));
    assert_ne!(Identity::hash("a", "b#c"), Identity::hash("a#b", "c"));
    assert!(!Key::Inbox("paypal".to_owned(), "x".repeat(3_000)).fits());
}

#[test]
fn records_from_before_a_field_was_there_are_read() {
    let mut extension: Extension = Dice::new(KEPT_SEED).any();
    let mut item = to_item(&extension);
    item.remove("calls");
    extension.calls = 0;
    assert_eq!(from_item::<Extension>(&item).unwrap(), extension);
    let mut receipt: ReceiptRow = Dice::new(KEPT_SEED).any();
    let mut item = to_item(&receipt);
    item.remove("begun_at");
    receipt.begun_at = None;
    assert_eq!(from_item::<ReceiptRow>(&item).unwrap(), receipt);
}

/// Prints what belongs into `shapes.json` for shapes that are not kept yet: run it by hand after SHAPE was counted up.
#[test]
fn shapes_that_are_not_kept_can_be_printed() {
    let mut shapes: BTreeMap<String, Value> = serde_json::from_str(KEPT_SHAPES).unwrap();
    fn add<T: Item + Thrown>(name: &str, (shapes,): (&mut BTreeMap<String, Value>,)) {
        let item = to_item::<T>(&Dice::new(KEPT_SEED).any());
        let item: BTreeMap<_, _> = item.iter().map(|(name, value)| (name, to_json(value))).collect();
        shapes.entry(name.to_owned()).or_insert_with(|| json!({}))[T::SHAPE.to_string()] = json!(item);
    }
    for_each_record!(add((&mut shapes),));
    if let Ok(path) = std::env::var("DAYPASS_KEEP_SHAPES") {
        std::fs::write(path, serde_json::to_string_pretty(&shapes).unwrap() + "\n").unwrap();
    }
}
