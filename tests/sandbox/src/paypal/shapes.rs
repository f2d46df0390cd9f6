//! What each call of the vendor's takes, in the language of `shape`: lengths, patterns, ranges and closed lists as documented.
//! Rules that need the state of the world (an unknown plan, a currency that differs) are not here.

use super::shape::{Form, Shape, formed, may, need, text};

static FLAG: Shape = Shape::Boolean;
static COUNT: Shape = Shape::Integer { min: 0, max: 999 };
static SEQUENCE: Shape = Shape::Integer { min: 1, max: 99 };
static MOMENT: Shape = formed(20, 64, Form::DateTime);
static LINK: Shape = formed(10, 4000, Form::Uri);
static QUANTITY: Shape = formed(1, 32, Form::Unsigned);
static PERCENTAGE: Shape = formed(1, 32, Form::Signed);
static NAME_127: Shape = text(1, 127);
static PLAN_ID: Shape = text(3, 50);

static AMOUNT: Shape = formed(0, 32, Form::Signed);
static CURRENCY: Shape = text(3, 3);
static MONEY: Shape = Shape::Object(&[need("currency_code", &CURRENCY), need("value", &AMOUNT)]);

static TIER: Shape = Shape::Object(&[need("starting_quantity", &QUANTITY), may("ending_quantity", &QUANTITY), need("amount", &MONEY)]);
static PRICING_MODEL: Shape = Shape::Choice(&["VOLUME", "TIERED"]);
static TIERS: Shape = Shape::List { min: 1, max: 32, item: &TIER };
static PRICING_SCHEME: Shape = Shape::Object(&[may("fixed_price", &MONEY), may("pricing_model", &PRICING_MODEL), may("tiers", &TIERS)]);

static UNIT: Shape = Shape::Choice(&["DAY", "WEEK", "MONTH", "YEAR"]);
static INTERVAL: Shape = Shape::Integer { min: 1, max: 365 };
static FREQUENCY: Shape = Shape::Object(&[need("interval_unit", &UNIT), may("interval_count", &INTERVAL)]);
static TENURE: Shape = Shape::Choice(&["REGULAR", "TRIAL"]);
static CYCLE: Shape = Shape::Object(&[
    may("pricing_scheme", &PRICING_SCHEME),
    need("frequency", &FREQUENCY),
    need("tenure_type", &TENURE),
    need("sequence", &SEQUENCE),
    may("total_cycles", &COUNT),
]);
static CYCLES: Shape = Shape::List { min: 1, max: 12, item: &CYCLE };
static FEE_ACTION: Shape = Shape::Choice(&["CONTINUE", "CANCEL"]);
static PREFERENCES: Shape = Shape::Object(&[
    may("auto_bill_outstanding", &FLAG),
    may("setup_fee", &MONEY),
    may("setup_fee_failure_action", &FEE_ACTION),
    may("payment_failure_threshold", &COUNT),
]);
static TAXES: Shape = Shape::Object(&[need("percentage", &PERCENTAGE), may("inclusive", &FLAG)]);
static PLAN_STATUS: Shape = Shape::Choice(&["CREATED", "ACTIVE"]);
static PRODUCT_ID: Shape = text(6, 50);

/// `POST /v1/billing/plans`.
pub(super) static PLAN: Shape = Shape::Object(&[
    need("product_id", &PRODUCT_ID),
    need("name", &NAME_127),
    may("status", &PLAN_STATUS),
    may("description", &NAME_127),
    need("billing_cycles", &CYCLES),
    need("payment_preferences", &PREFERENCES),
    may("taxes", &TAXES),
    may("quantity_supported", &FLAG),
]);

static PRICE_CHANGE: Shape = Shape::Object(&[need("billing_cycle_sequence", &SEQUENCE), need("pricing_scheme", &PRICING_SCHEME)]);
static PRICE_CHANGES: Shape = Shape::List { min: 1, max: 99, item: &PRICE_CHANGE };

/// `POST /v1/billing/plans/{id}/update-pricing-schemes`.
pub(super) static PRICES: Shape = Shape::Object(&[need("pricing_schemes", &PRICE_CHANGES)]);

static NAME_140: Shape = text(0, 140);
static TEXT_300: Shape = text(0, 300);
static TEXT_120: Shape = text(0, 120);
static TEXT_100: Shape = text(0, 100);
static TEXT_60: Shape = text(0, 60);
static PERSON: Shape = Shape::Object(&[
    may("prefix", &NAME_140),
    may("given_name", &NAME_140),
    may("surname", &NAME_140),
    may("middle_name", &NAME_140),
    may("suffix", &NAME_140),
    may("alternate_full_name", &TEXT_300),
    may("full_name", &TEXT_300),
]);
static COUNTRY: Shape = formed(2, 2, Form::Country);
static ADDRESS_DETAILS: Shape = Shape::Object(&[
    may("street_number", &TEXT_100),
    may("street_name", &TEXT_100),
    may("street_type", &TEXT_100),
    may("delivery_service", &TEXT_100),
    may("building_name", &TEXT_100),
    may("sub_building", &TEXT_100),
]);
static ADDRESS: Shape = Shape::Object(&[
    may("address_line_1", &TEXT_300),
    may("address_line_2", &TEXT_300),
    may("address_line_3", &TEXT_100),
    may("admin_area_4", &TEXT_100),
    may("admin_area_3", &TEXT_100),
    may("admin_area_2", &TEXT_120),
    may("admin_area_1", &TEXT_300),
    may("postal_code", &TEXT_60),
    need("country_code", &COUNTRY),
    may("address_details", &ADDRESS_DETAILS),
]);
static SHIPPING_TYPE: Shape = Shape::Choice(&["SHIPPING", "PICKUP_IN_PERSON"]);
static SHIPPING: Shape = Shape::Object(&[may("name", &PERSON), may("type", &SHIPPING_TYPE), may("address", &ADDRESS)]);
static EMAIL: Shape = formed(0, 254, Form::Email);
static PAYER_ID: Shape = formed(13, 13, Form::Payer);
static PHONE_TYPE: Shape = Shape::Choice(&["FAX", "HOME", "MOBILE", "OTHER", "PAGER"]);
static CALLING_CODE: Shape = formed(1, 3, Form::Digits);
static NATIONAL_NUMBER: Shape = formed(1, 14, Form::Digits);
static EXTENSION: Shape = formed(1, 15, Form::Digits);
static PHONE_NUMBER: Shape =
    Shape::Object(&[need("country_code", &CALLING_CODE), need("national_number", &NATIONAL_NUMBER), may("extension_number", &EXTENSION)]);
static PHONE: Shape = Shape::Object(&[may("phone_type", &PHONE_TYPE), need("phone_number", &PHONE_NUMBER)]);
static DATE: Shape = formed(10, 10, Form::Date);
static TAX_ID: Shape = text(0, 14);
static TAX_TYPE: Shape = Shape::Choice(&["BR_CPF", "BR_CNPJ"]);
static TAX_INFO: Shape = Shape::Object(&[need("tax_id", &TAX_ID), need("tax_id_type", &TAX_TYPE)]);
static CARD_NUMBER: Shape = text(13, 19);
static CARD_EXPIRY: Shape = formed(7, 7, Form::YearMonth);
static CARD_CODE: Shape = formed(3, 4, Form::Digits);
static CARD: Shape = Shape::Object(&[
    may("name", &TEXT_300),
    need("number", &CARD_NUMBER),
    need("expiry", &CARD_EXPIRY),
    may("security_code", &CARD_CODE),
    may("billing_address", &ADDRESS),
]);
static PAYMENT_SOURCE: Shape = Shape::Object(&[may("card", &CARD)]);
static SUBSCRIBER: Shape = Shape::Object(&[
    may("email_address", &EMAIL),
    may("payer_id", &PAYER_ID),
    may("name", &PERSON),
    may("phone", &PHONE),
    may("birth_date", &DATE),
    may("tax_info", &TAX_INFO),
    may("address", &ADDRESS),
    may("shipping_address", &SHIPPING),
    may("payment_source", &PAYMENT_SOURCE),
]);

static LOCALE: Shape = formed(2, 10, Form::Language);
static SHIPPING_PREFERENCE: Shape = Shape::Choice(&["GET_FROM_FILE", "NO_SHIPPING", "SET_PROVIDED_ADDRESS"]);
static USER_ACTION: Shape = Shape::Choice(&["CONTINUE", "SUBSCRIBE_NOW"]);
static PAYER_SELECTED: Shape = formed(1, 255, Form::Capitals);
static PAYEE_PREFERRED: Shape = Shape::Choice(&["UNRESTRICTED", "IMMEDIATE_PAYMENT_REQUIRED"]);
static ENTRY_CLASS: Shape = Shape::Choice(&["TEL", "WEB", "CCD", "PPD"]);
static PAYMENT_METHOD: Shape = Shape::Object(&[
    may("payer_selected", &PAYER_SELECTED),
    may("payee_preferred", &PAYEE_PREFERRED),
    may("standard_entry_class_code", &ENTRY_CLASS),
]);
static CONTEXT: Shape = Shape::Object(&[
    may("brand_name", &NAME_127),
    may("locale", &LOCALE),
    may("shipping_preference", &SHIPPING_PREFERENCE),
    may("user_action", &USER_ACTION),
    may("payment_method", &PAYMENT_METHOD),
    need("return_url", &LINK),
    need("cancel_url", &LINK),
]);

static CUSTOM_ID: Shape = formed(1, 127, Form::Printable);
static CYCLE_OVERRIDE: Shape =
    Shape::Object(&[may("pricing_scheme", &PRICING_SCHEME), need("sequence", &SEQUENCE), may("total_cycles", &COUNT)]);
static CYCLE_OVERRIDES: Shape = Shape::List { min: 1, max: 12, item: &CYCLE_OVERRIDE };
static TAXES_OVERRIDE: Shape = Shape::Object(&[may("percentage", &PERCENTAGE), may("inclusive", &FLAG)]);
static PLAN_OVERRIDE: Shape =
    Shape::Object(&[may("billing_cycles", &CYCLE_OVERRIDES), may("payment_preferences", &PREFERENCES), may("taxes", &TAXES_OVERRIDE)]);

/// `POST /v1/billing/subscriptions`.
pub(super) static SUBSCRIPTION: Shape = Shape::Object(&[
    need("plan_id", &PLAN_ID),
    may("start_time", &MOMENT),
    may("quantity", &QUANTITY),
    may("shipping_amount", &MONEY),
    may("subscriber", &SUBSCRIBER),
    may("auto_renewal", &FLAG),
    may("application_context", &CONTEXT),
    may("custom_id", &CUSTOM_ID),
    may("plan", &PLAN_OVERRIDE),
]);

/// `POST /v1/billing/subscriptions/{id}/revise`.
pub(super) static REVISION: Shape = Shape::Object(&[
    may("plan_id", &PLAN_ID),
    may("quantity", &QUANTITY),
    may("shipping_amount", &MONEY),
    may("shipping_address", &SHIPPING),
    may("application_context", &CONTEXT),
    may("plan", &PLAN_OVERRIDE),
]);

static NOTE: Shape = text(1, 128);

/// Suspend and cancel.
pub(super) static REASON: Shape = Shape::Object(&[need("reason", &NOTE)]);
/// Activate.
pub(super) static OPTIONAL_REASON: Shape = Shape::Object(&[may("reason", &NOTE)]);

static CAPTURE_TYPE: Shape = Shape::Choice(&["OUTSTANDING_BALANCE"]);

/// `POST /v1/billing/subscriptions/{id}/capture`.
pub(super) static CAPTURE: Shape = Shape::Object(&[need("note", &NOTE), need("capture_type", &CAPTURE_TYPE), need("amount", &MONEY)]);

static OPERATION: Shape = Shape::Choice(&["add", "remove", "replace", "move", "copy", "test"]);
static ANYTHING: Shape = Shape::Anything;
static POINTER: Shape = text(0, 4000);
static PATCH_ENTRY: Shape = Shape::Object(&[need("op", &OPERATION), may("path", &POINTER), may("value", &ANYTHING), may("from", &POINTER)]);

/// Every PATCH.
pub(super) static PATCH: Shape = Shape::List { min: 1, max: 100, item: &PATCH_ENTRY };

/// The values a PATCH may bring.
pub(super) static PATCHED_MONEY: &Shape = &MONEY;
pub(super) static PATCHED_TIERS: &Shape = &TIERS;
pub(super) static PATCHED_COUNT: &Shape = &COUNT;
pub(super) static PATCHED_FLAG: &Shape = &FLAG;
pub(super) static PATCHED_PERCENTAGE: &Shape = &PERCENTAGE;
pub(super) static PATCHED_CUSTOM_ID: &Shape = &CUSTOM_ID;
pub(super) static PATCHED_MOMENT: &Shape = &MOMENT;
pub(super) static PATCHED_SHIPPING: &Shape = &SHIPPING;
pub(super) static PATCHED_NAME: &Shape = &NAME_127;
pub(super) static PATCHED_FEE_ACTION: &Shape = &FEE_ACTION;
pub(super) static PATCHED_SOURCE: &Shape = &PAYMENT_SOURCE;
pub(super) static PATCHED_DESCRIPTION: &Shape = &DESCRIPTION;
pub(super) static PATCHED_CATEGORY: &Shape = &CATEGORY;
pub(super) static PATCHED_PRODUCT_URL: &Shape = &PRODUCT_URL;

static DESCRIPTION: Shape = text(1, 256);
static CATEGORY: Shape = formed(4, 256, Form::Category);
static PRODUCT_TYPE: Shape = Shape::Choice(&["PHYSICAL", "DIGITAL", "SERVICE"]);
static PRODUCT_URL: Shape = formed(1, 2000, Form::Uri);

/// `POST /v1/catalogs/products`.
pub(super) static PRODUCT: Shape = Shape::Object(&[
    may("id", &PRODUCT_ID),
    need("name", &NAME_127),
    may("description", &DESCRIPTION),
    need("type", &PRODUCT_TYPE),
    may("category", &CATEGORY),
    may("image_url", &PRODUCT_URL),
    may("home_url", &PRODUCT_URL),
]);

static HOOK_URL: Shape = formed(1, 2048, Form::Uri);
static EVENT_NAME: Shape = text(1, 200);
static EVENT_TYPE: Shape = Shape::Object(&[need("name", &EVENT_NAME)]);
static EVENT_TYPES: Shape = Shape::List { min: 1, max: 500, item: &EVENT_TYPE };

/// `POST /v1/notifications/webhooks`.
pub(super) static HOOK: Shape = Shape::Object(&[need("url", &HOOK_URL), need("event_types", &EVENT_TYPES)]);
/// The values a PATCH of a webhook may bring.
pub(super) static HOOK_URL_VALUE: &Shape = &HOOK_URL;
pub(super) static HOOK_TYPES_VALUE: &Shape = &EVENT_TYPES;

static HOOK_ID: Shape = formed(1, 50, Form::Alphanumeric);
static SIMULATED_TYPE: Shape = formed(1, 50, Form::EventName);
static VERSION: Shape = text(1, 10);

/// `POST /v1/notifications/simulate-event`.
pub(super) static SIMULATION: Shape = Shape::Object(&[
    may("webhook_id", &HOOK_ID),
    may("url", &HOOK_URL),
    need("event_type", &SIMULATED_TYPE),
    may("resource_version", &VERSION),
]);

static ANY_ID: Shape = text(1, 50);
static ANY_IDS: Shape = Shape::List { min: 0, max: 500, item: &ANY_ID };

/// `POST /v1/notifications/webhooks-events/{id}/resend`.
pub(super) static RESEND: Shape = Shape::Object(&[may("webhook_ids", &ANY_IDS)]);

static ALGORITHM: Shape = formed(1, 100, Form::Alphanumeric);
static CERTIFICATE_URL: Shape = formed(1, 500, Form::Uri);
static TRANSMISSION_ID: Shape = formed(1, 50, Form::Word);
static TRANSMISSION_SIGNATURE: Shape = text(1, 500);
static TRANSMISSION_TIME: Shape = formed(20, 100, Form::DateTime);
static EVENT_VERSION: Shape = formed(3, 10, Form::Version);
static EVENT: Shape = Shape::Object(&[may("event_version", &EVENT_VERSION), may("resource_version", &EVENT_VERSION)]);

/// `POST /v1/notifications/verify-webhook-signature`. The webhook's id may hold an underscore: mock events name one that does.
pub(super) static VERIFICATION: Shape = Shape::Object(&[
    need("auth_algo", &ALGORITHM),
    need("cert_url", &CERTIFICATE_URL),
    need("transmission_id", &TRANSMISSION_ID),
    need("transmission_sig", &TRANSMISSION_SIGNATURE),
    need("transmission_time", &TRANSMISSION_TIME),
    need("webhook_id", &ANY_ID),
    need("webhook_event", &EVENT),
]);

static OLD_AMOUNT: Shape = Shape::Object(&[need("total", &AMOUNT), need("currency", &CURRENCY)]);

/// `POST /v1/payments/sale/{id}/refund`.
pub(super) static REFUND: Shape = Shape::Object(&[
    may("amount", &OLD_AMOUNT),
    may("description", &DESCRIPTION),
    may("reason", &TEXT_300),
    may("invoice_number", &NAME_127),
]);
/// `POST /v2/payments/captures/{id}/refund`.
pub(super) static CAPTURE_REFUND: Shape =
    Shape::Object(&[may("amount", &MONEY), may("invoice_id", &NAME_127), may("note_to_payer", &DESCRIPTION)]);
