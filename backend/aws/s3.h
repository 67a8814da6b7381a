/* Amazon S3 client: one function per API operation over aws_perform. All calls wait (feed and job threads, or the
 * command line) and may be made from any thread. Keys are C strings of raw bytes (S3 keys are UTF-8 without NUL);
 * names that come back are exact bytes with their length. Listing and metadata results live in an arena that the caller
 * gives. Source of every shape: Amazon S3 API Reference, 2006-03-01. Files: s3.c objects, s3_list.c and s3_guard.c
 * listings, s3_multipart.c multipart, s3_bucket.c buckets and their settings, s3_setup.c writing settings, s3_writer.c
 * streaming upload, s3_sum.c checksums.
 */
#ifndef WEIR_AWS_S3_H
#define WEIR_AWS_S3_H
#include "backend/aws/aws.h"
#include "backend/base/arena.h"
#include "backend/base/digest.h"
#include "backend/base/list.h"
#include "backend/base/xml.h"

enum {
    S3_KEY_MAX = 1024,                  /* bytes of a key */
    S3_PAGE_KEYS = 1000,                /* keys per page of a listing */
    S3_DELETE_MAX = 1000,               /* keys per DeleteObjects */
    S3_PART_MIN = 5 * 1024 * 1024,      /* smallest part but the last */
    S3_PART_COUNT_MAX = 10000,          /* parts of one upload */
    S3_SINGLE_PUT_MAX = 8 * 1024 * 1024 /* ours: above it an upload is multipart */
};

/* --- buckets --- */
struct s3_bucket {
    const char *name;
    int64_t created_ms; /* 0 unknown */
};
struct s3_buckets {
    struct s3_bucket *items;
    size_t count;
};
bool s3_list_buckets(struct aws *aws, const struct cancel *cancel, struct arena *arena, struct s3_buckets *buckets,
                     struct err *err);
/* True when it exists and may be seen. NOT_FOUND, DENIED, REGION say the rest. */
bool s3_head_bucket(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err);
/* Creates it in the session's region; that it is already ours is success. */
bool s3_create_bucket(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err);
bool s3_delete_bucket(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err);

/* Bucket settings. Each call is one API operation and fails alone: DENIED stays an error, while "there is no such
 * configuration" (404 codes) is success with the not-set value. */
bool s3_get_location(struct aws *aws, const char *bucket, const struct cancel *cancel, char region[32],
                     struct err *err);
bool s3_get_versioning(struct aws *aws, const char *bucket, const struct cancel *cancel, bool *is_enabled,
                       struct err *err);
bool s3_get_encryption(struct aws *aws, const char *bucket, const struct cancel *cancel, char algorithm[32],
                       struct err *err); /* "" not set */
bool s3_get_policy_is_public(struct aws *aws, const char *bucket, const struct cancel *cancel, bool *is_public,
                             struct err *err);
struct s3_public_block {
    bool block_acls, ignore_acls, block_policy, restrict_buckets;
};
bool s3_get_public_block(struct aws *aws, const char *bucket, const struct cancel *cancel,
                         struct s3_public_block *block, struct err *err);
/* The account's own block, stronger than the bucket's (S3 Control API, 2018-08-20; AWS only). */
bool s3_get_account_block(struct aws *aws, const char *account, const struct cancel *cancel,
                          struct s3_public_block *block, struct err *err);
/* *is_public: the ACL grants something to AllUsers or AuthenticatedUsers. */
bool s3_get_acl_is_public(struct aws *aws, const char *bucket, const struct cancel *cancel, bool *is_public,
                          struct err *err);
bool s3_get_ownership(struct aws *aws, const char *bucket, const struct cancel *cancel, char ownership[32],
                      struct err *err); /* "" not set */
bool s3_get_object_lock(struct aws *aws, const char *bucket, const struct cancel *cancel, bool *is_enabled,
                        struct err *err);

/* Writing settings (s3_setup.c): each replaces what was there. algorithm "AES256" or "aws:kms". */
bool s3_put_versioning(struct aws *aws, const char *bucket, bool is_enabled, const struct cancel *cancel,
                       struct err *err);
bool s3_put_encryption(struct aws *aws, const char *bucket, const char *algorithm, const struct cancel *cancel,
                       struct err *err);
bool s3_put_public_block(struct aws *aws, const char *bucket, const struct s3_public_block *block,
                         const struct cancel *cancel, struct err *err);

/* --- listings --- */
struct s3_object { /* an object, a version or a delete marker */
    const char *key;
    size_t key_len;
    int64_t bytes, modified_ms;
    const char *etag; /* without quotes */
    const char *storage_class;
    const char *version_id; /* versions only, else "" */
    bool is_latest, is_delete_marker;
};
struct s3_prefix {
    const char *name;
    size_t len;
};
struct s3_list {
    const char *bucket, *prefix;             /* prefix NULL or "": all */
    const char *delimiter;                   /* "/" or NULL: flat */
    const char *start_after;                 /* keys after this one; NULL: from the start */
    const char *token;                       /* of the page before; NULL: the first page */
    const char *key_marker, *version_marker; /* versions: of the page before */
    int max_keys;                            /* 0: S3_PAGE_KEYS */
    const struct cancel *cancel;
};
struct s3_page {
    struct s3_object *objects;
    size_t object_count;
    struct s3_prefix *prefixes; /* common prefixes */
    size_t prefix_count;
    bool is_truncated;
    const char *token;                       /* for the next page; NULL at the end */
    const char *key_marker, *version_marker; /* versions: for the next page */
};
/* One page of ListObjectsV2. A page that is not the last without a token, or with the token it was asked with, is
 * ERR_PROTOCOL. */
bool s3_list_page(struct aws *aws, const struct s3_list *list, struct arena *arena, struct s3_page *page,
                  struct err *err);
/* One page of ListObjectVersions (versions and delete markers in the order of the store). */
bool s3_version_page(struct aws *aws, const struct s3_list *list, struct arena *arena, struct s3_page *page,
                     struct err *err);
/* All pages; memory is one page. on_page returns false to stop early (that is success). Tokens that go round in a
 * circle are ERR_PROTOCOL. */
typedef bool s3_on_page(void *context, const struct s3_page *page);
bool s3_list_all(struct aws *aws, const struct s3_list *list, s3_on_page *on_page, void *context, struct err *err);
bool s3_version_all(struct aws *aws, const struct s3_list *list, s3_on_page *on_page, void *context, struct err *err);
/* The decoding of a page alone: pure. */
bool s3_list_decode(const struct s3_list *list, const char *body, size_t len, struct arena *arena, struct s3_page *page,
                    struct err *err);
bool s3_version_decode(const struct s3_list *list, const char *body, size_t len, struct arena *arena,
                       struct s3_page *page, struct err *err);
/* Notices a sequence of tokens that repeats, in constant memory (Brent's cycle finding over hashes). */
struct s3_token_guard {
    uint64_t kept, steps, limit;
};
bool s3_token_guard_seen(struct s3_token_guard *guard, const char *token);

/* --- objects --- */
struct s3_ref {
    const char *bucket, *key;
    const char *version_id; /* NULL or "": latest */
    const struct cancel *cancel;
};
struct s3_head { /* texts are in the arena of the call, "" when absent */
    int64_t bytes, modified_ms;
    const char *etag; /* without quotes */
    const char *content_type, *content_encoding, *storage_class, *encryption, *version_id;
    bool has_checksum;              /* the store gave one that we know */
    enum digest_kind checksum_kind; /* valid with has_checksum */
    const char *checksum;           /* base64, without "-N" */
    bool checksum_is_composite;     /* digest of part digests: cannot be verified against the bytes alone */
    bool is_delete_marker;
    struct pairs metadata; /* x-amz-meta-* without that prefix; items in the arena: do not pairs_done */
};
bool s3_head_object(struct aws *aws, const struct s3_ref *ref, struct arena *arena, struct s3_head *head,
                    struct err *err);

struct s3_get {
    struct s3_ref ref;
    bool has_range;
    int64_t first, last;  /* inclusive; last -1: to the end */
    const char *if_match; /* ETag without quotes, or NULL: PRECONDITION when the object has changed */
    /* where the bytes go: sink_fd at sink_offset, else sink, else *body */
    int sink_fd;
    int64_t sink_offset;
    bool (*sink)(void *context, const void *bytes, size_t len); /* on the I/O thread */
    void *sink_context;
    size_t max_body;     /* of *body; 0: 8 MiB */
    int64_t deadline_ms; /* 0: 30 s for buffered answers, none but the stall limit for sinks */
    void (*progress)(void *context, int64_t sent, int64_t received);
    void *progress_context;
};
/* {.sink_fd = -1} and the ref. */
struct s3_get s3_get_init(const char *bucket, const char *key);
/* *head (of the whole object; NULL: not wanted) and, when no sink is set, the bytes appended to *body. A sink that
 * already got bytes is never retried: the caller resumes at what it has. */
bool s3_get_object(struct aws *aws, const struct s3_get *get, struct arena *arena, struct s3_head *head,
                   struct buf *body, struct err *err);

struct s3_put {
    const char *bucket, *key;
    const void *bytes; /* or, with fd >= 0, len bytes of the file at offset */
    int fd;
    int64_t offset, len;
    const char *content_type, *content_encoding; /* NULL: not said */
    const struct pairs *metadata;                /* without x-amz-meta-; NULL: none */
    bool if_none_match;                          /* refuse to replace: PRECONDITION */
    const char *crc64;                           /* base64 CRC64NVME of the bytes when known; NULL: computed here */
    const struct cancel *cancel;
    void (*progress)(void *context, int64_t sent, int64_t received);
    void *progress_context;
};
struct s3_put s3_put_init(const char *bucket, const char *key); /* fd -1 */
/* Single PutObject with x-amz-checksum-crc64nvme. etag may be NULL. */
bool s3_put_object(struct aws *aws, const struct s3_put *put, char etag[80], struct err *err);
/* CopyObject (up to 5 GiB). A 200 that carries an error is an error. */
bool s3_copy_object(struct aws *aws, const struct s3_ref *from, const char *bucket, const char *key, struct err *err);
bool s3_delete_object(struct aws *aws, const struct s3_ref *ref, struct err *err);
struct s3_delete {
    const char *bucket;
    const char *const *keys;
    const char *const *version_ids; /* NULL, or one per key ("" = latest) */
    size_t count;                   /* <= S3_DELETE_MAX */
    const struct cancel *cancel;
    /* per key that was not deleted; NULL: the first becomes *err */
    void (*failed)(void *context, const char *key, const struct err *err);
    void *context;
};
/* False when the request failed or any key did; *deleted counts. */
bool s3_delete_objects(struct aws *aws, const struct s3_delete *batch, size_t *deleted, struct err *err);
/* Tags in the arena (do not pairs_done). */
bool s3_get_tagging(struct aws *aws, const struct s3_ref *ref, struct arena *arena, struct pairs *tags,
                    struct err *err);
/* Appends a presigned URL, valid expires_s (1..604800) seconds. method "GET" or "PUT". */
bool s3_presign(struct aws *aws, const char *method, const struct s3_ref *ref, int64_t expires_s, struct buf *url,
                struct err *err);

/* --- multipart --- */
struct s3_part {
    int number; /* 1..10000 */
    int64_t bytes;
    char etag[80];  /* without quotes */
    char crc64[16]; /* base64 CRC64NVME, "" when the store gave none */
};
struct s3_upload { /* an unfinished upload; texts in the arena */
    const char *key, *upload_id;
    int64_t started_ms;
};
struct s3_uploads {
    struct s3_upload *items;
    size_t count;
    bool is_truncated;
};
/* Starts one with CRC64NVME full-object checksums. put gives bucket, key, type, metadata. */
bool s3_multipart_create(struct aws *aws, const struct s3_put *put, char upload_id[1024], struct err *err);
/* Sends part->number: len bytes of put->bytes, or of put->fd at put->offset; fills the rest of *part. */
bool s3_upload_part(struct aws *aws, const struct s3_put *put, const char *upload_id, struct s3_part *part,
                    struct err *err);
/* Part from an existing object's bytes first..last (server side). */
bool s3_upload_part_copy(struct aws *aws, const struct s3_ref *from, int64_t first, int64_t last,
                         const struct s3_put *put, const char *upload_id, struct s3_part *part, struct err *err);
bool s3_list_parts(struct aws *aws, const struct s3_ref *ref, const char *upload_id, struct arena *arena,
                   struct s3_part **parts, size_t *count, struct err *err);
/* Unfinished uploads under prefix (key NULL or ""), at most 1000 of them. */
bool s3_list_uploads(struct aws *aws, const struct s3_ref *ref, struct arena *arena, struct s3_uploads *uploads,
                     struct err *err);
/* parts in rising order of number. A 200 that carries an error is an error. crc64: the whole object's when known, else
 * NULL. */
bool s3_multipart_complete(struct aws *aws, const struct s3_put *put, const char *upload_id,
                           const struct s3_part *parts, size_t count, const char *crc64, char etag[80],
                           struct err *err);
bool s3_multipart_abort(struct aws *aws, const struct s3_ref *ref, const char *upload_id, struct err *err);
/* Part size for an object of this many bytes: 8 MiB, or what keeps it within 10 000 parts (a whole number of MiB). */
int64_t s3_part_size(int64_t bytes);

/* --- streaming upload of unknown length, in bounded memory: one part buffer of 8 MiB that grows to 64 MiB over
 * thousands of parts (492 GiB at most). One thread at a time per writer. --- */
struct s3_writer;
struct s3_writer *s3_writer_open(struct aws *aws, const struct s3_put *put, struct err *err); /* copies the texts */
bool s3_writer_write(struct s3_writer *writer, const void *bytes, size_t len, struct err *err);
/* Puts what is left (a single PutObject when it is small), completes, frees. False: nothing is visible under the key
 * and the upload was aborted. */
bool s3_writer_close(struct s3_writer *writer, struct err *err);
/* Gives up: aborts the upload, frees. NULL is fine. */
void s3_writer_abandon(struct s3_writer *writer);

/* --- checksums --- */
/* base64 CRC64NVME of bytes, or of a file's range. */
void s3_crc64(const void *bytes, size_t len, char out[16]);
bool s3_crc64_fd(int fd, int64_t offset, int64_t len, char out[16], struct err *err);
/* crc64 of a concatenation: *crc (of what came before; "" at first) becomes that of both. */
void s3_crc64_join(char crc[16], const char *next, int64_t next_len);
#endif
