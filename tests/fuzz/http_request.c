/* A request as the daemon gets it, "TARGET\nName: value\n...\n\nBODY": target, query, host and signature claims are
 * read within their arrays or refused; no claim verifies against a key that nobody has; the aws-chunked decoder gives
 * the same answer however the body is cut, and never more bytes than it was given. */
#include "backend/core/sigv2.h"
#include "backend/local/chunked.h"
#include "backend/local/fault.h"
#include "backend/local/head.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

static bool collect(void *context, const void *bytes, size_t len, struct err *err)
{
    (void)err;
    return buf_append(context, bytes, len);
}

static bool decode(const struct chunked_options *options, const char *bytes, size_t len, size_t piece, struct buf *out,
                   char code[64])
{
    struct err err = ERR_NONE;
    struct pairs trailers = {0};
    struct chunked *chunked = chunked_new(options);
    bool ok = true;
    for (size_t at = 0; ok && at < len; at += piece)
        ok = chunked_feed(chunked, bytes + at, len - at < piece ? len - at : piece, collect, out, &err);
    ok = ok && chunked_end(chunked, &trailers, &err);
    MUST(ok ? trailers.count <= 16 : err.text[0] != '\0');
    strcpy(code, ok ? "" : err.service_code);
    pairs_done(&trailers);
    chunked_free(chunked);
    return ok;
}

static void check_body(const char *bytes, size_t len)
{
    struct sigv4 seed = {.date = "20260101T000000Z", .scope = "20260101/us-east-1/s3/aws4_request"};
    memset(seed.signature, '0', 64);
    const struct chunked_options forms[] = {
        {.decoded_length = -1},
        {.decoded_length = 5, .has_trailer = true, .trailers = "x-amz-checksum-crc32"},
        {.decoded_length = -1, .has_trailer = true, .sig = &seed},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct buf whole = BUF_INIT(1 << 16), cut = BUF_INIT(1 << 16);
        char whole_code[64], cut_code[64];
        bool ok = decode(&forms[i], bytes, len, len + 1, &whole, whole_code);
        MUST(decode(&forms[i], bytes, len, 1 + len % 7, &cut, cut_code) == ok);
        MUST(strcmp(whole_code, cut_code) == 0);
        MUST(whole.len <= len && cut.len <= len);
        MUST(!ok || (whole.len == cut.len && memcmp(buf_text(&whole), buf_text(&cut), cut.len) == 0));
        buf_done(&whole);
        buf_done(&cut);
    }
}

static void check_claims(const char *path, const char *query, const struct pairs *headers)
{
    struct sigv4_claim claim;
    struct sigv2_claim old;
    struct sigv4 sig;
    struct err err = ERR_NONE;
    if (sigv4_parse_claim(query, headers, &claim, &err) && claim.present) {
        MUST(strlen(claim.signature) == 64 && strlen(claim.date) == 16);
        MUST(!sigv4_verify(&claim, "GET", path, query, headers, NULL, "nobody's key", 1767225600000, &sig, &err));
        MUST(err.code != ERR_OK);
        sigv4_done(&sig);
    }
    if (sigv2_parse_claim(query, &old, &err) && old.present)
        MUST(!sigv2_verify(&old, "GET", path, query, headers, "nobody's key", 1767225600000, &err));
}

/* "Name: value" lines up to an empty one; where the body begins. */
static char *take_headers(char *text, struct pairs *headers)
{
    char *rest = text, *line;
    while (rest && (line = strsep(&rest, "\n")) != NULL && *line) {
        char *colon = strchr(line, ':');
        if (!colon)
            continue;
        *colon = '\0';
        pairs_add(headers, line, colon + 1 + strspn(colon + 1, " "));
    }
    return rest;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char text[8192], host[64];
    struct pairs headers = {0}, pairs = {0};
    const char *path, *query;
    struct fault fault;
    size_t text_len = len < sizeof text - 1 ? len : sizeof text - 1;
    memcpy(text, bytes, text_len);
    text[text_len] = '\0';
    char *rest = text, *target = strsep(&rest, "\n");
    char *body = take_headers(rest, &headers);
    fault_parse(target, &fault, NULL);
    head_split_target(target, &path, &query);
    MUST(*path && !strchr(path, '?'));
    if (head_parse_query(query, &pairs))
        MUST(pairs.count <= strlen(query) + 1);
    const char *named = pairs_get(&headers, "Host");
    head_host(named ? named : "", host, sizeof host);
    MUST(strlen(host) < sizeof host);
    check_claims(path, query, &headers);
    if (body)
        check_body(body, (size_t)(text + text_len - body));
    pairs_done(&headers);
    pairs_done(&pairs);
    return 0;
}
