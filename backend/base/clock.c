/* The system's clocks. Any thread. */
#include "backend/base/clock.h"
#include <time.h>

static int64_t now_ms(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_wall_ms(const struct clock *clock)
{
    (void)clock;
    return now_ms(CLOCK_REALTIME);
}

static int64_t system_mono_ms(const struct clock *clock)
{
    (void)clock;
    return now_ms(CLOCK_MONOTONIC);
}

const struct clock clock_system = {.wall_ms = system_wall_ms, .mono_ms = system_mono_ms};
