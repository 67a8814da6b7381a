/* The aws-chunked decoder: every form of the framing, cut at every byte, and what it must refuse. The signed example is
 * the one of the S3 API Reference ("Transferring payload in multiple chunks"): 66560 bytes 'a' in chunks of 65536 and
 * 1024. */
#include "backend/base/buf.h"
#include "backend/base/digest.h"
#include "backend/local/chunked.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool collect(void *context, const void *bytes, size_t len, struct err *err)
{
    (void)err;
    return buf_append(context, bytes, len);
}

/* Feeds text in pieces of `piece` bytes; whether it was accepted, the decoded bytes in out, the trailers. */
static bool decode(const struct chunked_options *options, const char *text, size_t len, size_t piece, struct buf *out,
                   struct pairs *trailers, struct err *err)
{
    struct chunked *chunked = chunked_new(options);
    bool ok = true;
    for (size_t at = 0; ok && at < len; at += piece)
        ok = chunked_feed(chunked, text + at, len - at < piece ? len - at : piece, collect, out, err);
    ok = ok && chunked_end(chunked, trailers, err);
    chunked_free(chunked);
    return ok;
}

/* In two pieces cut at `cut`. */
static bool decode_cut(const struct chunked_options *options, const char *text, size_t len, size_t cut, struct buf *out)
{
    struct err err = ERR_NONE;
    struct chunked *chunked = chunked_new(options);
    bool ok = chunked_feed(chunked, text, cut, collect, out, &err) &&
              chunked_feed(chunked, text + cut, len - cut, collect, out, &err) && chunked_end(chunked, NULL, &err);
    chunked_free(chunked);
    return ok;
}

static const char unsigned_body[] = "5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
static const struct chunked_options unsigned_form = {
    .has_trailer = true, .trailers = "x-amz-checksum-crc32", .decoded_length = 11};

static void an_unsigned_body_may_be_cut_anywhere(void **state)
{
    (void)state;
    size_t len = sizeof unsigned_body - 1;
    for (size_t cut = 0; cut <= len; cut++) {
        struct buf out = BUF_INIT(64);
        assert_true(decode_cut(&unsigned_form, unsigned_body, len, cut, &out));
        assert_string_equal(buf_text(&out), "hello world");
        buf_done(&out);
    }
}

static void trailers_are_handed_over(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(64);
    struct pairs trailers = {0};
    assert_true(decode(&unsigned_form, unsigned_body, sizeof unsigned_body - 1, 1, &out, &trailers, NULL));
    assert_string_equal(pairs_get(&trailers, "X-Amz-Checksum-Crc32"), "DUoRhQ==");
    pairs_done(&trailers);
    buf_done(&out);
}

/* The JavaScript SDK ends after the trailer line and sends the empty line as a piece of its own, or not at all. */
static void the_last_empty_line_may_be_missing(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(64);
    assert_true(decode(&unsigned_form, unsigned_body, sizeof unsigned_body - 3, 7, &out, NULL, NULL));
    buf_done(&out);
}

static void an_empty_body_without_trailer(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(64);
    struct chunked_options options = {.decoded_length = 0};
    assert_true(decode(&options, "0\r\n\r\n", 5, 1, &out, NULL, NULL));
    assert_int_equal(out.len, 0);
    buf_done(&out);
}

struct refusal_case {
    const char *name, *body;
    struct chunked_options options;
    const char *code;
};
static const struct refusal_case refusals[] = {
    {"size that is no number", "xyz\r\n", {.decoded_length = -1}, "InvalidRequest"},
    {"size that overflows", "ffffffffffffffffff\r\n", {.decoded_length = -1}, "InvalidRequest"},
    {"size over 5 GiB", "140000001\r\n", {.decoded_length = -1}, "InvalidRequest"},
    {"data not followed by CRLF", "2\r\nabc\r\n0\r\n\r\n", {.decoded_length = -1}, "InvalidRequest"},
    {"bytes after the end", "0\r\n\r\nmore", {.decoded_length = -1}, "InvalidRequest"},
    {"cut in the data", "5\r\nhel", {.decoded_length = 5}, "IncompleteBody"},
    {"cut before the last chunk", "5\r\nhello\r\n", {.decoded_length = 5}, "IncompleteBody"},
    {"cut in the trailer",
     "0\r\nx-amz-checksum-crc32:AAAA",
     {.has_trailer = true, .decoded_length = 0},
     "IncompleteBody"},
    {"shorter than announced", "2\r\nab\r\n0\r\n\r\n", {.decoded_length = 3}, "IncompleteBody"},
    {"longer than announced", "2\r\nab\r\n0\r\n\r\n", {.decoded_length = 1}, "IncompleteBody"},
    {"announced trailer missing",
     "0\r\n\r\n",
     {.has_trailer = true, .trailers = "x-amz-checksum-crc32", .decoded_length = 0},
     "MalformedTrailerError"},
    {"trailer in a form without", "0\r\nx-a:b\r\n\r\n", {.decoded_length = 0}, "MalformedTrailerError"},
    {"trailer without a colon",
     "0\r\nnonsense\r\n\r\n",
     {.has_trailer = true, .decoded_length = 0},
     "MalformedTrailerError"},
};

static void broken_framing_is_refused_with_its_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal_case *c = &refusals[i];
        for (size_t piece = 1; piece < 8; piece++) {
            struct buf out = BUF_INIT(64);
            struct err err = ERR_NONE;
            if (decode(&c->options, c->body, strlen(c->body), piece, &out, NULL, &err))
                fail_msg("%s: accepted", c->name);
            if (strcmp(err.service_code, c->code) != 0)
                fail_msg("%s: %s instead of %s", c->name, err.service_code, c->code);
            buf_done(&out);
        }
    }
}

static void an_endless_line_is_refused(void **state)
{
    (void)state;
    char line[4096];
    struct err err = ERR_NONE;
    struct buf out = BUF_INIT(64);
    struct chunked_options options = {.decoded_length = -1};
    memset(line, '0', sizeof line);
    assert_false(decode(&options, line, sizeof line, sizeof line, &out, NULL, &err));
    assert_string_equal(err.service_code, "InvalidRequest");
    buf_done(&out);
}

static void a_sink_that_is_full_is_the_error(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    struct buf out = BUF_INIT(4);
    struct chunked_options options = {.decoded_length = 5};
    assert_false(decode(&options, "5\r\nhello\r\n0\r\n\r\n", 15, 15, &out, NULL, &err));
    assert_int_not_equal(err.code, ERR_OK);
    buf_done(&out);
}

/* Key and seed of the documentation's example. */
static void example_seed(struct sigv4 *sig)
{
    struct pairs headers = {0};
    pairs_add(&headers, "Host", "s3.amazonaws.com");
    struct sigv4_request req = {.method = "PUT",
                                .path = "/examplebucket/chunkObject.txt",
                                .query = "",
                                .headers = &headers,
                                .service = "s3",
                                .region = "us-east-1",
                                .wall_ms = 1369353600000, /* 2013-05-24 */
                                .access_key = "AKIAIOSFODNN7EXAMPLE",
                                .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
    assert_true(sigv4_begin(sig, &req, NULL) && sigv4_string_to_sign(sig, NULL) && sigv4_sign(sig, &req, NULL));
    strcpy(sig->signature, "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
    pairs_done(&headers);
}

static void example_body(struct buf *text)
{
    char data[65536];
    memset(data, 'a', sizeof data);
    buf_puts(text, "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n");
    buf_append(text, data, 65536);
    buf_puts(text, "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n");
    buf_append(text, data, 1024);
    buf_puts(text, "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n");
}

static void the_documented_signed_body_verifies(void **state)
{
    (void)state;
    struct sigv4 sig;
    struct buf text = BUF_INIT(1 << 20);
    example_seed(&sig);
    example_body(&text);
    struct chunked_options options = {.sig = &sig, .decoded_length = 66560};
    static const size_t pieces[] = {1, 3, 1000, 65536, 1 << 20};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct buf out = BUF_INIT(1 << 20);
        struct err err = ERR_NONE;
        if (!decode(&options, text.data, text.len, pieces[i], &out, NULL, &err))
            fail_msg("pieces of %zu: %s", pieces[i], err.text);
        assert_int_equal(out.len, 66560);
        buf_done(&out);
    }
    buf_done(&text);
    sigv4_done(&sig);
}

static void a_changed_byte_breaks_the_chain(void **state)
{
    (void)state;
    struct sigv4 sig;
    struct buf text = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
    struct err err = ERR_NONE;
    example_seed(&sig);
    example_body(&text);
    text.data[30000] = 'b';
    struct chunked_options options = {.sig = &sig, .decoded_length = 66560};
    assert_false(decode(&options, text.data, text.len, 4096, &out, NULL, &err));
    assert_string_equal(err.service_code, "SignatureDoesNotMatch");
    buf_done(&text);
    buf_done(&out);
    sigv4_done(&sig);
}

static void an_unsigned_chunk_in_a_signed_form_is_refused(void **state)
{
    (void)state;
    struct sigv4 sig;
    struct buf out = BUF_INIT(64);
    struct err err = ERR_NONE;
    example_seed(&sig);
    struct chunked_options options = {.sig = &sig, .decoded_length = 2};
    assert_false(decode(&options, "2\r\nab\r\n0\r\n\r\n", 12, 12, &out, NULL, &err));
    assert_string_equal(err.service_code, "InvalidRequest");
    buf_done(&out);
    sigv4_done(&sig);
}

/* Signed chunks and a signed trailer, built with the signer; cut at every byte. */
static void build_signed_trailer(struct sigv4 *sig, struct buf *text, const char *trailer)
{
    char first[65], last[65], end[65];
    sigv4_chunk_signature(sig, sig->signature, "hello", 5, first);
    sigv4_chunk_signature(sig, first, "", 0, last);
    char lines[128];
    int len = snprintf(lines, sizeof lines, "%s\n", trailer);
    sigv4_trailer_signature(sig, last, lines, (size_t)len, end);
    buf_printf(text,
               "5;chunk-signature=%s\r\nhello\r\n0;chunk-signature=%s\r\n%s\r\nx-amz-trailer-signature:%s\r\n\r\n",
               first, last, trailer, end);
}

static void a_signed_trailer_may_be_cut_anywhere(void **state)
{
    (void)state;
    struct sigv4 sig;
    struct buf text = BUF_INIT(4096);
    example_seed(&sig);
    build_signed_trailer(&sig, &text, "x-amz-checksum-crc32:NhCmhg==");
    struct chunked_options options = {
        .sig = &sig, .has_trailer = true, .trailers = "x-amz-checksum-crc32", .decoded_length = 5};
    for (size_t cut = 0; cut <= text.len; cut++) {
        struct buf out = BUF_INIT(64);
        assert_true(decode_cut(&options, text.data, text.len, cut, &out));
        assert_string_equal(buf_text(&out), "hello");
        buf_done(&out);
    }
    buf_done(&text);
    sigv4_done(&sig);
}

static void a_changed_or_missing_trailer_signature_is_refused(void **state)
{
    (void)state;
    struct sigv4 sig;
    struct buf text = BUF_INIT(4096);
    example_seed(&sig);
    build_signed_trailer(&sig, &text, "x-amz-checksum-crc32:NhCmhg==");
    struct chunked_options options = {.sig = &sig, .has_trailer = true, .decoded_length = 5};
    char *value = strstr(text.data, "NhCmhg");
    *value = 'X';
    for (int round = 0; round < 2; round++) {
        struct buf out = BUF_INIT(64);
        struct err err = ERR_NONE;
        assert_false(decode(&options, text.data, text.len, 5, &out, NULL, &err));
        assert_string_equal(err.service_code, "SignatureDoesNotMatch");
        buf_done(&out);
        *value = 'N';
        char *signature = strstr(text.data, "x-amz-trailer-signature");
        if (signature) {
            strcpy(signature, "\r\n");
            text.len = strlen(text.data);
        }
    }
    buf_done(&text);
    sigv4_done(&sig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unsigned_body_may_be_cut_anywhere),
        cmocka_unit_test(trailers_are_handed_over),
        cmocka_unit_test(the_last_empty_line_may_be_missing),
        cmocka_unit_test(an_empty_body_without_trailer),
        cmocka_unit_test(broken_framing_is_refused_with_its_code),
        cmocka_unit_test(an_endless_line_is_refused),
        cmocka_unit_test(a_sink_that_is_full_is_the_error),
        cmocka_unit_test(the_documented_signed_body_verifies),
        cmocka_unit_test(a_changed_byte_breaks_the_chain),
        cmocka_unit_test(an_unsigned_chunk_in_a_signed_form_is_refused),
        cmocka_unit_test(a_signed_trailer_may_be_cut_anywhere),
        cmocka_unit_test(a_changed_or_missing_trailer_signature_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
