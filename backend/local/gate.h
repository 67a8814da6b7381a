/* Counts the requests that are being handled, so that the main loop can stop or empty the cloud while none is. Any
 * thread. */
#ifndef WEIR_LOCAL_GATE_H
#define WEIR_LOCAL_GATE_H
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int inside;
    int64_t passed; /* all that ever came in */
    bool is_closed;
};
void gate_init(struct gate *gate);
void gate_done(struct gate *gate);
void gate_enter(struct gate *gate); /* waits while it is closed */
void gate_leave(struct gate *gate);
/* Waits until nobody is inside; false after timeout_ms. */
bool gate_wait_empty(struct gate *gate, int timeout_ms);
/* Closes it and waits until nobody is inside; on false (timeout) it is open again. */
bool gate_close(struct gate *gate, int timeout_ms);
void gate_open(struct gate *gate);
int64_t gate_passed(struct gate *gate);
#endif
