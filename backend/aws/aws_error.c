/* Error answers of AWS services decoded to struct err: the XML form of S3 and of the query protocol, the JSON forms,
 * and answers without a body (HEAD). One table says what a service's word means here. Pure; called by aws_perform on
 * any thread, and by callers that find an error inside a 200. */
#include "backend/aws/aws.h"
#include "backend/base/arena.h"
#include "backend/base/json.h"
#include "backend/base/xml.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { ERROR_BODY_MAX = 64 * 1024, ERROR_ARENA = 1024 * 1024 };

/* A service's own word -> our code, whether the same request may succeed later, and what to do. The words are those of
 * "Error responses" (S3 API Reference) and "Common errors" of the other services. */
struct meaning {
    const char *word;
    enum err_code code;
    bool retryable;
    const char *remedy;
};
static const char check_keys[] = "check the access key and its secret; run: weir doctor";
static const char log_in[] = "log in again where they come from: weir doctor names it";
static const struct meaning meanings[] = {
    {.word = "AccessDenied", .code = ERR_DENIED},
    {.word = "AccessDeniedException", .code = ERR_DENIED},
    {.word = "AllAccessDisabled", .code = ERR_DENIED},
    {.word = "UnauthorizedAccess", .code = ERR_DENIED},
    {.word = "InvalidAccessKeyId", .code = ERR_CREDENTIALS, .remedy = check_keys},
    {.word = "SignatureDoesNotMatch", .code = ERR_CREDENTIALS, .remedy = check_keys},
    {.word = "InvalidSignatureException", .code = ERR_CREDENTIALS, .remedy = check_keys},
    {.word = "UnrecognizedClientException", .code = ERR_CREDENTIALS, .remedy = check_keys},
    {.word = "InvalidClientTokenId", .code = ERR_CREDENTIALS, .remedy = check_keys},
    {.word = "InvalidToken", .code = ERR_CREDENTIALS, .remedy = check_keys},
    {.word = "MissingAuthenticationToken", .code = ERR_CREDENTIALS, .remedy = check_keys},
    {.word = "AuthFailure", .code = ERR_CREDENTIALS, .remedy = check_keys},
    {.word = "ExpiredToken", .code = ERR_EXPIRED, .remedy = log_in},
    {.word = "ExpiredTokenException", .code = ERR_EXPIRED, .remedy = log_in},
    {.word = "TokenRefreshRequired", .code = ERR_EXPIRED, .remedy = log_in},
    {.word = "RequestTimeTooSkewed", .code = ERR_CLOCK_SKEW, .remedy = "set this machine's clock"},
    {.word = "RequestExpired", .code = ERR_CLOCK_SKEW, .remedy = "set this machine's clock"},
    {.word = "RequestInTheFuture", .code = ERR_CLOCK_SKEW, .remedy = "set this machine's clock"},
    {.word = "NoSuchBucket", .code = ERR_NOT_FOUND, .remedy = "check the bucket's name"},
    {.word = "NoSuchKey", .code = ERR_NOT_FOUND, .remedy = "check the key"},
    {.word = "NoSuchVersion", .code = ERR_NOT_FOUND, .remedy = "check the version id"},
    {.word = "NoSuchUpload", .code = ERR_NOT_FOUND, .remedy = "the upload was completed or aborted"},
    {.word = "NotFound", .code = ERR_NOT_FOUND},
    {.word = "EntityNotFoundException", .code = ERR_NOT_FOUND},
    {.word = "ResourceNotFoundException", .code = ERR_NOT_FOUND},
    {.word = "InvalidURI", .code = ERR_PARSE, .remedy = "S3 takes keys of valid UTF-8 only: check the name"},
    {.word = "PreconditionFailed", .code = ERR_PRECONDITION, .remedy = "it changed meanwhile or exists already"},
    {.word = "NotModified", .code = ERR_PRECONDITION},
    {.word = "InvalidRange", .code = ERR_PRECONDITION, .remedy = "the object is shorter than the range asked for"},
    {.word = "ConditionalRequestConflict", .code = ERR_CONFLICT, .retryable = true, .remedy = "try again"},
    {.word = "BucketAlreadyExists", .code = ERR_CONFLICT, .remedy = "the name is taken: choose another"},
    {.word = "BucketAlreadyOwnedByYou", .code = ERR_CONFLICT},
    {.word = "BucketNotEmpty", .code = ERR_CONFLICT, .remedy = "delete its objects, versions and uploads first"},
    {.word = "OperationAborted", .code = ERR_CONFLICT, .retryable = true, .remedy = "try again"},
    {.word = "PermanentRedirect", .code = ERR_REGION},
    {.word = "TemporaryRedirect", .code = ERR_REGION},
    {.word = "AuthorizationHeaderMalformed", .code = ERR_REGION},
    {.word = "IllegalLocationConstraintException", .code = ERR_REGION},
    {.word = "RequestTimeout", .code = ERR_TIMEOUT, .retryable = true, .remedy = "try again"},
    {.word = "RequestTimeoutException", .code = ERR_TIMEOUT, .retryable = true, .remedy = "try again"},
    {.word = "PriorRequestNotComplete", .code = ERR_THROTTLED, .retryable = true, .remedy = "try again"},
    {.word = "InternalError", .code = ERR_SERVER, .retryable = true, .remedy = "try again"},
    {.word = "InternalFailure", .code = ERR_SERVER, .retryable = true, .remedy = "try again"},
    {.word = "InternalServerError", .code = ERR_SERVER, .retryable = true, .remedy = "try again"},
    {.word = "ServiceUnavailable", .code = ERR_SERVER, .retryable = true, .remedy = "try again"},
    {.word = "NotImplemented", .code = ERR_NOT_IMPLEMENTED, .remedy = "the endpoint does not have it"},
    {.word = "UnknownOperationException", .code = ERR_NOT_IMPLEMENTED, .remedy = "the endpoint does not have it"},
    {.word = "InvalidAction", .code = ERR_NOT_IMPLEMENTED, .remedy = "the endpoint does not have it"},
    {.word = "BadDigest", .code = ERR_CHECKSUM, .retryable = true, .remedy = "the bytes changed on the way: try again"},
    {.word = "XAmzContentSHA256Mismatch", .code = ERR_CHECKSUM, .retryable = true, .remedy = "try again"},
    {.word = "EntityTooLarge", .code = ERR_TOO_LARGE},
    {.word = "InvalidObjectState",
     .code = ERR_PRECONDITION,
     .remedy = "it is archived: restore it first, then read it again"},
    {.word = NULL},
};
/* When there is no word: what the status alone says. */
static const struct {
    int status;
    enum err_code code;
    bool retryable;
} by_status[] = {
    {.status = 301, .code = ERR_REGION},
    {.status = 307, .code = ERR_REGION},
    {.status = 304, .code = ERR_PRECONDITION},
    {.status = 401, .code = ERR_CREDENTIALS},
    {.status = 403, .code = ERR_DENIED},
    {.status = 404, .code = ERR_NOT_FOUND},
    {.status = 409, .code = ERR_CONFLICT},
    {.status = 412, .code = ERR_PRECONDITION},
    {.status = 413, .code = ERR_TOO_LARGE},
    {.status = 416, .code = ERR_PRECONDITION},
    {.status = 429, .code = ERR_THROTTLED, .retryable = true},
    {.status = 500, .code = ERR_SERVER, .retryable = true},
    {.status = 501, .code = ERR_NOT_IMPLEMENTED},
    {.status = 502, .code = ERR_SERVER, .retryable = true},
    {.status = 503, .code = ERR_SERVER, .retryable = true},
    {.status = 504, .code = ERR_SERVER, .retryable = true},
};

/* What the answer says of itself, before judgement. */
struct said {
    char word[64], message[200], request_id[64], region[32];
    bool is_garbled; /* a body that should have been XML or JSON and is not */
};

static void copy_text(char *out, size_t size, const char *text)
{
    if (text)
        snprintf(out, size, "%s", text);
}

static void said_by_xml(struct said *said, const char *body, size_t len)
{
    struct arena *arena = arena_new(ERROR_ARENA);
    const struct xml_node *root = xml_parse(arena, body, len, NULL);
    const struct xml_node *error = root;
    if (root && strcmp(root->name, "Error") != 0) {
        error = xml_child(root, "Error"); /* query protocol: <ErrorResponse><Error> */
        if (!error)
            error = xml_child(xml_child(root, "Errors"), "Error");
    }
    if (error) {
        copy_text(said->word, sizeof said->word, xml_text(error, "Code", ""));
        copy_text(said->message, sizeof said->message, xml_text(error, "Message", ""));
        copy_text(said->request_id, sizeof said->request_id,
                  xml_text(error, "RequestId", xml_text(root, "RequestId", "")));
        copy_text(said->region, sizeof said->region, xml_text(error, "Region", ""));
    }
    said->is_garbled = !error;
    arena_free(arena);
}

/* "com.amazonaws.glue#EntityNotFoundException:http://..." -> "EntityNotFoundException" */
static void copy_short_type(char *out, size_t size, const char *type)
{
    const char *hash = strchr(type, '#');
    const char *start = hash ? hash + 1 : type;
    snprintf(out, size, "%.*s", (int)strcspn(start, ":"), start);
}

static void said_by_json(struct said *said, const char *body, size_t len)
{
    json_t *value = json_parse(body, len, NULL);
    said->is_garbled = !value;
    if (!value)
        return;
    const char *type = json_str(value, "__type");
    if (!*type)
        type = json_str(value, "code");
    if (*type && !said->word[0])
        copy_short_type(said->word, sizeof said->word, type);
    const char *message = json_str(value, "message");
    copy_text(said->message, sizeof said->message, *message ? message : json_str(value, "Message"));
    json_decref(value);
}

static void said_by_headers(struct said *said, const struct http_answer *answer)
{
    const char *type = pairs_get(&answer->headers, "x-amzn-errortype");
    if (type)
        copy_short_type(said->word, sizeof said->word, type);
    const char *id = pairs_get(&answer->headers, "x-amz-request-id");
    copy_text(said->request_id, sizeof said->request_id, id ? id : pairs_get(&answer->headers, "x-amzn-requestid"));
    copy_text(said->region, sizeof said->region, pairs_get(&answer->headers, "x-amz-bucket-region"));
}

static void listen(struct said *said, const struct aws_call *call, const struct http_answer *answer)
{
    said_by_headers(said, answer);
    size_t len = answer->body.len < ERROR_BODY_MAX ? answer->body.len : ERROR_BODY_MAX;
    if (len == 0)
        return;
    struct said from_body = {0};
    copy_text(from_body.word, sizeof from_body.word, said->word);
    enum aws_protocol protocol = call->service->protocol;
    if (protocol == AWS_REST_XML || protocol == AWS_QUERY)
        said_by_xml(&from_body, answer->body.data, len);
    else
        said_by_json(&from_body, answer->body.data, len);
    said->is_garbled = from_body.is_garbled;
    copy_text(said->message, sizeof said->message, from_body.message);
    if (from_body.word[0])
        copy_text(said->word, sizeof said->word, from_body.word);
    if (!said->request_id[0])
        copy_text(said->request_id, sizeof said->request_id, from_body.request_id);
    if (!said->region[0])
        copy_text(said->region, sizeof said->region, from_body.region);
}

static struct meaning judge(const struct said *said, int status)
{
    for (const struct meaning *row = meanings; row->word; row++)
        if (strcmp(row->word, said->word) == 0)
            return *row;
    if (retry_is_throttle(said->word))
        return (struct meaning){.code = ERR_THROTTLED, .retryable = true, .remedy = "wait and try again"};
    for (size_t i = 0; i < sizeof by_status / sizeof by_status[0]; i++)
        if (by_status[i].status == status)
            return (struct meaning){.code = by_status[i].code, .retryable = by_status[i].retryable};
    return (struct meaning){.code = ERR_FAILED, .retryable = status >= 500 && status != 501};
}

/* InvalidSignatureException is a wrong key or a wrong clock; only the message tells. */
static bool is_skew_message(const struct said *said)
{
    return strstr(said->message, "Signature expired") || strstr(said->message, "Signature not yet current");
}

static void write_reason(char *out, size_t size, const struct aws_call *call, const struct said *said,
                         const struct meaning *meaning, int status)
{
    if (meaning->code == ERR_DENIED && call->permission)
        snprintf(out, size, " - needs %s", call->permission);
    else if (meaning->code == ERR_REGION && said->region[0])
        snprintf(out, size, " - it is in region %s: set --region %s", said->region, said->region);
    else if (said->is_garbled)
        snprintf(out, size, " - HTTP %d and an answer that is no %s: check that the endpoint is %s", status,
                 call->service->protocol == AWS_REST_XML || call->service->protocol == AWS_QUERY ? "XML" : "JSON",
                 call->service->id);
    else if (meaning->remedy)
        snprintf(out, size, " - %s", meaning->remedy);
    else if (said->message[0])
        snprintf(out, size, " - %s", said->message);
    else
        snprintf(out, size, " - %s", err_sentence(meaning->code));
}

bool aws_decode_error(const struct aws_call *call, const struct http_answer *answer, struct err *err)
{
    struct said said = {0};
    listen(&said, call, answer);
    struct meaning meaning = judge(&said, answer->status);
    if (is_skew_message(&said))
        meaning = (struct meaning){.code = ERR_CLOCK_SKEW, .remedy = "set this machine's clock"};
    char word[64], reason[220];
    if (said.word[0])
        copy_text(word, sizeof word, said.word);
    else
        snprintf(word, sizeof word, "HTTP %d", answer->status);
    write_reason(reason, sizeof reason, call, &said, &meaning, answer->status);
    err_set(err, meaning.code, "%s %s on %s: %s%s", call->service->id, call->operation,
            call->object ? call->object : call->service->id, word, reason);
    if (err) {
        err->retryable = meaning.retryable;
        err->http_status = answer->status;
        copy_text(err->service_code, sizeof err->service_code, said.word);
        copy_text(err->request_id, sizeof err->request_id, said.request_id);
    }
    return false;
}

bool aws_region_of_answer(const struct http_answer *answer, char region[32])
{
    struct said said = {0};
    said_by_headers(&said, answer);
    if (!said.region[0] && answer->body.len && answer->body.len <= ERROR_BODY_MAX)
        said_by_xml(&said, answer->body.data, answer->body.len);
    snprintf(region, 32, "%s", said.region);
    return region[0] != 0;
}
