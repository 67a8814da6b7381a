/* Where a generated data set goes. A sink takes whole files by relative path ("raw/orders/part-00000.csv.gz"), several
 * open at once, all on one thread. Nothing a reader could take for complete is left when a run fails. */
#ifndef WEIR_PIPELINE_GEN_SINK_H
#define WEIR_PIPELINE_GEN_SINK_H
#include "backend/base/err.h"
#include <stdbool.h>
#include <stddef.h>

struct aws;
struct cancel;
struct gen_sink;
struct gen_file;
struct gen_sink_ops {
    struct gen_file *(*open)(struct gen_sink *sink, const char *path, struct err *err);
    bool (*write)(struct gen_file *file, const void *bytes, size_t len, struct err *err);
    bool (*close)(struct gen_file *file, struct err *err); /* complete; frees the file, also on failure */
    void (*discard)(struct gen_file *file);                /* gives up an open file and frees it */
    bool (*finish)(struct gen_sink *sink,
                   struct err *err);        /* the whole set is there; frees the sink, also on failure */
    void (*abandon)(struct gen_sink *sink); /* takes back what was written; frees the sink */
};
struct gen_sink { /* the head of every sink's own struct */
    const struct gen_sink_ops *ops;
};

/* A directory, made when absent. Files are written below DIR/.partial and moved to their names by finish, table by
 * table. A directory that already holds one of the set's tables is refused (ERR_CONFLICT) unless replace, then finish
 * puts the new tables in place of the old. A second run on the same directory meanwhile is refused. */
struct gen_sink *gen_sink_dir(const char *dir, bool replace, struct err *err);
/* Below an S3 prefix, url "s3://bucket/prefix"; the bucket must exist. Each file is there once it is closed; abandon
 * deletes those of this run. Refuses and replaces as above: finish deletes what else lies under the tables' prefixes.
 * aws and cancel are borrowed. */
struct gen_sink *gen_sink_s3(struct aws *aws, const char *url, bool replace, const struct cancel *cancel,
                             struct err *err);
#endif
