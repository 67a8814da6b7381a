/* Presigned S3 URLs of signature version 2: HMAC-SHA1 over method, three headers, the expiry, the x-amz- headers and
 * the resource with its sub-resources. Called by the embedded cloud on its own threads. Pure functions. */
#include "backend/core/sigv2.h"
#include "backend/base/buf.h"
#include "backend/base/digest.h"
#include "backend/core/sigv4_canon.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { STRING_MAX = 64 << 10, VALUE_MAX = 4 << 10 };

bool sigv2_parse_claim(const char *query, struct sigv2_claim *claim, struct err *err)
{
    *claim = (struct sigv2_claim){0};
    int key = query_value(query, "AWSAccessKeyId", claim->access_key, sizeof claim->access_key);
    int signature = query_value(query, "Signature", claim->signature, sizeof claim->signature);
    int expires = query_value(query, "Expires", claim->expires, sizeof claim->expires);
    claim->present = key != 0 || (signature != 0 && expires != 0);
    if (!claim->present)
        return true;
    if (key != 1 || signature != 1 || expires != 1)
        return auth_fault(err, ERR_PARSE, "AccessDenied", 403,
                          "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");
    size_t digits = strspn(claim->expires, "0123456789");
    if (digits == 0 || claim->expires[digits])
        return auth_fault(err, ERR_PARSE, "AccessDenied", 403, "Invalid date (should be seconds since epoch)");
    if (query_value(query, "x-amz-security-token", claim->session_token, sizeof claim->session_token) < 0)
        return auth_fault(err, ERR_PARSE, "InvalidToken", 400, "the security token is too long");
    return true;
}

/* SDKs move the signed headers into the query of the URL: the header itself, else the parameter of its name. */
static void append_positional(const char *name, const char *query, const struct pairs *headers, struct buf *out)
{
    char value[VALUE_MAX];
    const char *header = pairs_get(headers, name);
    if (!header && query_value(query, name, value, sizeof value) == 1)
        header = value;
    buf_printf(out, "%s\n", header ? header : "");
}

/* An x-amz- header, or the query parameter that stands for one, as "name:value". */
static void append_amz(struct pairs *list, const char *name, const char *value)
{
    char lower[128];
    size_t len = 0;
    for (; name[len] && len + 1 < sizeof lower; len++)
        lower[len] = (char)tolower((unsigned char)name[len]);
    lower[len] = '\0';
    value += strspn(value, " \t");
    size_t end = strlen(value);
    while (end > 0 && isspace((unsigned char)value[end - 1]))
        end--;
    const char *present = pairs_get(list, lower);
    char joined[2 * VALUE_MAX];
    snprintf(joined, sizeof joined, "%s%s%.*s", present ? present : "", present ? "," : "", (int)end, value);
    pairs_set(list, lower, joined);
}

static int compare_pairs(const void *a, const void *b)
{
    return strcmp(((const struct pair *)a)->name, ((const struct pair *)b)->name);
}

static void append_amz_headers(const char *query, const struct pairs *headers, struct buf *out)
{
    struct pairs list = {0};
    for (size_t i = 0; i < headers->count; i++)
        if (strncasecmp(headers->items[i].name, "x-amz-", 6) == 0)
            append_amz(&list, headers->items[i].name, headers->items[i].value);
    struct query_part part;
    for (const char *at = query; query_next(&at, &part);) {
        char name[128], value[VALUE_MAX];
        if (part.name_len < 7 || part.name_len >= sizeof name || strncasecmp(part.name, "x-amz-", 6) != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)part.name_len, part.name);
        if (query_value(query, name, value, sizeof value) == 1)
            append_amz(&list, name, value);
    }
    if (list.count)
        qsort(list.items, list.count, sizeof *list.items, compare_pairs);
    for (size_t i = 0; i < list.count; i++)
        buf_printf(out, "%s:%s\n", list.items[i].name, list.items[i].value);
    pairs_done(&list);
}

/* The query parameters that belong to the resource, in byte order. */
static const char *const sub_resources[] = {"accelerate",
                                            "acl",
                                            "analytics",
                                            "cors",
                                            "defaultObjectAcl",
                                            "delete",
                                            "inventory",
                                            "lifecycle",
                                            "location",
                                            "logging",
                                            "metrics",
                                            "notification",
                                            "object-lock",
                                            "partNumber",
                                            "policy",
                                            "replication",
                                            "requestPayment",
                                            "response-cache-control",
                                            "response-content-disposition",
                                            "response-content-encoding",
                                            "response-content-language",
                                            "response-content-type",
                                            "response-expires",
                                            "restore",
                                            "select",
                                            "select-type",
                                            "storageClass",
                                            "tagging",
                                            "torrent",
                                            "uploadId",
                                            "uploads",
                                            "versionId",
                                            "versioning",
                                            "versions",
                                            "website",
                                            NULL};

/* "?acl&versionId=3": names as in the table, values decoded, "=" only when it was sent. */
static void append_resource(const char *resource, const char *query, struct buf *out)
{
    char mark = '?';
    buf_puts(out, resource);
    for (int i = 0; sub_resources[i]; i++) {
        struct query_part part;
        for (const char *at = query; query_next(&at, &part);) {
            if (!query_is(&part, sub_resources[i]))
                continue;
            buf_printf(out, "%c%s", mark, sub_resources[i]);
            mark = '&';
            char value[VALUE_MAX];
            bool has_equals = part.value > part.name + part.name_len;
            if (has_equals && query_value(part.name, sub_resources[i], value, sizeof value) == 1)
                buf_printf(out, "=%s", value);
            break;
        }
    }
}

static bool matches(const struct sigv2_claim *claim, const struct buf *text, const char *secret_key)
{
    uint8_t mac[20], sent[64];
    hmac_sha1(secret_key, strlen(secret_key), text->data, text->len, mac);
    return base64_decode(claim->signature, strlen(claim->signature), sent) == 20 && secret_equal(mac, sent, 20);
}

bool sigv2_verify(const struct sigv2_claim *claim, const char *method, const char *resource, const char *query,
                  const struct pairs *headers, const char *secret_key, int64_t now_ms, struct err *err)
{
    errno = 0;
    int64_t expires_s = strtoll(claim->expires, NULL, 10);
    if (errno == 0 && expires_s < now_ms / 1000)
        return auth_fault(err, ERR_EXPIRED, "AccessDenied", 403, "Request has expired");
    struct buf text = BUF_INIT(STRING_MAX);
    buf_printf(&text, "%s\n", method);
    append_positional("content-md5", query, headers, &text);
    append_positional("content-type", query, headers, &text);
    buf_printf(&text, "%s\n", claim->expires);
    append_amz_headers(query, headers, &text);
    append_resource(resource, query, &text);
    bool ok = !text.failed && matches(claim, &text, secret_key);
    buf_done(&text);
    return ok ||
           auth_fault(err, ERR_DENIED, "SignatureDoesNotMatch", 403,
                      "The request signature we calculated does not match the signature you provided. Check your key "
                      "and signing method.");
}
