/* Cross-origin requests: the preflight OPTIONS and the headers on ordinary answers, by the bucket's CORS rules ("Using
 * cross-origin resource sharing", Amazon S3 User Guide). */
#include "backend/local/s3.h"
#include <string.h>
#include <strings.h>

/* At most one '*' (checked when put). */
static bool pattern_matches(const char *pattern, const char *text, bool exact)
{
    const char *star = strchr(pattern, '*');
    int (*compare)(const char *, const char *, size_t) = exact ? strncmp : strncasecmp;
    if (!star)
        return strlen(pattern) == strlen(text) && compare(pattern, text, strlen(text)) == 0;
    size_t head = (size_t)(star - pattern), tail = strlen(star + 1), len = strlen(text);
    return len >= head + tail && compare(pattern, text, head) == 0 && compare(star + 1, text + len - tail, tail) == 0;
}

static const struct xml_node *any_matches(const struct xml_node *rule, const char *name, const char *text, bool exact)
{
    for (const struct xml_node *node = xml_child(rule, name); node; node = xml_next(node)) {
        if (pattern_matches(node->text, text, exact))
            return node;
    }
    return NULL;
}

static bool headers_allowed(struct s3_call *call, const struct xml_node *rule, const char *asked)
{
    while (asked && *asked) {
        asked += strspn(asked, " ,");
        size_t len = strcspn(asked, ", ");
        const char *name = arena_strndup(call->arena, asked, len);
        if (len > 0 && !any_matches(rule, "AllowedHeader", name, false))
            return false;
        asked += len;
    }
    return true;
}

static const struct xml_node *find_rule(struct s3_call *call, const char *origin, const char *method,
                                        const char *headers)
{
    size_t len;
    struct err err = ERR_NONE;
    const char *document = s3_config_load(call, "cors", &len);
    const struct xml_node *root = document ? xml_parse(call->arena, document, len, &err) : NULL;
    for (const struct xml_node *rule = xml_child(root, "CORSRule"); rule; rule = xml_next(rule)) {
        if (any_matches(rule, "AllowedOrigin", origin, true) && any_matches(rule, "AllowedMethod", method, true) &&
            headers_allowed(call, rule, headers))
            return rule;
    }
    return NULL;
}

static void add_list(struct s3_call *call, const struct xml_node *rule, const char *element, const char *header)
{
    struct buf list = BUF_INIT(8192);
    for (const struct xml_node *node = xml_child(rule, element); node; node = xml_next(node))
        buf_printf(&list, "%s%s", list.len ? ", " : "", node->text);
    if (list.len)
        s3_add(call, header, buf_text(&list));
    buf_done(&list);
}

static void decorate(struct s3_call *call, const struct xml_node *rule, const char *origin)
{
    bool everyone = strcmp(any_matches(rule, "AllowedOrigin", origin, true)->text, "*") == 0;
    s3_add(call, "Access-Control-Allow-Origin", everyone ? "*" : origin);
    if (!everyone)
        s3_add(call, "Access-Control-Allow-Credentials", "true");
    add_list(call, rule, "AllowedMethod", "Access-Control-Allow-Methods");
    add_list(call, rule, "ExposeHeader", "Access-Control-Expose-Headers");
    s3_add(call, "Access-Control-Max-Age", xml_text(rule, "MaxAgeSeconds", NULL));
    s3_add(call, "Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}

void s3_cors_decorate(struct s3_call *call)
{
    const char *origin = s3_call_header(call, "origin");
    if (!origin || !(call->bucket.flags & S3_HAS_CORS) || !call->op || call->op->handle == s3_op_options)
        return;
    const char *asked = s3_call_header(call, "access-control-request-method");
    const struct xml_node *rule = find_rule(call, origin, asked ? asked : call->req->method, NULL);
    if (rule)
        decorate(call, rule, origin);
}

bool s3_op_options(struct s3_call *call)
{
    const char *origin = s3_call_header(call, "origin"),
               *method = s3_call_header(call, "access-control-request-method");
    const char *headers = s3_call_header(call, "access-control-request-headers");
    if (!origin)
        return s3_fail_text(call, S3_BAD_REQUEST, "Insufficient information. Origin request header needed.");
    if (!method)
        return s3_fail_text(call, S3_BAD_REQUEST, "Invalid Access-Control-Request-Method: null");
    if (!s3_bucket_load(call))
        return false;
    if (!(call->bucket.flags & S3_HAS_CORS))
        return s3_fail_text(call, S3_ACCESS_DENIED, "CORSResponse: CORS is not enabled for this bucket.");
    const struct xml_node *rule = find_rule(call, origin, method, headers);
    if (!rule)
        return s3_fail_text(call, S3_ACCESS_DENIED,
                            "CORSResponse: This CORS request is not allowed. This is usually because "
                            "the evalution of Origin, request method / Access-Control-Request-Method or "
                            "Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.");
    decorate(call, rule, origin);
    s3_add(call, "Access-Control-Allow-Headers", headers);
    return s3_empty(call, 200);
}
