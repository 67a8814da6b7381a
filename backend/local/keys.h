/* Who may sign: the install's own random key pair (file keys in the state directory, mode 0600), more pairs from
 * --keys FILE, and session credentials. Session credentials are not stored: the token carries who and until when,
 * sealed with a key made from the install's secret, and the session's secret is derived from it; so they survive a
 * restart and take no space. Immutable after keys_open; any thread. */
#ifndef WEIR_LOCAL_KEYS_H
#define WEIR_LOCAL_KEYS_H
#include "backend/base/err.h"
#include <stdint.h>

enum { KEYS_TEXT = 129, KEYS_TOKEN = 1400 };
struct keys;
/* Reads dir's keys, making them on the first start, and those of more_file (NULL: none), lines "ACCESS SECRET". */
struct keys *keys_open(const char *dir, const char *more_file, struct err *err);
void keys_close(struct keys *keys);
const char *keys_own_access(const struct keys *keys);
int keys_count(const struct keys *keys);

struct keys_identity {
    char secret[KEYS_TEXT];
    char arn[256]; /* arn:aws:iam::ACCOUNT:user/NAME, arn:aws:iam::ACCOUNT:root or a session's own */
    char id[160];  /* AIDA..., AROA...:SESSION */
};
enum keys_found { KEYS_FOUND, KEYS_UNKNOWN, KEYS_BAD_TOKEN, KEYS_EXPIRED };
/* token "" for long-term keys. */
enum keys_found keys_find(const struct keys *keys, const char *access, const char *token, int64_t now_ms,
                          struct keys_identity *identity);

struct keys_session {
    char access[KEYS_TEXT], secret[KEYS_TEXT], token[KEYS_TOKEN];
};
/* Makes session credentials that keys_find accepts until expires_ms. False when arn and id are too long. */
bool keys_make_session(const struct keys *keys, const char *arn, const char *id, int64_t expires_ms,
                       struct keys_session *session);
/* "PREFIX" and 16 capital letters and digits made from a name, as IAM's unique ids look; always the same for a name. */
void keys_unique_id(const char *prefix, const char *name, char out[32]);
#endif
