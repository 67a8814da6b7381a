/* The embedded cloud's daemon for tests: one process in a directory of its own, started as a client would start it,
 * ended before the test ends. Any failure ends the test (cmocka). */
#ifndef WEIR_TESTS_LIB_DAEMON_H
#define WEIR_TESTS_LIB_DAEMON_H
#include <stdbool.h>
#include <sys/types.h>

struct daemon {
    char dir[4096]; /* its state directory */
    bool owns_dir;  /* daemon_stop removes it */
    pid_t pid;
    char url[64]; /* http://127.0.0.1:PORT */
    int port;
    char access_key[129], secret_key[129];
};
/* build/weir-local or build/weir, from $BUILD or beside the running test's own build directory. */
const char *daemon_program(const char *name);
/* Starts weir-local --explicit for dir (NULL: a new one under $TMPDIR) with more arguments (NULL or NULL-ended) and
 * waits until it is ready. */
void daemon_start(struct daemon *daemon, const char *dir, const char *const *more);
/* SIGTERM, waits; its exit status must be 0 (so a sanitizer's complaint fails the test). Removes a directory of its
 * own. */
void daemon_stop(struct daemon *daemon);
/* kill -9; the directory stays, daemon_start(daemon, daemon->dir, ...) goes on with it. */
void daemon_kill(struct daemon *daemon);
/* A new directory below $TMPDIR; the caller removes it. */
void daemon_make_dir(char out[4096]);
#endif
