/* What the server itself refuses, in the words of each protocol: one row per reason. The service's fail() then gives it
 * the service's shape. */
#ifndef WEIR_LOCAL_REFUSAL_H
#define WEIR_LOCAL_REFUSAL_H
#include "backend/local/server.h"

/* X(REASON, status and code of restXml (S3), of JSON, of query, of restJson, sentence). Sources: S3 "Error responses";
 * "Common error types" of DynamoDB/Glue (JSON), STS (query) and Lambda (restJson). */
#define REFUSALS(X)                                                                                                    \
    X(MISSING_AUTH, 403, "AccessDenied", 400, "MissingAuthenticationTokenException", 403,                              \
      "MissingAuthenticationToken", 403, "MissingAuthenticationTokenException",                                        \
      "Request is missing Authentication Token")                                                                       \
    X(MALFORMED_AUTH, 400, "AuthorizationHeaderMalformed", 400, "IncompleteSignatureException", 400,                   \
      "IncompleteSignature", 400, "IncompleteSignatureException", "The authorization header is malformed")             \
    X(WRONG_SCOPE, 400, "AuthorizationHeaderMalformed", 400, "InvalidSignatureException", 403,                         \
      "SignatureDoesNotMatch", 403, "InvalidSignatureException", "Credential should be scoped to a valid region")      \
    X(UNKNOWN_KEY, 403, "InvalidAccessKeyId", 400, "UnrecognizedClientException", 403, "InvalidClientTokenId", 403,    \
      "UnrecognizedClientException", "The security token included in the request is invalid.")                         \
    X(BAD_TOKEN, 400, "InvalidToken", 400, "UnrecognizedClientException", 403, "InvalidClientTokenId", 403,            \
      "UnrecognizedClientException", "The security token included in the request is invalid")                          \
    X(EXPIRED_TOKEN, 400, "ExpiredToken", 400, "ExpiredTokenException", 403, "ExpiredToken", 403,                      \
      "ExpiredTokenException", "The security token included in the request is expired")                                \
    X(CLOCK_SKEW, 403, "RequestTimeTooSkewed", 400, "InvalidSignatureException", 403, "SignatureDoesNotMatch", 403,    \
      "InvalidSignatureException", "The difference between the request time and the current time is too large.")       \
    X(URL_EXPIRED, 403, "AccessDenied", 400, "InvalidSignatureException", 403, "SignatureDoesNotMatch", 403,           \
      "InvalidSignatureException", "Request has expired")                                                              \
    X(SIGNATURE, 403, "SignatureDoesNotMatch", 400, "InvalidSignatureException", 403, "SignatureDoesNotMatch", 403,    \
      "InvalidSignatureException",                                                                                     \
      "The request signature we calculated does not match the signature you provided. Check your key and signing "     \
      "method.")                                                                                                       \
    X(SCHEME, 400, "InvalidRequest", 400, "IncompleteSignatureException", 400, "IncompleteSignature", 400,             \
      "IncompleteSignatureException",                                                                                  \
      "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")                  \
    X(NO_BODY_HASH, 400, "InvalidRequest", 400, "IncompleteSignatureException", 400, "IncompleteSignature", 400,       \
      "IncompleteSignatureException", "Missing required header for this request: x-amz-content-sha256")                \
    X(BAD_BODY_HASH, 400, "InvalidArgument", 400, "InvalidSignatureException", 400, "IncompleteSignature", 400,        \
      "InvalidSignatureException",                                                                                     \
      "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING- form, or a valid sha256 value.")                    \
    X(BODY_HASH, 400, "XAmzContentSHA256Mismatch", 400, "InvalidSignatureException", 403, "SignatureDoesNotMatch",     \
      403, "InvalidSignatureException",                                                                                \
      "The provided 'x-amz-content-sha256' header does not match what was computed.")                                  \
    X(TOO_LARGE, 400, "EntityTooLarge", 413, "RequestEntityTooLargeException", 413, "RequestEntityTooLarge", 413,      \
      "RequestTooLargeException", "Your proposed upload exceeds the maximum allowed size")                             \
    X(HEAD_TOO_LARGE, 400, "RequestHeaderSectionTooLarge", 400, "ValidationException", 400, "ValidationError", 400,    \
      "InvalidRequestException",                                                                                       \
      "Your request header section exceeds the maximum allowed request header section size.")                          \
    X(BAD_URI, 400, "InvalidURI", 400, "ValidationException", 400, "ValidationError", 400, "InvalidRequestException",  \
      "Couldn't parse the specified URI.")                                                                             \
    X(NO_LENGTH, 411, "MissingContentLength", 411, "ValidationException", 411, "ValidationError", 411,                 \
      "InvalidRequestException", "You must provide the Content-Length HTTP header.")                                   \
    X(INCOMPLETE, 400, "IncompleteBody", 400, "ValidationException", 400, "ValidationError", 400,                      \
      "InvalidRequestException",                                                                                       \
      "You did not provide the number of bytes specified by the Content-Length HTTP header")                           \
    X(BAD_FRAMING, 400, "InvalidRequest", 400, "ValidationException", 400, "ValidationError", 400,                     \
      "InvalidRequestException", "The aws-chunked framing of the body is malformed")                                   \
    X(BAD_TRAILER, 400, "MalformedTrailerError", 400, "ValidationException", 400, "ValidationError", 400,              \
      "InvalidRequestException",                                                                                       \
      "The request contained trailing data that was not well-formed or did not conform to our published schema.")      \
    X(INTERNAL, 500, "InternalError", 500, "InternalServerError", 500, "InternalFailure", 500, "ServiceException",     \
      "We encountered an internal error. Please try again.")                                                           \
    X(UNAVAILABLE, 503, "SlowDown", 503, "ServiceUnavailableException", 503, "ServiceUnavailable", 503,                \
      "ServiceUnavailableException", "Please reduce your request rate.")                                               \
    X(THROTTLED, 429, "SlowDown", 400, "ThrottlingException", 400, "Throttling", 429, "TooManyRequestsException",      \
      "Rate exceeded")                                                                                                 \
    X(DENIED, 403, "AccessDenied", 400, "AccessDeniedException", 403, "AccessDenied", 403, "AccessDeniedException",    \
      "Access Denied")                                                                                                 \
    X(NOT_FOUND, 404, "NoSuchKey", 400, "ResourceNotFoundException", 404, "NotFound", 404,                             \
      "ResourceNotFoundException", "The specified resource does not exist.")                                           \
    X(INVALID, 400, "InvalidRequest", 400, "ValidationException", 400, "ValidationError", 400,                         \
      "InvalidParameterValueException", "The request is invalid.")                                                     \
    X(ELSEWHERE, 301, "PermanentRedirect", 400, "ValidationException", 400, "ValidationError", 400,                    \
      "InvalidRequestException",                                                                                       \
      "The bucket you are attempting to access must be addressed using the specified endpoint.")                       \
    X(NOT_IMPLEMENTED, 501, "NotImplemented", 400, "UnknownOperationException", 501, "NotImplemented", 501,            \
      "NotImplemented", "A header or query you provided implies functionality that is not implemented.")

enum refusal_reason {
#define X(reason, ...) REFUSE_##reason,
    REFUSALS(X)
#undef X
        REFUSAL_REASONS
};

struct refusal {
    int status; /* 0: nothing was refused */
    char code[64];
    char message[256];
};

/* Fills *refusal in the protocol's words; format NULL: the row's sentence. Returns false. */
bool refuse(struct refusal *refusal, enum service_protocol protocol, enum refusal_reason reason, const char *format,
            ...) __attribute__((format(printf, 4, 5)));
/* The row that a bare HTTP status means (503 -> UNAVAILABLE); INTERNAL for other 5xx, INVALID for other 4xx. */
enum refusal_reason refusal_of_status(int status);
#endif
