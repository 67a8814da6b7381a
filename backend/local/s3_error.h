/* S3's error codes: one row each with its status and AWS's sentence ("Error responses", S3 API Reference). */
#ifndef WEIR_LOCAL_S3_ERROR_H
#define WEIR_LOCAL_S3_ERROR_H
#include "backend/local/server.h"

/* X(ID, status, code, sentence) */
#define S3_ERRORS(X)                                                                                                   \
    X(ACCESS_DENIED, 403, "AccessDenied", "Access Denied")                                                             \
    X(ACL_NOT_SUPPORTED, 400, "AccessControlListNotSupported", "The bucket does not allow ACLs")                       \
    X(AUTH_QUERY, 400, "AuthorizationQueryParametersError", "Error parsing the query parameters")                      \
    X(BAD_DIGEST, 400, "BadDigest", "The Content-MD5 you specified did not match what we received.")                   \
    X(BAD_REQUEST, 400, "BadRequest", "Bad Request")                                                                   \
    X(BUCKET_EXISTS, 409, "BucketAlreadyExists", "The requested bucket name is not available.")                        \
    X(BUCKET_OWNED, 409, "BucketAlreadyOwnedByYou",                                                                    \
      "Your previous request to create the named bucket succeeded and you already own it.")                            \
    X(BUCKET_NOT_EMPTY, 409, "BucketNotEmpty", "The bucket you tried to delete is not empty")                          \
    X(CONDITIONAL_CONFLICT, 409, "ConditionalRequestConflict",                                                         \
      "The conditional request cannot succeed due to a conflicting operation against this resource.")                  \
    X(ENTITY_TOO_LARGE, 400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")                \
    X(ENTITY_TOO_SMALL, 400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")        \
    X(INTERNAL, 500, "InternalError", "We encountered an internal error. Please try again.")                           \
    X(INVALID_ACCESS_KEY, 403, "InvalidAccessKeyId",                                                                   \
      "The AWS Access Key Id you provided does not exist in our records.")                                             \
    X(INVALID_ARGUMENT, 400, "InvalidArgument", "Invalid Argument")                                                    \
    X(INVALID_BUCKET_NAME, 400, "InvalidBucketName", "The specified bucket is not valid.")                             \
    X(INVALID_BUCKET_STATE, 409, "InvalidBucketState",                                                                 \
      "The request is not valid with the current state of the bucket.")                                                \
    X(INVALID_DIGEST, 400, "InvalidDigest", "The Content-MD5 you specified is not valid.")                             \
    X(INVALID_ENCRYPTION, 400, "InvalidEncryptionAlgorithmError", "The encryption method specified is not supported")  \
    X(INVALID_LOCATION, 400, "InvalidLocationConstraint", "The specified location-constraint is not valid")            \
    X(INVALID_OBJECT_STATE, 403, "InvalidObjectState", "The operation is not valid for the object's storage class")    \
    X(INVALID_PART, 400, "InvalidPart",                                                                                \
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified " \
      "entity tag may not match the part's entity tag.")                                                               \
    X(INVALID_PART_NUMBER, 416, "InvalidPartNumber", "The requested partnumber is not satisfiable")                    \
    X(INVALID_PART_ORDER, 400, "InvalidPartOrder",                                                                     \
      "The list of parts was not in ascending order. Parts must be ordered by part number.")                           \
    X(INVALID_POLICY_DOCUMENT, 400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON.")                          \
    X(INVALID_RANGE, 416, "InvalidRange", "The requested range is not satisfiable")                                    \
    X(INVALID_REQUEST, 400, "InvalidRequest", "Invalid Request")                                                       \
    X(INVALID_RETENTION, 400, "InvalidRetentionPeriod", "The retention period specified is not valid")                 \
    X(INVALID_STORAGE_CLASS, 400, "InvalidStorageClass", "The storage class you specified is not valid")               \
    X(INVALID_TAG, 400, "InvalidTag", "The tag provided was not a valid tag.")                                         \
    X(INVALID_URI, 400, "InvalidURI", "Couldn't parse the specified URI.")                                             \
    X(KEY_TOO_LONG, 400, "KeyTooLongError", "Your key is too long")                                                    \
    X(MALFORMED_ACL, 400, "MalformedACLError",                                                                         \
      "The XML you provided was not well-formed or did not validate against our published schema")                     \
    X(MALFORMED_POLICY, 400, "MalformedPolicy", "Policy has invalid resource")                                         \
    X(MALFORMED_POST, 400, "MalformedPOSTRequest",                                                                     \
      "The body of your POST request is not well-formed multipart/form-data.")                                         \
    X(MALFORMED_XML, 400, "MalformedXML",                                                                              \
      "The XML you provided was not well-formed or did not validate against our published schema")                     \
    X(METADATA_TOO_LARGE, 400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")   \
    X(METHOD_NOT_ALLOWED, 405, "MethodNotAllowed", "The specified method is not allowed against this resource.")       \
    X(MISSING_BODY, 400, "MissingRequestBodyError", "Request Body is empty")                                           \
    X(MISSING_LENGTH, 411, "MissingContentLength", "You must provide the Content-Length HTTP header.")                 \
    X(MISSING_SECURITY, 400, "MissingSecurityHeader", "Your request was missing a required header")                    \
    X(NO_SUCH_BUCKET, 404, "NoSuchBucket", "The specified bucket does not exist")                                      \
    X(NO_SUCH_CONFIGURATION, 404, "NoSuchConfiguration", "The specified configuration does not exist.")                \
    X(NO_SUCH_CORS, 404, "NoSuchCORSConfiguration", "The CORS configuration does not exist")                           \
    X(NO_SUCH_KEY, 404, "NoSuchKey", "The specified key does not exist.")                                              \
    X(NO_SUCH_LIFECYCLE, 404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")            \
    X(NO_SUCH_LOCK, 404, "NoSuchObjectLockConfiguration",                                                              \
      "The specified object does not have a ObjectLock configuration")                                                 \
    X(NO_SUCH_POLICY, 404, "NoSuchBucketPolicy", "The bucket policy does not exist")                                   \
    X(NO_SUCH_ACCESS_BLOCK, 404, "NoSuchPublicAccessBlockConfiguration",                                               \
      "The public access block configuration was not found")                                                           \
    X(NO_SUCH_TAGS, 404, "NoSuchTagSet", "The TagSet does not exist")                                                  \
    X(NO_SUCH_UPLOAD, 404, "NoSuchUpload",                                                                             \
      "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "     \
      "completed.")                                                                                                    \
    X(NO_SUCH_VERSION, 404, "NoSuchVersion", "The specified version does not exist.")                                  \
    X(NO_SUCH_WEBSITE, 404, "NoSuchWebsiteConfiguration",                                                              \
      "The specified bucket does not have a website configuration")                                                    \
    X(NOT_IMPLEMENTED, 501, "NotImplemented", "A header you provided implies functionality that is not implemented")   \
    X(LOCK_NOT_FOUND, 404, "ObjectLockConfigurationNotFoundError",                                                     \
      "Object Lock configuration does not exist for this bucket")                                                      \
    X(OWNERSHIP_NOT_FOUND, 404, "OwnershipControlsNotFoundError", "The bucket ownership controls were not found")      \
    X(PRECONDITION, 412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")        \
    X(REPLICATION_NOT_FOUND, 404, "ReplicationConfigurationNotFoundError",                                             \
      "The replication configuration was not found")                                                                   \
    X(SIGNATURE, 403, "SignatureDoesNotMatch",                                                                         \
      "The request signature we calculated does not match the signature you provided. Check your key and signing "     \
      "method.")                                                                                                       \
    X(SSE_NOT_FOUND, 404, "ServerSideEncryptionConfigurationNotFoundError",                                            \
      "The server side encryption configuration was not found")                                                        \
    X(TOO_MANY_PARTS, 400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")

enum s3_error {
#define X(id, status, code, sentence) S3_##id,
    S3_ERRORS(X)
#undef X
        S3_ERROR_COUNT
};

struct s3_call;
/* Answers with that error and its own sentence. Returns false, so that a handler can `return s3_fail(...)`. */
bool s3_fail(struct s3_call *call, enum s3_error error);
/* With another sentence. */
bool s3_fail_text(struct s3_call *call, enum s3_error error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* With extra elements, name and value in turn, ended by NULL: s3_fail_with(call, S3_NO_SUCH_UPLOAD, "UploadId", id,
 * NULL). */
bool s3_fail_with(struct s3_call *call, enum s3_error error, ...) __attribute__((sentinel));
/* InvalidArgument with its sentence and ArgumentName / ArgumentValue. */
bool s3_fail_argument(struct s3_call *call, const char *sentence, const char *name, const char *value);
/* Something of ours failed: logged, InternalError (or 507-like DISK_FULL as 500 with its text). */
bool s3_fail_internal(struct s3_call *call, const struct err *err);
bool s3_failed(const struct s3_call *call);
const char *s3_error_code(enum s3_error error);
const char *s3_error_sentence(enum s3_error error);
/* The server's own refusals, service_ops.fail. */
void s3_error_answer(const struct request *req, struct answer *answer, int status, const char *code,
                     const char *message);
#endif
