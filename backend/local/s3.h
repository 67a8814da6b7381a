/* What the files of the embedded S3 share: the call (one request on its way through routing, handler and answer), the
 * rows of buckets, objects and stored bodies, and the names of the handlers. Nothing outside backend/local/s3*.c
 * includes this. Everything runs on the connection's own thread, except functions marked "writer", which run inside
 * store_write. Behaviour follows the S3 API Reference (2006-03-01) and what AWS answers where the reference is silent.
 */
#ifndef WEIR_LOCAL_S3_H
#define WEIR_LOCAL_S3_H
#include "backend/base/arena.h"
#include "backend/base/db.h"
#include "backend/base/xml.h"
#include "backend/local/cloud.h"
#include "backend/local/s3_error.h"

enum {
    S3_KEY_MAX = 1024,            /* bytes of UTF-8 ("Naming Amazon S3 objects") */
    S3_PAGE_MAX = 1000,           /* entries of one listing page, keys of one DeleteObjects */
    S3_PARTS_MAX = 10000,         /* parts of an upload */
    S3_META_MAX = 2048,           /* user metadata, names and values together */
    S3_INLINE_MAX = 64 * 1024,    /* bodies up to this live in SQLite: one fsync instead of three (make bench) */
    S3_XML_MAX = 8 * 1024 * 1024, /* largest XML or JSON document accepted: 1000 keys of DeleteObjects, escaped */
    S3_ANSWER_MAX = 64 * 1024 * 1024,
    S3_ARENA_MAX = 128 * 1024 * 1024,
};
#define S3_PUT_MAX    (5LL << 30)  /* one PutObject or part */
#define S3_OBJECT_MAX (50LL << 40) /* a whole object (50 TB since December 2025) */
#define S3_PART_MIN   (5LL << 20)  /* every part but the last */
#define S3_COPY_MAX   (5LL << 30)  /* source of one CopyObject */
/* The account's canonical user id: 64 hex digits that mean nothing else. */
#define S3_OWNER_ID   "1f0c2b9a6d4e87350b1e9c7f4a2d8e6613579bdf02468ace8899aabbccddeeff"
#define S3_OWNER_NAME "weir"

struct s3_call;
typedef bool s3_handler(struct s3_call *call); /* true: answered; false: s3_fail has filled the answer */

enum s3_level { S3_LEVEL_SERVICE, S3_LEVEL_BUCKET, S3_LEVEL_OBJECT };
enum s3_body_class { S3_BODY_NONE, S3_BODY_XML, S3_BODY_OBJECT, S3_BODY_FORM };

/* One row of s3_ops.h. */
struct s3_op {
    const char *method;
    enum s3_level level;
    const char *sub;    /* query parameter that must be there, "" none */
    const char *with;   /* a second one, or a header when it starts with "x-amz-"; "" none */
    const char *name;   /* "GetObject" */
    const char *action; /* the policy action without "s3:" */
    s3_handler *handle; /* NULL: not implemented */
    enum s3_body_class body;
};

/* Where a request points: bucket by host or path, the key still encoded. */
struct s3_target {
    enum s3_level level;
    char bucket[256];       /* "" at service level; longer names are cut, which makes them invalid */
    const char *raw_key;    /* into raw_path */
    const struct s3_op *op; /* NULL: no such method here */
    const char *unknown;    /* a sub-resource nobody knows, NULL when none; borrowed from the query */
};

enum s3_versioning { S3_UNVERSIONED, S3_VERSIONED, S3_SUSPENDED };
/* s3_bucket.flags: which stored configurations exist, so that a request need not ask. */
enum {
    S3_HAS_POLICY = 1,
    S3_HAS_CORS = 2,
    S3_HAS_ENCRYPTION = 4,
    S3_HAS_ACCESS_BLOCK = 8,
    S3_HAS_ACL = 16,
    S3_HAS_OWNERSHIP = 32,
    S3_HAS_LIFECYCLE = 64,
};
struct s3_bucket {
    int64_t id;
    char name[64];
    int64_t created_ms;
    char region[64];
    enum s3_versioning versioning;
    bool object_lock;
    unsigned flags;
};

struct s3_call {
    struct request *req;
    struct answer *answer;
    struct cloud *cloud;
    struct arena *arena; /* everything made for this request */
    struct db *db;       /* borrowed by s3_db on first use */
    const struct s3_op *op;
    char bucket_name[256];
    const char *key; /* decoded; "" when there is none */
    struct s3_bucket bucket;
    int64_t now_ms;
    int64_t *dropped; /* file bodies without a reference since this call's write; removed once it is on disk */
    size_t dropped_count, dropped_cap;
};

/* ---- s3.c */
/* Length of the bucket's name at the start of a host name (virtual-host style); 0: path style. */
size_t s3_bucket_in_host(const char *host);
bool s3_find_target(const struct request *req, struct s3_target *target);
/* service_ops.handle: answers one request whose right to ask is established. */
void s3_handle_request(struct request *req, struct answer *answer);

/* ---- s3_call.c: the call's tools */
bool s3_call_open(struct s3_call *call, struct request *req, struct answer *answer, const struct s3_target *target);
void s3_call_close(struct s3_call *call);
/* A call of nobody's, on one bucket: what the shared functions need for the daemon's own work. False after NoSuchBucket
 * (in errand->answer). Always to be closed. */
struct s3_errand {
    struct request req;
    struct answer answer;
    struct s3_call call;
};
bool s3_errand_open(struct s3_errand *errand, struct cloud *cloud, const char *bucket);
void s3_errand_close(struct s3_errand *errand);
struct db *s3_db(struct s3_call *call); /* read connection, NULL after s3_fail */
/* Gives the connection back: the next s3_db sees what was written since. */
void s3_db_done(struct s3_call *call);
/* Runs work on the writer thread; when it returned false without s3_fail, answers InternalError. Afterwards bodies that
 * lost their last reference are unlinked. */
bool s3_write(struct s3_call *call, bool (*work)(struct db *db, void *context, struct err *err), void *context);
const char *s3_call_header(const struct s3_call *call, const char *name); /* NULL when absent */
const char *s3_call_query(const struct s3_call *call, const char *name);  /* NULL when absent */
bool s3_add(struct s3_call *call, const char *name, const char *value);   /* answer header; NULL value: nothing */
bool s3_addf(struct s3_call *call, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* "" and 204, or any status without a body. */
bool s3_empty(struct s3_call *call, int status);
/* Integer query parameter in [0, 2^31): false after InvalidArgument. Values above `cap` become cap. */
bool s3_call_query_int(struct s3_call *call, const char *name, int fallback, int cap, int *value);
bool s3_text_is_utf8(const char *text);

/* ---- s3_xml.c: writing and reading documents */
#define S3_XMLNS "http://s3.amazonaws.com/doc/2006-03-01/"
struct buf *s3_xml_open(struct s3_call *call, const char *root); /* declaration, <root xmlns>; status 200 */
bool s3_xml_close(struct s3_call *call, const char *root);
void s3_xml_int(struct buf *out, const char *name, int64_t value);
void s3_xml_bool(struct buf *out, const char *name, bool value);
void s3_xml_time(struct buf *out, const char *name, int64_t wall_ms);
void s3_xml_etag(struct buf *out, const char *etag);
/* Percent-encoded when url is set (encoding-type=url), else escaped. */
void s3_xml_key(struct buf *out, const char *name, const char *key, bool url);
void s3_xml_owner(struct buf *out, const char *name);
/* The body as a tree whose root has this name; false after MalformedXML. */
bool s3_xml_body(struct s3_call *call, const char *root, struct xml_node **node);
/* Writes a tree back (no namespaces but the root's); values are escaped. */
bool s3_xml_tree(struct buf *out, const struct xml_node *node, bool is_root);
enum { S3_TIME_SIZE = 40 };
char *s3_iso_time(int64_t wall_ms, char out[S3_TIME_SIZE]);  /* 2026-11-24T08:00:00.000Z */
char *s3_http_time(int64_t wall_ms, char out[S3_TIME_SIZE]); /* Tue, 24 Nov 2026 08:00:00 GMT */

/* ---- s3_store.c: tables, start and stop */
bool s3_store_start(struct cloud *cloud, struct err *err);
void s3_store_stop(struct cloud *cloud);
int64_t s3_body_new_id(struct cloud *cloud);

/* ---- s3_body.c: bytes */
enum s3_place { S3_PLACE_NONE, S3_PLACE_INLINE, S3_PLACE_FILE };
struct s3_body {
    int64_t id; /* row of s3_body, name of the file */
    enum s3_place place;
    int64_t size;
    const void *bytes; /* S3_PLACE_INLINE, on the way in */
    bool is_stored;    /* the row is there already: the object takes one more reference */
};
bool s3_body_path(const struct cloud *cloud, int64_t id, char out[4096]);
bool s3_body_directory(const struct cloud *cloud, int64_t id, char out[4096]);
/* Gives a synced temporary file its final name, durably; false after s3_fail. */
bool s3_body_publish(struct s3_call *call, const char *temporary, int64_t id);
/* Takes the request's body: inline when small, else renamed to its final name and the directory synced. */
bool s3_body_take(struct s3_call *call, struct s3_body *body);
/* Removes the file of a body that never got its row. */
void s3_body_discard(struct s3_call *call, const struct s3_body *body);
/* Opens stored bytes for reading; for inline ones *bytes is set (arena) and -1 returned. gone is set when the file
 * vanished under a concurrent overwrite: read the row again. */
int s3_body_open(struct s3_call *call, int64_t id, enum s3_place place, const char **bytes, bool *gone);
/* Writer: a new row with one reference; one more reference; one less (the last one deletes). */
bool s3_body_insert(struct db *db, const struct s3_body *body, struct err *err);
bool s3_body_hold(struct db *db, int64_t id, struct err *err);
bool s3_body_drop(struct s3_call *call, struct db *db, int64_t id, enum s3_place place, struct err *err);

/* ---- s3_build.c: makes a new body out of pieces of others, digesting on the way */
struct s3_piece {
    int64_t body;
    enum s3_place place;
    int64_t offset, size;
    const char *bytes; /* these instead of a stored body's; NULL otherwise */
};
struct s3_sums { /* what digest_mask asks for, raw */
    unsigned mask;
    uint8_t value[DIGEST_KINDS][DIGEST_MAX];
};
bool s3_body_build(struct s3_call *call, const struct s3_piece *pieces, size_t count, struct s3_body *body,
                   struct s3_sums *sums);
/* Digests of stored bytes. */
bool s3_body_digest(struct s3_call *call, const struct s3_piece *piece, struct s3_sums *sums);

/* ---- s3_row.c: object rows and the rules of versions */
struct s3_object {
    int64_t seq; /* newer is smaller */
    const char *key;
    const char *version; /* NULL: the null version */
    bool is_marker, is_latest;
    int64_t modified_ms, size;
    const char *etag; /* without quotes */
    const char *storage;
    int64_t body;
    enum s3_place place;
    const char *checksum;  /* "CRC32 FULL_OBJECT base64", NULL when none */
    const char *headers;   /* "name:value\n" lines sent back with the object */
    const char *tags;      /* "k=v&k=v", url-encoded; NULL none */
    const char *acl;       /* s3_acl.c's lines; NULL: the owner alone */
    const char *parts;     /* "size checksum\n" lines of a multipart object; NULL otherwise */
    const char *lock_mode; /* NULL, GOVERNANCE, COMPLIANCE */
    int64_t lock_until_ms;
    bool legal_hold;
};
#define S3_OBJECT_COLUMNS                                                                                              \
    "seq,key,version,marker,modified,size,etag,storage,body,place,checksum,headers,tags,acl,parts,lock_mode,"          \
    "lock_until,legal_hold"
void s3_object_read(struct s3_call *call, struct db_row *row, struct s3_object *object);
enum s3_found { S3_FOUND_NO, S3_FOUND_YES, S3_FOUND_ERROR };
/* version NULL: the current row, delete markers too; "null" or an id otherwise. */
enum s3_found s3_object_find(struct s3_call *call, struct db *db, const char *key, const char *version,
                             struct s3_object *object);
/* As a handler needs it: *object is a real object of call->key and ?versionId; otherwise false after NoSuchKey,
 * NoSuchVersion, MethodNotAllowed (delete marker), with the headers that go with it. */
bool s3_object_need(struct s3_call *call, struct s3_object *object);
/* Writer: inserts as the newest version by the bucket's state, replacing the null version where the rules say so; sets
 * version, seq, modified. The body's row must be there already. */
bool s3_object_insert(struct s3_call *call, struct db *db, struct s3_object *object, struct err *err);
/* Writer: removes this row and its body reference. */
bool s3_object_remove(struct s3_call *call, struct db *db, const struct s3_object *object, struct err *err);
/* Writer: DeleteObject without a version: removes or hides behind a delete marker. */
struct s3_deleted {
    bool is_marker;      /* a marker was made, or the version removed was one */
    const char *version; /* of the marker or of what was removed; NULL none */
};
bool s3_object_delete(struct s3_call *call, struct db *db, const char *key, struct s3_deleted *deleted,
                      struct err *err);
bool s3_version_id_is_valid(const char *version); /* "null" or the shape of ours */
void s3_version_id_make(int64_t seq, char out[33]);
bool s3_version_id_seq(const char *version, int64_t *seq);

/* ---- s3_headers.c: what of the request's head is kept with an object */
bool s3_headers_take(struct s3_call *call, struct s3_object *object, const char *inherited);
bool s3_headers_send(struct s3_call *call, const struct s3_object *object, bool overrides);
/* Value of a kept line into the arena, NULL when absent. */
const char *s3_headers_get(struct s3_call *call, const char *headers, const char *name);
/* The answer's x-amz-server-side-encryption* lines of a write. */
void s3_headers_send_sse(struct s3_call *call, const char *headers);
/* SSE-C: the request must carry the key the object was written with. prefix "x-amz-" or "x-amz-copy-source-". */
bool s3_sse_check_key(struct s3_call *call, const char *headers, const char *prefix);

/* ---- s3_checksum.c */
struct s3_checksum_ask {   /* what a request says about its body's checksum */
    bool has_kind;         /* any algorithm named */
    enum digest_kind kind; /* CRC64NVME when none was */
    const char *value;     /* base64 sent in the header, NULL: in the trailer or only named */
};
bool s3_checksum_kind_ok(enum digest_kind kind);
const char *s3_checksum_upper(enum digest_kind kind); /* "CRC64NVME" */
void s3_checksum_ask(const struct request *req, struct s3_checksum_ask *ask);
unsigned s3_checksum_mask(const struct request *req);
/* Content-MD5 and x-amz-checksum-*, in header or trailer, against the body's digests; false after BadDigest and
 * friends.
 */
bool s3_checksum_verify(struct s3_call *call, struct s3_checksum_ask *ask);
/* "CRC32 FULL_OBJECT base64" in the arena. */
const char *s3_checksum_pack(struct s3_call *call, enum digest_kind kind, const char *type, const uint8_t *raw,
                             int parts);
struct s3_checksum {
    enum digest_kind kind;
    char type[16];
    char value[80];
};
bool s3_checksum_unpack(const char *packed, struct s3_checksum *sum);
void s3_checksum_send(struct s3_call *call, const char *packed, bool with_type); /* answer headers */
void s3_checksum_xml(struct buf *out, const char *packed, bool with_type);       /* <ChecksumCRC32>, <ChecksumType> */
const char *s3_etag_hex(struct s3_call *call, const uint8_t *md5);

/* ---- s3_cond.c and s3_range.c: pure */
struct s3_conditions {
    const char *if_match, *if_none_match, *if_modified_since, *if_unmodified_since; /* as sent, NULL absent */
};
enum s3_verdict { S3_COND_PASS, S3_COND_NOT_MODIFIED, S3_COND_FAILED };
/* RFC 7232 section 6; *which gets the header that decided ("If-Match"). etag without quotes; NULL: no such object. */
enum s3_verdict s3_cond_read(const struct s3_conditions *cond, const char *etag, int64_t modified_ms,
                             const char **which);
bool s3_etag_matches(const char *list, const char *etag);
void s3_cond_of(const struct s3_call *call, const char *prefix, struct s3_conditions *cond);
/* A write's If-Match / If-None-Match against the current object (NULL none); false after 412 or 404. */
bool s3_cond_write(struct s3_call *call, const struct s3_object *current);
enum s3_range_kind { S3_RANGE_NONE, S3_RANGE_OK, S3_RANGE_UNSATISFIABLE };
/* "bytes=a-b", "a-", "-n" against size; several ranges or another unit are no range at all (RFC 7233). */
enum s3_range_kind s3_range_parse(const char *header, int64_t size, int64_t *first, int64_t *last);

/* ---- s3_scan.c: walking keys */
struct s3_scan_entry {
    const char *prefix;      /* common prefix, NULL when this is a row */
    struct s3_object object; /* valid until the next step */
};
struct s3_scan_options {
    const char *prefix, *delimiter; /* "" none */
    const char *after;              /* start behind this key or common prefix; "" at the beginning */
    int64_t after_seq;              /* start behind this version of `after`; INT64_MAX: behind all of it */
    bool versions;                  /* every version and marker; else current objects only */
};
struct s3_scan;
struct s3_scan *s3_scan_open(struct s3_call *call, struct db *db, const struct s3_scan_options *options);
/* 1: *entry is filled; 0: the end; -1 after s3_fail. */
int s3_scan_next(struct s3_scan *scan, struct s3_scan_entry *entry);
int s3_scan_rows(const struct s3_scan *scan); /* rows read so far: what a page costs */
void s3_scan_close(struct s3_scan *scan);
/* Length of the common prefix that key falls under, 0 when none. */
size_t s3_scan_common(const char *key, const char *prefix, const char *delimiter);
/* Smallest text greater than every text that starts with the first len bytes of prefix; arena. NULL: there is none. */
char *s3_scan_successor(struct arena *arena, const char *prefix, size_t len);

/* ---- s3_tagging.c */
bool s3_tags_from_header(struct s3_call *call, const char *header, const char **packed);
bool s3_tags_from_xml(struct s3_call *call, const struct xml_node *tagging, size_t max, const char **packed);
void s3_tags_to_xml(struct buf *out, const char *packed);
int s3_tags_count(const char *packed);

/* ---- s3_acl.c */
bool s3_acl_from_headers(struct s3_call *call, const char **packed); /* x-amz-acl, x-amz-grant-*; NULL when absent */
bool s3_acl_canned(const char *name, const char **packed);
/* Anonymous rights by the lines: 'r' READ, 'w' WRITE. */
bool s3_acl_allows_all(const char *packed, char right);
bool s3_acl_is_public(const char *packed);

/* ---- s3_lock.c: retention and legal hold */
bool s3_lock_from_headers(struct s3_call *call, struct s3_object *object);
/* Writer or reader: may this version be removed? False after AccessDenied. */
bool s3_lock_allows_delete(struct s3_call *call, const struct s3_object *object);
void s3_lock_send(struct s3_call *call, const struct s3_object *object);

/* ---- s3_policy.c */
enum s3_effect { S3_EFFECT_NONE, S3_EFFECT_ALLOW, S3_EFFECT_DENY };
enum s3_effect s3_policy_effect(struct s3_call *call, const char *policy);
bool s3_policy_is_public(const char *policy, size_t len);
bool s3_policy_check(struct s3_call *call, const char *policy, size_t len); /* false after MalformedPolicy */
bool s3_access_anonymous(struct s3_call *call);
bool s3_access_allowed(
    struct s3_call *call); /* a signed request against the bucket's policy; false after AccessDenied */
/* Whether call->bucket's policy denies this action ("GetObject") on another key than the call's own. */
bool s3_access_denies(struct s3_call *call, const char *action, const char *bucket_name, const char *key);
/* Public access block bits of the bucket, 0 when none is stored. */
enum { S3_BLOCK_ACLS = 1, S3_IGNORE_ACLS = 2, S3_BLOCK_POLICY = 4, S3_RESTRICT = 8 };
unsigned s3_access_block(struct s3_call *call);

/* ---- s3_config.c */
/* The stored document of that kind into the arena; NULL when there is none (or after s3_fail: call->answer->status). */
const char *s3_config_load(struct s3_call *call, const char *kind, size_t *len);
bool s3_config_store(struct s3_call *call, const char *kind, const char *bytes, size_t len);
bool s3_config_erase(struct s3_call *call, const char *kind);
/* s3_config_check.c: a kind's own rules; may rewrite *text (arena). False after s3_fail. */
bool s3_check_lifecycle(struct s3_call *call, struct xml_node *root);
bool s3_check_cors(struct s3_call *call, struct xml_node *root);
bool s3_check_encryption(struct s3_call *call, struct xml_node *root);
bool s3_check_website(struct s3_call *call, struct xml_node *root);
bool s3_check_ownership(struct s3_call *call, struct xml_node *root);
bool s3_check_payment(struct s3_call *call, struct xml_node *root);
bool s3_check_accelerate(struct s3_call *call, struct xml_node *root);
bool s3_check_replication(struct s3_call *call, struct xml_node *root);
bool s3_check_logging(struct s3_call *call, struct xml_node *root);
bool s3_check_lock(struct s3_call *call, struct xml_node *root);
bool s3_check_tagging(struct s3_call *call, struct xml_node *root);
bool s3_check_access_block(struct s3_call *call, struct xml_node *root);

/* ---- s3_lifecycle.c */
void s3_lifecycle_send(struct s3_call *call,
                       const struct s3_object *object); /* x-amz-expiration, when a rule says so */
/* One pass over every bucket with rules: expires, and aborts old uploads. */
bool s3_lifecycle_run(struct cloud *cloud, struct err *err);
int64_t s3_lifecycle_next(int64_t now_ms); /* when the next pass is due: midnight UTC */

/* ---- s3_cors.c */
void s3_cors_decorate(struct s3_call *call); /* Access-Control-* on an ordinary answer with an Origin */

/* ---- s3_bucket.c */
bool s3_bucket_load(struct s3_call *call); /* call->bucket; false after NoSuchBucket */
/* Writer or reader: by name; S3_FOUND_NO when absent. */
enum s3_found s3_bucket_find(struct s3_call *call, struct db *db, const char *name, struct s3_bucket *bucket);
bool s3_bucket_name_ok(const char *name);

/* ---- s3_object.c */
/* A body must say its length or that it comes in chunks; false after MissingContentLength. */
bool s3_body_is_announced(struct s3_call *call);
/* Writer's part of every object creation: body row, version rules, default lock. */
bool s3_object_commit(struct s3_call *call, struct db *db, struct s3_object *object, const struct s3_body *body,
                      struct err *err);

/* Handlers, named in s3_ops.h. */
bool s3_op_list_buckets(struct s3_call *call);
bool s3_op_create_bucket(struct s3_call *call);
bool s3_op_head_bucket(struct s3_call *call);
bool s3_op_delete_bucket(struct s3_call *call);
bool s3_op_get_location(struct s3_call *call);
bool s3_op_get_versioning(struct s3_call *call);
bool s3_op_put_versioning(struct s3_call *call);
bool s3_op_get_acl(struct s3_call *call);
bool s3_op_put_acl(struct s3_call *call);
bool s3_op_get_policy(struct s3_call *call);
bool s3_op_put_policy(struct s3_call *call);
bool s3_op_delete_policy(struct s3_call *call);
bool s3_op_get_policy_status(struct s3_call *call);
bool s3_op_get_encryption(struct s3_call *call);
bool s3_op_get_config(struct s3_call *call);
bool s3_op_put_config(struct s3_call *call);
bool s3_op_delete_config(struct s3_call *call);
bool s3_op_get_config_id(struct s3_call *call);
bool s3_op_put_config_id(struct s3_call *call);
bool s3_op_delete_config_id(struct s3_call *call);
bool s3_op_list_config_ids(struct s3_call *call);
bool s3_op_list_v1(struct s3_call *call);
bool s3_op_list_v2(struct s3_call *call);
bool s3_op_list_versions(struct s3_call *call);
bool s3_op_put_object(struct s3_call *call);
bool s3_op_get_object(struct s3_call *call);
bool s3_op_head_object(struct s3_call *call);
bool s3_op_get_attributes(struct s3_call *call);
bool s3_op_copy_object(struct s3_call *call);
bool s3_op_delete_object(struct s3_call *call);
bool s3_op_delete_objects(struct s3_call *call);
bool s3_op_post_object(struct s3_call *call);
bool s3_op_get_tagging(struct s3_call *call);
bool s3_op_put_tagging(struct s3_call *call);
bool s3_op_delete_tagging(struct s3_call *call);
bool s3_op_get_retention(struct s3_call *call);
bool s3_op_put_retention(struct s3_call *call);
bool s3_op_get_legal_hold(struct s3_call *call);
bool s3_op_put_legal_hold(struct s3_call *call);
bool s3_op_create_upload(struct s3_call *call);
bool s3_op_upload_part(struct s3_call *call);
bool s3_op_upload_part_copy(struct s3_call *call);
bool s3_op_list_parts(struct s3_call *call);
bool s3_op_list_uploads(struct s3_call *call);
bool s3_op_complete_upload(struct s3_call *call);
bool s3_op_abort_upload(struct s3_call *call);
bool s3_op_options(struct s3_call *call);
#endif
