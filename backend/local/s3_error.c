/* S3's error answers: the code table's texts and the <Error> document with its extra elements. */
#include "backend/local/s3_error.h"
#include "backend/base/log.h"
#include "backend/base/xml.h"
#include "backend/local/s3.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int status;
    const char *code, *sentence;
} errors[] = {
#define X(id, http, name, text) [S3_##id] = {.status = http, .code = name, .sentence = text},
    S3_ERRORS(X)
#undef X
};

const char *s3_error_code(enum s3_error error)
{
    return errors[error].code;
}
const char *s3_error_sentence(enum s3_error error)
{
    return errors[error].sentence;
}

static void begin(const struct request *req, struct answer *answer, int status, const char *code, const char *message)
{
    if (answer->file_fd >= 0)
        answer->file_offset = answer->file_len = 0;
    buf_clear(&answer->body);
    if (answer->body.max < 65536)
        answer->body.max = 65536;
    answer->status = status;
    answer->head_length = -1;
    pairs_set(&answer->headers, "Content-Type", "application/xml");
    /* the code where a HEAD's client can see it */
    if (strcmp(req->method, "HEAD") == 0)
        pairs_set(&answer->headers, "x-amz-error-code", code);
    buf_puts(&answer->body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
    xml_write_element(&answer->body, "Code", code);
    xml_write_element(&answer->body, "Message", message);
}

static void end(const struct request *req, struct answer *answer)
{
    xml_write_element(&answer->body, "Resource", req->raw_path);
    xml_write_element(&answer->body, "RequestId", req->id);
    xml_write_element(&answer->body, "HostId", "weir-local");
    buf_puts(&answer->body, "</Error>");
}

void s3_error_answer(const struct request *req, struct answer *answer, int status, const char *code,
                     const char *message)
{
    begin(req, answer, status, code, message);
    /* signed for another region: clients read the right one here, and sign again */
    if (strncmp(code, "Authorization", 13) == 0 && strstr(message, "region '"))
        xml_write_element(&answer->body, "Region", req->cloud->region);
    end(req, answer);
}

/* What AWS adds by itself to the errors about a bucket or a key. */
static void add_names(struct s3_call *call, enum s3_error error)
{
    struct buf *out = &call->answer->body;
    if (error == S3_NO_SUCH_KEY || error == S3_NO_SUCH_VERSION)
        xml_write_element(out, "Key", call->key);
    if (error == S3_NO_SUCH_VERSION && s3_call_query(call, "versionId"))
        xml_write_element(out, "VersionId", s3_call_query(call, "versionId"));
    if (errors[error].status != 404 && errors[error].status != 409)
        return;
    if (error != S3_NO_SUCH_KEY && error != S3_NO_SUCH_VERSION && error != S3_NO_SUCH_UPLOAD)
        xml_write_element(out, "BucketName", call->bucket_name);
}

bool s3_fail(struct s3_call *call, enum s3_error error)
{
    return s3_fail_with(call, error, NULL);
}

bool s3_fail_with(struct s3_call *call, enum s3_error error, ...)
{
    begin(call->req, call->answer, errors[error].status, errors[error].code, errors[error].sentence);
    add_names(call, error);
    va_list args;
    va_start(args, error);
    for (const char *name = va_arg(args, const char *); name; name = va_arg(args, const char *)) {
        const char *value = va_arg(args, const char *);
        xml_write_element(&call->answer->body, name, value ? value : "");
    }
    va_end(args);
    end(call->req, call->answer);
    return false;
}

bool s3_fail_text(struct s3_call *call, enum s3_error error, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    begin(call->req, call->answer, errors[error].status, errors[error].code, text);
    add_names(call, error);
    end(call->req, call->answer);
    return false;
}

bool s3_fail_argument(struct s3_call *call, const char *sentence, const char *name, const char *value)
{
    begin(call->req, call->answer, 400, "InvalidArgument", sentence);
    xml_write_element(&call->answer->body, "ArgumentName", name);
    xml_write_element(&call->answer->body, "ArgumentValue", value ? value : "null");
    end(call->req, call->answer);
    return false;
}

bool s3_fail_internal(struct s3_call *call, const struct err *err)
{
    log_error(local, "s3 %s %s: %s", call->req->method, call->bucket_name, err->text);
    if (err->code == ERR_DISK_FULL)
        return s3_fail_text(call, S3_INTERNAL, "The embedded cloud's disk is full; free some space and try again.");
    return s3_fail(call, S3_INTERNAL);
}

bool s3_failed(const struct s3_call *call)
{
    return call->answer->status >= 400;
}
