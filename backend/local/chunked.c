/* The aws-chunked decoder: a state machine over bytes, so that pieces may be cut anywhere; see chunked.h. A chunk is
 * "HEX-SIZE[;chunk-signature=64 HEX] CRLF bytes CRLF"; the last has size 0 and is followed by trailer lines and an
 * empty line. Clients differ at the end: some send the empty line as a piece of its own, some not at all when a trailer
 * came before it, so the end of the body is accepted wherever a whole line ended. */
#include "backend/local/chunked.h"
#include "backend/base/digest.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A chunk head with its signature is 100 bytes; trailers are checksums and a signature. S3 refuses chunks over 5 GiB by
 * the object's size. */
enum { LINE_MAX_BYTES = 1024, TRAILERS_MAX = 16 };
#define CHUNK_MAX (INT64_C(5) << 30)
#define SIGNATURE "chunk-signature="

enum place { AT_HEAD, AT_DATA, AT_DATA_END, AT_TRAILER, AT_END };

struct chunked {
    struct sigv4 sig; /* only its date, scope and key are used; borrowed buffers are not */
    bool is_signed, has_trailer;
    char announced[256];
    int64_t decoded_length, decoded;
    enum place place;
    char line[LINE_MAX_BYTES];
    size_t line_len;
    int64_t left; /* of the chunk's bytes */
    bool is_last;
    char previous[65], claimed[65];
    struct digest *digest; /* of the chunk's bytes, when signed */
    struct pairs trailers;
    struct buf trailer_text; /* "name:value\n" lines, as signed */
    bool trailer_is_verified;
    struct err err;
};

struct chunked *chunked_new(const struct chunked_options *options)
{
    struct chunked *chunked = calloc(1, sizeof *chunked);
    if (!chunked)
        abort();
    chunked->is_signed = options->sig != NULL;
    if (options->sig) {
        memcpy(chunked->sig.date, options->sig->date, sizeof chunked->sig.date);
        memcpy(chunked->sig.scope, options->sig->scope, sizeof chunked->sig.scope);
        memcpy(chunked->sig.signing_key, options->sig->signing_key, sizeof chunked->sig.signing_key);
        memcpy(chunked->previous, options->sig->signature, sizeof chunked->previous);
    }
    chunked->has_trailer = options->has_trailer;
    chunked->decoded_length = options->decoded_length;
    snprintf(chunked->announced, sizeof chunked->announced, "%s", options->trailers ? options->trailers : "");
    chunked->trailer_text = BUF_INIT(TRAILERS_MAX * LINE_MAX_BYTES);
    return chunked;
}

void chunked_free(struct chunked *chunked)
{
    if (!chunked)
        return;
    digest_free(chunked->digest);
    pairs_done(&chunked->trailers);
    buf_done(&chunked->trailer_text);
    secret_wipe(&chunked->sig, sizeof chunked->sig);
    free(chunked);
}

/* S3's code and its sentence; the error stays. */
static bool fail(struct chunked *chunked, const char *code, const char *text)
{
    err_set(&chunked->err, strcmp(code, "SignatureDoesNotMatch") == 0 ? ERR_DENIED : ERR_PARSE, "%s", text);
    snprintf(chunked->err.service_code, sizeof chunked->err.service_code, "%s", code);
    return false;
}

static bool fail_framing(struct chunked *chunked)
{
    return fail(chunked, "InvalidRequest", "The aws-chunked framing of the body is malformed");
}

static bool fail_length(struct chunked *chunked)
{
    return fail(chunked, "IncompleteBody",
                "The body's decoded length is not the one that x-amz-decoded-content-length names");
}

static bool fail_signature(struct chunked *chunked)
{
    return fail(
        chunked, "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided, in a chunk of the body");
}

static bool fail_trailer(struct chunked *chunked)
{
    return fail(chunked, "MalformedTrailerError",
                "The request contained trailing data that was not well-formed or did not conform to our published "
                "schema.");
}

/* "400;chunk-signature=..." in chunked->line. */
static bool take_head(struct chunked *chunked)
{
    const char *line = chunked->line;
    size_t digits = strspn(line, "0123456789abcdefABCDEF");
    if (digits == 0 || digits > 15)
        return fail_framing(chunked);
    chunked->left = (int64_t)strtoll(line, NULL, 16);
    if (chunked->left > CHUNK_MAX)
        return fail_framing(chunked);
    const char *rest = line + digits;
    if (chunked->is_signed) {
        if (*rest != ';' || strncmp(rest + 1, SIGNATURE, sizeof SIGNATURE - 1) != 0 ||
            strlen(rest + sizeof SIGNATURE) != 64)
            return fail_framing(chunked);
        memcpy(chunked->claimed, rest + sizeof SIGNATURE, 65);
        chunked->digest = digest_new(DIGEST_SHA256);
    } else if (*rest != '\0' && *rest != ';') {
        return fail_framing(chunked);
    }
    if (chunked->decoded_length >= 0 && chunked->left > chunked->decoded_length - chunked->decoded)
        return fail_length(chunked);
    chunked->is_last = chunked->left == 0;
    return true;
}

/* The chunk's bytes are all there: its signature continues the chain. */
static bool close_chunk(struct chunked *chunked)
{
    if (!chunked->is_signed)
        return true;
    uint8_t hash[DIGEST_MAX];
    char expected[65];
    digest_end(chunked->digest, hash);
    chunked->digest = NULL;
    sigv4_chunk_signature_hashed(&chunked->sig, chunked->previous, hash, expected);
    if (!secret_equal(expected, chunked->claimed, 64))
        return fail_signature(chunked);
    memcpy(chunked->previous, expected, sizeof expected);
    return true;
}

static char *trim(char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    size_t len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
    return text;
}

/* x-amz-trailer-signature covers the lines before it. */
static bool check_trailer_signature(struct chunked *chunked, const char *claimed)
{
    char expected[65];
    sigv4_trailer_signature(&chunked->sig, chunked->previous, buf_text(&chunked->trailer_text),
                            chunked->trailer_text.len, expected);
    if (strlen(claimed) != 64 || !secret_equal(expected, claimed, 64))
        return fail_signature(chunked);
    chunked->trailer_is_verified = true;
    return true;
}

static bool take_trailer(struct chunked *chunked)
{
    char *colon = strchr(chunked->line, ':');
    if (!chunked->has_trailer || !colon || colon == chunked->line || chunked->trailers.count >= TRAILERS_MAX)
        return fail_trailer(chunked);
    *colon = '\0';
    for (char *at = chunked->line; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    const char *name = chunked->line, *value = trim(colon + 1);
    if (strcmp(name, "x-amz-trailer-signature") == 0)
        return !chunked->is_signed || check_trailer_signature(chunked, value);
    buf_printf(&chunked->trailer_text, "%s:%s\n", name, value);
    if (!pairs_add(&chunked->trailers, name, value) || chunked->trailer_text.failed)
        return fail_trailer(chunked);
    return true;
}

/* A whole line, without its end, is in chunked->line. */
static bool take_line(struct chunked *chunked)
{
    bool is_empty = chunked->line_len == 0;
    if (chunked->place == AT_HEAD) {
        if (!take_head(chunked))
            return false;
        chunked->place = chunked->is_last ? AT_TRAILER : AT_DATA;
        return !chunked->is_last || close_chunk(chunked);
    }
    if (chunked->place == AT_DATA_END) {
        if (!is_empty)
            return fail_framing(chunked);
        chunked->place = AT_HEAD;
        return true;
    }
    if (!is_empty)
        return take_trailer(chunked);
    /* some signers put an empty line before the trailer's signature */
    bool waits_for_signature = chunked->is_signed && chunked->trailers.count > 0 && !chunked->trailer_is_verified;
    if (!waits_for_signature)
        chunked->place = AT_END;
    return true;
}

static bool feed_byte(struct chunked *chunked, char byte)
{
    if (byte != '\n') {
        if (chunked->line_len + 1 >= sizeof chunked->line || byte == '\0')
            return fail_framing(chunked);
        chunked->line[chunked->line_len++] = byte;
        return true;
    }
    if (chunked->line_len > 0 && chunked->line[chunked->line_len - 1] == '\r')
        chunked->line_len--;
    chunked->line[chunked->line_len] = '\0';
    bool ok = take_line(chunked);
    chunked->line_len = 0;
    return ok;
}

static bool feed_data(struct chunked *chunked, const char *bytes, size_t len, chunked_sink *sink, void *context)
{
    if (chunked->digest)
        digest_update(chunked->digest, bytes, len);
    chunked->decoded += (int64_t)len;
    chunked->left -= (int64_t)len;
    if (!sink(context, bytes, len, &chunked->err)) {
        if (chunked->err.code == ERR_OK)
            err_set(&chunked->err, ERR_FAILED, "the body could not be stored");
        return false;
    }
    if (chunked->left > 0)
        return true;
    chunked->place = AT_DATA_END;
    return close_chunk(chunked);
}

bool chunked_feed(struct chunked *chunked, const void *bytes, size_t len, chunked_sink *sink, void *context,
                  struct err *err)
{
    const char *at = bytes, *end = at + len;
    bool ok = chunked->err.code == ERR_OK;
    while (ok && at < end) {
        size_t there = (size_t)(end - at);
        if (chunked->place == AT_DATA) {
            size_t take = (int64_t)there < chunked->left ? there : (size_t)chunked->left;
            ok = feed_data(chunked, at, take, sink, context);
            at += take;
        } else if (chunked->place == AT_END) {
            ok = fail_framing(chunked);
        } else {
            ok = feed_byte(chunked, *at++);
        }
    }
    if (!ok && err)
        *err = chunked->err;
    return ok;
}

/* Every name of x-amz-trailer must have come. */
static bool check_announced(struct chunked *chunked)
{
    char *rest = chunked->announced, *name;
    while ((name = strsep(&rest, ",")) != NULL)
        if (*(name = trim(name)) && !pairs_get(&chunked->trailers, name))
            return fail_trailer(chunked);
    return true;
}

static bool check_end(struct chunked *chunked)
{
    bool is_whole = chunked->place == AT_END || (chunked->place == AT_TRAILER && chunked->line_len == 0);
    if (!is_whole)
        return fail(chunked, "IncompleteBody", "The body ended inside its aws-chunked framing");
    if (chunked->decoded_length >= 0 && chunked->decoded != chunked->decoded_length)
        return fail_length(chunked);
    if (chunked->is_signed && chunked->has_trailer && !chunked->trailer_is_verified)
        return fail_signature(chunked);
    return check_announced(chunked);
}

bool chunked_end(struct chunked *chunked, struct pairs *trailers, struct err *err)
{
    bool ok = chunked->err.code == ERR_OK && check_end(chunked);
    if (!ok && err)
        *err = chunked->err;
    return ok && (!trailers || pairs_copy(trailers, &chunked->trailers));
}
