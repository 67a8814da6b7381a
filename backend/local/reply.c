/* Answers in the JSON and query protocols; see reply.h. Sources: "AWS JSON 1.0 protocol", "AWS query protocol", "AWS
 * restJson1 protocol" (Smithy documentation). */
#include "backend/local/reply.h"
#include "backend/base/xml.h"
#include "backend/local/head.h"
#include <stdio.h>
#include <string.h>

enum { FORM_MAX = 1 << 20 };

void reply_json(const struct request *req, struct answer *answer, int status, json_t *value)
{
    const char *type = pairs_get(&req->headers, "Content-Type");
    bool is_first = type && strstr(type, "x-amz-json-1.0");
    answer->status = status;
    pairs_set(&answer->headers, "Content-Type", is_first ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1");
    if (value)
        json_write(value, 0, &answer->body);
    else
        buf_puts(&answer->body, "{}");
    json_decref(value);
}

void reply_json_error(const struct request *req, struct answer *answer, int status, const char *code,
                      const char *message)
{
    pairs_set(&answer->headers, "x-amzn-errortype", code);
    reply_json(req, answer, status, json_pack("{s:s, s:o}", "__type", code, "message", json_clean(message)));
}

void reply_rest_error(const struct request *req, struct answer *answer, int status, const char *code,
                      const char *message)
{
    reply_json(req, answer, status,
               json_pack("{s:s, s:o}", "Type", status >= 500 ? "Service" : "User", "message", json_clean(message)));
    pairs_set(&answer->headers, "Content-Type", "application/json");
    pairs_set(&answer->headers, "x-amzn-errortype", code);
}

void reply_query(const struct request *req, struct answer *answer, const char *xmlns, const char *operation,
                 const char *result)
{
    answer->status = 200;
    pairs_set(&answer->headers, "Content-Type", "text/xml");
    buf_printf(&answer->body,
               "<%sResponse xmlns=\"%s\"><%sResult>%s</%sResult><ResponseMetadata><RequestId>%s</RequestId>"
               "</ResponseMetadata></%sResponse>\n",
               operation, xmlns, operation, result, operation, req->id, operation);
}

void reply_query_error(const struct request *req, struct answer *answer, const char *xmlns, int status,
                       const char *code, const char *message)
{
    const char *side = status >= 500 ? "Receiver" : "Sender";
    answer->status = status;
    pairs_set(&answer->headers, "Content-Type", "text/xml");
    if (pairs_get(&req->headers, "x-amzn-query-mode")) {
        char line[128];
        snprintf(line, sizeof line, "%.64s;%s", code, side);
        pairs_set(&answer->headers, "x-amzn-query-error", line);
    }
    buf_printf(&answer->body, "<ErrorResponse xmlns=\"%s\"><Error><Type>%s</Type>", xmlns, side);
    xml_write_element(&answer->body, "Code", code);
    xml_write_element(&answer->body, "Message", message);
    buf_printf(&answer->body, "</Error><RequestId>%s</RequestId></ErrorResponse>\n", req->id);
}

bool reply_form(const struct request *req, struct pairs *form)
{
    if (req->body.len == 0)
        return pairs_copy(form, &req->query);
    if (req->body.len > FORM_MAX || memchr(req->body.data, '\0', req->body.len))
        return false;
    return head_parse_query(buf_text(&req->body), form);
}
