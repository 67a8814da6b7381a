/* Shared by estimate*.c: the share that some columns have in Parquet files. */
#ifndef WEIR_DOMAIN_ESTIMATE_PRIVATE_H
#define WEIR_DOMAIN_ESTIMATE_PRIVATE_H
#include "backend/base/uri.h"
#include "backend/domain/estimate.h"

struct estimate_share {
    double share;  /* 0..1 of a file's bytes */
    int named, of; /* columns */
};
/* The share of the columns whose names are among names (lower case, NULL-ended), from the footer of one file below the
 * place: two or three calls. False when there is none that can be read. Blocking. */
bool estimate_column_share(const struct estimate_request *request, const struct s3_name *place,
                           const char *const *names, struct estimate_share *out);
#endif
