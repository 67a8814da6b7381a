/* The client-side rate limiter of AWS's retry mode "adaptive": no limit until the first throttling, then a send rate
 * that follows CUBIC, as TCP does. One for each service of a session; thread-safe.
 * Source: AWS SDKs and Tools Reference Guide, "Retry behavior", adaptive mode; constants: domain rules, F2. */
#ifndef WEIR_CORE_ADAPTIVE_H
#define WEIR_CORE_ADAPTIVE_H
#include "backend/base/clock.h"
#include <stdbool.h>
#include <stdint.h>

struct adaptive;
struct adaptive *adaptive_new(const struct clock *clock);
void adaptive_free(struct adaptive *adaptive); /* NULL is fine */
/* Before each try: in how many ms it may go (0: now). */
int64_t adaptive_take(struct adaptive *adaptive);
/* A try whose time was not waited for. */
void adaptive_return(struct adaptive *adaptive);
/* After each try that had an answer. */
void adaptive_answer(struct adaptive *adaptive, bool is_throttled);
double adaptive_rate(struct adaptive *adaptive); /* tries a second that may go; 0: no limit yet */
#endif
