/* A browser's upload form between s3_post.c, which reads and stores it, and s3_post_policy.c, which says who may. */
#ifndef WEIR_LOCAL_S3_POST_H
#define WEIR_LOCAL_S3_POST_H
#include "backend/local/s3.h"

struct s3_form {
    const char *bytes;
    size_t size;
    bool is_mapped;
    struct pairs fields; /* in order, names as sent */
    const char *file;    /* into bytes; NULL: no file part */
    size_t file_len;
    const char *file_name, *file_type; /* NULL when the part does not say */
};
/* The form's own signature over its policy, and the policy's conditions over the fields; anonymous forms by the
 * bucket's access list and policy. False after s3_fail. */
bool s3_post_allowed(struct s3_call *call, const struct s3_form *form);
#endif
