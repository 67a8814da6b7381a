/* The words for what the server itself refuses, per protocol; see refusal.h for the rows. Pure. */
#include "backend/local/refusal.h"
#include <stdio.h>
#include <string.h>

struct words {
    int status;
    const char *code;
};
static const struct row {
    struct words by_protocol[4];
    const char *sentence;
} rows[REFUSAL_REASONS] = {
#define X(reason, xml_status, xml_code, json_status, json_code, query_status, query_code, rest_status, rest_code,      \
          text)                                                                                                        \
    [REFUSE_##reason] = {.by_protocol = {[PROTOCOL_REST_XML] = {.status = xml_status, .code = xml_code},               \
                                         [PROTOCOL_JSON] = {.status = json_status, .code = json_code},                 \
                                         [PROTOCOL_QUERY] = {.status = query_status, .code = query_code},              \
                                         [PROTOCOL_REST_JSON] = {.status = rest_status, .code = rest_code}},           \
                         .sentence = text},
    REFUSALS(X)
#undef X
};

bool refuse(struct refusal *refusal, enum service_protocol protocol, enum refusal_reason reason, const char *format,
            ...)
{
    const struct words *words = &rows[reason].by_protocol[protocol];
    refusal->status = words->status;
    snprintf(refusal->code, sizeof refusal->code, "%s", words->code);
    if (!format) {
        snprintf(refusal->message, sizeof refusal->message, "%s", rows[reason].sentence);
        return false;
    }
    va_list args;
    va_start(args, format);
    vsnprintf(refusal->message, sizeof refusal->message, format, args);
    va_end(args);
    return false;
}

enum refusal_reason refusal_of_status(int status)
{
    static const struct {
        int status;
        enum refusal_reason reason;
    } meanings[] = {
        {.status = 301, .reason = REFUSE_ELSEWHERE},       {.status = 400, .reason = REFUSE_INVALID},
        {.status = 403, .reason = REFUSE_DENIED},          {.status = 404, .reason = REFUSE_NOT_FOUND},
        {.status = 429, .reason = REFUSE_THROTTLED},       {.status = 500, .reason = REFUSE_INTERNAL},
        {.status = 501, .reason = REFUSE_NOT_IMPLEMENTED}, {.status = 503, .reason = REFUSE_UNAVAILABLE},
    };
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].status == status)
            return meanings[i].reason;
    return status >= 500 ? REFUSE_INTERNAL : REFUSE_INVALID;
}
