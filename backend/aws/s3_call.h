/* One S3 request being built, for the files of the S3 client only: addressing, query, headers, sending, and answers
 * that must be a certain XML document. The maxima: URL pieces 8 KiB, bodies 8 MiB. */
#ifndef WEIR_AWS_S3_CALL_H
#define WEIR_AWS_S3_CALL_H
#include "backend/aws/s3.h"

/* A row per API operation. */
struct s3_op {
    const char *name, *method, *permission;
    bool is_write;
};
struct s3_call {
    struct aws *aws;
    struct aws_call call;
    struct buf path, query, body;
    char host_prefix[72], object[200];
    struct http_answer answer;
};
enum {
    S3_BODY_MAX = 8 * 1024 * 1024,
    S3_TRANSFER_DEADLINE_MS = 24 * 60 * 60 * 1000 /* of a body; a stall ends it much earlier */
};

/* Starts: virtual-host style on AWS's own endpoints (not for names with dots, whose certificate would not match), path
 * style elsewhere. bucket and key may be NULL. All S3 operations may be repeated: each replaces the same thing. */
void s3_begin(struct s3_call *s3, struct aws *aws, const struct s3_op *op, const char *bucket, const char *key,
              const struct cancel *cancel);
void s3_param(struct s3_call *s3, const char *name, const char *value); /* value NULL: "name=" alone */
void s3_param_int(struct s3_call *s3, const char *name, int64_t value);
void s3_header(struct s3_call *s3, const char *name, const char *value); /* value NULL or "": nothing */
/* Sends; true on a 2xx in s3->answer. */
bool s3_send(struct s3_call *s3, struct err *err);
/* The answer as a document whose root is `root`; <Error> in a 200 is decoded as the error that it is. */
const struct xml_node *s3_document(struct s3_call *s3, struct arena *arena, const char *root, struct err *err);
/* s3_send, then s3_document. */
const struct xml_node *s3_send_for(struct s3_call *s3, struct arena *arena, const char *root, struct err *err);
void s3_end(struct s3_call *s3);

/* ETag without its quotes, cut to size. */
char *s3_unquote(const char *etag, char *out, size_t size);
/* Headers of put that say what the object is: type, encoding, metadata. */
void s3_put_headers(struct s3_call *s3, const struct s3_put *put);
/* The body of put, with its CRC64NVME in x-amz-checksum-crc64nvme and in crc (base64). */
bool s3_put_body(struct s3_call *s3, const struct s3_put *put, char crc[16], struct err *err);
/* What the headers of an answer say of an object. */
bool s3_head_of(const struct http_answer *answer, struct arena *arena, struct s3_head *head, struct err *err);
#endif
