/* The client side of the embedded cloud: finds, starts, asks and stops the daemon weir-local of one state directory.
 * Every call blocks its caller, always with a deadline (never the UI thread); a daemon that does not answer (stopped,
 * stuck) is ERR_TIMEOUT, one that is not there ERR_NOT_FOUND. A NULL or empty dir means the default state directory. */
#ifndef WEIR_CORE_LOCALCTL_H
#define WEIR_CORE_LOCALCTL_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include "backend/base/json.h"
#include <stdbool.h>
#include <stdint.h>

struct localctl_options {
    const char *dir;       /* state directory; NULL or "": $XDG_STATE_HOME/weir/local */
    const char *program;   /* weir-local's path; NULL: beside our own executable, else on PATH */
    bool is_explicit;      /* keeps running without clients (weir local start) */
    int port;              /* 0: any free one */
    const char *region;    /* NULL: us-east-1 */
    const char *keys_file; /* more key pairs, lines "ACCESS SECRET"; NULL: none */
    int timeout_ms;        /* for the whole call; 0: 10 s */
};

struct localctl_info {
    char dir[4096];
    char url[64]; /* http://127.0.0.1:PORT */
    int port;
    int64_t pid;
    char region[64];
    char access_key[129], secret_key[129]; /* the install's own pair */
    bool was_started;                      /* by this call */
    int lease_fd;                          /* >= 0: the daemon lives at least until this is closed (localctl_release) */
};

/* The default state directory. */
bool localctl_default_dir(char out[4096], struct err *err);
/* Starts the daemon when none runs for dir, waits until it is ready, and takes a lease. */
bool localctl_ensure(const char *dir, struct localctl_info *info, struct err *err);
/* As above with options; those that only matter at start are ignored when it runs already, except is_explicit. */
bool localctl_start(const struct localctl_options *options, struct localctl_info *info, struct err *err);
/* The running one; takes no lease (lease_fd = -1). */
bool localctl_find(const char *dir, struct localctl_info *info, struct err *err);
void localctl_release(struct localctl_info *info); /* ends the lease and wipes the secret */

/* Commands to the running daemon. A JSON answer is a new reference that the caller decrefs; NULL on error. */
/* {"url","port","pid","region","access_key_id","dir","uptime_ms","explicit","leases","connections","requests",
 * "rss_bytes","faults"} */
json_t *localctl_status(const char *dir, struct err *err);
/* Asks it to end and waits until it has. Not running: ERR_NOT_FOUND. */
bool localctl_stop(const char *dir, struct err *err);
/* Removes all data (buckets, objects, tables...), keeps the keys; also when it does not run. */
bool localctl_reset(const char *dir, struct err *err);
/* {"services":[{"service","operation","state":"done|partial|absent","missing"}]} */
json_t *localctl_coverage(const char *dir, struct err *err);
/* text as in "s3:GetObject 503 rate=0.2 delay=300ms count=10" (backend/local/fault.h); *id (may be NULL) names it for
 * clear. */
bool localctl_fault_add(const char *dir, const char *text, int64_t *id, struct err *err);
/* {"faults":[{"id","text","seen","applied"}]} */
json_t *localctl_fault_list(const char *dir, struct err *err);
bool localctl_fault_clear(const char *dir, int64_t id, struct err *err); /* id 0: all */
/* Appends the last max_lines lines of the daemon's log; works whether it runs or not. */
bool localctl_logs(const char *dir, int max_lines, struct buf *out, struct err *err);
/* Path of the log file. */
bool localctl_log_path(const char *dir, char out[4096], struct err *err);
#endif
