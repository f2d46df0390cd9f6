//! The operations that the protocol layer hands over. Settings of a bucket that have no effect here
//! (access block, encryption, ownership, policy, tags) are accepted and forgotten.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method};
use s3s::dto::{
    Bucket, BucketLifecycleConfiguration, BucketVersioningStatus, CORSRule, CopyObjectInput, CopyObjectOutput, CreateBucketInput,
    CreateBucketOutput, DeleteBucketCorsInput, DeleteBucketCorsOutput, DeleteBucketInput, DeleteBucketLifecycleInput,
    DeleteBucketLifecycleOutput, DeleteBucketOutput, DeleteObjectInput, DeleteObjectOutput, DeleteObjectTaggingInput,
    DeleteObjectTaggingOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, Error, GetBucketCorsInput, GetBucketCorsOutput,
    GetBucketLifecycleConfigurationInput, GetBucketLifecycleConfigurationOutput, GetBucketLocationInput, GetBucketLocationOutput,
    GetBucketVersioningInput, GetBucketVersioningOutput, GetObjectInput, GetObjectOutput, GetObjectTaggingInput, GetObjectTaggingOutput,
    HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput, LifecycleRule, ListBucketsInput, ListBucketsOutput,
    ListObjectVersionsInput, ListObjectVersionsOutput, ListObjectsV2Input, ListObjectsV2Output, PutBucketCorsInput, PutBucketCorsOutput,
    PutBucketEncryptionInput, PutBucketEncryptionOutput, PutBucketLifecycleConfigurationInput, PutBucketLifecycleConfigurationOutput,
    PutBucketOwnershipControlsInput, PutBucketOwnershipControlsOutput, PutBucketPolicyInput, PutBucketPolicyOutput, PutBucketTaggingInput,
    PutBucketTaggingOutput, PutBucketVersioningInput, PutBucketVersioningOutput, PutObjectInput, PutObjectOutput, PutObjectTaggingInput,
    PutObjectTaggingOutput, PutPublicAccessBlockInput, PutPublicAccessBlockOutput, Tag,
};
use s3s::{S3, S3Error, S3Request, S3Response, S3Result, s3_error};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Store;
use super::index::Setting;
use super::record::{Version, timestamp};
use super::{cors, expiry};
use crate::aws::REGION;

/// The store, as the protocol layer calls it.
pub(super) struct Backend(pub(super) Arc<Store>);

/// A request for the operation with this input, and the answer with this output.
type Asked<T> = S3Request<T>;
type Answered<T> = S3Result<S3Response<T>>;

fn done<T>(output: T) -> Answered<T> {
    Ok(S3Response::new(output))
}

#[async_trait::async_trait]
impl S3 for Backend {
    async fn create_bucket(&self, asked: Asked<CreateBucketInput>) -> Answered<CreateBucketOutput> {
        let bucket = asked.input.bucket;
        self.0.index.create_bucket(&bucket, self.0.clock.now())?;
        done(CreateBucketOutput { location: Some(format!("/{bucket}")) })
    }

    async fn delete_bucket(&self, asked: Asked<DeleteBucketInput>) -> Answered<DeleteBucketOutput> {
        self.0.index.delete_bucket(&asked.input.bucket)?;
        done(DeleteBucketOutput::default())
    }

    async fn head_bucket(&self, asked: Asked<HeadBucketInput>) -> Answered<HeadBucketOutput> {
        self.0.index.bucket(&asked.input.bucket)?;
        done(HeadBucketOutput { bucket_region: Some(REGION.to_owned()), ..HeadBucketOutput::default() })
    }

    async fn get_bucket_location(&self, asked: Asked<GetBucketLocationInput>) -> Answered<GetBucketLocationOutput> {
        self.0.index.bucket(&asked.input.bucket)?;
        done(GetBucketLocationOutput::default())
    }

    async fn list_buckets(&self, _asked: Asked<ListBucketsInput>) -> Answered<ListBucketsOutput> {
        let buckets = self.0.index.buckets()?.into_iter().map(|bucket| Bucket {
            bucket_region: Some(REGION.to_owned()),
            creation_date: Some(timestamp(bucket.created)),
            name: Some(bucket.name),
        });
        done(ListBucketsOutput { buckets: Some(buckets.collect()), ..ListBucketsOutput::default() })
    }

    async fn put_object(&self, asked: Asked<PutObjectInput>) -> Answered<PutObjectOutput> {
        let is_form = asked.method == Method::POST;
        let put = self.0.put_object(asked.input, asked.trailing_headers).await?;
        let mut headers = HeaderMap::new();
        if is_form {
            // The protocol layer leaves them out of its answer to a form.
            let etag = put.e_tag.as_ref().map(|etag| format!("\"{}\"", etag.value()));
            for (name, value) in [("etag", &etag), ("x-amz-version-id", &put.version_id)] {
                if let Some(Ok(value)) = value.as_deref().map(HeaderValue::from_str) {
                    headers.insert(name, value);
                }
            }
        }
        Ok(S3Response::with_headers(put, headers))
    }

    async fn get_object(&self, asked: Asked<GetObjectInput>) -> Answered<GetObjectOutput> {
        done(self.0.get_object(asked.input).await?)
    }

    async fn head_object(&self, asked: Asked<HeadObjectInput>) -> Answered<HeadObjectOutput> {
        done(self.0.head_object(&asked.input)?)
    }

    async fn copy_object(&self, asked: Asked<CopyObjectInput>) -> Answered<CopyObjectOutput> {
        done(self.0.copy_object(asked.input).await?)
    }

    async fn delete_object(&self, asked: Asked<DeleteObjectInput>) -> Answered<DeleteObjectOutput> {
        done(self.0.delete_object(&asked.input)?)
    }

    async fn delete_objects(&self, asked: Asked<DeleteObjectsInput>) -> Answered<DeleteObjectsOutput> {
        done(self.0.delete_objects(asked.input)?)
    }

    async fn list_objects_v2(&self, asked: Asked<ListObjectsV2Input>) -> Answered<ListObjectsV2Output> {
        done(self.0.list_objects(asked.input)?)
    }

    async fn list_object_versions(&self, asked: Asked<ListObjectVersionsInput>) -> Answered<ListObjectVersionsOutput> {
        done(self.0.list_versions(asked.input)?)
    }

    async fn get_object_tagging(&self, asked: Asked<GetObjectTaggingInput>) -> Answered<GetObjectTaggingOutput> {
        let input = asked.input;
        let version = self.0.tagged(&input.bucket, &input.key, input.version_id.as_deref())?;
        let tags = version.record.described.tags.clone().into_iter();
        done(GetObjectTaggingOutput {
            tag_set: tags.map(|(key, value)| tag(key, value)).collect(),
            version_id: self.0.shown_version(&input.bucket, &version)?,
        })
    }

    async fn put_object_tagging(&self, asked: Asked<PutObjectTaggingInput>) -> Answered<PutObjectTaggingOutput> {
        let input = asked.input;
        let tags = input.tagging.tag_set.into_iter();
        let tags = tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())));
        let mut version = self.0.tagged(&input.bucket, &input.key, input.version_id.as_deref())?;
        version.record.described.tags = tags.collect();
        self.0.index.describe(&input.bucket, &version)?;
        done(PutObjectTaggingOutput { version_id: self.0.shown_version(&input.bucket, &version)? })
    }

    async fn delete_object_tagging(&self, asked: Asked<DeleteObjectTaggingInput>) -> Answered<DeleteObjectTaggingOutput> {
        let input = asked.input;
        let mut version = self.0.tagged(&input.bucket, &input.key, input.version_id.as_deref())?;
        version.record.described.tags.clear();
        self.0.index.describe(&input.bucket, &version)?;
        done(DeleteObjectTaggingOutput { version_id: self.0.shown_version(&input.bucket, &version)? })
    }

    async fn get_bucket_versioning(&self, asked: Asked<GetBucketVersioningInput>) -> Answered<GetBucketVersioningOutput> {
        let bucket = self.0.index.bucket(&asked.input.bucket)?;
        done(GetBucketVersioningOutput { status: bucket.versioning.map(BucketVersioningStatus::from), mfa_delete: None })
    }

    async fn put_bucket_versioning(&self, asked: Asked<PutBucketVersioningInput>) -> Answered<PutBucketVersioningOutput> {
        let status = asked.input.versioning_configuration.status;
        let status = status.as_ref().map(BucketVersioningStatus::as_str);
        let index = &self.0.index;
        index.configure(&asked.input.bucket, Setting::Versioning, status)?;
        done(PutBucketVersioningOutput::default())
    }

    async fn get_bucket_cors(&self, asked: Asked<GetBucketCorsInput>) -> Answered<GetBucketCorsOutput> {
        let rules = self.0.index.bucket(&asked.input.bucket)?.cors;
        let rules = rules.ok_or_else(|| s3_error!(NoSuchCORSConfiguration))?;
        let rules: Vec<cors::Rule> = parse(&rules)?;
        done(GetBucketCorsOutput { cors_rules: Some(rules.into_iter().map(CORSRule::from).collect()) })
    }

    async fn put_bucket_cors(&self, asked: Asked<PutBucketCorsInput>) -> Answered<PutBucketCorsOutput> {
        let rules = asked.input.cors_configuration.cors_rules.into_iter();
        let rules = written(&rules.map(cors::Rule::from).collect::<Vec<_>>())?;
        let index = &self.0.index;
        index.configure(&asked.input.bucket, Setting::Cors, Some(&rules))?;
        done(PutBucketCorsOutput::default())
    }

    async fn delete_bucket_cors(&self, asked: Asked<DeleteBucketCorsInput>) -> Answered<DeleteBucketCorsOutput> {
        self.0.index.configure(&asked.input.bucket, Setting::Cors, None)?;
        done(DeleteBucketCorsOutput::default())
    }

    async fn get_bucket_lifecycle_configuration(
        &self,
        asked: Asked<GetBucketLifecycleConfigurationInput>,
    ) -> Answered<GetBucketLifecycleConfigurationOutput> {
        let rules = self.0.index.bucket(&asked.input.bucket)?.lifecycle;
        let rules = rules.ok_or_else(|| s3_error!(NoSuchLifecycleConfiguration))?;
        let rules: Vec<expiry::Rule> = parse(&rules)?;
        done(GetBucketLifecycleConfigurationOutput {
            rules: Some(rules.into_iter().map(LifecycleRule::from).collect()),
            ..GetBucketLifecycleConfigurationOutput::default()
        })
    }

    async fn put_bucket_lifecycle_configuration(
        &self,
        asked: Asked<PutBucketLifecycleConfigurationInput>,
    ) -> Answered<PutBucketLifecycleConfigurationOutput> {
        let rules = asked.input.lifecycle_configuration;
        let rules = rules.map_or_else(Vec::new, |given: BucketLifecycleConfiguration| given.rules);
        let rules = rules.into_iter().map(expiry::Rule::from);
        let rules = written(&rules.collect::<Vec<_>>())?;
        let index = &self.0.index;
        index.configure(&asked.input.bucket, Setting::Lifecycle, Some(&rules))?;
        done(PutBucketLifecycleConfigurationOutput::default())
    }

    async fn delete_bucket_lifecycle(&self, asked: Asked<DeleteBucketLifecycleInput>) -> Answered<DeleteBucketLifecycleOutput> {
        let index = &self.0.index;
        index.configure(&asked.input.bucket, Setting::Lifecycle, None)?;
        done(DeleteBucketLifecycleOutput::default())
    }

    async fn put_public_access_block(&self, asked: Asked<PutPublicAccessBlockInput>) -> Answered<PutPublicAccessBlockOutput> {
        self.0.index.bucket(&asked.input.bucket)?;
        done(PutPublicAccessBlockOutput::default())
    }

    async fn put_bucket_encryption(&self, asked: Asked<PutBucketEncryptionInput>) -> Answered<PutBucketEncryptionOutput> {
        self.0.index.bucket(&asked.input.bucket)?;
        done(PutBucketEncryptionOutput::default())
    }

    async fn put_bucket_ownership_controls(
        &self,
        asked: Asked<PutBucketOwnershipControlsInput>,
    ) -> Answered<PutBucketOwnershipControlsOutput> {
        self.0.index.bucket(&asked.input.bucket)?;
        done(PutBucketOwnershipControlsOutput::default())
    }

    async fn put_bucket_policy(&self, asked: Asked<PutBucketPolicyInput>) -> Answered<PutBucketPolicyOutput> {
        self.0.index.bucket(&asked.input.bucket)?;
        done(PutBucketPolicyOutput::default())
    }

    async fn put_bucket_tagging(&self, asked: Asked<PutBucketTaggingInput>) -> Answered<PutBucketTaggingOutput> {
        self.0.index.bucket(&asked.input.bucket)?;
        done(PutBucketTaggingOutput::default())
    }
}

impl Store {
    /// The version whose tags are asked for.
    fn tagged(&self, bucket: &str, key: &str, version_id: Option<&str>) -> S3Result<Version> {
        let found = self.index.find(bucket, key, version_id)?;
        let found = found.filter(|version| !version.record.marker);
        found.ok_or_else(|| s3_error!(NoSuchKey, "The specified key does not exist."))
    }

    fn delete_objects(&self, input: DeleteObjectsInput) -> S3Result<DeleteObjectsOutput> {
        self.index.bucket(&input.bucket)?;
        let quiet = input.delete.quiet.unwrap_or(false);
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for named in input.delete.objects {
            let one = DeleteObjectInput {
                bucket: input.bucket.clone(),
                key: named.key.clone(),
                version_id: named.version_id.clone(),
                ..DeleteObjectInput::default()
            };
            match self.delete_object(&one) {
                Ok(_done) if quiet => {}
                Ok(done) => deleted.push(DeletedObject {
                    delete_marker: done.delete_marker,
                    delete_marker_version_id: done.version_id.filter(|_| named.version_id.is_none() && done.delete_marker == Some(true)),
                    key: Some(named.key),
                    version_id: named.version_id,
                }),
                Err(error) => errors.push(Error {
                    code: Some(error.code().as_str().to_owned()),
                    message: error.message().map(str::to_owned),
                    key: Some(named.key),
                    version_id: named.version_id,
                }),
            }
        }
        Ok(DeleteObjectsOutput { deleted: Some(deleted), errors: Some(errors), ..DeleteObjectsOutput::default() })
    }
}

fn tag(key: String, value: String) -> Tag {
    Tag { key: Some(key), value: Some(value) }
}

fn written<T: Serialize>(value: &T) -> S3Result<String> {
    serde_json::to_string(value).map_err(S3Error::internal_error)
}

fn parse<T: DeserializeOwned>(text: &str) -> S3Result<T> {
    serde_json::from_str(text).map_err(S3Error::internal_error)
}
