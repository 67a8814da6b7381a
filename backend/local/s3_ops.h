/* The operations of S3: one row each gives routing, the handler, the policy action, how the body is read, and the line
 * of `weir local coverage`. Rows are asked from the top: the more special ones come first.
 *
 * X(method, level, sub, with, operation, action, handler, body, state, missing)
 *   sub, with   query parameters that must be there ("" none); `with` may name an x-amz- header instead
 *   action      what a bucket policy calls it, without "s3:"
 *   handler     s3_op_NAME, or NULL when absent
 *   body        NONE, XML, OBJECT, FORM: s3_plan_body
 *   missing     what a partial one lacks */
#ifndef WEIR_LOCAL_S3_OPS_H
#define WEIR_LOCAL_S3_OPS_H

/* clang-format off */
#define S3_OPERATIONS(X)                                                                                               \
    X("GET", SERVICE, "", "", ListBuckets, "ListAllMyBuckets", s3_op_list_buckets, NONE, DONE, NULL)                      \
    X("POST", SERVICE, "", "", WriteGetObjectResponse, "WriteGetObjectResponse", NULL, NONE, ABSENT, NULL)             \
    /* bucket sub-resources */                                                                                         \
    X("GET", BUCKET, "location", "", GetBucketLocation, "GetBucketLocation", s3_op_get_location, NONE, DONE, NULL)        \
    X("GET", BUCKET, "versioning", "", GetBucketVersioning, "GetBucketVersioning", s3_op_get_versioning, NONE, DONE, NULL) \
    X("PUT", BUCKET, "versioning", "", PutBucketVersioning, "PutBucketVersioning", s3_op_put_versioning, XML, PARTIAL,    \
      "MFA delete")                                                                                                    \
    X("GET", BUCKET, "acl", "", GetBucketAcl, "GetBucketAcl", s3_op_get_acl, NONE, DONE, NULL)                            \
    X("PUT", BUCKET, "acl", "", PutBucketAcl, "PutBucketAcl", s3_op_put_acl, XML, PARTIAL, "grants by e-mail address")    \
    X("GET", BUCKET, "policy", "", GetBucketPolicy, "GetBucketPolicy", s3_op_get_policy, NONE, DONE, NULL)                \
    X("PUT", BUCKET, "policy", "", PutBucketPolicy, "PutBucketPolicy", s3_op_put_policy, XML, DONE, NULL)                 \
    X("DELETE", BUCKET, "policy", "", DeleteBucketPolicy, "DeleteBucketPolicy", s3_op_delete_policy, NONE, DONE, NULL)    \
    X("GET", BUCKET, "policyStatus", "", GetBucketPolicyStatus, "GetBucketPolicyStatus", s3_op_get_policy_status, NONE,   \
      DONE, NULL)                                                                                                      \
    X("GET", BUCKET, "encryption", "", GetBucketEncryption, "GetEncryptionConfiguration", s3_op_get_encryption, NONE,     \
      DONE, NULL)                                                                                                      \
    X("PUT", BUCKET, "encryption", "", PutBucketEncryption, "PutEncryptionConfiguration", s3_op_put_config, XML, PARTIAL, \
      "objects carry the headers; their bytes are not encrypted on disk")                                              \
    X("DELETE", BUCKET, "encryption", "", DeleteBucketEncryption, "PutEncryptionConfiguration", s3_op_delete_config,      \
      NONE, DONE, NULL)                                                                                                \
    X("GET", BUCKET, "publicAccessBlock", "", GetPublicAccessBlock, "GetBucketPublicAccessBlock", s3_op_get_config, NONE, \
      DONE, NULL)                                                                                                      \
    X("PUT", BUCKET, "publicAccessBlock", "", PutPublicAccessBlock, "PutBucketPublicAccessBlock", s3_op_put_config, XML,  \
      DONE, NULL)                                                                                                      \
    X("DELETE", BUCKET, "publicAccessBlock", "", DeletePublicAccessBlock, "PutBucketPublicAccessBlock",                \
      s3_op_delete_config, NONE, DONE, NULL)                                                                              \
    X("GET", BUCKET, "ownershipControls", "", GetBucketOwnershipControls, "GetBucketOwnershipControls",                \
      s3_op_get_config, NONE, DONE, NULL)                                                                                 \
    X("PUT", BUCKET, "ownershipControls", "", PutBucketOwnershipControls, "PutBucketOwnershipControls",                \
      s3_op_put_config, XML, DONE, NULL)                                                                                  \
    X("DELETE", BUCKET, "ownershipControls", "", DeleteBucketOwnershipControls, "PutBucketOwnershipControls",          \
      s3_op_delete_config, NONE, DONE, NULL)                                                                              \
    X("GET", BUCKET, "tagging", "", GetBucketTagging, "GetBucketTagging", s3_op_get_config, NONE, DONE, NULL)             \
    X("PUT", BUCKET, "tagging", "", PutBucketTagging, "PutBucketTagging", s3_op_put_config, XML, DONE, NULL)              \
    X("DELETE", BUCKET, "tagging", "", DeleteBucketTagging, "PutBucketTagging", s3_op_delete_config, NONE, DONE, NULL)    \
    X("GET", BUCKET, "lifecycle", "", GetBucketLifecycleConfiguration, "GetLifecycleConfiguration", s3_op_get_config,     \
      NONE, DONE, NULL)                                                                                                \
    X("PUT", BUCKET, "lifecycle", "", PutBucketLifecycleConfiguration, "PutLifecycleConfiguration", s3_op_put_config,     \
      XML, PARTIAL, "objects expire and change their class at midnight UTC; every class can be read at once")                                  \
    X("DELETE", BUCKET, "lifecycle", "", DeleteBucketLifecycle, "PutLifecycleConfiguration", s3_op_delete_config, NONE,   \
      DONE, NULL)                                                                                                      \
    X("GET", BUCKET, "cors", "", GetBucketCors, "GetBucketCORS", s3_op_get_config, NONE, DONE, NULL)                      \
    X("PUT", BUCKET, "cors", "", PutBucketCors, "PutBucketCORS", s3_op_put_config, XML, DONE, NULL)                       \
    X("DELETE", BUCKET, "cors", "", DeleteBucketCors, "PutBucketCORS", s3_op_delete_config, NONE, DONE, NULL)             \
    X("GET", BUCKET, "website", "", GetBucketWebsite, "GetBucketWebsite", s3_op_get_config, NONE, DONE, NULL)             \
    X("PUT", BUCKET, "website", "", PutBucketWebsite, "PutBucketWebsite", s3_op_put_config, XML, PARTIAL,                 \
      "stored; there is no website endpoint")                                                                          \
    X("DELETE", BUCKET, "website", "", DeleteBucketWebsite, "DeleteBucketWebsite", s3_op_delete_config, NONE, DONE, NULL) \
    X("GET", BUCKET, "replication", "", GetBucketReplication, "GetReplicationConfiguration", s3_op_get_config, NONE,      \
      DONE, NULL)                                                                                                      \
    X("PUT", BUCKET, "replication", "", PutBucketReplication, "PutReplicationConfiguration", s3_op_put_config, XML,       \
      PARTIAL, "stored; nothing is replicated")                                                                        \
    X("DELETE", BUCKET, "replication", "", DeleteBucketReplication, "PutReplicationConfiguration", s3_op_delete_config,   \
      NONE, DONE, NULL)                                                                                                \
    X("GET", BUCKET, "logging", "", GetBucketLogging, "GetBucketLogging", s3_op_get_config, NONE, DONE, NULL)             \
    X("PUT", BUCKET, "logging", "", PutBucketLogging, "PutBucketLogging", s3_op_put_config, XML, PARTIAL,                 \
      "stored; no access logs are delivered")                                                                          \
    X("GET", BUCKET, "notification", "", GetBucketNotificationConfiguration, "GetBucketNotification", s3_op_get_config,   \
      NONE, DONE, NULL)                                                                                                \
    X("PUT", BUCKET, "notification", "", PutBucketNotificationConfiguration, "PutBucketNotification", s3_op_put_config,   \
      XML, PARTIAL, "stored; no events are sent")                                                                      \
    X("GET", BUCKET, "requestPayment", "", GetBucketRequestPayment, "GetBucketRequestPayment", s3_op_get_config, NONE,    \
      DONE, NULL)                                                                                                      \
    X("PUT", BUCKET, "requestPayment", "", PutBucketRequestPayment, "PutBucketRequestPayment", s3_op_put_config, XML,     \
      DONE, NULL)                                                                                                      \
    X("GET", BUCKET, "accelerate", "", GetBucketAccelerateConfiguration, "GetAccelerateConfiguration", s3_op_get_config,  \
      NONE, DONE, NULL)                                                                                                \
    X("PUT", BUCKET, "accelerate", "", PutBucketAccelerateConfiguration, "PutAccelerateConfiguration", s3_op_put_config,  \
      XML, PARTIAL, "stored; there is no accelerated endpoint")                                                        \
    X("GET", BUCKET, "object-lock", "", GetObjectLockConfiguration, "GetBucketObjectLockConfiguration",                \
      s3_op_get_config, NONE, DONE, NULL)                                                                                 \
    X("PUT", BUCKET, "object-lock", "", PutObjectLockConfiguration, "PutBucketObjectLockConfiguration",                \
      s3_op_put_config, XML, DONE, NULL)                                                                                  \
    X("GET", BUCKET, "analytics", "id", GetBucketAnalyticsConfiguration, "GetAnalyticsConfiguration",                  \
      s3_op_get_config_id, NONE, DONE, NULL)                                                                              \
    X("GET", BUCKET, "analytics", "", ListBucketAnalyticsConfigurations, "GetAnalyticsConfiguration",                  \
      s3_op_list_config_ids, NONE, DONE, NULL)                                                                            \
    X("PUT", BUCKET, "analytics", "id", PutBucketAnalyticsConfiguration, "PutAnalyticsConfiguration",                  \
      s3_op_put_config_id, XML, PARTIAL, "stored; no reports are made")                                                   \
    X("DELETE", BUCKET, "analytics", "id", DeleteBucketAnalyticsConfiguration, "PutAnalyticsConfiguration",            \
      s3_op_delete_config_id, NONE, DONE, NULL)                                                                           \
    X("GET", BUCKET, "intelligent-tiering", "id", GetBucketIntelligentTieringConfiguration,                            \
      "GetIntelligentTieringConfiguration", s3_op_get_config_id, NONE, DONE, NULL)                                        \
    X("GET", BUCKET, "intelligent-tiering", "", ListBucketIntelligentTieringConfigurations,                            \
      "GetIntelligentTieringConfiguration", s3_op_list_config_ids, NONE, DONE, NULL)                                      \
    X("PUT", BUCKET, "intelligent-tiering", "id", PutBucketIntelligentTieringConfiguration,                            \
      "PutIntelligentTieringConfiguration", s3_op_put_config_id, XML, PARTIAL, "stored; nothing is moved")                \
    X("DELETE", BUCKET, "intelligent-tiering", "id", DeleteBucketIntelligentTieringConfiguration,                      \
      "PutIntelligentTieringConfiguration", s3_op_delete_config_id, NONE, DONE, NULL)                                     \
    X("GET", BUCKET, "inventory", "id", GetBucketInventoryConfiguration, "GetInventoryConfiguration",                  \
      s3_op_get_config_id, NONE, DONE, NULL)                                                                              \
    X("GET", BUCKET, "inventory", "", ListBucketInventoryConfigurations, "GetInventoryConfiguration",                  \
      s3_op_list_config_ids, NONE, DONE, NULL)                                                                            \
    X("PUT", BUCKET, "inventory", "id", PutBucketInventoryConfiguration, "PutInventoryConfiguration",                  \
      s3_op_put_config_id, XML, PARTIAL, "stored; no reports are made")                                                   \
    X("DELETE", BUCKET, "inventory", "id", DeleteBucketInventoryConfiguration, "PutInventoryConfiguration",            \
      s3_op_delete_config_id, NONE, DONE, NULL)                                                                           \
    X("GET", BUCKET, "metrics", "id", GetBucketMetricsConfiguration, "GetMetricsConfiguration", s3_op_get_config_id,      \
      NONE, DONE, NULL)                                                                                                \
    X("GET", BUCKET, "metrics", "", ListBucketMetricsConfigurations, "GetMetricsConfiguration", s3_op_list_config_ids,    \
      NONE, DONE, NULL)                                                                                                \
    X("PUT", BUCKET, "metrics", "id", PutBucketMetricsConfiguration, "PutMetricsConfiguration", s3_op_put_config_id, XML, \
      PARTIAL, "stored; no metrics are published")                                                                     \
    X("DELETE", BUCKET, "metrics", "id", DeleteBucketMetricsConfiguration, "PutMetricsConfiguration",                  \
      s3_op_delete_config_id, NONE, DONE, NULL)                                                                           \
    X("GET", BUCKET, "session", "", CreateSession, "CreateSession", NULL, NONE, ABSENT, NULL)                          \
    X("GET", BUCKET, "abac", "", GetBucketAbac, "GetBucketAbac", NULL, NONE, ABSENT, NULL)                             \
    X("PUT", BUCKET, "abac", "", PutBucketAbac, "PutBucketAbac", NULL, XML, ABSENT, NULL)                              \
    X("GET", BUCKET, "metadataTable", "", GetBucketMetadataTableConfiguration, "GetBucketMetadataTableConfiguration",  \
      NULL, NONE, ABSENT, NULL)                                                                                        \
    X("POST", BUCKET, "metadataTable", "", CreateBucketMetadataTableConfiguration,                                     \
      "CreateBucketMetadataTableConfiguration", NULL, XML, ABSENT, NULL)                                               \
    X("DELETE", BUCKET, "metadataTable", "", DeleteBucketMetadataTableConfiguration,                                   \
      "DeleteBucketMetadataTableConfiguration", NULL, NONE, ABSENT, NULL)                                              \
    X("GET", BUCKET, "metadataConfiguration", "", GetBucketMetadataConfiguration,                                      \
      "GetBucketMetadataTableConfiguration", NULL, NONE, ABSENT, NULL)                                                 \
    X("POST", BUCKET, "metadataConfiguration", "", CreateBucketMetadataConfiguration,                                  \
      "CreateBucketMetadataTableConfiguration", NULL, XML, ABSENT, NULL)                                               \
    X("DELETE", BUCKET, "metadataConfiguration", "", DeleteBucketMetadataConfiguration,                                \
      "DeleteBucketMetadataTableConfiguration", NULL, NONE, ABSENT, NULL)                                              \
    X("PUT", BUCKET, "metadataInventoryTable", "", UpdateBucketMetadataInventoryTableConfiguration,                    \
      "UpdateBucketMetadataInventoryTableConfiguration", NULL, XML, ABSENT, NULL)                                      \
    X("PUT", BUCKET, "metadataJournalTable", "", UpdateBucketMetadataJournalTableConfiguration,                        \
      "UpdateBucketMetadataJournalTableConfiguration", NULL, XML, ABSENT, NULL)                                        \
    /* listings and the bucket itself */                                                                               \
    X("GET", BUCKET, "uploads", "", ListMultipartUploads, "ListBucketMultipartUploads", s3_op_list_uploads, NONE, DONE,   \
      NULL)                                                                                                            \
    X("GET", BUCKET, "versions", "", ListObjectVersions, "ListBucketVersions", s3_op_list_versions, NONE, DONE, NULL)     \
    X("GET", BUCKET, "list-type", "", ListObjectsV2, "ListBucket", s3_op_list_v2, NONE, DONE, NULL)                       \
    X("GET", BUCKET, "", "", ListObjects, "ListBucket", s3_op_list_v1, NONE, DONE, NULL)                                  \
    X("HEAD", BUCKET, "", "", HeadBucket, "ListBucket", s3_op_head_bucket, NONE, DONE, NULL)                              \
    X("PUT", BUCKET, "", "", CreateBucket, "CreateBucket", s3_op_create_bucket, XML, PARTIAL,                             \
      "directory buckets; a new bucket has neither access block nor enforced ownership until they are put")            \
    X("DELETE", BUCKET, "", "", DeleteBucket, "DeleteBucket", s3_op_delete_bucket, NONE, DONE, NULL)                      \
    X("POST", BUCKET, "delete", "", DeleteObjects, "DeleteObject", s3_op_delete_objects, XML, PARTIAL, "MFA delete")      \
    X("POST", BUCKET, "", "", PostObject, "PutObject", s3_op_post_object, FORM, DONE, NULL)                                         \
    X("OPTIONS", BUCKET, "", "", OptionsBucket, "", s3_op_options, NONE, DONE, NULL)                                      \
    /* object sub-resources */                                                                                         \
    X("GET", OBJECT, "acl", "", GetObjectAcl, "GetObjectAcl", s3_op_get_acl, NONE, DONE, NULL)                            \
    X("PUT", OBJECT, "acl", "", PutObjectAcl, "PutObjectAcl", s3_op_put_acl, XML, PARTIAL, "grants by e-mail address")    \
    X("GET", OBJECT, "tagging", "", GetObjectTagging, "GetObjectTagging", s3_op_get_tagging, NONE, DONE, NULL)            \
    X("PUT", OBJECT, "tagging", "", PutObjectTagging, "PutObjectTagging", s3_op_put_tagging, XML, DONE, NULL)             \
    X("DELETE", OBJECT, "tagging", "", DeleteObjectTagging, "DeleteObjectTagging", s3_op_delete_tagging, NONE, DONE,      \
      NULL)                                                                                                            \
    X("GET", OBJECT, "retention", "", GetObjectRetention, "GetObjectRetention", s3_op_get_retention, NONE, DONE, NULL)    \
    X("PUT", OBJECT, "retention", "", PutObjectRetention, "PutObjectRetention", s3_op_put_retention, XML, DONE, NULL)     \
    X("GET", OBJECT, "legal-hold", "", GetObjectLegalHold, "GetObjectLegalHold", s3_op_get_legal_hold, NONE, DONE, NULL)  \
    X("PUT", OBJECT, "legal-hold", "", PutObjectLegalHold, "PutObjectLegalHold", s3_op_put_legal_hold, XML, DONE, NULL)   \
    X("GET", OBJECT, "attributes", "", GetObjectAttributes, "GetObjectAttributes", s3_op_get_attributes, NONE, DONE,      \
      NULL)                                                                                                            \
    X("GET", OBJECT, "torrent", "", GetObjectTorrent, "GetObjectTorrent", NULL, NONE, ABSENT, NULL)                    \
    X("POST", OBJECT, "select", "", SelectObjectContent, "GetObject", NULL, XML, ABSENT, NULL)                         \
    X("POST", OBJECT, "restore", "", RestoreObject, "RestoreObject", NULL, XML, ABSENT, NULL)                          \
    X("PUT", OBJECT, "renameObject", "", RenameObject, "PutObject", NULL, NONE, ABSENT, NULL)                          \
    X("PUT", OBJECT, "encryption", "", UpdateObjectEncryption, "UpdateObjectEncryption", NULL, XML, ABSENT, NULL)      \
    /* multipart */                                                                                                    \
    X("POST", OBJECT, "uploads", "", CreateMultipartUpload, "PutObject", s3_op_create_upload, NONE, DONE, NULL)           \
    X("PUT", OBJECT, "uploadId", "x-amz-copy-source", UploadPartCopy, "PutObject", s3_op_upload_part_copy, NONE, DONE,    \
      NULL)                                                                                                            \
    X("PUT", OBJECT, "uploadId", "", UploadPart, "PutObject", s3_op_upload_part, OBJECT, DONE, NULL)                      \
    X("GET", OBJECT, "uploadId", "", ListParts, "ListMultipartUploadParts", s3_op_list_parts, NONE, DONE, NULL)           \
    X("POST", OBJECT, "uploadId", "", CompleteMultipartUpload, "PutObject", s3_op_complete_upload, XML, DONE, NULL)       \
    X("DELETE", OBJECT, "uploadId", "", AbortMultipartUpload, "AbortMultipartUpload", s3_op_abort_upload, NONE, DONE,     \
      NULL)                                                                                                            \
    /* the object itself */                                                                                            \
    X("GET", OBJECT, "", "", GetObject, "GetObject", s3_op_get_object, NONE, PARTIAL,                                     \
      "SSE-C and SSE-KMS are checked and echoed, the bytes on disk are plain")                                         \
    X("HEAD", OBJECT, "", "", HeadObject, "GetObject", s3_op_head_object, NONE, DONE, NULL)                               \
    X("PUT", OBJECT, "", "x-amz-copy-source", CopyObject, "PutObject", s3_op_copy_object, NONE, DONE, NULL)               \
    X("PUT", OBJECT, "", "", PutObject, "PutObject", s3_op_put_object, OBJECT, PARTIAL, "append (x-amz-write-offset-bytes)") \
    X("DELETE", OBJECT, "", "", DeleteObject, "DeleteObject", s3_op_delete_object, NONE, PARTIAL, "MFA delete")           \
    X("OPTIONS", OBJECT, "", "", OptionsObject, "", s3_op_options, NONE, DONE, NULL)
/* clang-format on */

#endif
