/* The objects of the embedded S3 for the daemon's other services (crawlers, queries, training, functions): without
 * HTTP, signatures and access checks, with the same rules of versions and durability. Any thread; every call may wait
 * for the disk. Errors: ERR_NOT_FOUND, ERR_REFUSED or ERR_FAILED with S3's own code in service_code ("NoSuchBucket").
 */
#ifndef WEIR_LOCAL_S3_INSIDE_H
#define WEIR_LOCAL_S3_INSIDE_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include "backend/local/cloud.h"

struct s3_inside_object {
    const char *key; /* a common prefix when is_prefix */
    bool is_prefix;
    int64_t bytes, modified_ms;
    const char *etag; /* without quotes */
};
/* False ends the walk early, which is success. The object is valid during the call. */
typedef bool s3_inside_each(void *context, const struct s3_inside_object *object);

bool s3_inside_bucket_exists(struct cloud *cloud, const char *bucket);
/* Current objects under prefix in the order of keys; with delimiter ("" none) what is below one is folded. */
bool s3_inside_list(struct cloud *cloud, const char *bucket, const char *prefix, const char *delimiter,
                    s3_inside_each *each, void *context, struct err *err);
/* Appends the current object's bytes to out (ERR_TOO_LARGE past its maximum). */
bool s3_inside_read(struct cloud *cloud, const char *bucket, const char *key, struct buf *out, struct err *err);
/* Makes `path`, which must not exist and lies in the state directory, a file with the current object's bytes. It may be
 * a hard link to the stored ones: to be read, never written. */
bool s3_inside_link(struct cloud *cloud, const char *bucket, const char *key, const char *path, struct err *err);
bool s3_inside_write(struct cloud *cloud, const char *bucket, const char *key, const char *content_type,
                     const void *bytes, size_t len, struct err *err);
/* Stores the file at path, which lies in the state directory and is taken away, as the object. */
bool s3_inside_store(struct cloud *cloud, const char *bucket, const char *key, const char *content_type,
                     const char *path, struct err *err);
/* As DELETE does: in a versioned bucket a marker hides it. Absent is success. */
bool s3_inside_remove(struct cloud *cloud, const char *bucket, const char *key, struct err *err);
#endif
