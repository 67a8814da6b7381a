/* The lake of the platform: one bucket, versioned, encrypted, public access blocked, with the zones raw/ curated/
 * features/ models/ query_results/ (pipeline.md). Calls wait; each is idempotent. */
#ifndef WEIR_PIPELINE_LAKE_H
#define WEIR_PIPELINE_LAKE_H
#include "backend/aws/aws.h"

#define LAKE_DEMO_BUCKET "lake-imba"
enum { LAKE_DEMO_USERS = 2000, LAKE_DEMO_SEED = 42 };

/* Creates what is missing: bucket, versioning, SSE-S3 as default, all four public access blocks. */
bool lake_create(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err);
/* *is_there: every table of the data set has an object under raw/. An absent bucket is false, not an error. */
bool lake_has_data(struct aws *aws, const char *bucket, const struct cancel *cancel, bool *is_there, struct err *err);
#endif
