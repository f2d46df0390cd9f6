//! A bucket's rules, from CloudFormation's words to S3's.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, CorsConfiguration, CorsRule, ExpirationStatus, LifecycleExpiration,
    LifecycleRule, LifecycleRuleFilter, NoncurrentVersionExpiration,
};
use serde_json::Value;

use crate::resources::said;

/// CORS rules; `None` when there are none.
pub(crate) fn cors(rules: &[Value]) -> Result<Option<CorsConfiguration>, String> {
    let rules = rules.iter().map(cors_rule).collect::<Result<Vec<_>, _>>()?;
    if rules.is_empty() {
        return Ok(None);
    }
    CorsConfiguration::builder().set_cors_rules(Some(rules)).build().map(Some).map_err(said)
}

fn cors_rule(rule: &Value) -> Result<CorsRule, String> {
    CorsRule::builder()
        .set_allowed_origins(Some(texts(&rule["AllowedOrigins"])))
        .set_allowed_methods(Some(texts(&rule["AllowedMethods"])))
        .set_allowed_headers(Some(texts(&rule["AllowedHeaders"])))
        .set_expose_headers(Some(texts(&rule["ExposedHeaders"])))
        .set_max_age_seconds(days(&rule["MaxAge"]))
        .build()
        .map_err(said)
}

/// Lifecycle rules; `None` when there are none.
pub(crate) fn lifecycle(rules: &[Value]) -> Result<Option<BucketLifecycleConfiguration>, String> {
    let rules = rules.iter().map(lifecycle_rule).collect::<Result<Vec<_>, _>>()?;
    if rules.is_empty() {
        return Ok(None);
    }
    BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().map(Some).map_err(said)
}

fn lifecycle_rule(rule: &Value) -> Result<LifecycleRule, String> {
    let prefix = rule["Prefix"].as_str().unwrap_or_default();
    let expiration = days(&rule["ExpirationInDays"]).map(|days| LifecycleExpiration::builder().days(days).build());
    let old = days(&rule["NoncurrentVersionExpiration"]["NoncurrentDays"]);
    let old = old.map(|days| NoncurrentVersionExpiration::builder().noncurrent_days(days).build());
    let broken = days(&rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]);
    let broken = broken.map(|days| AbortIncompleteMultipartUpload::builder().days_after_initiation(days).build());
    LifecycleRule::builder()
        .set_id(rule["Id"].as_str().map(str::to_owned))
        .status(ExpirationStatus::from(rule["Status"].as_str().unwrap_or("Enabled")))
        .filter(LifecycleRuleFilter::builder().prefix(prefix).build())
        .set_expiration(expiration)
        .set_noncurrent_version_expiration(old)
        .set_abort_incomplete_multipart_upload(broken)
        .build()
        .map_err(said)
}

fn days(value: &Value) -> Option<i32> {
    value.as_i64().and_then(|days| i32::try_from(days).ok())
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
