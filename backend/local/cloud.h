/* One running embedded cloud: its directories, store, keys, clock, faults and the rows of its services. Created once in
 * main. */
#ifndef WEIR_LOCAL_CLOUD_H
#define WEIR_LOCAL_CLOUD_H
#include "backend/base/clock.h"
#include "backend/base/db.h"
#include "backend/local/server.h"

/* X(name): file NAME.c with `const struct service_ops service_NAME`. Routing asks in this order; absent answers for
 * services that are not there, s3 takes what is left. */
#define CLOUD_SERVICES(X)                                                                                              \
    X(sts)                                                                                                             \
    X(glue)                                                                                                            \
    X(athena)                                                                                                          \
    X(absent)                                                                                                          \
    X(s3)

#define CLOUD_ACCOUNT "123456789012"

struct cloud {
    char dir[4096];       /* state directory, 0700 */
    char objects[4096];   /* dir/objects: object bytes, temporary files beside them */
    char temporary[4096]; /* objects/tmp: bodies on their way; emptied at start */
    char region[64];
    const struct clock *clock;
    struct store *store;                 /* store.h */
    struct keys *keys;                   /* keys.h: key pairs and session keys */
    struct faults *faults;               /* fault.h */
    struct s3_state *s3;                 /* s3_store.c's own; NULL until S3 has started */
    struct glue_state *glue;             /* glue_crawler.c's own: crawls that run; NULL until Glue has started */
    struct glue_schedule *glue_schedule; /* glue_schedule.c's own: crawlers' due times */
    struct athena_queue *athena;         /* athena_queue.c's own; NULL until Athena has started */
    struct logfile *log;                 /* logfile.h: the access log */
};
const struct service_ops *const *cloud_services(void); /* NULL-ended, in row order */
const struct service_ops *cloud_route(const struct request *req);
enum service_protocol cloud_protocol(const struct service_ops *service, const struct request *req);

/* Opens the store and starts every service. dir exists. */
bool cloud_open(struct cloud *cloud, struct err *err);
void cloud_close(struct cloud *cloud);
/* Removes every service's data and starts them again; no handler may be running (server_pause). */
bool cloud_reset(struct cloud *cloud, struct err *err);
#endif
