/* Uploads against a small multipart store in memory: one PUT when small, parts when large, going on after a failure
 * with only what is missing, streams of unknown length, checksums that fit. */
#include "backend/aws/s3.h"
#include "backend/domain/session.h"
#include "backend/domain/transfer.h"
#include "tests/lib/tempdir.h"
#include "tests/lib/testserver.h"
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { MIB = 1024 * 1024, BIG = 20 * MIB + 5, PARTS_MAX = 16 };

struct stage {
    struct testserver *server;
    struct config config;
    struct session *session;
    struct aws *aws;
    struct tempdir folder;
    char file[300];
    /* the store */
    pthread_mutex_t lock;
    int creates, puts, part_puts, aborts;
    bool has_part[PARTS_MAX + 1];
    size_t part_len[PARTS_MAX + 1];
    char part_crc[PARTS_MAX + 1][16], part_md5[PARTS_MAX + 1][33];
    bool knows_no_crc; /* an old store: lists parts without checksums */
    int denied_part;   /* 403 for this part number */
    char complete_crc[64];
    char complete_body[4096];
    unsigned char *last_put;
    size_t last_put_len;
    char last_put_crc[64];
};

static bool reply(int fd, int status, const char *headers, const char *body)
{
    return testserver_reply(fd, status, headers, body, strlen(body));
}

static bool put_part(struct stage *stage, const struct test_request *req, int number, int fd)
{
    char header[100];
    uint8_t raw[DIGEST_MAX];
    if (number == stage->denied_part)
        return reply(fd, 403, "", "<Error><Code>AccessDenied</Code></Error>");
    stage->part_puts++;
    stage->has_part[number] = true;
    stage->part_len[number] = req->body_len;
    char sent[100];
    testserver_header(req, "x-amz-checksum-crc64nvme", sent, sizeof sent);
    s3_crc64(req->body, req->body_len, stage->part_crc[number]);
    if (strcmp(sent, stage->part_crc[number]) != 0)
        return reply(fd, 400, "", "<Error><Code>BadDigest</Code></Error>");
    hex_encode(raw, digest_of(DIGEST_MD5, req->body, req->body_len, raw), stage->part_md5[number]);
    snprintf(header, sizeof header, "ETag: \"%s\"\r\n", stage->part_md5[number]);
    return reply(fd, 200, header, "");
}

static bool list_parts(struct stage *stage, int fd)
{
    struct buf body = BUF_INIT(64 * 1024);
    buf_puts(&body, "<ListPartsResult><IsTruncated>false</IsTruncated>");
    for (int i = 1; i <= PARTS_MAX; i++) {
        if (!stage->has_part[i])
            continue;
        buf_printf(&body, "<Part><PartNumber>%d</PartNumber><Size>%zu</Size><ETag>\"%s\"</ETag>", i, stage->part_len[i],
                   stage->part_md5[i]);
        if (!stage->knows_no_crc)
            buf_printf(&body, "<ChecksumCRC64NVME>%s</ChecksumCRC64NVME>", stage->part_crc[i]);
        buf_puts(&body, "</Part>");
    }
    buf_puts(&body, "</ListPartsResult>");
    bool ok = reply(fd, 200, "", buf_text(&body));
    buf_done(&body);
    return ok;
}

static bool list_uploads(const struct stage *stage, int fd)
{
    return reply(fd, 200, "",
                 stage->creates ? "<ListMultipartUploadsResult><Upload><Key>big</Key><UploadId>up1</UploadId></Upload>"
                                  "<Upload><Key>bigger</Key><UploadId>other</UploadId></Upload>"
                                  "</ListMultipartUploadsResult>"
                                : "<ListMultipartUploadsResult/>");
}

static bool complete(struct stage *stage, const struct test_request *req, int fd)
{
    testserver_header(req, "x-amz-checksum-crc64nvme", stage->complete_crc, sizeof stage->complete_crc);
    snprintf(stage->complete_body, sizeof stage->complete_body, "%.*s", (int)req->body_len, req->body);
    return reply(fd, 200, "", "<CompleteMultipartUploadResult><ETag>\"x-3\"</ETag></CompleteMultipartUploadResult>");
}

static bool put_whole(struct stage *stage, const struct test_request *req, int fd)
{
    stage->puts++;
    free(stage->last_put);
    stage->last_put = malloc(req->body_len + 1);
    memcpy(stage->last_put, req->body, req->body_len);
    stage->last_put_len = req->body_len;
    testserver_header(req, "x-amz-checksum-crc64nvme", stage->last_put_crc, sizeof stage->last_put_crc);
    return reply(fd, 200, "ETag: \"e\"\r\n", "");
}

static bool answer(struct stage *stage, const struct test_request *req, int fd)
{
    const char *number = strstr(req->target, "partNumber=");
    bool is_post = strcmp(req->method, "POST") == 0, is_get = strcmp(req->method, "GET") == 0;
    if (number)
        return put_part(stage, req, atoi(number + 11), fd);
    if (is_post && strstr(req->target, "?uploads=")) {
        stage->creates++;
        return reply(fd, 200, "",
                     "<InitiateMultipartUploadResult><UploadId>up1</UploadId></InitiateMultipartUploadResult>");
    }
    if (is_get && strstr(req->target, "uploads="))
        return list_uploads(stage, fd);
    if (is_get && strstr(req->target, "uploadId="))
        return list_parts(stage, fd);
    if (is_post && strstr(req->target, "uploadId="))
        return complete(stage, req, fd);
    if (strcmp(req->method, "DELETE") == 0) {
        stage->aborts++;
        return reply(fd, 204, "", "");
    }
    if (strcmp(req->method, "PUT") == 0)
        return put_whole(stage, req, fd);
    return reply(fd, 404, "", "<Error><Code>NoSuchKey</Code></Error>");
}

static bool serve(struct testserver *server, const struct test_request *req, int fd, void *context)
{
    (void)server;
    struct stage *stage = context;
    pthread_mutex_lock(&stage->lock);
    bool ok = answer(stage, req, fd);
    pthread_mutex_unlock(&stage->lock);
    return ok;
}

static void write_file(struct stage *stage, int64_t len, int64_t changed_at)
{
    FILE *file = fopen(stage->file, "wb");
    for (int64_t i = 0; i < len; i++)
        putc(i == changed_at ? 'X' : (int)(i * 31 + i / 4099) & 0xFF, file);
    fclose(file);
}

static int set(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    pthread_mutex_init(&stage->lock, NULL);
    stage->server = testserver_start(serve, stage);
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 1);
    snprintf(stage->config.profile, sizeof stage->config.profile, "default");
    snprintf(stage->config.endpoint, sizeof stage->config.endpoint, "http://127.0.0.1:%d",
             testserver_port(stage->server));
    snprintf(stage->config.region, sizeof stage->config.region, "us-east-1");
    struct session_options options = {.config = &stage->config};
    stage->session = session_open(&options, NULL);
    stage->aws = session_connect(stage->session, NULL, NULL);
    tempdir_make(&stage->folder);
    snprintf(stage->file, sizeof stage->file, "%s/big", stage->folder.path);
    *state = stage;
    return 0;
}

static int strike(void **state)
{
    struct stage *stage = *state;
    session_close(stage->session);
    testserver_stop(stage->server);
    tempdir_remove(&stage->folder);
    free(stage->last_put);
    free(stage);
    return 0;
}

static bool upload(struct stage *stage, bool no_resume, struct err *err)
{
    struct transfer_result result;
    struct transfer_options options = {
        .from = stage->file, .to = "s3://lake/big", .no_resume = no_resume, .parallel = 1};
    return transfer_copy(stage->session, &options, &result, err);
}

static void a_small_file_is_one_put_with_its_checksum(void **state)
{
    struct stage *stage = *state;
    char crc[16];
    write_file(stage, 1000, -1);
    assert_true(upload(stage, false, NULL));
    assert_int_equal(stage->puts, 1);
    assert_int_equal(stage->creates, 0);
    assert_int_equal(stage->last_put_len, 1000);
    s3_crc64(stage->last_put, 1000, crc);
    assert_string_equal(stage->last_put_crc, crc);
}

static void an_empty_file_is_an_empty_object(void **state)
{
    struct stage *stage = *state;
    write_file(stage, 0, -1);
    assert_true(upload(stage, false, NULL));
    assert_int_equal(stage->puts, 1);
    assert_int_equal(stage->last_put_len, 0);
}

static void assert_complete(const struct stage *stage, const char *crc)
{
    assert_string_equal(stage->complete_crc, crc);
    for (int i = 1; i <= 3; i++) {
        char number[64];
        snprintf(number, sizeof number, "<PartNumber>%d</PartNumber>", i);
        assert_non_null(strstr(stage->complete_body, number));
        assert_non_null(strstr(stage->complete_body, stage->part_md5[i]));
    }
}

static void file_crc(const struct stage *stage, char crc[16])
{
    int fd = open(stage->file, O_RDONLY);
    assert_true(s3_crc64_fd(fd, 0, BIG, crc, NULL));
    close(fd);
}

static void a_large_file_goes_in_parts_with_the_checksum_of_all(void **state)
{
    struct stage *stage = *state;
    char crc[16];
    write_file(stage, BIG, -1);
    assert_true(upload(stage, false, NULL));
    assert_int_equal(stage->creates, 1);
    assert_int_equal(stage->part_puts, 3);
    assert_int_equal(stage->part_len[3], BIG - 16 * MIB);
    file_crc(stage, crc);
    assert_complete(stage, crc);
}

static void a_failed_upload_goes_on_with_what_is_missing(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    char crc[16];
    write_file(stage, BIG, -1);
    stage->denied_part = 2;
    assert_false(upload(stage, false, &err));
    assert_int_equal(err.code, ERR_DENIED);
    assert_non_null(strstr(err.text, "are kept"));
    assert_int_equal(stage->aborts, 0);
    stage->denied_part = 0;
    stage->part_puts = 0;
    assert_true(upload(stage, false, NULL));
    assert_int_equal(stage->creates, 1);
    assert_int_equal(stage->part_puts, 2);
    file_crc(stage, crc);
    assert_complete(stage, crc);
}

static void a_part_whose_bytes_changed_is_sent_again(void **state)
{
    struct stage *stage = *state;
    char crc[16];
    write_file(stage, BIG, -1);
    stage->denied_part = 3;
    assert_false(upload(stage, false, NULL));
    stage->denied_part = 0;
    stage->part_puts = 0;
    write_file(stage, BIG, 5); /* in part 1 */
    assert_true(upload(stage, false, NULL));
    assert_int_equal(stage->part_puts, 2); /* 1 and 3 */
    file_crc(stage, crc);
    assert_complete(stage, crc);
}

static void a_store_without_checksums_is_matched_by_etag(void **state)
{
    struct stage *stage = *state;
    write_file(stage, BIG, -1);
    stage->denied_part = 3;
    stage->knows_no_crc = true;
    assert_false(upload(stage, false, NULL));
    stage->denied_part = 0;
    stage->part_puts = 0;
    assert_true(upload(stage, false, NULL));
    assert_int_equal(stage->part_puts, 1);
    assert_complete(stage, ""); /* completed as it was begun */
}

static void asked_not_to_it_starts_again(void **state)
{
    struct stage *stage = *state;
    write_file(stage, BIG, -1);
    stage->denied_part = 3;
    assert_false(upload(stage, false, NULL));
    stage->denied_part = 0;
    stage->part_puts = 0;
    assert_true(upload(stage, true, NULL));
    assert_int_equal(stage->creates, 2);
    assert_int_equal(stage->part_puts, 3);
}

static void write_stream(struct s3_writer *writer, int64_t len)
{
    unsigned char chunk[100 * 1000];
    for (int64_t at = 0; at < len;) {
        size_t step = len - at < (int64_t)sizeof chunk ? (size_t)(len - at) : sizeof chunk;
        for (size_t i = 0; i < step; i++)
            chunk[i] = (unsigned char)((at + (int64_t)i) * 31 + (at + (int64_t)i) / 4099);
        assert_true(s3_writer_write(writer, chunk, step, NULL));
        at += (int64_t)step;
    }
}

static void a_stream_is_cut_into_parts_as_it_comes(void **state)
{
    struct stage *stage = *state;
    struct s3_put put = s3_put_init("lake", "big");
    char crc[16];
    struct s3_writer *writer = s3_writer_open(stage->aws, &put, NULL);
    write_stream(writer, BIG);
    assert_true(s3_writer_close(writer, NULL));
    write_file(stage, BIG, -1);
    file_crc(stage, crc);
    assert_complete(stage, crc);
}

static void a_stream_of_exactly_one_part_is_a_single_put(void **state)
{
    struct stage *stage = *state;
    struct s3_put put = s3_put_init("lake", "big");
    struct s3_writer *writer = s3_writer_open(stage->aws, &put, NULL);
    write_stream(writer, S3_SINGLE_PUT_MAX);
    assert_true(s3_writer_close(writer, NULL));
    assert_int_equal(stage->puts, 1);
    assert_int_equal(stage->creates, 0);
    assert_int_equal(stage->last_put_len, S3_SINGLE_PUT_MAX);
}

static void a_stream_that_is_given_up_leaves_nothing(void **state)
{
    struct stage *stage = *state;
    struct s3_put put = s3_put_init("lake", "big");
    struct s3_writer *writer = s3_writer_open(stage->aws, &put, NULL);
    write_stream(writer, BIG);
    s3_writer_abandon(writer);
    assert_int_equal(stage->aborts, 1);
    assert_string_equal(stage->complete_body, "");
}

static void a_tree_leaves_out_links_to_folders_and_unfinished_downloads(void **state)
{
    struct stage *stage = *state;
    struct transfer_result result;
    char link[400];
    tempdir_write(&stage->folder, "t/one", "1");
    tempdir_write(&stage->folder, "t/sub/two", "2");
    tempdir_write(&stage->folder, "t/.three.weir-part", "3");
    snprintf(link, sizeof link, "%s/t/sub/loop", stage->folder.path);
    assert_int_equal(symlink("..", link), 0);
    snprintf(link, sizeof link, "%s/t", stage->folder.path);
    struct transfer_options options = {.from = link, .to = "s3://lake/t", .is_recursive = true};
    assert_true(transfer_copy(stage->session, &options, &result, NULL));
    assert_int_equal(result.objects, 2);
    assert_int_equal(result.skipped, 2);
    assert_int_equal(stage->puts, 2);
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, set, strike)
    const struct CMUnitTest tests[] = {
        STAGED(a_small_file_is_one_put_with_its_checksum),
        STAGED(an_empty_file_is_an_empty_object),
        STAGED(a_large_file_goes_in_parts_with_the_checksum_of_all),
        STAGED(a_failed_upload_goes_on_with_what_is_missing),
        STAGED(a_part_whose_bytes_changed_is_sent_again),
        STAGED(a_store_without_checksums_is_matched_by_etag),
        STAGED(asked_not_to_it_starts_again),
        STAGED(a_stream_is_cut_into_parts_as_it_comes),
        STAGED(a_stream_of_exactly_one_part_is_a_single_put),
        STAGED(a_stream_that_is_given_up_leaves_nothing),
        STAGED(a_tree_leaves_out_links_to_folders_and_unfinished_downloads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
