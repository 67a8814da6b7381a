/* The daemon's main loop: its signals, its control socket (control.sock in the state directory), and how long it lives.
 * Clients speak JSON lines. On connect they get {"ready":true,"url",...}; each command {"cmd":NAME,...} gets one line
 * {"ok":true,...} or {"ok":false,"error":TEXT}. Commands: status, stop, keep (lives on without clients), hold (the
 * connection is a lease: the daemon lives until it closes), coverage, reset, fault-add {text}, fault-list, fault-clear
 * {id}. A daemon that was not started explicitly ends when its last lease has gone. Main thread only. */
#ifndef WEIR_LOCAL_CONTROL_H
#define WEIR_LOCAL_CONTROL_H
#include "backend/base/json.h"
#include "backend/local/cloud.h"

struct control_options {
    struct cloud *cloud;
    bool is_explicit;
    int64_t first_lease_ms; /* how long to wait for the first client; 0: 10 s */
    int64_t linger_ms;      /* how long to stay after the last one; 0: 2 s */
};
struct control;
/* Listens already; clients that connect now wait for their hello until control_run. SIGTERM, SIGINT and SIGHUP must be
 * blocked in every thread. */
struct control *control_open(const struct control_options *options, struct err *err);
/* Serves until a signal, a stop command, or the last lease's end. endpoint: what every client is told first. */
void control_run(struct control *control, struct server *server, const json_t *endpoint);
/* No new clients. Those that are connected see the end of file when the process has ended. */
void control_close(struct control *control);
#endif
