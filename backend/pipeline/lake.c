/* The lake's bucket. */
#include "backend/pipeline/lake.h"
#include "backend/aws/s3.h"
#include <stdio.h>

static const char *const lake_tables[] = {"aisles", "departments",           "products",
                                          "orders", "order_products__prior", "order_products__train"};

bool lake_create(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    const struct s3_public_block block = {
        .block_acls = true, .ignore_acls = true, .block_policy = true, .restrict_buckets = true};
    return s3_create_bucket(aws, bucket, cancel, err) && s3_put_versioning(aws, bucket, true, cancel, err) &&
           s3_put_encryption(aws, bucket, "AES256", cancel, err) &&
           s3_put_public_block(aws, bucket, &block, cancel, err);
}

static bool has_objects(struct aws *aws, const char *bucket, const char *table, const struct cancel *cancel,
                        bool *is_there, struct err *err)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "raw/%s/", table);
    struct arena *arena = arena_new(1024 * 1024);
    struct s3_list list = {.bucket = bucket, .prefix = prefix, .max_keys = 1, .cancel = cancel};
    struct s3_page page = {0};
    bool ok = s3_list_page(aws, &list, arena, &page, err);
    *is_there = ok && page.object_count > 0;
    arena_free(arena);
    return ok;
}

bool lake_has_data(struct aws *aws, const char *bucket, const struct cancel *cancel, bool *is_there, struct err *err)
{
    *is_there = true;
    for (size_t i = 0; *is_there && i < sizeof lake_tables / sizeof *lake_tables; i++) {
        if (has_objects(aws, bucket, lake_tables[i], cancel, is_there, err))
            continue;
        return err->code == ERR_NOT_FOUND;
    }
    return true;
}
