/* Digests, HMAC, checksums, hex and base64: the home of OpenSSL's EVP. Pure; any thread. */
#ifndef WEIR_BASE_DIGEST_H
#define WEIR_BASE_DIGEST_H
#include "backend/base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum digest_kind {
    DIGEST_MD5,
    DIGEST_SHA1,
    DIGEST_SHA256,
    DIGEST_CRC32,
    DIGEST_CRC32C,
    DIGEST_CRC64NVME,
    DIGEST_KINDS
};
enum { DIGEST_MAX = 32, DIGEST_HEX = 65, DIGEST_BASE64 = 48 };

/* Before libcurl starts OpenSSL: leaves out libcrypto's table of sentences (0.4 MiB); TLS's own stay. */
void crypto_start(void);

struct digest; /* a running digest */
struct digest *digest_new(enum digest_kind kind);
void digest_update(struct digest *digest, const void *bytes, size_t len);
/* Ends it, frees it, writes the raw value (CRCs big endian, as S3 does); returns its size. */
size_t digest_end(struct digest *digest, uint8_t out[DIGEST_MAX]);
void digest_free(struct digest *digest); /* gives up a running one; NULL is fine */
size_t digest_of(enum digest_kind kind, const void *bytes, size_t len, uint8_t out[DIGEST_MAX]);
/* "crc32c": S3's lower-case algorithm names (x-amz-checksum-NAME); md5 for DIGEST_MD5. */
const char *digest_name(enum digest_kind kind);
bool digest_kind_by_name(const char *name, enum digest_kind *kind); /* case-insensitive */
size_t digest_size(enum digest_kind kind);
void hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len, uint8_t out[32]);
/* HMAC (RFC 2104) by a digest of OpenSSL's names ("MD5", "SHA512"); its size, 0 when there is no such digest. */
size_t hmac_by_name(const char *name, const void *key, size_t key_len, const void *bytes, size_t len, uint8_t out[64]);
void digest_sha512(const void *bytes, size_t len, uint8_t out[64]);
void hmac_sha1(const void *key, size_t key_len, const void *bytes, size_t len, uint8_t out[20]);
/* CRC32, CRC32C and CRC64NVME of a concatenation from the parts' values (FULL_OBJECT multipart checksums); raw
 * big-endian values. */
void digest_crc_combine(enum digest_kind kind, uint8_t crc[DIGEST_MAX], const uint8_t *next, uint64_t next_len);

/* out needs 2*len+1. Lower case. */
char *hex_encode(const void *bytes, size_t len, char *out);
bool hex_decode(const char *hex, size_t hex_len, uint8_t *out); /* out needs hex_len/2 */
/* out needs 4*((len+2)/3)+1. */
char *base64_encode(const void *bytes, size_t len, char *out);
/* Strict; returns the decoded length or -1. out needs 3*(len/4)+3. */
long base64_decode(const char *text, size_t len, uint8_t *out);
/* Constant-time comparison for secrets. */
bool secret_equal(const void *a, const void *b, size_t len);
/* Cryptographic random bytes; aborts when the system has none. */
void random_bytes(void *out, size_t len);
/* Overwrites memory that held a secret; not optimised away. */
void secret_wipe(void *bytes, size_t len);
#endif
