/* The daemon's flags: their rows, from which --help and the manual page are made too. */
#ifndef WEIR_LOCAL_OPTIONS_H
#define WEIR_LOCAL_OPTIONS_H
#include "backend/base/opt.h"
#include "backend/base/path.h"

struct local_options {
    char dir[PATH_SIZE], keys[PATH_SIZE], region[64];
    int64_t port, ready_fd, idle_timeout_s, linger_ms;
    bool is_explicit, is_detached, is_foreground, wants_coverage, wants_help;
};
extern const struct opt local_option_rows[];
#endif
