/* Time through a pointer, so that retry, expiry and ageing are tested without waiting. */
#ifndef WEIR_BASE_CLOCK_H
#define WEIR_BASE_CLOCK_H
#include <stdint.h>

struct clock {
    int64_t (*wall_ms)(const struct clock *clock); /* since 1970, UTC */
    int64_t (*mono_ms)(const struct clock *clock); /* never goes back */
    void *data;                                    /* a test's own state */
};
extern const struct clock clock_system;
static inline int64_t clock_wall(const struct clock *clock)
{
    return clock->wall_ms(clock);
}
static inline int64_t clock_mono(const struct clock *clock)
{
    return clock->mono_ms(clock);
}
#endif
