/* Errors by value. A struct err carries what the next decision needs: the code (one X table), whether a retry can help,
 * the server's own words, and one text that says what failed, on what, and what to do next. No thread owns anything
 * here. */
#ifndef WEIR_BASE_ERR_H
#define WEIR_BASE_ERR_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* X(ID, exit code of a command line that ends with it (ux.md), sentence, remedy) */
#define ERR_CODES(X)                                                                                                   \
    X(OK, 0, "no error", "")                                                                                           \
    X(FAILED, 1, "the operation failed", "")                                                                           \
    X(USAGE, 2, "the command was not understood", "see --help")                                                        \
    X(CONFIG, 2, "the configuration is wrong", "run: weir config check")                                               \
    X(IO, 1, "a local file operation failed", "check the path and its permissions")                                    \
    X(DISK_FULL, 1, "the disk is full", "free some space and try again")                                               \
    X(PARSE, 1, "the input could not be parsed", "check the input")                                                    \
    X(TOO_LARGE, 1, "the answer is larger than the allowed maximum", "narrow the request")                             \
    X(DNS, 4, "the host name could not be resolved", "check the endpoint and the network")                             \
    X(CONNECT, 4, "the connection failed", "check the endpoint and the network")                                       \
    X(TLS, 4, "the TLS handshake failed", "check the certificate, the clock and AWS_CA_BUNDLE")                        \
    X(TIMEOUT, 4, "no answer before the deadline", "try again")                                                        \
    X(CANCELLED, 1, "cancelled", "")                                                                                   \
    X(INTERRUPTED, 4, "the connection ended in the middle of an answer", "try again")                                  \
    X(CREDENTIALS, 3, "there are no usable credentials", "run: weir doctor")                                           \
    X(EXPIRED, 3, "the credentials have expired", "log in again where they come from: weir doctor names it")           \
    X(CLOCK_SKEW, 3, "the clock differs too much from the server's", "set this machine's clock")                       \
    X(DENIED, 3, "access is denied", "ask for the permission named")                                                   \
    X(NOT_FOUND, 1, "it does not exist", "check the name")                                                             \
    X(CONFLICT, 1, "it conflicts with the present state", "refresh and look again")                                    \
    X(PRECONDITION, 1, "a precondition does not hold", "refresh and look again")                                       \
    X(THROTTLED, 4, "the service asks to slow down", "wait and try again")                                             \
    X(REGION, 1, "the bucket is in another region", "set --region")                                                    \
    X(SERVER, 4, "the service failed", "try again")                                                                    \
    X(PROTOCOL, 1, "the answer could not be understood", "check that the endpoint speaks this protocol")               \
    X(CHECKSUM, 1, "the checksum does not match", "transfer it again")                                                 \
    X(REFUSED, 5, "refused", "")                                                                                       \
    X(PARTIAL, 6, "only a part could be had", "put right what is named, then do it again: what is there is kept")      \
    X(NOT_IMPLEMENTED, 1, "the endpoint does not have this operation", "")

enum err_code {
#define X(id, exit, sentence, remedy) ERR_##id,
    ERR_CODES(X)
#undef X
        ERR_COUNT
};

struct err {
    enum err_code code;
    bool retryable;        /* the same request may succeed later */
    int http_status;       /* 0: no answer was received */
    char service_code[64]; /* the service's own word, e.g. "AccessDenied"; "" when there is none */
    char request_id[64];   /* as the service named it; "" when unknown */
    char text[256];        /* what failed, on what, and what to do next; not sanitised for a terminal */
};

#define ERR_NONE ((struct err){.code = ERR_OK})

/* Fills *err (all other fields are cleared, but retryable is set for codes that pass by themselves: DNS, CONNECT,
 * TIMEOUT, INTERRUPTED, THROTTLED, SERVER); err may be NULL. Returns false, so that a function can `return
 * err_set(...)`. */
bool err_set(struct err *err, enum err_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* As err_set with errno's text appended; ENOSPC and EDQUOT become ERR_DISK_FULL whatever code says. */
bool err_set_errno(struct err *err, enum err_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Puts "format: " before the present text, keeping everything else. Returns false. */
bool err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "DENIED", from the table; never NULL. */
const char *err_name(enum err_code code);
const char *err_sentence(enum err_code code);
const char *err_remedy(enum err_code code);
/* The code's remedy, unless the text says already what to do: "" then. For whoever shows both. */
const char *err_advice(const struct err *err);
/* The exit status of a command line that ends with this error (ux.md, exit codes). */
int err_exit_code(const struct err *err);
#endif
