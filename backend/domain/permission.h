/* What each pane needs to be allowed to do, and a harmless probe for each: rows used by `weir doctor`, by the policy
 * that `P` shows, and by the texts of denied states. Probes wait: command line and job threads. Source of the action
 * names: Service Authorization Reference. */
#ifndef WEIR_DOMAIN_PERMISSION_H
#define WEIR_DOMAIN_PERMISSION_H
#include "backend/aws/aws.h"

struct permission_row {
    const char *pane;   /* "zones" */
    const char *action; /* "s3:ListBucket" */
    const char *purpose;
    /* Asks once; true: allowed. ERR_DENIED: not allowed; another error: unknown. NULL: cannot be tried without changing
     * anything. */
    bool (*probe)(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err);
};
extern const struct permission_row permission_rows[]; /* ends with .pane = NULL */
/* The smallest policy document (JSON) for a pane on a bucket (pane NULL: all of them). writes: also what changes the
 * platform. */
bool permission_policy(const char *pane, const char *bucket, bool writes, struct buf *out);
#endif
