/* AWS's JSON protocols over aws_perform; see json_call.h. */
#include "backend/aws/json_call.h"

enum { INPUT_MAX = 8 << 20 };

static json_t *decode(const struct json_call *call, const struct http_answer *answer, struct err *err)
{
    struct err parse = ERR_NONE;
    json_t *value = answer->body.len ? json_parse(answer->body.data, answer->body.len, &parse) : json_object();
    if (json_is_object(value))
        return value;
    json_decref(value);
    err_set(err, ERR_PROTOCOL, "%s %s: the answer is no JSON object (%.100s): check the endpoint", call->service->id,
            call->operation, parse.text);
    return NULL;
}

json_t *aws_json_call(struct aws *aws, const struct json_call *call, json_t *input, struct err *err)
{
    struct aws_call request = aws_call_init(call->service, call->operation);
    struct buf body = BUF_INIT(INPUT_MAX);
    struct http_answer answer;
    bool is_written = input ? json_write(input, 0, &body) : buf_puts(&body, "{}");
    json_decref(input);
    if (!is_written || body.failed) {
        buf_done(&body);
        err_set(err, ERR_TOO_LARGE, "%s %s: the request is larger than %d MiB", call->service->id, call->operation,
                INPUT_MAX >> 20);
        return NULL;
    }
    request.method = "POST";
    request.object = call->object;
    request.permission = call->permission;
    request.is_write = call->is_write;
    request.is_idempotent = !call->is_write;
    request.io.body = body.data;
    request.io.body_len = body.len;
    request.io.max_body = call->max_body;
    request.io.cancel = call->cancel;
    bool ok = aws_perform(aws, &request, &answer, err);
    buf_done(&body);
    if (!ok)
        return NULL;
    json_t *value = decode(call, &answer, err);
    http_answer_done(&answer);
    return value;
}
