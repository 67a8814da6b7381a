/* Key pairs and sealed session credentials; see keys.h. */
#include "backend/local/keys.h"
#include "backend/base/buf.h"
#include "backend/base/digest.h"
#include "backend/base/path.h"
#include "backend/core/localfiles.h"
#include "backend/local/cloud.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* More pairs than anybody gives people; a file over the size is not a key file. */
enum { PAIRS_LIMIT = 256, FILE_LIMIT = 256 * 1024, SEAL = 32, ACCESS_LENGTH = 20, SECRET_LENGTH = 40 };
#define SEAL_PURPOSE "weir-local session token 1"

struct key_pair {
    char access[KEYS_TEXT], secret[KEYS_TEXT];
};
struct keys {
    struct key_pair *pairs;
    int count;
    uint8_t seal_key[32];
};

static void capital_letters(const uint8_t *bytes, size_t len, char *out)
{
    /* IAM identifiers are base32 */
    for (size_t i = 0; i < len; i++)
        out[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[bytes[i] % 32];
    out[len] = '\0';
}

void keys_unique_id(const char *prefix, const char *name, char out[32])
{
    uint8_t hash[DIGEST_MAX];
    digest_of(DIGEST_SHA256, name, strlen(name), hash);
    size_t at = (size_t)snprintf(out, 15, "%s", prefix);
    capital_letters(hash, 16, out + at);
}

static bool add_pair(struct keys *keys, const char *access, const char *secret, const char *where, struct err *err)
{
    if (strlen(access) >= KEYS_TEXT || strlen(secret) >= KEYS_TEXT)
        return err_set(err, ERR_CONFIG, "%s: a key is longer than 128 characters", where);
    for (int i = 0; i < keys->count; i++)
        if (strcmp(keys->pairs[i].access, access) == 0)
            return err_set(err, ERR_CONFIG, "%s: access key %s is there twice; remove one", where, access);
    if (keys->count == PAIRS_LIMIT)
        return err_set(err, ERR_CONFIG, "%s: more than %d key pairs", where, PAIRS_LIMIT);
    struct key_pair *pairs = realloc(keys->pairs, sizeof *pairs * (size_t)(keys->count + 1));
    if (!pairs)
        abort();
    keys->pairs = pairs;
    struct key_pair *pair = &pairs[keys->count++];
    snprintf(pair->access, sizeof pair->access, "%s", access);
    snprintf(pair->secret, sizeof pair->secret, "%s", secret);
    return true;
}

static bool is_key_text(const char *text)
{
    for (; *text; text++)
        if (!isgraph((unsigned char)*text))
            return false;
    return true;
}

/* One line "ACCESS SECRET"; blank lines and those that begin with # are skipped. */
static bool add_line(struct keys *keys, char *line, const char *where, struct err *err)
{
    char *rest = NULL;
    const char *access = strtok_r(line, " \t\r", &rest);
    if (!access || access[0] == '#')
        return true;
    const char *secret = strtok_r(NULL, " \t\r", &rest);
    if (!secret || strtok_r(NULL, " \t\r", &rest))
        return err_set(err, ERR_CONFIG, "%s: expected \"ACCESS SECRET\" on the line", where);
    if (!is_key_text(access) || !is_key_text(secret) || strpbrk(access, "/,="))
        return err_set(err, ERR_CONFIG, "%s: keys are visible ASCII characters, an access key has no / , =", where);
    return add_pair(keys, access, secret, where, err);
}

static bool read_pairs(struct keys *keys, const char *path, struct err *err)
{
    struct buf text = BUF_INIT(FILE_LIMIT);
    bool ok = path_read(path, &text, err);
    char *rest = text.data;
    for (int number = 1; ok && rest && *rest; number++) {
        char *line = strsep(&rest, "\n");
        char where[PATH_SIZE + 16];
        snprintf(where, sizeof where, "%s:%d", path, number);
        ok = add_line(keys, line, where, err);
    }
    if (text.data)
        secret_wipe(text.data, text.len);
    buf_done(&text);
    return ok;
}

/* The install's own pair, as long as AWS's. */
static bool make_own(const char *path, struct err *err)
{
    uint8_t bytes[SECRET_LENGTH];
    char access[ACCESS_LENGTH + 1] = "AKIA", secret[64], text[160];
    random_bytes(bytes, 16);
    capital_letters(bytes, 16, access + 4);
    random_bytes(bytes, 30); /* 30 bytes are 40 characters of base64 */
    base64_encode(bytes, 30, secret);
    int len = snprintf(text, sizeof text, "%s %s\n", access, secret);
    bool ok = path_write_atomic(path, text, (size_t)len, 0600, err);
    secret_wipe(bytes, sizeof bytes);
    secret_wipe(secret, sizeof secret);
    secret_wipe(text, sizeof text);
    return ok;
}

struct keys *keys_open(const char *dir, const char *more_file, struct err *err)
{
    char path[PATH_SIZE];
    struct keys *keys = calloc(1, sizeof *keys);
    if (!keys)
        abort();
    bool ok = path_join(path, dir, LOCALFILES_KEYS, err) && (path_exists(path) || make_own(path, err)) &&
              read_pairs(keys, path, err);
    if (ok && keys->count == 0)
        ok = err_set(err, ERR_CONFIG, "%s holds no key pair; remove the file and a new one is made", path);
    /* a key file that others can read is no secret any more */
    if (ok && chmod(path, 0600) != 0)
        ok = err_set_errno(err, ERR_IO, "chmod %s", path);
    if (ok && more_file && *more_file)
        ok = read_pairs(keys, more_file, err);
    if (ok) {
        const char *secret = keys->pairs[0].secret;
        hmac_sha256(secret, strlen(secret), SEAL_PURPOSE, strlen(SEAL_PURPOSE), keys->seal_key);
        return keys;
    }
    keys_close(keys);
    return NULL;
}

void keys_close(struct keys *keys)
{
    if (!keys)
        return;
    if (keys->pairs)
        secret_wipe(keys->pairs, sizeof *keys->pairs * (size_t)keys->count);
    free(keys->pairs);
    secret_wipe(keys, sizeof *keys);
    free(keys);
}

const char *keys_own_access(const struct keys *keys)
{
    return keys->pairs[0].access;
}

int keys_count(const struct keys *keys)
{
    return keys->count;
}

/* The secret of a session from its sealed text, 40 characters as AWS's. */
static void session_secret(const struct keys *keys, const uint8_t *sealed, size_t len, char secret[KEYS_TEXT])
{
    uint8_t raw[32];
    hmac_sha256(keys->seal_key, sizeof keys->seal_key, sealed, len, raw);
    base64_encode(raw, 30, secret);
    secret_wipe(raw, sizeof raw);
}

bool keys_make_session(const struct keys *keys, const char *arn, const char *id, int64_t expires_ms,
                       struct keys_session *session)
{
    uint8_t sealed[1024], letters[16];
    snprintf(session->access, sizeof session->access, "ASIA");
    random_bytes(letters, sizeof letters);
    capital_letters(letters, sizeof letters, session->access + 4);
    int len = snprintf((char *)sealed + SEAL, sizeof sealed - SEAL, "%s\n%lld\n%s\n%s", session->access,
                       (long long)expires_ms, arn, id);
    if (len < 0 || (size_t)len >= sizeof sealed - SEAL || strlen(arn) >= sizeof((struct keys_identity *)0)->arn ||
        strlen(id) >= sizeof((struct keys_identity *)0)->id)
        return false;
    hmac_sha256(keys->seal_key, sizeof keys->seal_key, sealed + SEAL, (size_t)len, sealed);
    base64_encode(sealed, (size_t)len + SEAL, session->token);
    session_secret(keys, sealed, (size_t)len + SEAL, session->secret);
    return true;
}

/* Opens a token: its access key must be the one that signed. */
static enum keys_found find_session(const struct keys *keys, const char *access, const char *token, int64_t now_ms,
                                    struct keys_identity *identity)
{
    uint8_t sealed[KEYS_TOKEN], seal[32];
    size_t token_len = strlen(token);
    if (token_len >= KEYS_TOKEN - 8)
        return KEYS_BAD_TOKEN;
    long len = base64_decode(token, token_len, sealed);
    if (len <= SEAL || len >= (long)sizeof sealed)
        return KEYS_BAD_TOKEN;
    hmac_sha256(keys->seal_key, sizeof keys->seal_key, sealed + SEAL, (size_t)len - SEAL, seal);
    if (!secret_equal(seal, sealed, SEAL))
        return KEYS_BAD_TOKEN;
    session_secret(keys, sealed, (size_t)len, identity->secret);
    sealed[len] = '\0';
    char *rest = (char *)sealed + SEAL;
    const char *owner = strsep(&rest, "\n"), *expires = strsep(&rest, "\n"), *arn = strsep(&rest, "\n");
    if (!rest || strcmp(owner, access) != 0)
        return KEYS_BAD_TOKEN;
    snprintf(identity->arn, sizeof identity->arn, "%s", arn);
    snprintf(identity->id, sizeof identity->id, "%s", rest);
    return strtoll(expires, NULL, 10) <= now_ms ? KEYS_EXPIRED : KEYS_FOUND;
}

enum keys_found keys_find(const struct keys *keys, const char *access, const char *token, int64_t now_ms,
                          struct keys_identity *identity)
{
    if (*token)
        return find_session(keys, access, token, now_ms, identity);
    for (int i = 0; i < keys->count; i++) {
        if (strcmp(keys->pairs[i].access, access) != 0)
            continue;
        memcpy(identity->secret, keys->pairs[i].secret, sizeof identity->secret);
        if (i == 0)
            snprintf(identity->arn, sizeof identity->arn, "arn:aws:iam::%s:user/weir", CLOUD_ACCOUNT);
        else
            snprintf(identity->arn, sizeof identity->arn, "arn:aws:iam::%s:user/key-%d", CLOUD_ACCOUNT, i);
        char id[32];
        keys_unique_id("AIDA", access, id);
        snprintf(identity->id, sizeof identity->id, "%s", id);
        return KEYS_FOUND;
    }
    return KEYS_UNKNOWN;
}
