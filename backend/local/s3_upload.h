/* Multipart uploads in progress: their rows, shared by s3_multipart.c (create, parts, abort), s3_complete.c and
 * s3_upload_list.c. */
#ifndef WEIR_LOCAL_S3_UPLOAD_H
#define WEIR_LOCAL_S3_UPLOAD_H
#include "backend/local/s3.h"

struct s3_upload {
    int64_t id;
    const char *upload; /* the id clients see */
    const char *key, *storage, *headers, *tags, *acl;
    int64_t started_ms;
    bool names_kind; /* the client chose the algorithm; otherwise CRC64NVME, without a word of it in parts */
    enum digest_kind kind;
    const char *type; /* COMPOSITE, FULL_OBJECT */
    const char *lock_mode;
    int64_t lock_until_ms;
    bool legal_hold;
};
#define S3_UPLOAD_COLUMNS "id,upload,key,storage,headers,tags,acl,started,kind,type,lock_mode,lock_until,legal_hold"
void s3_upload_read(struct s3_call *call, struct db_row *row, struct s3_upload *upload);
enum s3_found s3_upload_find(struct s3_call *call, struct db *db, const char *id, struct s3_upload *upload);
/* ?uploadId of call->key; false after NoSuchUpload. */
bool s3_upload_need(struct s3_call *call, struct s3_upload *upload);

struct s3_part {
    int number;
    int64_t modified_ms, size;
    const char *etag;
    int64_t body;
    enum s3_place place;
    const char *checksum; /* of the upload's kind, packed */
};
#define S3_PART_COLUMNS "number,modified,size,etag,body,place,checksum"
void s3_part_read(struct s3_call *call, struct db_row *row, struct s3_part *part);
/* Writer: drops the bodies of all parts and both kinds of rows. */
bool s3_upload_remove(struct s3_call *call, struct db *db, int64_t upload, struct err *err);
/* Writer: puts a part in place of an older one of that number. */
bool s3_part_store(struct s3_call *call, struct db *db, int64_t upload, const struct s3_part *part,
                   const struct s3_body *body, struct err *err);
bool s3_part_number(struct s3_call *call, int *number); /* ?partNumber; false after InvalidArgument */
#endif
